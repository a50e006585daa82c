"""Supply besides the roofs' own: tables of installed panels, and layers of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from zonnekaart.config import share_folder
from zonnekaart.errors import InputError, TableError
from zonnekaart.geo.sites import free_sites
from zonnekaart.io.pv_weights import read_pv_weights
from zonnekaart.io.site_kinds import SiteKind, read_site_kinds
from zonnekaart.pipelines.checks.findings import Inspection, counted, first_few, share
from zonnekaart.pipelines.checks.layers import Layer, LayerRules, inspect_layer, labels
from zonnekaart.pipelines.checks.overlaps import overlaps
from zonnekaart.pipelines.existing_pv import WEIGHTS, existing_areas, read_existing
from zonnekaart.pipelines.sites import KIND_FILE

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.config import Project, SitesInput
    from zonnekaart.pipelines.checks.place import Place

MOST_KWP_PER_M2 = 0.25
"""Installed power per m2 of footprint inside the areas: modules of today on every m2. [kWp/m2]"""
_LEAST_SHARED_M2 = 1.0
_DOUBTED_SHARE = 0.05


def check_existing_pv(project: Project, buildings: Layer) -> list[Inspection]:
    """
    Look at the table of installed panels against its areas and the footprints.

    Parameters
    ----------
    project : Project
        The project file.
    buildings : Layer
        The footprints as inspected.
    """
    table = project.inputs.existing_pv
    if table is None:
        return []
    inspection = Inspection("inputs.existing_pv", str(project.resolve(table.path)))
    try:
        areas = existing_areas(project)
        found = read_existing(project, read_pv_weights(share_folder("data") / WEIGHTS), areas)
    except InputError as error:
        code = "panels.unusable" if isinstance(error, TableError) else None
        inspection.caught(error, code)
        return [inspection]
    rows = found.rows
    known = rows[rows["installed_kwp"].notna()]
    inspection.facts.update(
        rows=len(rows),
        known_share=len(known) / len(rows) if len(rows) else 0.0,
        installed_kwp=float(known["installed_kwp"].sum()),
        installations=float(rows["installations"].sum()),
    )
    if len(known) < len(rows):
        inspection.info(
            "panels.suppressed",
            f"{len(rows) - len(known)} of {len(rows)} figures are not published",
            "all figures",
            "panels there stay unknown; they are never taken as 0",
        )
    silent = sorted(set(areas["area_id"]) - set(rows["area_id"]))
    if silent:
        inspection.warning(
            "panels.without",
            f"{counted(len(silent), 'area')} without a row: {first_few(silent)}",
            "a row for every area",
            "panels there stay unknown; write 0 where there are none",
        )
    if buildings.frame is not None:
        per_area = known.groupby("area_id")["installed_kwp"].sum()
        shapes = dict(zip(areas["area_id"], areas.geometry, strict=True))
        total = {str(name): float(kwp) for name, kwp in per_area.items()}
        _check_room(total, shapes, buildings, inspection)
    return [inspection]


def _check_room(
    total_kwp: dict[str, float],
    shapes: dict[str, shapely.Geometry],
    buildings: Layer,
    inspection: Inspection,
) -> None:
    """Find areas with more power than their footprints could carry."""
    usable = buildings.geometry[shapely.is_valid(buildings.geometry)]
    centres = shapely.centroid(usable)
    tree, size = shapely.STRtree(centres), shapely.area(usable)
    heavy = []
    for name, kwp in total_kwp.items():
        inside = size[tree.query(shapes[name], predicate="intersects")].sum()
        if inside > 0.0 and kwp > MOST_KWP_PER_M2 * inside:
            heavy.append(f"{name} ({kwp:.4g} kWp on {inside:.0f} m2)")
    if heavy:
        inspection.warning(
            "panels.more_than_roofs",
            f"{counted(len(heavy), 'area')} with more power than roofs: {first_few(heavy)}",
            f"at most {MOST_KWP_PER_M2:g} kWp per m2 of footprint",
            "see whether the unit is kWp, the areas reach beyond the footprints, or panels stand "
            "on the ground; what no roof carries is told as a residual",
        )


def check_sites(project: Project, place: Place, buildings: Layer) -> list[Inspection]:
    """
    Look at the layers of sites.

    Parameters
    ----------
    project : Project
        The project file.
    place : Place
        The project CRS and the lattice of the heights.
    buildings : Layer
        The footprints as inspected.
    """
    kinds = read_site_kinds(share_folder("data") / KIND_FILE)
    found = []
    for name, table in project.named_inputs().items():
        if name.partition(".")[0] == "sites":
            found.append(
                _check_site(project, place, (name, table), kinds.of(table.kind), buildings)
            )
    return found


def _check_site(
    project: Project,
    place: Place,
    named: tuple[str, SitesInput],
    kind: SiteKind,
    buildings: Layer,
) -> Inspection:
    name, table = named
    keys = ("name_column", "owner_column", "height_column")
    columns = tuple((key, getattr(table, key)) for key in keys if getattr(table, key))
    polygon = kind.shape == "polygon"
    rules = LayerRules(f"inputs.{name}", "polygons" if polygon else "any", table.id_column, columns)
    layer = inspect_layer(project.resolve(table.path), table.layer, rules, place)
    if layer.frame is None:
        return layer.inspection
    names = labels(layer.frame, table.id_column).to_numpy()
    shapes = layer.geometry
    if not polygon:
        _check_lines(shapes, names, layer.inspection)
    size = shapely.area(shapes) if polygon else shapely.length(shapes)
    layer.inspection.facts["size"] = float(np.nansum(size))
    tiny = size < kind.min_size
    if tiny.any():
        unit = "m2" if polygon else "m"
        layer.inspection.info(
            "sites.tiny",
            f"{counted(int(tiny.sum()), 'site')} under {kind.min_size:g} {unit}: "
            f"{first_few(names[tiny])}",
            f"sites of at least {kind.min_size:g} {unit} for kind {table.kind}",
            "they are kept, and carry nothing",
        )
    if layer.comparable and place.box is not None:
        _check_inside(shapes, names, place, layer.inspection)
    if polygon and not layer.inspection.failed:
        _check_taken(shapes, names, buildings, layer)
    return layer.inspection


def _check_lines(
    shapes: npt.NDArray[np.object_], names: npt.NDArray[np.object_], inspection: Inspection
) -> None:
    wrong = ~shapely.is_missing(shapes) & (shapely.get_dimensions(shapes) != 1)
    if wrong.any():
        inspection.error(
            "geometry.type",
            f"{counted(int(wrong.sum()), 'feature')} that are no lines: {first_few(names[wrong])}",
            "lines along the walls",
            "draw the walls as lines, or correct the kind",
        )


def _check_inside(
    shapes: npt.NDArray[np.object_],
    names: npt.NDArray[np.object_],
    place: Place,
    inspection: Inspection,
) -> None:
    if place.box is None:
        return
    outside = ~shapely.intersects(shapes, shapely.box(*place.box.bounds))
    inspection.facts["outside"] = int(outside.sum())
    if outside.all():
        inspection.error(
            "sites.outside",
            "no site inside the surface model",
            "sites where the heights are",
            "choose the sites of this place, or correct their coordinates",
        )
    elif outside.any():
        inspection.warning(
            "sites.some_outside",
            f"{counted(int(outside.sum()), 'site')} outside the surface model: "
            f"{first_few(names[outside])}",
            "sites where the heights are",
            "what they could yield stays unknown; add the neighbouring height sheet",
        )


def _check_taken(
    shapes: npt.NDArray[np.object_],
    names: npt.NDArray[np.object_],
    buildings: Layer,
    layer: Layer,
) -> None:
    """Report sites over each other and under buildings: signs of wrong outlines."""
    pairs = overlaps(shapes, _LEAST_SHARED_M2)
    if len(pairs.first):
        shown = [
            f"{names[a]} and {names[b]} share {area:.0f} m2"
            for a, b, area in zip(pairs.first, pairs.second, pairs.area_m2, strict=True)
        ]
        layer.inspection.warning(
            "sites.overlap",
            f"{counted(len(shown), 'pair')} of sites with an overlap: {first_few(shown, 3)}",
            "sites that only touch",
            "the earlier site keeps the ground; remove copies and merge what is one site",
        )
    if buildings.frame is None or buildings.inspection.failed or not layer.comparable:
        return
    under = free_sites(shapes, buildings.geometry).building_share
    doubted = under > _DOUBTED_SHARE
    if doubted.any():
        pairs_of = zip(names[doubted], under[doubted], strict=True)
        worst = [f"{name} ({share(part, 1.0)})" for name, part in pairs_of]
        layer.inspection.warning(
            "sites.under_building",
            f"{counted(int(doubted.sum()), 'site')} partly under a building: {first_few(worst)}",
            "outlines of open ground",
            "buildings are taken out; look at the outlines, they may be old or merged",
        )
