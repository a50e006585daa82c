/** Reads cases from standard input, judges them with the page's own modules, writes what they say. */
import { readFileSync } from "node:fs";

import { classify } from "../../web/classify.js";
import { respond } from "../../web/response.js";

const column = (values) => Float64Array.from(values, (value) => value ?? NaN);
const columns = (table) => Object.fromEntries(Object.entries(table).map(([name, values]) => [name, column(values)]));
const plain = (values) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));

const { steps, figures, inputs, change } = JSON.parse(readFileSync(0, "utf8"));
const found = columns(figures);
const count = found.annual_yield_kwh.length;
const made = respond(found, columns(inputs), columns(change));
process.stdout.write(
  JSON.stringify({
    classes: Object.fromEntries(Object.entries(steps).map(([id, rules]) => [id, classify(rules, found, count)])),
    after: Object.fromEntries(Object.entries(steps).map(([id, rules]) => [id, classify(rules, made, count)])),
    figures: Object.fromEntries(Object.entries(made).map(([name, values]) => [name, plain(values)])),
  }),
);
