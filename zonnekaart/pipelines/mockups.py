"""Mock-ups: one offline HTML file (and stills of it) from a storyboard and published results."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Figure, MacroElement
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from zonnekaart.cartography.numbers import percent_text, quantity_text
from zonnekaart.config import share_folder
from zonnekaart.errors import MissingInputError, NotBuiltError
from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.files import write_text
from zonnekaart.io.storyboards import Annotation, Language, Storyboard, read_storyboard
from zonnekaart.io.vector import read_geoparquet

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

_ROUND_DEGREES = 6
_SIMPLIFY_M = 0.5
_EMPTY_IMAGE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""One transparent pixel: markers carry it until they get their own text."""
_LABELS = json.loads((share_folder("data") / "templates" / "mockup.json").read_text("utf-8"))


@dataclass(frozen=True)
class Published:
    """What publish left, as far as a mock-up needs it."""

    info: dict[str, Any]
    zones: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame


def read_published(build: Path) -> Published:
    """
    Read the published results of a project.

    Raises
    ------
    NotBuiltError
        If publish has not run.
    """
    info = build / "published.json"
    if not info.is_file():
        raise NotBuiltError(str(info), "zonnekaart run PROJECT.toml")
    return Published(
        info=json.loads(info.read_text(encoding="utf-8")),
        zones=read_geoparquet(build / "zones.parquet"),
        buildings=read_geoparquet(build / "buildings.parquet"),
    )


def make_mockup(build: Path, storyboard: str, out: Path, language: Language) -> Path:
    """
    Write ``<out>/<storyboard>-<language>.html``: one file, no address outside it.

    Parameters
    ----------
    build : Path
        Build folder with published results.
    storyboard : str
        Name of a file in ``data/storyboards``.
    out : Path
        Folder to write to.
    language : {"nl", "fr", "en"}
        Language of every text.

    Returns
    -------
    Path
        The file written.
    """
    board = read_storyboard(share_folder("data") / "storyboards", storyboard)
    published = read_published(build)
    page = _map_page(board, published, language)
    path = out / f"{storyboard}-{language}.html"
    write_text(path, page)
    return path


def _map_page(board: Storyboard, published: Published, language: Language) -> str:
    zones = published.zones.to_crs(LONLAT_CRS)
    west, south, east, north = zones.total_bounds
    canvas = folium.Map(tiles=None, zoom_control=True, zoom_snap=0.25, attribution_control=False)
    # folium's own lists name ten other hosts; Leaflet stands in the page instead.
    canvas.default_js = []
    canvas.default_css = []
    canvas.fit_bounds([[south, west], [north, east]])
    if "buildings" in board.layers:
        _building_layer(published).add_to(canvas)
    _zone_layer(published, language).add_to(canvas)
    _ScaleBar().add_to(canvas)
    _add_symbols(canvas, published)
    _add_notes(canvas, published, board.annotations, language)
    root = canvas.get_root()
    if not isinstance(root, Figure):
        raise TypeError(f"folium gave {type(root).__name__} as the root of a map, expected Figure")
    root.header.add_child(folium.Element(_inline_leaflet()), name="leaflet")
    html: str = root.render()
    _refuse_addresses(html)
    return _frame(board, published, language, html)


def _zone_layer(published: Published, language: Language) -> folium.GeoJson:
    classes = {c["id"]: c for c in published.info["classes"]}
    labels = _LABELS[language]
    frame = published.zones[["zone_id", "name", "zone_class", "confidence", "geometry"]].copy()
    frame["geometry"] = frame.geometry.simplify(_SIMPLIFY_M)
    frame = frame.to_crs(LONLAT_CRS)
    chip = frame["zone_class"].map(
        lambda c: f"{classes[c]['symbol']} {classes[c]['label'][language]}"
    )
    frame[labels["class"]] = chip
    for name in ("annual_yield_kwh", "consumption_kwh"):
        values = [row[name] for row in published.zones["indicators"]]
        frame[labels[name]] = [quantity_text(_number(v), "kWh", language) for v in values]
    # Tooltips and popups take their values as HTML.
    frame[labels["zone"]] = frame["name"].astype(str).map(_escape)
    frame[labels["confidence"]] = [percent_text(_number(v), language) for v in frame["confidence"]]
    shown = [
        labels[k] for k in ("zone", "class", "confidence", "annual_yield_kwh", "consumption_kwh")
    ]
    return folium.GeoJson(
        json.loads(frame.to_json(to_wgs84=False, drop_id=True)),
        name="zones",
        style_function=lambda feature: {
            "fillColor": classes[feature["properties"]["zone_class"]]["color"],
            "color": classes[feature["properties"]["zone_class"]]["color"],
            "weight": 1.5,
            "fillOpacity": 0.55,
            "dashArray": "4 4" if feature["properties"]["zone_class"] == "onbekend" else None,
        },
        highlight_function=lambda _: {"weight": 4},
        tooltip=folium.GeoJsonTooltip(fields=shown, aliases=[f"{s}:" for s in shown], sticky=True),
        popup=folium.GeoJsonPopup(fields=shown, aliases=[f"{s}:" for s in shown]),
    )


def _number(value: float | None) -> float:
    """Return a figure of a struct column, where Parquet may give None for unknown."""
    return math.nan if value is None else float(value)


def _building_layer(published: Published) -> folium.GeoJson:
    frame = published.buildings[["geometry"]].copy()
    frame["geometry"] = frame.geometry.simplify(_SIMPLIFY_M)
    frame = frame.to_crs(LONLAT_CRS)
    return folium.GeoJson(
        json.loads(frame.to_json(to_wgs84=False, drop_id=True)),
        name="buildings",
        style_function=lambda _: {
            "fillColor": "#8a857c",
            "color": "#6e6a62",
            "weight": 0.5,
            "fillOpacity": 0.7,
        },
    )


def _target_zone(published: Published, annotation: Annotation) -> str | None:
    """Return the zone an annotation hangs on; None when the result has no such zone."""
    info, zones = published.info, published.zones
    if annotation.target in {"top_opportunity", "top_bottleneck"}:
        key = {"top_opportunity": "top_opportunities", "top_bottleneck": "top_bottlenecks"}
        found = info[key[annotation.target]]
        return str(found[0]["zone_id"]) if found else None
    if annotation.target == "largest_yield":
        column = zones["indicators"].map(lambda row: row["annual_yield_kwh"])
        return str(zones.loc[column.astype(float).idxmax(), "zone_id"])
    return str(zones.loc[zones["confidence"].astype(float).idxmin(), "zone_id"])


def _points(published: Published) -> dict[str, list[float]]:
    """Return a place inside each zone as [latitude, longitude]."""
    inside = published.zones.geometry.representative_point().to_crs(LONLAT_CRS)
    return {
        str(zone): [round(point.y, _ROUND_DEGREES), round(point.x, _ROUND_DEGREES)]
        for zone, point in zip(published.zones["zone_id"], inside, strict=True)
    }


def _add_symbols(canvas: folium.Map, published: Published) -> None:
    """Put the class symbol in each zone, so that colour is never alone."""
    symbols = {c["id"]: c["symbol"] for c in published.info["classes"]}
    places = _points(published)
    for zone, name in zip(published.zones["zone_id"], published.zones["zone_class"], strict=True):
        icon = folium.DivIcon(
            html=f'<div class="symbol">{symbols[name]}</div>', icon_size=(0, 0), icon_anchor=(0, 0)
        )
        folium.Marker(places[str(zone)], icon=icon, interactive=False).add_to(canvas)


def _add_notes(
    canvas: folium.Map, published: Published, annotations: list[Annotation], language: Language
) -> None:
    """Hang the remarks on their zones; several on one zone share a box."""
    remarks: dict[str, list[str]] = {}
    for annotation in annotations:
        zone_id = _target_zone(published, annotation)
        if zone_id is not None:
            remarks.setdefault(zone_id, []).append(annotation.text.in_language(language))
    places = _points(published)
    names = dict(zip(published.zones["zone_id"], published.zones["name"], strict=True))
    for zone_id, texts in remarks.items():
        said = "<br>".join(f"<b>{_escape(text)}</b>" for text in texts)
        icon = folium.DivIcon(
            html=f'<div class="note">{said}<br>{_escape(str(names[zone_id]))}</div>',
            icon_size=(0, 0),
            icon_anchor=(0, 0),
        )
        folium.Marker(places[zone_id], icon=icon, z_index_offset=1000).add_to(canvas)


def _escape(text: str) -> str:
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain, safe)
    return text


def _vendor(name: str) -> bytes:
    path = share_folder("web") / "vendor" / name
    if not path.is_file():
        raise MissingInputError(
            f"web/vendor/{name}", "no such file", "the page's third-party files", "run: make vendor"
        )
    return path.read_bytes()


def _inline_leaflet() -> str:
    """Return Leaflet's script and style with its images as data, and our font."""
    style = _vendor("leaflet.css").decode("utf-8")
    style = re.sub(
        r"url\((?:\./)?images/([a-z0-9.-]+)\)",
        lambda m: f"url(data:image/png;base64,{_base64(f'images/{m.group(1)}')})",
        style,
    )
    script = _vendor("leaflet.js").decode("utf-8").replace("</script", "<\\/script")
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)
    faces = "".join(
        "@font-face{font-family:'Noto Sans';font-weight:"
        f"{weight};src:url(data:font/woff2;base64,"
        f"{_base64(f'noto-sans-latin-{weight}-normal.woff2')}) format('woff2')}}"
        for weight in (400, 600)
    )
    images = dict.fromkeys(("iconUrl", "iconRetinaUrl", "shadowUrl"), _EMPTY_IMAGE)
    default = f"L.Icon.Default.imagePath='';L.Icon.Default.mergeOptions({json.dumps(images)});"
    return f"<style>{style}{faces}</style><script>{script};{default}</script>"


def _base64(name: str) -> str:
    return base64.b64encode(_vendor(name)).decode("ascii")


class _ScaleBar(MacroElement):
    """A metric scale bar; folium's own shows feet as well."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's has no types

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )


_LOADS = re.compile(
    r"""<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*["']?\s*(?:https?:)?//"""
)


def _refuse_addresses(html: str) -> None:
    """Fail when a page would load something from a host."""
    found = _LOADS.search(html)
    if found:
        raise RuntimeError(f"a mock-up would load from outside: {found.group(0)!r}")


def _frame(board: Storyboard, published: Published, language: Language, map_html: str) -> str:
    """Put title, story, classes, sources and the notice around the map."""
    environment = Environment(
        loader=FileSystemLoader(share_folder("data") / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
    )
    info = published.info
    lines = {
        key: [
            {
                "name": row["name"],
                "reason": row["reason"][language],
            }
            for row in info[key]
        ]
        for key in ("top_opportunities", "top_bottlenecks")
    }
    panel = environment.get_template("mockup.html").render(
        language=language,
        labels=_LABELS[language],
        board={
            "title": board.title.in_language(language),
            "persona": board.persona.in_language(language),
            "question": board.question.in_language(language),
            "steps": [s.in_language(language) for s in board.steps],
            "version": board.version,
        },
        info=info,
        summary=info["summary"][language],
        classes=[
            {**c, "label": c["label"][language], "share": c["zones"]} for c in info["classes"]
        ],
        **lines,
    )
    title = f"<title>{_escape(info['name'])}: {_escape(board.title.in_language(language))}</title>"
    page = map_html.replace("<html>", f'<html lang="{language}">', 1)
    page = page.replace("<head>", "<head>" + title, 1)
    return page.replace("<body>", "<body>" + panel, 1)
