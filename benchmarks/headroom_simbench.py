"""Compare the headroom range with power flow on six simbench low-voltage grids.

Needs an environment of its own: ``pip install simbench==1.6.3 pandapower==3.5.6 numba``, then
``python benchmarks/headroom_simbench.py``. Takes half a minute. Elsewhere it says what is missing.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

GRIDS = ("rural1", "rural2", "rural3", "semiurb4", "semiurb5", "urban6")
CRITERIA = ("1.10 pu", "1.05 pu", "rise 0.03 pu", "line", "transformer")
REVERSE_LIMITS = (0.5, 0.7, 0.9)
STEPS = 8


def broken(pp: ModuleType, net: Any, start: Any, shares: Any, pv_kw: float) -> tuple[bool, ...]:
    """Return which limits `pv_kw` breaks; all where the power flow finds no solution."""
    net.sgen.p_mw = pv_kw * shares / 1e3
    try:
        pp.runpp(net)
    except pp.LoadflowNotConverged:
        return (True,) * len(CRITERIA)
    volt = net.res_bus.vm_pu[start.index]
    return (
        bool(volt.max() > 1.10),
        bool(volt.max() > 1.05),
        bool((volt - start).max() > 0.03),
        bool(net.res_line.loading_percent.max() > 100),
        bool(net.res_trafo.loading_percent.max() > 100),
    )


def measure(name: str) -> str:
    """Return one table row: rating, sunny load, range and capacity per limit."""
    pp, simbench = importlib.import_module("pandapower"), importlib.import_module("simbench")
    net = simbench.get_simbench_net(f"1-LV-{name}--0-sw")
    load = simbench.get_absolute_values(net, profiles_instead_of_study_cases=True)["load", "p_mw"]
    step = load.index % 96
    noon = (step >= 44) & (step <= 56) & (load.index >= 96 * 90) & (load.index < 96 * 270)
    least = load.loc[load.index[noon]].sum(axis=1).idxmin()
    sunny_kw = float(load.loc[least].sum()) * 1e3
    shares = load.sum().to_numpy() / load.to_numpy().sum()
    net.load.p_mw, net.load.q_mvar = load.loc[least].to_numpy(), 0.0
    net.sgen = net.sgen.iloc[:0]
    for bus in net.load.bus:
        pp.create_sgen(net, bus, 0.0)
    net.ext_grid.vm_pu = 1.0
    pp.runpp(net)
    start = net.res_bus.vm_pu[net.bus.index[net.bus.vn_kv < 1]].copy()
    rating = float(net.trafo.sn_mva.sum()) * 1e3
    found = []
    for limit in range(len(CRITERIA)):
        low, high = 0.0, 4 * rating
        for _ in range(STEPS):
            middle = (low + high) / 2
            if broken(pp, net, start, shares, middle)[limit]:
                high = middle
            else:
                low = middle
        found.append(low)
    ours = [r * rating + sunny_kw for r in REVERSE_LIMITS]
    return (
        "| " + " | ".join([name, *(f"{v:.0f}" for v in (rating, sunny_kw, *ours, *found))]) + " |"
    )


def main() -> None:
    needed = ("pandapower", "simbench")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped: needs {' and '.join(missing)}, see docs/validation/headroom.md")
        return
    for grid in GRIDS:
        print(measure(grid), flush=True)


if __name__ == "__main__":
    main()
