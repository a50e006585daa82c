"""The interactive mock-up: one HTML file by folium with Leaflet, font and data inside."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import folium
import shapely
from branca.element import Figure, MacroElement
from jinja2 import Template

from zonnekaart.config import share_folder
from zonnekaart.errors import MissingInputError
from zonnekaart.geo.crs import LONLAT_CRS
from zonnekaart.io.report import render
from zonnekaart.pipelines.drawing.drawn import NO_FILL
from zonnekaart.pipelines.mockups.said import said_of

if TYPE_CHECKING:
    from zonnekaart.pipelines.drawing.drawn import DrawnLayer
    from zonnekaart.pipelines.mockups.story import Bounds, Story

_SIMPLIFY_M = 0.5
_ROUND_DEGREES = 6
_EMPTY_IMAGE = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""One transparent pixel: markers carry it until they get their own text."""


def mockup_page(story: Story) -> str:
    """
    Return a mock-up as one HTML page that loads nothing from outside.

    Parameters
    ----------
    story : Story
        A storyboard filled with results.

    Raises
    ------
    MissingInputError
        If Leaflet or the font has not been fetched.
    """
    canvas = folium.Map(tiles=None, zoom_control=True, zoom_snap=0.25, attribution_control=False)
    # folium's own lists name ten other hosts; Leaflet stands in the page instead.
    canvas.default_js = []
    canvas.default_css = []
    _Fit(_lonlat(story.bounds, story)).add_to(canvas)
    shown = [*story.layers, *story.optional]
    _Said(said_of(story.asked, shown)).add_to(canvas)
    for layer in shown:
        _add_layer(canvas, layer, show=layer in story.layers)
    _add_notes(canvas, story)
    _ScaleBar().add_to(canvas)
    folium.LayerControl(collapsed=False).add_to(canvas)
    root = canvas.get_root()
    if not isinstance(root, Figure):
        raise TypeError(f"folium gave {type(root).__name__} as the root of a map, expected Figure")
    root.header.add_child(folium.Element(_inline_leaflet()), name="leaflet")
    html: str = root.render()
    _refuse_addresses(html)
    return _framed(html, story)


def _lonlat(bounds: Bounds, story: Story) -> Bounds:
    crs = story.asked.scene.zones.crs
    corner = type(story.asked.scene.zones.geometry)([shapely.box(*bounds)], crs=crs)
    west, south, east, north = corner.to_crs(LONLAT_CRS).total_bounds
    return float(west), float(south), float(east), float(north)


def _add_layer(canvas: folium.Map, layer: DrawnLayer, *, show: bool) -> None:
    group = folium.FeatureGroup(name=layer.title, show=show)
    group.add_to(canvas)
    if not layer.shapes:
        return
    drawn = folium.GeoJson(
        _features(layer),
        name=layer.id,
        style_function=lambda feature: {
            "fillColor": feature["properties"]["fill"],
            "color": feature["properties"]["line"],
            "weight": layer.width_px,
            # A shape without colour still takes the click.
            "fillOpacity": 0.0 if feature["properties"]["fill"] == NO_FILL else layer.opacity,
            "dashArray": "4 4" if feature["properties"]["hatched"] else None,
        },
        highlight_function=lambda _: {"weight": layer.width_px + 2.0},
        smooth_factor=0.5,
    )
    drawn.add_to(group)
    _Words().add_to(drawn)
    _Signs(_signs(layer), layer.shift_px).add_to(group)


def _features(layer: DrawnLayer) -> dict[str, Any]:
    shapes = layer.geometry.simplify(_SIMPLIFY_M).to_crs(LONLAT_CRS)
    rounded = shapely.set_precision(shapes.to_numpy(), 10.0**-_ROUND_DEGREES, mode="pointwise")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(number),
                "geometry": json.loads(shapely.to_geojson(shape)),
                "properties": {
                    "fill": look.fill,
                    "line": look.line,
                    "tip": look.tip,
                    "said": look.said,
                    "hatched": look.hatched,
                },
            }
            for number, (shape, look) in enumerate(zip(rounded, layer.shapes, strict=True))
        ],
    }


def _signs(layer: DrawnLayer) -> list[tuple[float, float, str, str]]:
    """Return latitude, longitude, sign and its colour of the shapes that carry one."""
    inside = layer.geometry.representative_point().to_crs(LONLAT_CRS)
    return [
        (round(point.y, _ROUND_DEGREES), round(point.x, _ROUND_DEGREES), look.symbol, look.ink)
        for point, look in zip(inside, layer.shapes, strict=True)
        if look.symbol
    ]


def _add_notes(canvas: folium.Map, story: Story) -> None:
    for note in story.notes:
        west, south, _, _ = _lonlat((note.x, note.y, note.x + 1e-3, note.y + 1e-3), story)
        said = "<br>".join(f"<b>{_escape(text)}</b>" for text in note.texts)
        icon = folium.DivIcon(
            html=f'<div class="note">{said}<br>{_escape(note.name)}</div>',
            icon_size=(0, 0),
            icon_anchor=(0, 0),
        )
        place = [round(south, _ROUND_DEGREES), round(west, _ROUND_DEGREES)]
        folium.Marker(place, icon=icon, z_index_offset=1000, interactive=False).add_to(canvas)


def _escape(text: str) -> str:
    for plain, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(plain, safe)
    # folium puts this into a template literal of JavaScript.
    return text.replace("`", "&#96;").replace("$", "&#36;").replace("\\", "&#92;")


def _script_json(value: object) -> str:
    """Return JSON that cannot end the script it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class _Fit(MacroElement):
    """Shows the whole view beside the list of layers, or below it on a phone."""

    def __init__(self, bounds: Bounds) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's has no types
        west, south, east, north = bounds
        self.corners = json.dumps([[south, west], [north, east]])

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.fitBounds({{ this.corners }}, window.innerWidth > 760 "
        "? {paddingTopLeft: [56, 24], paddingBottomRight: [232, 24]} "
        ": {paddingTopLeft: [8, 128], paddingBottomRight: [8, 8]});"
        "{% endmacro %}"
    )


class _Said(MacroElement):
    """What clicks say, once for all layers that show the same zones."""

    def __init__(self, said: dict[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's has no types
        self.said = _script_json(said)

    _template = Template(
        "{% macro script(this, kwargs) %}const said = {{ this.said }};{% endmacro %}"
    )


class _Words(MacroElement):
    """Popups and tooltips of a layer; a tip is text and never markup."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's has no types

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this._parent.get_name() }}.eachLayer((shape) => {"
        "const about = shape.feature.properties;"
        "if (about.said) shape.bindPopup(() => said[about.said], "
        "{maxWidth: 360, maxHeight: 380, autoPanPaddingTopLeft: [56, 12]});"
        "if (about.tip) shape.bindTooltip(() => {"
        "const tip = document.createElement('span'); tip.textContent = about.tip; return tip;"
        "}, {sticky: true, className: 'tip'});"
        "});"
        "{% endmacro %}"
    )


class _Signs(MacroElement):
    """Signs in shapes, so that colour is never alone."""

    def __init__(self, signs: list[tuple[float, float, str, str]], shift_px: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's has no types
        self.signs = _script_json(signs)
        self.shift_px = shift_px

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "for (const [lat, lon, sign, ink] of {{ this.signs }}) L.marker([lat, lon], {"
        "interactive: false, keyboard: false, icon: L.divIcon({className: 'sign', iconSize: [0, 0],"
        """html: `<div class="symbol" style="margin-left:{{ this.shift_px }}px;"""
        """color:${ink}">${sign}</div>`})"""
        "}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )


class _ScaleBar(MacroElement):
    """A metric scale bar; folium's own shows feet as well."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's has no types

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )


def vendor_file(name: str) -> bytes:
    """
    Return one of the page's third-party files.

    Raises
    ------
    MissingInputError
        If it has not been fetched.
    """
    path = share_folder("web") / "vendor" / name
    if not path.is_file():
        raise MissingInputError(
            f"web/vendor/{name}", "no such file", "the page's third-party files", "run: make vendor"
        )
    return path.read_bytes()


def font_faces() -> str:
    """Return our font as rules with the font inside."""
    return "".join(
        "@font-face{font-family:'Noto Sans';font-weight:"
        f"{weight};src:url(data:font/woff2;base64,"
        f"{_base64(f'noto-sans-latin-{weight}-normal.woff2')}) format('woff2')}}"
        for weight in (400, 600)
    )


def _inline_leaflet() -> str:
    """Return Leaflet's script and style with its images as data, and our font."""
    style = vendor_file("leaflet.css").decode("utf-8")
    style = re.sub(
        r"url\((?:\./)?images/([a-z0-9.-]+)\)",
        lambda m: f"url(data:image/png;base64,{_base64(f'images/{m.group(1)}')})",
        style,
    )
    script = vendor_file("leaflet.js").decode("utf-8").replace("</script", "<\\/script")
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)
    images = dict.fromkeys(("iconUrl", "iconRetinaUrl", "shadowUrl"), _EMPTY_IMAGE)
    default = f"L.Icon.Default.imagePath='';L.Icon.Default.mergeOptions({json.dumps(images)});"
    return f"<style>{style}{font_faces()}</style><script>{script};{default}</script>"


def _base64(name: str) -> str:
    return base64.b64encode(vendor_file(name)).decode("ascii")


_LOADS = re.compile(
    r"""<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*["']?\s*(?:https?:)?//"""
)


def _refuse_addresses(html: str) -> None:
    """Fail when a page would load something from a host."""
    found = _LOADS.search(html)
    if found:
        raise RuntimeError(f"a mock-up would load from outside: {found.group(0)!r}")


def _framed(map_html: str, story: Story) -> str:
    """Put title, story, legend, sources and the notice around the map."""
    panel = render("mockup.html", story.values())
    title = (
        f"<title>{_escape(story.municipality)}: {_escape(story.text(story.board.title))}</title>"
    )
    page = map_html.replace("<html>", f'<html lang="{story.asked.language}">', 1)
    page = page.replace("<head>", "<head>" + title, 1)
    return page.replace("<body>", "<body>" + panel, 1)
