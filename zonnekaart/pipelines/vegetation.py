"""Trees for the irradiation of cells and of roofs: which file, which months, which heights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from zonnekaart.config import share_folder
from zonnekaart.errors import ConfigError
from zonnekaart.geo.heights import AS_IT_IS, Corrections
from zonnekaart.io.crowns import crown_transmissivity
from zonnekaart.io.raster import HeightReader
from zonnekaart.pipelines.lattice import require_aligned
from zonnekaart.solar.vegetation import MIN_HEIGHT_M, CanopyLayers, canopy_layers, derived_tops

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from zonnekaart.config import Project

    F32 = npt.NDArray[np.float32]
    Mask = npt.NDArray[np.bool_]
    Part = tuple[int, int, int, int]

OPAQUE = "opaque: no vegetation given, trees in the heights let no light through"
"""What a result says of trees when there is no vegetation input."""

BESIDE_CADASTRE = (
    "[inputs.cadastre] beside it",
    "trees, or the light of a cadastre: it already holds the trees as its maker took them",
    "leave one of the two out",
)
"""What is found, expected and hinted when a cadastre tells the light."""


@dataclass(frozen=True)
class Vegetation:
    """
    Trees of one calculation.

    Parameters
    ----------
    path : Path or None
        Crown heights on the cells of the surface; None = derived from surface, terrain and
        footprints. [m]
    ground : Path
        Terrain on the same cells. [m]
    above_datum : bool
        The file holds heights above the datum instead of above the ground.
    crown : str
        Type of trees in ``data/vegetation.toml``; "" when `months` says it.
    months : tuple of float
        Share of light that passes, January to December; empty when `crown` says it. [-]
    min_height_m : float
        Lower plants stay in the surface. [m]
    ground_corrections : Corrections
        What is stated about the numbers in `ground`.
    """

    path: Path | None
    ground: Path
    above_datum: bool = False
    crown: str = "deciduous"
    months: tuple[float, ...] = ()
    min_height_m: float = MIN_HEIGHT_M
    ground_corrections: Corrections = AS_IT_IS

    @property
    def files(self) -> list[Path]:
        """The rasters it reads."""
        return [self.ground] if self.path is None else [self.path, self.ground]

    def require_aligned(self, dsm: Path, corrections: Corrections) -> None:
        """
        Raise unless its rasters have the cells of the surface heights.

        Parameters
        ----------
        dsm : Path
            Surface heights.
        corrections : Corrections
            What is stated about the numbers in them.

        Raises
        ------
        CrsError, RasterError
            If a reference system, cells or an extent differ.
        """
        require_aligned(self.ground, dsm, corrections, self.ground_corrections)
        require_aligned(self.path, dsm, corrections)

    def transmissivity(self, latitude_deg: float) -> tuple[float, ...]:
        """Return the share of light that passes crowns, January to December. [-]."""
        if self.months:
            return self.months
        return crown_transmissivity(crowns_file(), self.crown, latitude_deg)

    def described(self, latitude_deg: float) -> str:
        """Say in one line what trees are here."""
        shares = " ".join(f"{share:g}" for share in self.transmissivity(latitude_deg))
        origin = (
            "derived: all that stands outside footprints (estimate)"
            if self.path is None
            else self.path.name
        )
        return f"{origin}; {self.crown or 'own'} transmissivity {shares}"

    def layers(self, surface: F32, part: Part, roofs: Mask | None) -> CanopyLayers:
        """
        Read what belongs to a part of the surface and take trees out of it.

        Parameters
        ----------
        surface : ndarray of float32, shape (rows, cols)
            Heights of the part. [m]
        part : tuple of int
            Its first row and column, and its size, as `HeightReader.read` takes them.
        roofs : ndarray of bool, shape (rows, cols), or None
            True inside footprints; needed when trees are derived.

        Raises
        ------
        ConfigError
            If trees are to be derived and the footprints are not known.
        """
        with HeightReader(self.ground, self.ground_corrections) as reader:
            cell_m, ground = reader.geobox.cell_m, reader.read(*part)
        if self.path is not None:
            with HeightReader(self.path) as reader:
                tops = reader.read(*part)
            if not self.above_datum:
                tops = np.where(tops > 0.0, tops + ground, np.float32(np.nan))
        elif roofs is None:
            raise ConfigError(
                "vegetation",
                "no footprints to tell trees from",
                "footprints",
                "give them, or a raster of crown heights",
            )
        else:
            tops = derived_tops(surface, ground, roofs, cell_m, self.min_height_m)
        return canopy_layers(surface, ground, tops, roofs, cell_m, self.min_height_m)


def crowns_file() -> Path:
    """Return our table of what crowns let through."""
    return share_folder("data") / "vegetation.toml"


def no_ground(subject: str, place: str) -> ConfigError:
    """Return what to raise when trees are named without a terrain model."""
    return ConfigError(
        subject, "no ground heights", "a terrain model: crowns end at the ground", f"add {place}"
    )


def vegetation_of(project: Project) -> Vegetation | None:
    """
    Return the trees that a project names, or None.

    Raises
    ------
    ConfigError
        If there is no terrain model, or a cadastre tells the light.
    """
    table, ground = project.inputs.vegetation, project.inputs.dtm
    if table is None:
        return None
    subject = f"{project.path}: inputs.vegetation"
    if project.inputs.cadastre is not None:
        raise ConfigError(subject, *BESIDE_CADASTRE)
    if ground is None:
        raise no_ground(subject, "[inputs.dtm]")
    named = isinstance(table.transmissivity, str)
    return Vegetation(
        path=None if table.path is None else project.resolve(table.path),
        ground=project.resolve(ground.path),
        above_datum=table.kind == "canopy_top",
        crown=str(table.transmissivity) if named else "",
        months=() if isinstance(table.transmissivity, str) else table.transmissivity,
        min_height_m=table.min_height_m,
        ground_corrections=ground.corrections,
    )


def inputs_of(project: Project) -> list[Path]:
    """Return the files that trees bring in: rasters, footprints, our table; none without trees."""
    trees = vegetation_of(project)
    if trees is None:
        return []
    return [*trees.files, project.resolve(project.inputs.buildings.path), crowns_file()]


def parameters_of(project: Project) -> dict[str, Any]:
    """Return what a project says of trees, without file names; empty without trees."""
    table, ground = project.inputs.vegetation, project.inputs.dtm
    if table is None:
        return {}
    footprints = project.inputs.buildings.model_dump(mode="json", include={"layer", "shift_m"})
    return {
        "vegetation": table.model_dump(mode="json", exclude={"path", "source"}),
        "ground": None if ground is None else asdict(ground.corrections),
        "footprints": footprints,
    }


def roof_layers(
    surface: F32, owner: npt.NDArray[np.int32], trees: Vegetation | None, part: Part
) -> CanopyLayers:
    """
    Take trees out of the surface; without vegetation it is opaque, solid and seen at once.

    Parameters
    ----------
    surface : ndarray of float32, shape (rows, cols)
        Heights of the part. [m]
    owner : ndarray of int32, shape (rows, cols)
        Number of the footprint, -1 outside all.
    trees : Vegetation or None
        What is known of trees.
    part : tuple of int
        First row and column of the part, and its size.
    """
    if trees is None:
        return CanopyLayers(surface, surface, surface)
    return trees.layers(surface, part, owner >= 0)


def covered_shares(
    owner: npt.NDArray[np.int32], covered: Mask, count: int
) -> npt.NDArray[np.float64]:
    """Return which part of each footprint's cells lies under crowns; NaN without cells. [-]."""
    inside = owner >= 0
    cells = np.bincount(owner[inside], minlength=count)
    under = np.bincount(owner[inside & covered], minlength=count)
    return np.asarray(np.divide(under, cells, out=np.full(count, np.nan), where=cells > 0))


def touching(
    members: npt.NDArray[np.object_], covered: Mask, raster_cols: int, part: Part
) -> npt.NDArray[np.bool_]:
    """
    Return which planes have a cell beside covered roof.

    Parameters
    ----------
    members : ndarray of arrays, shape (planes,)
        Cells of each plane, as flat index in the raster.
    covered : ndarray of bool, shape (rows, cols)
        Roof under crowns, in a part of the raster.
    raster_cols : int
        Columns of the raster.
    part : tuple of int
        First row and column of the part, and its size.
    """
    near = ndimage.binary_dilation(covered, np.ones((3, 3), dtype=bool))
    return np.array(
        [bool(near[c // raster_cols - part[0], c % raster_cols - part[1]].any()) for c in members],
        dtype=bool,
    )
