"""Compare the headroom range with power flow on eighteen test grids, under realistic conditions.

Needs an environment of its own: ``pip install simbench==1.6.3 pandapower==3.5.6 numba
demandlib==0.2.2``, then ``PYTHONPATH=. python benchmarks/headroom_simbench.py`` in the checkout.
Takes some minutes. Elsewhere it says what is missing. See docs/validation/headroom.md.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.energy.hosting import Band, CabinAssumptions, ZoneLoads, cabin_rating

if TYPE_CHECKING:
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    BoolArray = npt.NDArray[np.bool_]

RULES = Path(__file__).resolve().parent.parent / "data" / "rules" / "default.toml"
SIMBENCH = ("rural1", "rural2", "rural3", "semiurb4", "semiurb5", "urban6")
KERBER = (
    "landnetz_freileitung_1",
    "landnetz_freileitung_2",
    "landnetz_kabel_1",
    "landnetz_kabel_2",
    "dorfnetz",
    "vorstadtnetz_kabel_1",
    "vorstadtnetz_kabel_2",
)
SYNTHETIC = ("rural_1", "rural_2", "village_1", "village_2", "suburb_1")
CRITERIA = ("1.10 pu", "1.05 pu", "rise 0.03 pu", "line", "transformer")
LIMITS = np.array([1.10, 1.05, 0.03, 100.0, 100.0])
HARD = (0, 3, 4)
"""Limits that everybody holds to: 1.10 pu (EN 50160), lines, transformer."""
STRICT = (0, 2, 3, 4)
"""Those and a voltage rise of 3 % (VDE-AR-N 4105)."""
DRAWS, SEED, LEVELS = 20, 20210402, np.geomspace(0.03, 5.0, 36)
END_SHARE, OWNER_SHARE = 0.25, 0.5
DWELLING_KWH, OTHER_KWH_M2 = 3385.0, 57.2
"""What a municipality assumes without counts; as in data/projects/essen.toml."""
CONTAINED = 0.9
"""Part of the capacities that an end of the range should hold. Own choice."""
PLACEMENTS = ("even", "random", "end")
TRUE, GIVEN_AREA, GENERATED = "true rating", "estimated, area given", "estimated, area generated"
KINDS = (TRUE, GIVEN_AREA, GENERATED)


@dataclass(frozen=True)
class Grid:
    """A test grid with its loads in the sunny quarter-hour of least demand."""

    name: str
    net: Any
    rating_kva: float
    kwh: FloatArray
    household: BoolArray
    sunny_kw: FloatArray


def read_assumptions() -> CabinAssumptions:
    """Return what the default rules assume of cabins."""
    table = tomllib.loads(RULES.read_text(encoding="utf-8"))["headroom"]
    known = {f.name for f in dataclasses.fields(CabinAssumptions)}
    kept = {k: Band(**v) if isinstance(v, dict) else v for k, v in table.items() if k in known}
    return CabinAssumptions(**{**kept, "classes_kva": tuple(table["classes_kva"])})


def standard_least(kind: str) -> float:
    """Return the least load of a BDEW profile around a summer noon. [kW per kWh/year]."""
    pandas, bdew = importlib.import_module("pandas"), importlib.import_module("demandlib.bdew")
    index = pandas.date_range("2021-01-01", "2022-01-01", freq="15min", inclusive="left")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = getattr(bdew, kind)(index, holidays={})
    noon = (index.hour >= 11) & (index.hour < 14) & (index.month >= 4) & (index.month <= 9)
    return float(values[noon].min() / (values.sum() * 0.25))


def read_grid(source: str, name: str, least: tuple[float, float]) -> Grid:
    """Load one grid and give each load its demand in the least sunny quarter-hour."""
    if source == "simbench":
        return _simbench(name)
    networks = importlib.import_module("pandapower.networks")
    if source == "kerber":
        net = getattr(networks, f"create_kerber_{name}")()
    else:
        net = networks.create_synthetic_voltage_control_lv_network(name)
        net.sgen = net.sgen.iloc[:0]
    kwh = np.full(len(net.load), DWELLING_KWH)
    rating = float(net.trafo.sn_mva.sum()) * 1e3
    home = np.ones(len(kwh), dtype=np.bool_)
    return Grid(f"{source} {name}", net, rating, kwh, home, kwh * least[0])


def _simbench(name: str) -> Grid:
    simbench = importlib.import_module("simbench")
    net = simbench.get_simbench_net(f"1-LV-{name}--0-sw")
    load = simbench.get_absolute_values(net, profiles_instead_of_study_cases=True)["load", "p_mw"]
    step = load.index % 96
    noon = (step >= 44) & (step <= 56) & (load.index >= 96 * 90) & (load.index < 96 * 270)
    hour = load.loc[load.index[noon]].sum(axis=1).idxmin()
    net.sgen = net.sgen.iloc[:0]
    home = net.load.profile.str.startswith("H0").to_numpy(dtype=np.bool_)
    kwh = load.sum().to_numpy() * 250.0
    rating = float(net.trafo.sn_mva.sum()) * 1e3
    return Grid(f"simbench {name}", net, rating, kwh, home, load.loc[hour].to_numpy() * 1e3)


def placements(grid: Grid) -> dict[str, list[FloatArray]]:
    """Return shares of the panels per load: by energy, at random homes, at the feeder ends."""
    topology = importlib.import_module("pandapower.topology")
    count = len(grid.kwh)
    source = grid.net.trafo.lv_bus.iloc[0]
    far = topology.calc_distance_to_bus(grid.net, source).reindex(grid.net.load.bus).to_numpy()
    ends = np.argsort(-far, kind="stable")[: max(1, round(END_SHARE * count))]
    rng = np.random.default_rng(SEED)
    owners = max(1, round(OWNER_SHARE * count))
    return {
        "even": [grid.kwh / grid.kwh.sum()],
        "random": [_equal(rng.permutation(count)[:owners], count) for _ in range(DRAWS)],
        "end": [_equal(ends, count)],
    }


def _equal(chosen: npt.NDArray[np.intp], count: int) -> FloatArray:
    shares = np.zeros(count)
    shares[chosen] = 1.0 / len(chosen)
    return shares


def capacities(grid: Grid, shares: list[FloatArray]) -> FloatArray:
    """Return the power at which each limit breaks, shape (placements, criteria). [kW]."""
    pp = importlib.import_module("pandapower")
    net = grid.net
    net.load.p_mw, net.load.q_mvar = grid.sunny_kw / 1e3, 0.0
    net.ext_grid.vm_pu = 1.0
    for bus in net.load.bus if not len(net.sgen) else ():
        pp.create_sgen(net, bus, 0.0)
    net.sgen.p_mw = 0.0
    pp.runpp(net)
    start = net.res_bus.vm_pu[net.bus.index[net.bus.vn_kv < 1]].copy()
    return np.array([_breaks(pp, grid, start, share) for share in shares])


def _breaks(pp: Any, grid: Grid, start: Any, share: FloatArray) -> FloatArray:
    """Raise the power step by step and read between steps where each limit is crossed."""
    net, powers = grid.net, LEVELS * grid.rating_kva
    rows: list[list[float]] = []
    for power in powers:
        net.sgen.p_mw = power * share / 1e3
        try:
            pp.runpp(net)
        except pp.LoadflowNotConverged:
            break
        volt = net.res_bus.vm_pu[start.index]
        line, trafo = net.res_line.loading_percent.max(), net.res_trafo.loading_percent.max()
        rows.append([volt.max(), volt.max(), (volt - start).max(), line, trafo])
        if (np.array(rows[-1]) > LIMITS).all():
            break
    values, reached = np.array(rows), powers[: len(rows)]
    found = np.full(len(CRITERIA), reached[-1])
    for number, limit in enumerate(LIMITS):
        above = np.flatnonzero(values[:, number] > limit)
        if above.size and above[0] > 0:
            pair = slice(above[0] - 1, above[0] + 1)
            found[number] = np.interp(limit, values[pair, number], reached[pair])
        elif above.size:
            found[number] = reached[0]
    return found


def estimated_rating(grid: Grid, assumed: CabinAssumptions, *, area_given: bool) -> FloatArray:
    """Return the rating a municipality would estimate from connections and energy. [kVA]."""
    homes = np.maximum(np.round(grid.kwh / DWELLING_KWH), 1.0)[grid.household]
    other_kw = grid.kwh[~grid.household] / OTHER_KWH_M2 * assumed.other_kw_m2
    own = other_kw > assumed.own_cabin_kw
    numbers = (homes.sum(), np.count_nonzero(~own), other_kw[~own].sum(), other_kw[own].sum())
    loads = ZoneLoads(*(np.array([float(v)]) for v in numbers))
    found = cabin_rating(loads, assumed, np.array([area_given]))
    return np.array([found.low[0], found.central[0], found.high[0]])


def quantile(cases: list[tuple[float, float, FloatArray]], part: float) -> float:
    """
    Return the share of the rating below which `part` of the capacities lie, load taken off.

    Each case is the rating, the sunny load, and the capacities of its placements; cases weigh
    equally, whatever the number of their placements.
    """
    share = np.concatenate([(c - load) / rating for rating, load, c in cases])
    weight = np.concatenate([np.full(len(c), 1.0 / len(c)) for _, _, c in cases])
    order = np.argsort(share)
    below = np.cumsum(weight[order]) / weight.sum()
    return float(share[order][min(np.searchsorted(below, part), len(order) - 1)])


def _row(cells: list[object]) -> str:
    shown = [f"{c:.0f}" if isinstance(c, float) else str(c) for c in cells]
    return "| " + " | ".join(shown) + " |"


@dataclass(frozen=True)
class Outcome:
    """One grid compared: our ranges by what is known of the rating, and simulated capacities."""

    grid: Grid
    ours: dict[str, FloatArray]
    found: dict[str, FloatArray]

    def strictest(self, limits: tuple[int, ...], name: str) -> FloatArray:
        """Return the first limit to break in each placement. [kW]."""
        values: FloatArray = self.found[name][:, list(limits)].min(axis=1)
        return values


def compare(
    grid: Grid,
    found: dict[str, FloatArray],
    least: tuple[float, float],
    assumed: CabinAssumptions,
) -> Outcome:
    """Lay our ranges beside the capacities of a grid."""
    standard = float(np.where(grid.household, least[0], least[1]) @ grid.kwh)
    share = np.array([limit for limit, _, _ in assumed.ends()])
    ours = {TRUE: share * grid.rating_kva + grid.sunny_kw.sum()}
    for name, given in ((GIVEN_AREA, True), (GENERATED, False)):
        ours[name] = share * estimated_rating(grid, assumed, area_given=given) + standard
    return Outcome(grid, ours, found)


def report(outcomes: list[Outcome]) -> None:
    """Print all tables."""
    print("\nOurs, in kW.\n\n" + _row(["grid", "S", *(f"{k}: low-central-high" for k in KINDS)]))
    for o in outcomes:
        ranges = ["-".join(f"{v:.0f}" for v in o.ours[kind]) for kind in KINDS]
        print(_row([o.grid.name, o.grid.rating_kva, *ranges]))
    for name in PLACEMENTS:
        print(
            f"\nSimulated, panels {name} (median of draws), in kW.\n\n" + _row(["grid", *CRITERIA])
        )
        for o in outcomes:
            print(_row([o.grid.name, *map(float, np.median(o.found[name], axis=0))]))
    for part, title in ((outcomes[0::2], "fitted on"), (outcomes[1::2], "held out")):
        print(f"\n{title}: {', '.join(o.grid.name for o in part)}")
        _contained(part)
        _quantiles(part)


def _contained(outcomes: list[Outcome]) -> None:
    """Print how often capacities lie below, within and above the range; grids weigh equally."""
    print("\n" + _row(["rating", "limits", "panels", "below", "within", "above"]))
    for kind in KINDS:
        for limits, title in ((HARD, "hard"), (STRICT, "strict")):
            for name in PLACEMENTS:
                pairs = [(o.ours[kind], o.strictest(limits, name)) for o in outcomes]
                below = float(np.mean([(c < r[0]).mean() for r, c in pairs]))
                above = float(np.mean([(c > r[2]).mean() for r, c in pairs]))
                shown = [f"{v:.2f}" for v in (below, 1.0 - below - above, above)]
                print(_row([kind, title, name, *shown]))


def _quantiles(outcomes: list[Outcome]) -> None:
    """Print what the ends of `network_factor` are fitted to, as shares of the true rating."""
    for limits, part, title in (
        (STRICT, 1.0 - CONTAINED, "low end: strict limits, 10 %"),
        (HARD, CONTAINED, "high end: hard limits, 90 %"),
    ):
        cases = [
            (o.grid.rating_kva, float(o.grid.sunny_kw.sum()), o.strictest(limits, name))
            for o in outcomes
            for name in ("random", "end")
        ]
        print(f"{title} of random and end placements: {quantile(cases, part):.3f} of the rating")


def main() -> None:
    needed = ("pandapower", "simbench", "demandlib")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped: needs {' and '.join(missing)}, see docs/validation/headroom.md")
        return
    assumed = read_assumptions()
    least = (standard_least("H25"), standard_least("G25"))
    print(f"least sunny load, W per MWh/year: H25 {1e6 * least[0]:.1f}, G25 {1e6 * least[1]:.1f}")
    named = [("simbench", n) for n in SIMBENCH] + [("kerber", n) for n in KERBER]
    named += [("synthetic", n) for n in SYNTHETIC]
    outcomes = []
    for source, name in named:
        grid = read_grid(source, name, least)
        found = {key: capacities(grid, shares) for key, shares in placements(grid).items()}
        outcomes.append(compare(grid, found, least, assumed))
        print(f"done {grid.name}", flush=True)
    report(outcomes)


if __name__ == "__main__":
    main()
