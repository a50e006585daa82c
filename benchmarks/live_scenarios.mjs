/**
 * How well and how fast the page judges zones: `node benchmarks/live_scenarios.mjs http://localhost:8000`
 * compares the approximation with the scenarios that were computed, and times one step of a slider.
 */
import { classify } from "../web/classify.js";
import { baseLevers, pull } from "../web/levers.js";
import { LiveModel } from "../web/live.js";

const ZONES = 2500;
const STEPS = 60;
const FIGURES = ["self_consumption", "self_consumption_pooled", "headroom_ratio"];

const address = process.argv[2] ?? "http://localhost:8000";
const [live, rows] = await Promise.all(["/api/live", "/api/zones"].map(async (path) => (await fetch(address + path)).json()));

function median(values) {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  return known[known.length >> 1];
}

function compare() {
  const model = new LiveModel(live, rows);
  const told = live.zone_ids.map((_, zone) => zone).filter((zone) => !live.hidden[zone]);
  const { steps } = live.rules[0];
  for (const { id, levers } of model.document.scenarios) {
    const setting = { levers: { ...baseLevers(), ...levers }, rules: null };
    const exact = model.figures(setting);
    const alone = pull(model.found, model.inputs, model.headroom.get(live.rules[0].id), setting.levers, live.assumptions);
    const [a, b] = [exact, alone].map((figures) => classify(steps, figures, live.zone_ids.length));
    const same = told.filter((zone) => a[zone] === b[zone]).length;
    const errors = FIGURES.map((name) => `${name} ${median(told.map((zone) => alone[name][zone] - exact[name][zone])).toFixed(3)}`);
    console.log(`${id}: same class ${same} of ${told.length}; median error ${errors.join(", ")}`);
  }
}

function time() {
  const times = Math.ceil(ZONES / rows.length);
  const column = (values) => values.flatMap((value) => Array(times).fill(value));
  const table = (columns) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, column(values)]));
  const name = (id, copy) => `${id}#${copy}`;
  const many = {
    ...live,
    zone_ids: live.zone_ids.flatMap((id) => Array.from({ length: times }, (_, copy) => name(id, copy))),
    hidden: column(live.hidden),
    indicators: table(live.indicators),
    pv_peak_kw: column(live.pv_peak_kw),
    min_load_sunny_kw: column(live.min_load_sunny_kw),
    rules: live.rules.map((rules) => ({ ...rules, pv_headroom_kw: column(rules.pv_headroom_kw) })),
    scenarios: live.scenarios.map((scenario) => ({ ...scenario, figures: table(scenario.figures) })),
  };
  const model = new LiveModel(many, rows.flatMap((row) => Array.from({ length: times }, (_, copy) => ({ ...row, zone_id: name(row.zone_id, copy) }))));
  const spent = Array.from({ length: STEPS }, (_, step) => {
    const start = performance.now();
    model.judge({ levers: { ...baseLevers(), adoption: 0.3 + step / 100, cars: step / STEPS, batteries: 0.3 }, rules: null });
    return performance.now() - start;
  });
  console.log(`${many.zone_ids.length} zones: ${median(spent).toFixed(1)} ms a step, worst ${Math.max(...spent).toFixed(1)} ms`);
}

compare();
time();
