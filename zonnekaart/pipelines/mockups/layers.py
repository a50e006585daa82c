"""The layers that a storyboard may draw, made from published results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zonnekaart.cartography.classes import CLASSES, FILL_OPACITY, UNKNOWN_CLASS
from zonnekaart.cartography.numbers import indicator_range_text, indicator_text
from zonnekaart.cartography.ramps import CIVIDIS, NO_DATA
from zonnekaart.io.published import known
from zonnekaart.pipelines.drawing.drawn import (
    NO_FILL,
    DrawnLayer,
    LegendRow,
    Shape,
    page_words,
)
from zonnekaart.pipelines.mockups.words import mockup_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd

    from zonnekaart.io.storyboards import LayerId
    from zonnekaart.pipelines.mockups.scene import Asked

_SEQUENCE = (CIVIDIS[0], CIVIDIS[2], CIVIDIS[4], CIVIDIS[7], CIVIDIS[9])
_AROUND_ONE = ("#0072b2", "#7fb8d8", "#dcebf3", "#f6dcc6", "#eaae7f", "#d55e00")
_ROOM_BREAKS = (0.5, 0.8, 1.0, 1.5, 3.0)
_GREY, _GREY_LINE = "#b9b3a8", "#6e6a62"
_LARGE_ROOFS = 25
_SHOWN_FIGURES = 2
_SHIFT_PX = 15
_INSET = 0.02


@dataclass(frozen=True)
class _Scale:
    """Colours of classes between breaks; the first holds all below the first break."""

    indicator: str
    breaks: tuple[float, ...]
    colors: tuple[str, ...]

    def color(self, value: float) -> str:
        """Return the colour of a known value."""
        return self.colors[int(np.searchsorted(self.breaks, value, side="right"))]

    def legend(self, language: str) -> list[LegendRow]:
        """Return a row per class and one for unknown."""
        rows = []
        for number, color in enumerate(self.colors):
            if number == 0:
                text = f"< {indicator_text(self.indicator, self.breaks[0], language)}"
            elif number == len(self.breaks):
                text = f"≥ {indicator_text(self.indicator, self.breaks[-1], language)}"
            else:
                ends = self.breaks[number - 1], self.breaks[number]
                text = indicator_range_text(self.indicator, *ends, language)
            rows.append(LegendRow(color, text))
        return [*rows, LegendRow(NO_DATA, page_words(language)["unknown"], hatched=True)]


def drawn_layer(asked: Asked, layer: LayerId) -> DrawnLayer:
    """
    Make one layer.

    Parameters
    ----------
    asked : Asked
        Results and language.
    layer : str
        One of the ids a storyboard may name.
    """
    return _MAKERS[layer](asked, layer)


def _title(asked: Asked, layer: str) -> str:
    return mockup_words(asked.language)[f"layer.{layer}"]


def _zones(asked: Asked, layer: str) -> DrawnLayer:
    scene = asked.scene
    shapes = []
    for zone_id in scene.zones["zone_id"]:
        detail = scene.details[zone_id]
        look = CLASSES[detail.zone_class]
        shapes.append(
            Shape(
                look.color,
                look.outline,
                f"{detail.name}: {look.label[asked.language]}",
                f"zone:{zone_id}",
                look.symbol,
                hatched=look.id == UNKNOWN_CLASS,
            )
        )
    legend = [
        LegendRow(
            CLASSES[c.id].color,
            f"{getattr(c.label, asked.language)} ({c.zones})",
            CLASSES[c.id].symbol,
            hatched=c.id == UNKNOWN_CLASS,
        )
        for c in scene.project.classes
    ]
    title = _title(asked, layer)
    return DrawnLayer(
        layer, title, scene.zones.geometry, shapes, legend, opacity=FILL_OPACITY - 0.1
    )


def _reasons(asked: Asked, layer: str) -> DrawnLayer:
    """Outline the zones with an opportunity or a bottleneck; a sign on the strong ones."""
    scene = asked.scene
    sign, color, shift, inset = {
        "opportunities": ("▲", "#00583f", -_SHIFT_PX, _INSET),
        "bottlenecks": ("▼", "#8a1c00", _SHIFT_PX, 2.5 * _INSET),
    }[layer]
    chosen, shapes = [], []
    for place, zone_id in enumerate(scene.zones["zone_id"]):
        detail = scene.details[zone_id]
        found = getattr(detail, layer)
        if not found:
            continue
        strong = any(reason.severity == "high" for reason in found)
        chosen.append(place)
        tip = f"{detail.name} {sign} {getattr(found[0].reason, asked.language)}"
        shapes.append(
            Shape(NO_FILL, color, tip, f"{layer}:{zone_id}", sign if strong else "", ink=color)
        )
    words = mockup_words(asked.language)
    legend = [LegendRow(color, f"{words[f'legend.{layer}']} ({len(chosen)})", sign, outlined=True)]
    return DrawnLayer(
        layer,
        _title(asked, layer),
        _inside(scene.zones.geometry.iloc[chosen], inset),
        shapes,
        legend,
        width_px=1.5,
        shift_px=shift,
    )


def _inside(areas: gpd.GeoSeries, share: float) -> gpd.GeoSeries:
    """Draw areas smaller by a share of their size, so that outlines of neighbours do not meet."""
    smaller = areas.buffer(-share * np.sqrt(areas.area))
    return smaller.where(~smaller.is_empty, areas)


def _choropleth(asked: Asked, layer: str) -> DrawnLayer:
    indicator = _INDICATORS[layer]
    scene = asked.scene
    values = {zone: scene.figure(zone, indicator) for zone in scene.zones["zone_id"]}
    scale = _scale(indicator, list(values.values()))
    shapes = []
    for zone_id, value in values.items():
        unknown = bool(np.isnan(value))
        shapes.append(
            Shape(
                NO_DATA if unknown else scale.color(value),
                "#ffffff" if not unknown else "#9e9e9e",
                f"{scene.details[zone_id].name}: "
                f"{indicator_text(indicator, value, asked.language)}",
                f"zone:{zone_id}",
                hatched=unknown,
            )
        )
    return DrawnLayer(
        layer,
        _title(asked, layer),
        scene.zones.geometry,
        shapes,
        scale.legend(asked.language),
        width_px=1.0,
        opacity=0.75,
    )


def _scale(indicator: str, values: Sequence[float]) -> _Scale:
    if indicator == "headroom_ratio":
        return _Scale(indicator, _ROOM_BREAKS, _AROUND_ONE)
    sure = np.array([v for v in values if not np.isnan(v)])
    if sure.size == 0 or sure.min() == sure.max():
        middle = float(sure[0]) if sure.size else 0.0
        return _Scale(indicator, (middle,), (_SEQUENCE[0], _SEQUENCE[-1]))
    cuts = np.quantile(sure, np.linspace(0.0, 1.0, len(_SEQUENCE) + 1)[1:-1])
    rounded = sorted({float(f"{cut:.{_SHOWN_FIGURES}g}") for cut in cuts})
    # Two breaks that read the same are one.
    breaks = tuple({indicator_text(indicator, cut): cut for cut in rounded}.values())
    places = np.linspace(0, len(_SEQUENCE) - 1, len(breaks) + 1).round().astype(int)
    return _Scale(indicator, breaks, tuple(_SEQUENCE[i] for i in places))


def _buildings(asked: Asked, layer: str) -> DrawnLayer:
    frame = asked.scene.buildings
    title = _title(asked, layer)
    return DrawnLayer(
        layer,
        title,
        frame.geometry,
        [Shape(_GREY, _GREY_LINE)] * len(frame),
        [LegendRow(_GREY, title)],
        width_px=0.4,
        opacity=0.9,
    )


def _roofs(asked: Asked, layer: str) -> DrawnLayer:
    frame = asked.scene.buildings
    values = [_number(v) for v in frame["annual_yield_kwh"]]
    scale = _scale("annual_yield_kwh", values)
    shapes = [
        Shape(
            NO_DATA if np.isnan(value) else scale.color(value),
            "#3b372f",
            indicator_text("annual_yield_kwh", value, asked.language),
            f"building:{building}",
            hatched=bool(np.isnan(value)),
        )
        for building, value in zip(frame["building_id"], values, strict=True)
    ]
    title = _title(asked, layer)
    legend = scale.legend(asked.language)
    return DrawnLayer(layer, title, frame.geometry, shapes, legend, width_px=0.5, opacity=0.95)


def _large_roofs(asked: Asked, layer: str) -> DrawnLayer:
    frame = asked.scene.buildings
    return _marked(asked, layer, frame.nlargest(_LARGE_ROOFS, "capacity_kwp"), "#00583f")


def _apartments(asked: Asked, layer: str) -> DrawnLayer:
    frame = asked.scene.buildings
    found = frame[frame["use"] == "apartments"] if "use" in frame else frame.iloc[:0]
    return _marked(asked, layer, found, "#8a1f5c")


def _marked(asked: Asked, layer: str, frame: gpd.GeoDataFrame, color: str) -> DrawnLayer:
    """Outline some buildings; the legend says how many, so that none is not mistaken for all."""
    shapes = [
        Shape(
            NO_FILL,
            color,
            indicator_text("capacity_kwp", _number(row["capacity_kwp"]), asked.language),
            f"building:{row['building_id']}",
        )
        for row in frame.to_dict("records")
    ]
    title = _title(asked, layer)
    words = mockup_words(asked.language)
    told = f"{title} ({len(frame)})" if len(frame) else f"{title}: {words['none_known']}"
    legend = [LegendRow(color, told, outlined=True)]
    return DrawnLayer(layer, title, frame.geometry, shapes, legend, width_px=2.5)


def _sharing_groups(asked: Asked, layer: str) -> DrawnLayer:
    groups = asked.scene.sharing_groups
    title = _title(asked, layer)
    if groups is None:
        empty = asked.scene.zones.geometry.iloc[:0]
        text = f"{title}: {mockup_words(asked.language)['none_known']}"
        return DrawnLayer(layer, title, empty, [], [LegendRow("#004f7c", text, outlined=True)])
    shapes = [
        Shape(NO_FILL, "#004f7c", f"{title} {row['group_id']}", f"group:{row['group_id']}")
        for row in groups.to_dict("records")
    ]
    legend = [LegendRow("#004f7c", f"{title} ({len(groups)})", outlined=True)]
    return DrawnLayer(layer, title, groups.geometry, shapes, legend, width_px=1.5)


def _confidence(asked: Asked, layer: str) -> DrawnLayer:
    """Draw how sure each class is: the paler, the less."""
    scene = asked.scene
    scale = _Scale("confidence", (0.5, 0.7, 0.9), ("#e8e3f0", "#b9a9d0", "#7d63a8", "#472d7b"))
    shapes = []
    for zone_id in scene.zones["zone_id"]:
        detail = scene.details[zone_id]
        value = _number(detail.confidence)
        unknown = bool(np.isnan(value)) or detail.zone_class == UNKNOWN_CLASS
        shapes.append(
            Shape(
                NO_DATA if unknown else scale.color(value),
                "#ffffff",
                f"{detail.name}: {indicator_text('confidence', value, asked.language)}",
                f"zone:{zone_id}",
                hatched=unknown,
            )
        )
    title = _title(asked, layer)
    legend = scale.legend(asked.language)
    return DrawnLayer(layer, title, scene.zones.geometry, shapes, legend, 1.0, 0.8)


def _number(value: Any) -> float:  # noqa: ANN401 - cells of a frame
    found = known(value)
    return np.nan if found is None else found


_INDICATORS = {
    "yield": "annual_yield_kwh",
    "headroom": "headroom_ratio",
    "surplus": "surplus_kwh",
    "own_use": "self_consumption",
    "sharing_gain": "sharing_gain",
    "residual": "residual_kwh",
}
_MAKERS: dict[str, Callable[[Asked, str], DrawnLayer]] = {
    "zones": _zones,
    "opportunities": _reasons,
    "bottlenecks": _reasons,
    **dict.fromkeys(_INDICATORS, _choropleth),
    "confidence": _confidence,
    "buildings": _buildings,
    "roofs": _roofs,
    "large_roofs": _large_roofs,
    "apartments": _apartments,
    "sharing_groups": _sharing_groups,
}
LAYER_IDS = tuple(_MAKERS)
