/**
 * Shapes of `/api/matrix`, for the type checker only: this module holds no code.
 *
 * @typedef {import("./types.js").Texts} Texts
 * @typedef {"good" | "fair" | "poor"} Heat
 * @typedef {{code: string, heat: Heat, text: string, year?: number | null}} Property
 *
 * @typedef {object} Source
 * @property {string} id
 * @property {string} side
 * @property {string} name
 * @property {string} owner
 * @property {string} description
 * @property {string} use_in_tool
 * @property {string} quality_limitations
 * @property {string} fact_address
 * @property {string} checked
 * @property {string} verification
 * @property {Record<string, Property>} properties
 *
 * @typedef {object} Missing
 * @property {string} id
 * @property {string} side
 * @property {string} severity
 * @property {string} supplier
 * @property {string} title
 * @property {string} why
 * @property {string} proxy
 * @property {string[]} refs
 *
 * @typedef {object} Gap
 * @property {string} id
 * @property {string} status
 * @property {number | null} known_share
 * @property {number | null} zones
 * @property {string[]} zone_ids
 * @property {number | null} rank
 * @property {number | null} zones_undecided
 * @property {number | null} expected_zones
 * @property {number | null} annual_yield_mwh
 * @property {string[]} rules
 * @property {string[]} outputs
 *
 * @typedef {object} PreparationRecord
 * @property {string} command
 * @property {{what: string, count: number, of: string, why: string}[]} steps
 * @property {string[]} warnings
 *
 * @typedef {object} Input
 * @property {string} input
 * @property {string} file
 * @property {string | null} matrix_id
 * @property {string | null} title
 * @property {string | null} holder
 * @property {string | null} licence
 * @property {string | null} date
 * @property {number | null} age_years
 * @property {string | null} limits
 * @property {number | null} area_share
 * @property {number | null} building_share
 * @property {number | null} connection_share
 * @property {number | null} completeness_share
 * @property {number | null} agreement_ratio
 * @property {string[]} outputs
 * @property {string[]} rules
 * @property {Record<string, number>} rules_fired
 * @property {string[]} weak
 * @property {PreparationRecord | null} record
 *
 * @typedef {object} Need
 * @property {string} id
 * @property {string} stakeholder
 * @property {Texts} feature
 * @property {"yes" | "partly" | "no"} served
 * @property {{kind: string, address: string}[]} where
 * @property {Texts | null} lacking
 * @property {string[]} rules
 * @property {string[]} indicators
 * @property {string[]} recommendations
 *
 * @typedef {{recommendation: string, projects: string[]}} Link
 * @typedef {Record<string, any> & {id: string, source: string, confidence: string, checked: string}} Row
 *
 * @typedef {object} Experience
 * @property {Row[]} tools
 * @property {Row[]} sharing_projects
 * @property {Row[]} stakeholders
 * @property {Row[]} rules
 * @property {Row[]} perimeters
 * @property {Row[]} apartment_barriers
 * @property {Row[]} apartment_steps
 * @property {Row[]} recommendations
 * @property {Link[]} links
 * @property {Need[]} needs
 *
 * @typedef {object} Matrix
 * @property {string} compiled
 * @property {Source[]} sources
 * @property {Missing[]} missing
 * @property {Experience} experience
 * @property {{name: string, illustrative: boolean, measured_utc: string, inputs: Input[], gaps: Gap[]}} project
 * @property {Record<string, {indicator: string, comparison: string, threshold: number, unit: string}>} rules
 * @property {Record<string, Texts>} figures
 * @property {Record<string, Record<string, Record<string, Record<string, string>>>>} translations
 * @property {{properties: Record<string, Texts>, values: Record<string, Record<string, Texts>>, words: Record<string, Record<string, Texts>>}} labels
 */

export {};
