/**
 * Shapes of what the server answers, for the type checker only: this module holds no code.
 *
 * @typedef {"nl" | "fr" | "en"} Language
 * @typedef {Partial<Record<Language, string>>} Texts one text per language
 * @typedef {"eigen_gebruik" | "delen" | "overschot" | "vraag" | "toets" | "onbekend"} ZoneClass
 *
 * @typedef {object} Interval
 * @property {number | null} value
 * @property {number | null} [low]
 * @property {number | null} [high]
 * @property {string} [unit]
 *
 * @typedef {object} ClassInfo
 * @property {ZoneClass} id
 * @property {string} color
 * @property {string} symbol
 * @property {Texts} label
 * @property {Texts} description
 * @property {number} zones
 * @property {number | null} [annual_yield_kwh]
 *
 * @typedef {object} Source
 * @property {string} role
 * @property {string | Texts} title
 * @property {string} licence
 * @property {string} date
 * @property {string} attribution
 * @property {string | Texts} [limits]
 *
 * @typedef {object} LegendEntry
 * @property {string} [color]
 * @property {string | Texts} [label]
 * @property {string} [symbol]
 * @property {string} [image]
 * @property {string} [id]
 * @property {number | null} [from] lower bound; none below the first
 * @property {number | null} [to]
 *
 * @typedef {object} LayerInfo
 * @property {string} id
 * @property {"vector" | "raster"} kind
 * @property {Texts} title
 * @property {number} minzoom
 * @property {number} maxzoom
 * @property {string} tiles
 * @property {string | null} [source_layer]
 * @property {LegendEntry[]} legend
 * @property {string | null} [unit]
 * @property {string | Texts | null} [source]
 * @property {string | null} [date]
 * @property {string | null} [licence]
 * @property {Texts | string | null} [limits]
 * @property {string | null} [contact]
 * @property {number | null} [resolution_m]
 * @property {number | null} [features]
 * @property {string} [group]
 *
 * @typedef {object} Place
 * @property {"area" | "street" | "address" | "building"} kind
 * @property {string} name
 * @property {[number, number]} center_lonlat
 * @property {[number, number, number, number]} bounds_lonlat
 *
 * @typedef {object} TopReason
 * @property {string} zone_id
 * @property {string} name
 * @property {string} rule_id
 * @property {string} indicator
 * @property {number | null} value
 * @property {string} unit
 * @property {Texts} reason
 *
 * @typedef {object} Project
 * @property {string} name
 * @property {string} slug
 * @property {string} region
 * @property {string} crs
 * @property {Language} language
 * @property {boolean} illustrative
 * @property {string} disclaimer
 * @property {[number, number, number, number]} bounds_lonlat
 * @property {string} version
 * @property {string} run_id
 * @property {string} built_utc
 * @property {{id: string, title: string | Texts}} preset
 * @property {{id: string, version: string}} rule_set
 * @property {{name: string, annual_ghi_kwh_m2: number | null} | null} weather
 * @property {Source[]} sources
 * @property {ClassInfo[]} classes
 * @property {Record<string, any>} totals
 * @property {Texts} summary
 * @property {TopReason[]} top_opportunities
 * @property {TopReason[]} top_bottlenecks
 * @property {LayerInfo[]} layers
 *
 * @typedef {object} ZoneRow
 * @property {string} zone_id
 * @property {string} name
 * @property {ZoneClass} zone_class
 * @property {number | null} confidence
 * @property {[number, number, number, number]} bounds_lonlat
 * @property {[number, number]} center_lonlat
 * @property {number | null} annual_yield_kwh
 * @property {number | null} consumption_kwh
 * @property {number | null} self_consumption
 * @property {number | null} self_sufficiency
 * @property {number | null} headroom_ratio
 * @property {number} bottlenecks
 * @property {number} opportunities
 * @property {boolean} published
 * @property {string} [area]
 * @property {number | null} [capacity_kwp]
 * @property {number | null} [existing_kwp]
 * @property {number | null} [self_consumption_pooled]
 * @property {number | null} [buildings]
 *
 * @typedef {object} Reason
 * @property {string} rule_id
 * @property {string} indicator
 * @property {number | null} value
 * @property {number | null} threshold
 * @property {string} unit
 * @property {string} comparison
 * @property {"high" | "medium" | "low"} severity
 * @property {Texts} reason
 * @property {string | Texts | null} [source]
 *
 * @typedef {object} Flip
 * @property {string} rule_id
 * @property {string} indicator
 * @property {number | null} value
 * @property {number | null} flips_at
 * @property {string} unit
 * @property {ZoneClass} to_class
 * @property {Texts} sentence
 *
 * @typedef {object} Gap
 * @property {string} id
 * @property {Texts} title
 * @property {string | null} [severity]
 * @property {Texts | null} [proxy]
 * @property {string | null} [supplier]
 *
 * @typedef {object} Action
 * @property {string} id
 * @property {Texts} title
 * @property {Texts | null} [text]
 * @property {Texts | null} [who]
 * @property {string | null} [priority]
 * @property {Texts | null} [caveat]
 * @property {Texts | null} [example]
 *
 * @typedef {object} DayCurve
 * @property {(number | null)[]} supply_kw mean power in each quarter-hour
 * @property {(number | null)[]} demand_kw
 *
 * @typedef {object} Money
 * @property {string} owner_type
 * @property {"roof" | "demand"} sizing
 * @property {number} buildings
 * @property {number | null} capacity_kwp
 * @property {Interval} investment
 * @property {number | null} saved_kwh
 * @property {number | null} injected_kwh
 * @property {Interval} yearly_benefit
 * @property {Interval} payback
 * @property {number | null} net_present_value_eur
 * @property {string[]} tariff_ids
 * @property {string | null} tariff_from
 * @property {boolean} owner_assumed
 * @property {string | null} [reason]
 * @property {Texts | null} [reason_text]
 *
 * @typedef {object} Zone
 * @property {string} zone_id
 * @property {string} name
 * @property {string} kind
 * @property {ZoneClass} zone_class
 * @property {number | null} confidence
 * @property {Record<ZoneClass, number | null>} class_probabilities
 * @property {Texts} sentence
 * @property {Record<string, Interval | null>} indicators
 * @property {Reason[]} bottlenecks
 * @property {Reason[]} opportunities
 * @property {Flip[]} flips
 * @property {Gap[]} gaps
 * @property {Action[]} actions
 * @property {{june: DayCurve, december: DayCurve} | null} typical_days
 * @property {{yield_kwh: (number | null)[], consumption_kwh: (number | null)[]} | null} monthly
 * @property {string | {id: string, title: string | Texts} | null} [preset]
 * @property {[number, number, number, number]} bounds_lonlat
 * @property {boolean} published
 * @property {string | Texts | null} [privacy_note]
 * @property {Money[]} [economics]
 */

export {};
