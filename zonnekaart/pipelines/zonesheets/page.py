"""One zone on one page: where, why, what next, what is not known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from zonnekaart.cartography.classes import CLASSES
from zonnekaart.cartography.numbers import indicator_text, percent_text
from zonnekaart.io.report import render
from zonnekaart.io.themes import Theme
from zonnekaart.pipelines.drawing.curves import (
    CURVE_DEFINITIONS,
    DEMAND,
    SUPPLY,
    day_curve,
    month_bars,
    top_of_days,
)
from zonnekaart.pipelines.drawing.drawn import NO_FILL, DrawnLayer, Picture, Shape, page_words
from zonnekaart.pipelines.drawing.svg import MAP_STYLE, svg_map
from zonnekaart.pipelines.mockups.layers import drawn_layer
from zonnekaart.pipelines.mockups.page import font_faces
from zonnekaart.pipelines.mockups.said import figure_text, told
from zonnekaart.pipelines.mockups.words import mockup_words

if TYPE_CHECKING:
    from zonnekaart.io.published import Reason, ZoneDetail
    from zonnekaart.pipelines.mockups.scene import Asked

_MAP_PX = (330.0, 268.0)
_DAY_PX = (242.0, 130.0)
_MONTHS_PX = (244.0, 130.0)
_AROUND = 0.75
_LEAST_AROUND_M = 60.0
_MONTH_LETTERS = {"nl": "JFMAMJJASOND", "fr": "JFMAMJJASOND", "en": "JFMAMJJASOND"}
_MOST_REASONS, _MOST_ACTIONS, _MOST_GAPS, _MOST_FLIPS = 3, 3, 4, 2
_FIGURES = (
    ("word.supply", "annual_yield_kwh"),
    ("word.demand", "consumption_kwh"),
    ("word.own_use", "self_consumption"),
    ("word.shared_use", "self_consumption_pooled"),
    ("word.sufficiency", "self_sufficiency"),
    ("word.headroom", "pv_headroom_kw"),
)


class SheetMaker:
    """
    Makes the sheets of one project; what they share is made once.

    Parameters
    ----------
    asked : Asked
        Results and language.
    theme : Theme, optional
        Name and colours.
    """

    def __init__(self, asked: Asked, theme: Theme | None = None) -> None:
        self._asked = asked
        self._theme = theme or Theme()
        self._zones = drawn_layer(asked, "zones")
        self._buildings = drawn_layer(asked, "buildings")
        self._trees = {
            layer.id: shapely.STRtree(layer.geometry.to_numpy())
            for layer in (self._zones, self._buildings)
        }
        self._shapes = dict(
            zip(asked.scene.zones["zone_id"], asked.scene.zones.geometry, strict=True)
        )
        self._fonts = font_faces()

    def page(self, zone_id: str) -> str:
        """Return the sheet of a zone as an HTML page that needs nothing from outside."""
        scene, language = self._asked.scene, self._asked.language
        detail = scene.details[zone_id]
        look = CLASSES[detail.zone_class]
        label = f"{mockup_words(language)['map_of']} {detail.name}"
        return render(
            "zone_sheet.html",
            {
                "language": language,
                "labels": mockup_words(language),
                "page": page_words(language),
                "theme": self._theme,
                "municipality": self._theme.municipality or scene.project.name,
                "info": scene.project,
                "preset": getattr(scene.project.preset.title, language),
                "zone": detail,
                "look": look,
                "label": look.label[language],
                "confidence": percent_text(_number(detail.confidence), language),
                "sentence": getattr(detail.sentence, language),
                "privacy": ""
                if detail.privacy_note is None
                else getattr(detail.privacy_note, language),
                "chances": _chances(detail, language),
                "figures": [
                    (
                        page_words(language)[word],
                        figure_text(name, detail.indicators.get(name), language),
                    )
                    for word, name in _FIGURES
                ],
                "reasons": [
                    *self._reasons(detail.opportunities, "▲"),
                    *self._reasons(detail.bottlenecks, "▼"),
                ],
                "flips": [getattr(f.sentence, language) for f in detail.flips[:_MOST_FLIPS]],
                "actions": detail.actions[:_MOST_ACTIONS],
                "gaps": detail.gaps[:_MOST_GAPS],
                "map": svg_map(self._picture(zone_id), *_MAP_PX, label),
                "curves": self._curves(detail),
                "supply_color": SUPPLY,
                "demand_color": DEMAND,
                "definitions": CURVE_DEFINITIONS,
                "fonts": self._fonts,
                "map_style": MAP_STYLE,
            },
        )

    def _reasons(self, reasons: list[Reason], mark: str) -> list[dict[str, Any]]:
        shown = reasons[:_MOST_REASONS]
        return [{**told(reason, self._asked.language), "mark": mark} for reason in shown]

    def _picture(self, zone_id: str) -> Picture:
        """Draw the zone with its neighbours and buildings; its own outline on top."""
        shape = self._shapes[zone_id]
        west, south, east, north = shape.bounds
        around = max(_AROUND * max(east - west, north - south) / 2.0, _LEAST_AROUND_M)
        bounds = (west - around, south - around, east + around, north + around)
        # The drawing is wider than the zone: take what may come into view.
        view = shapely.box(*bounds).buffer(2.0 * around)
        own = gpd.GeoSeries([shape], crs=self._asked.scene.zones.crs)
        outline = DrawnLayer("own", "", own, [Shape(NO_FILL, "#1d1c1a")], width_px=3.5)
        layers = [self._near(layer, view) for layer in (self._zones, self._buildings)]
        return Picture([*layers, outline], bounds, (), mockup_words(self._asked.language))

    def _near(self, layer: DrawnLayer, view: shapely.Polygon) -> DrawnLayer:
        """Return the shapes of a layer near a zone."""
        found = sorted(self._trees[layer.id].query(view))
        return DrawnLayer(
            layer.id,
            layer.title,
            layer.geometry.iloc[found],
            [layer.shapes[i] for i in found],
            width_px=layer.width_px,
            opacity=layer.opacity,
        )

    def _curves(self, detail: ZoneDetail) -> list[str]:
        """Draw both days on one scale, and the months."""
        page, language = page_words(self._asked.language), self._asked.language
        drawn = []
        days = detail.typical_days
        if days is not None:
            series = [
                getattr(day, f"{kind}_kw")
                for day in (days.june, days.december)
                for kind in ("supply", "demand")
            ]
            top = top_of_days(*series)
            for name, day in (("june", days.june), ("december", days.december)):
                texts = {"title": page[f"chart.{name}"], "language": language}
                drawn.append(day_curve(day.supply_kw, day.demand_kw, top, _DAY_PX, texts))
        if detail.monthly is not None:
            texts = {
                "title": page["chart.months"],
                "months": _MONTH_LETTERS[language],
                "language": language,
            }
            months = detail.monthly
            drawn.append(month_bars(months.yield_kwh, months.consumption_kwh, _MONTHS_PX, texts))
        return drawn


def _chances(detail: ZoneDetail, language: str) -> list[dict[str, Any]]:
    """Return the classes with a chance, the likeliest first."""
    known = [(c, p) for c, p in detail.class_probabilities.items() if p]
    return [
        {
            "color": CLASSES[name].color,
            "symbol": CLASSES[name].symbol,
            "label": CLASSES[name].label[language],
            "share": chance,
            "text": indicator_text("confidence", chance, language),
        }
        for name, chance in sorted(known, key=lambda pair: -pair[1])
    ]


def _number(value: float | None) -> float:
    return math.nan if value is None else value
