"""Figures of a cadastre against what the sun can do: level, tilt, zero of the azimuth, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zonnekaart.pipelines.checks.findings import counted

if TYPE_CHECKING:
    import numpy.typing as npt

    from zonnekaart.io.cadastre_options import CadastreOptions
    from zonnekaart.pipelines.cadastre_layers import Given
    from zonnekaart.pipelines.checks.findings import Inspection

    FloatArray = npt.NDArray[np.float64]

LEAST_KWH_M2, MOST_KWH_M2 = 500.0, 1400.0
"""Where the median roof of a place in north-west Europe lies, shade included. [kWh/m2]"""
_UNITS = {"Wh/m2": 1e3, "MJ/m2": 3.6}
_RADIANS = 1.6
_SLOPING_DEG, _STEEP_DEG = 15.0, 60.0
_ENOUGH_PLANES = 20
_WRONG_ZERO_DEG = 60.0
_LEAST_CONTRAST = 0.03
LEAST_KWH_KWP, MOST_KWH_KWP = 400.0, 1300.0
"""Yields per power that roofs in Europe reach, from a poor roof to a very good one. [kWh/kWp]"""
NO_LOSS_SHARE, LOSS_SHARE = 0.95, 0.90
"""Yield over power and irradiation: PV systems keep 0.7-0.9 of it (PVWatts v5: 0.86 with its
inverter), so beyond the first nothing was taken off, and below the second something was. [-]"""


def check_level(light_kwh_m2: FloatArray, inspection: Inspection) -> None:
    """
    Compare the median irradiation with what roofs get.

    Parameters
    ----------
    light_kwh_m2 : ndarray of float64
        Known irradiation, read in the unit that the project states. [kWh/m2]
    inspection : Inspection
        Receives the finding.
    """
    if not len(light_kwh_m2):
        return
    median = float(np.median(light_kwh_m2))
    inspection.facts["median_irradiation_kwh_m2"] = round(median, 1)
    if LEAST_KWH_M2 <= median <= MOST_KWH_M2:
        return
    fits = [u for u, f in _UNITS.items() if LEAST_KWH_M2 <= median / f <= MOST_KWH_M2]
    guess = f"; it fits irradiation_unit = {fits[0]!r}" if fits else ""
    inspection.warning(
        "cadastre.unit",
        f"a median irradiation of {median:.5g} kWh/m2 per year{guess}",
        f"{LEAST_KWH_M2:g} to {MOST_KWH_M2:g} for roofs in north-west Europe",
        "correct irradiation_unit, or the band or column of the year, in [inputs.cadastre]",
    )


def check_tilt(tilt_deg: FloatArray, inspection: Inspection) -> None:
    """Note tilts that no roof has, or that are no degrees."""
    known = tilt_deg[~np.isnan(tilt_deg)]
    if not len(known):
        return
    wrong = (known < 0.0) | (known >= 90.0)
    if wrong.any():
        inspection.error(
            "cadastre.tilt",
            f"{counted(int(wrong.sum()), 'tilt')} outside 0 to 90, such as {known[wrong][0]:g}",
            "degrees from the horizontal",
            "percent: take the arctangent; walls: filter them out",
        )
    elif len(known) >= _ENOUGH_PLANES and 0.0 < known.max() <= _RADIANS:
        inspection.warning(
            "cadastre.tilt",
            f"no tilt above {known.max():.3g}",
            "degrees",
            "the column looks like radians or a ratio: convert it to degrees",
        )


def brightest_side(
    tilt_deg: FloatArray, azimuth_deg: FloatArray, light_kwh_m2: FloatArray
) -> tuple[float, float]:
    """
    Return where the brightest planes face, from a fit of ``a + b cos + c sin`` of the azimuth.

    Parameters
    ----------
    tilt_deg, azimuth_deg : ndarray of float64, shape (planes,)
        [degrees]
    light_kwh_m2 : ndarray of float64, shape (planes,)
        [kWh/m2]

    Returns
    -------
    tuple of float
        Azimuth [degrees], and the fitted swing over the mean [-]; NaN with too few planes.
    """
    used = (tilt_deg >= _SLOPING_DEG) & (tilt_deg <= _STEEP_DEG)
    used &= ~np.isnan(azimuth_deg) & (light_kwh_m2 > 0.0)
    if used.sum() < _ENOUGH_PLANES:
        return float("nan"), float("nan")
    angle = np.radians(azimuth_deg[used])
    terms = np.column_stack([np.ones(len(angle)), np.cos(angle), np.sin(angle)])
    mean, north, east = np.linalg.lstsq(terms, light_kwh_m2[used], rcond=None)[0]
    side = float(np.degrees(np.arctan2(east, north)) % 360.0)
    return side, float(np.hypot(north, east) / mean)


def check_azimuth(
    tilt_deg: FloatArray,
    azimuth_deg: FloatArray,
    light_kwh_m2: FloatArray,
    inspection: Inspection,
    *,
    northern: bool = True,
) -> None:
    """
    See whether the planes that get most light face the equator.

    Parameters
    ----------
    tilt_deg, azimuth_deg, light_kwh_m2 : ndarray of float64, shape (planes,)
        After the stated zero was applied. [degrees], [kWh/m2]
    inspection : Inspection
        Receives the finding.
    northern : bool
        Whether the equator lies to the south.
    """
    side, swing = brightest_side(tilt_deg, azimuth_deg, light_kwh_m2)
    if np.isnan(side) or swing < _LEAST_CONTRAST:
        return
    equator = 180.0 if northern else 0.0
    off = abs((side - equator + 180.0) % 360.0 - 180.0)
    inspection.facts["brightest_azimuth_deg"] = round(side, 1)
    if off > _WRONG_ZERO_DEG:
        turned = off > 180.0 - _WRONG_ZERO_DEG
        inspection.warning(
            "cadastre.azimuth",
            f"the brightest sloping planes face {side:.0f} degrees",
            f"{equator:g} degrees, where the noon sun stands",
            "azimuth_zero is the other one"
            if turned
            else "the azimuth does not count clockwise from north or south: convert the column",
        )


def check_losses(options: CadastreOptions, given: Given, inspection: Inspection) -> None:
    """
    Compare yield, power and irradiation: whose losses are in the yield.

    Parameters
    ----------
    options : CadastreOptions
        What the project states.
    given : Given
        As read.
    inspection : Inspection
        Receives findings, and the cadastre's own kWh per kWp as a fact.
    """
    both = (given.yield_kwh > 0.0) & (given.capacity_kwp > 0.0)
    if not both.any():
        return
    energy, power = given.yield_kwh[both], given.capacity_kwp[both]
    factor = float(energy.sum() / power.sum())
    inspection.facts["kwh_per_kwp"] = round(factor, 1)
    if not LEAST_KWH_KWP <= factor <= MOST_KWH_KWP:
        inspection.warning(
            "cadastre.factor",
            f"{factor:.5g} kWh per kWp",
            f"{LEAST_KWH_KWP:g} to {MOST_KWH_KWP:g}",
            "correct yield_unit, or see whether the power is kWp and the yield that of a year",
        )
        return
    light = given.irradiation[both, 0]
    lit = light > 0.0
    if not lit.any():
        return
    kept = float(energy[lit].sum() / (power[lit] * light[lit]).sum())
    inspection.facts["performance"] = round(kept, 3)
    if options.yield_includes_losses and kept > NO_LOSS_SHARE:
        inspection.warning(
            "cadastre.losses",
            f"a yield that is {kept:.2f} of power times irradiation, said to include losses",
            "0.7 to 0.9",
            "ask the maker; yield_includes_losses = false if nothing was taken off",
        )
    if options.yield_includes_losses is False and kept < LOSS_SHARE:
        inspection.warning(
            "cadastre.losses",
            f"a yield that is {kept:.2f} of power times irradiation, said to be without losses",
            "about 1",
            "losses would be taken off twice: yield_includes_losses = true",
        )
