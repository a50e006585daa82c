"""Suitability presets from TOML: read, extended, validated; every number keeps its source."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zonnekaart.energy.panels import ModuleType
from zonnekaart.energy.pv import SUITABILITY, Cuts, Factor, Layout, Mounting, Preset, checked
from zonnekaart.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pathlib import Path

_LANGUAGES = ("nl", "fr", "en")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Factor(_Table):
    value: float
    low: float
    high: float
    source: str = Field(min_length=1)

    def checked(self, subject: str, lower: float = 0.0, upper: float = 1.0) -> Factor:
        return checked(Factor(self.value, self.low, self.high, self.source), subject, lower, upper)


class _Texts(_Table):
    nl: str
    fr: str
    en: str


class _Cuts(_Table):
    basis: Literal["kwh_m2", "share_of_best"]
    on: Literal["roof", "module"]
    limited: float = Field(ge=0.0)
    usable: float = Field(ge=0.0)
    ideal: float = Field(ge=0.0)
    counted: Literal["limited", "usable", "ideal"]
    min_area_m2: float = Field(ge=0.0)
    max_tilt_deg: float = Field(gt=0.0, le=90.0)
    min_unshaded_share: float = Field(ge=0.0, le=1.0)
    polar_sector_deg: float = Field(ge=0.0, le=180.0)


class _Layout(_Table):
    edge_tilted_m: _Factor
    edge_flat_m: _Factor
    obstructed: _Factor
    packing_tilted: _Factor
    packing_flat: _Factor
    flat_below_deg: float = Field(ge=0.0, le=30.0)
    flat_mounting: Mounting
    rack_south_tilt_deg: float = Field(ge=0.0, le=60.0)
    rack_east_west_tilt_deg: float = Field(ge=0.0, le=45.0)
    east_west_gap_share: float = Field(ge=0.0, le=2.0)
    rack_alignment: Literal["building", "south"]
    field_m: float = Field(ge=0.0, le=1000.0)
    path_m: float = Field(ge=0.0, le=10.0)


class _Module(_Table):
    width_m: float = Field(gt=0.1, le=3.0)
    length_m: float = Field(gt=0.1, le=3.0)
    power_wp: float = Field(ge=20.0, le=1500.0)
    gap_m: float = Field(ge=0.0, le=0.5)
    source: str = Field(min_length=1)


class _Preset(_Table):
    id: str
    version: str
    title: _Texts
    note: _Texts
    cuts: _Cuts
    layout: _Layout
    method: Literal["modules", "share"]
    module: _Module
    module_density: _Factor
    losses: dict[str, _Factor]
    irradiation_spread: _Factor
    sources: dict[str, str]


def preset_names(folder: Path) -> list[str]:
    """Return the names of the presets in a folder, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def read_preset(name: str, folder: Path) -> Preset:
    """
    Read a preset and the one it extends.

    Parameters
    ----------
    name : str
        Name of a file in `folder`, without its ending.
    folder : Path
        ``data/presets``.

    Raises
    ------
    ConfigError
        If there is no such preset, it is not TOML, a key is unknown or missing, or a number lies
        outside its bounds.
    """
    path = folder / f"{name}.toml"
    raw = _read(name, folder, seen=())
    try:
        table = _Preset.model_validate(raw)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise ConfigError(
            f"{path.name}: {'.'.join(str(part) for part in problem['loc'])}",
            repr(problem.get("input")),
            str(problem["msg"]),
            "compare with data/presets/zonnekaart.toml",
        ) from error
    try:
        return _preset(table, path.name)
    except InputError as error:
        raise ConfigError(error.subject, error.found, error.expected, error.hint) from error


def _read(name: str, folder: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    """Return the raw table with what it extends filled in."""
    known = preset_names(folder)
    if name not in known or name in seen:
        raise ConfigError(
            "roofs.preset",
            repr(name) + (" (it extends itself)" if name in seen else ""),
            f"one of: {', '.join(known)}",
            "correct the name, or add a preset beside them",
        )
    path = folder / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            path.name, f"text that is not TOML ({error})", "TOML", "check quotes and brackets"
        ) from error
    base = raw.pop("extends", None)
    return raw if base is None else _merged(_read(base, folder, (*seen, name)), raw)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Lay a table over the one it extends; ``replace = true`` drops what was there."""
    if own.get("replace"):
        return {key: value for key, value in own.items() if key != "replace"}
    out = dict(base)
    for key, value in own.items():
        nested = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merged(out[key], value) if nested else value
    return out


def _preset(table: _Preset, file: str) -> Preset:
    cuts = table.cuts
    if not cuts.limited <= cuts.usable <= cuts.ideal:
        raise InputError(
            f"{file}: cuts",
            f"limited {cuts.limited}, usable {cuts.usable}, ideal {cuts.ideal}",
            "limited <= usable <= ideal",
            "put the bounds in order",
        )
    module = _module(table, file)
    layout = table.layout
    return Preset(
        id=table.id,
        version=table.version,
        title={key: getattr(table.title, key) for key in _LANGUAGES},
        note={key: getattr(table.note, key) for key in _LANGUAGES},
        cuts=Cuts(**cuts.model_dump()),
        layout=Layout(
            edge_tilted_m=layout.edge_tilted_m.checked(f"{file}: layout.edge_tilted_m", upper=5.0),
            edge_flat_m=layout.edge_flat_m.checked(f"{file}: layout.edge_flat_m", upper=10.0),
            obstructed=layout.obstructed.checked(f"{file}: layout.obstructed", upper=0.95),
            packing_tilted=layout.packing_tilted.checked(f"{file}: layout.packing_tilted"),
            packing_flat=layout.packing_flat.checked(f"{file}: layout.packing_flat"),
            flat_below_deg=layout.flat_below_deg,
            flat_mounting=layout.flat_mounting,
            rack_south_tilt_deg=layout.rack_south_tilt_deg,
            rack_east_west_tilt_deg=layout.rack_east_west_tilt_deg,
            east_west_gap_share=layout.east_west_gap_share,
            rack_alignment=layout.rack_alignment,
            field_m=layout.field_m,
            path_m=layout.path_m,
        ),
        method=table.method,
        module=module,
        module_density=table.module_density.checked(f"{file}: module_density", 0.05, 0.5),
        losses={
            key: loss.checked(f"{file}: losses.{key}", upper=0.9)
            for key, loss in table.losses.items()
        },
        irradiation_spread=table.irradiation_spread.checked(
            f"{file}: irradiation_spread", -0.9, 0.9
        ),
        sources=dict(table.sources),
    )


def _module(table: _Preset, file: str) -> ModuleType:
    """Return the module, which must have the power per area that the preset states."""
    module = ModuleType(**table.module.model_dump())
    if module.width_m > module.length_m:
        raise InputError(
            f"{file}: module.width_m",
            f"width {module.width_m} m, length {module.length_m} m",
            "width_m <= length_m: the short side first",
            "exchange the two",
        )
    stated = table.module_density
    if table.method == "modules" and not stated.low <= module.density_kwp_m2 <= stated.high:
        raise InputError(
            f"{file}: module",
            f"{module.density_kwp_m2:.3f} kWp per m2 of module",
            f"module_density {stated.low:g} to {stated.high:g} kWp/m2",
            "correct power_wp, width_m or length_m; power is in Wp and sides are in metres",
        )
    return module


def counted_from(preset: Preset) -> int:
    """Return the index into `SUITABILITY` from which planes get panels."""
    return SUITABILITY.index(preset.cuts.counted)
