"""Nested cells as text that a person reads in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.io.published import known
from zonnekaart.pipelines.publishing.frames import records
from zonnekaart.quantities import LANGUAGES

if TYPE_CHECKING:
    import geopandas as gpd

_FIGURES = 4
_DECIMALS = 4
"""More would be noise of the arithmetic; GeoParquet keeps figures as they are."""


def readable_frame(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return a frame without nested cells.

    Reasons become ``net-vol: headroom_ratio 1.2 > 1``, those of advised zones ``net-vol 3/4``,
    tipping points ``pv_headroom_kw 100 -> 120 kW: delen``, probabilities ``delen 0.72; overschot
    0.18``, gains ``MIS-01 +0.12``, effects ``rec01 12000 kWh 1900 EUR 2000 kg CO2``, and the
    sentences of a zone one column per language.

    Parameters
    ----------
    frame : GeoDataFrame
        Publishable rows.
    """
    out = frame.copy()
    for name in frame.columns:
        if name == frame.geometry.name:
            continue
        if name in _SENTENCES:
            at = out.columns.get_loc(name)
            for offset, language in enumerate(LANGUAGES):
                texts = [(cell or {}).get(language) for cell in frame[name]]
                out.insert(at + offset, f"{name}_{language}", texts)
            out = out.drop(columns=name)
        elif name in _WRITTEN:
            out[name] = [_WRITTEN[name](cell) for cell in frame[name]]
        elif frame[name].map(_is_list).any():
            out[name] = [_listed(cell) for cell in frame[name]]
        elif frame[name].dtype == float:
            out[name] = frame[name].round(_DECIMALS)
    return out


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _figure(value: Any) -> str:  # noqa: ANN401 - cells of a frame
    number = known(value)
    return "?" if number is None else f"{number:.{_FIGURES}g}"


def _listed(cell: Any) -> str | None:  # noqa: ANN401 - cells of a frame
    if not _is_list(cell):
        return None
    return "; ".join(v if isinstance(v, str) else _figure(v) for v in cell)


def _reasons(cell: Any) -> str:  # noqa: ANN401 - cells of a frame
    return "; ".join(
        f"{r['rule_id']}: {r['indicator']} {_figure(r['value'])} "
        f"{r['comparison']} {_figure(r['threshold'])}"
        for r in records(cell)
    )


def _flips(cell: Any) -> str:  # noqa: ANN401 - cells of a frame
    return "; ".join(
        f"{r['indicator']} {_figure(r['value'])} -> {_figure(r['flips_at'])} {r['unit']}: "
        f"{r['to_class']}"
        for r in records(cell)
    )


def _chances(cell: Any) -> str | None:  # noqa: ANN401 - cells of a frame
    if not isinstance(cell, dict):
        return None
    told = {name: known(value) for name, value in cell.items()}
    sure = sorted(((v, n) for n, v in told.items() if v), reverse=True)
    return "; ".join(f"{name} {value:.2f}" for value, name in sure)


def _gains(cell: Any) -> str:  # noqa: ANN401 - cells of a frame
    told = [(r["source_id"], known(r["confidence_gain"])) for r in records(cell)]
    return "; ".join(f"{name} " + ("?" if v is None else f"+{v:.2f}") for name, v in told)


def _effects(cell: Any) -> str:  # noqa: ANN401 - cells of a frame
    return "; ".join(
        f"{r['action_id']} {_figure(r['energy_kwh_central'])} kWh "
        f"{_figure(r['gain_eur_central'])} EUR {_figure(r['avoided_kg_central'])} kg CO2"
        for r in records(cell)
    )


def _overrides(cell: Any) -> str:  # noqa: ANN401 - cells of a frame
    def told(row: dict[str, Any]) -> str:
        if row["indicator"] is None:
            return f"zone_class {row['original_class']} -> {row['zone_class']}"
        change = f"{_figure(row['original_value'])} -> {_figure(row['value'])}"
        return f"{row['indicator']} {change} {row['unit']}"

    return "; ".join(f"{told(r)} ({r['by']}, {r['date']}: {r['reason']})" for r in records(cell))


def _shared(cell: Any) -> str:  # noqa: ANN401 - cells of a frame
    return "; ".join(f"{r['rule_id']} {r['zones']}/{r['of']}" for r in records(cell))


_SENTENCES = ("sentence", "certainty_text")
_WRITTEN = {
    "gap_effects": _gains,
    "action_effects": _effects,
    "overrides": _overrides,
    "shared_bottlenecks": _shared,
    "shared_opportunities": _shared,
    "bottlenecks": _reasons,
    "opportunities": _reasons,
    "flips": _flips,
    "class_probabilities": _chances,
}
