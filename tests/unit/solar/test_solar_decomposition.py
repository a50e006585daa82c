"""Global, beam and diffuse from one another, held against pvlib and against their own sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest

from tests.solar_cases import BRUSSELS, made_up_year
from zonnekaart.errors import ConfigError
from zonnekaart.solar.decomposition import (
    LOWEST_COSINE,
    Parts,
    beam_of,
    complete,
    erbs_diffuse,
    sun_heights,
)


@pytest.fixture(scope="module")
def year():
    return made_up_year()


@pytest.fixture(scope="module")
def sun(year):
    return sun_heights(year.time_utc, year.step_hours, *BRUSSELS)


def test_height_over_a_minute_is_that_of_pvlib(year):
    times = year.time_utc[4000:4200]
    short = sun_heights(times, 1.0 / 60.0, *BRUSSELS)
    index = pd.DatetimeIndex(times).tz_localize("UTC")
    zenith = pvlib.solarposition.get_solarposition(index, *BRUSSELS)["apparent_zenith"].to_numpy()
    up = zenith < 89.0
    assert short.cosine_up[up] == pytest.approx(np.cos(np.radians(zenith[up])), abs=2e-4)
    assert (short.cosine_up[zenith > 91.0] == 0.0).all()


def test_height_over_an_hour_knows_sunrise(sun):
    part = (sun.cosine > 0.0) & (sun.cosine < sun.cosine_up - 1e-9)
    # Two hours a day hold sunrise or sunset.
    assert 600 < part.sum() <= 730
    assert (sun.cosine <= sun.cosine_up + 1e-12).all()


def test_erbs_is_that_of_pvlib_while_the_sun_is_whole_hours_up(year, sun):
    high = (sun.cosine > 0.2) & (sun.cosine == sun.cosine_up)
    zenith = np.degrees(np.arccos(sun.cosine))
    theirs = pvlib.irradiance.erbs(year.ghi, zenith, sun.day_of_year)["dhi"]
    assert erbs_diffuse(year.ghi, sun)[high] == pytest.approx(theirs[high], rel=1e-9)


@pytest.mark.parametrize("known", [("ghi",), ("ghi", "dhi"), ("ghi", "dni"), ("dni", "dhi")])
def test_parts_always_add_up(year, sun, known):
    given = Parts(**{name: getattr(year, name) for name in known})
    parts, said = complete(given, sun)
    assert said
    assert parts.dni * sun.cosine_up + parts.dhi == pytest.approx(parts.ghi, abs=1e-9)
    assert (parts.dni >= 0.0).all()
    assert (parts.dhi >= 0.0).all()
    assert (parts.dhi <= parts.ghi + 1e-9).all()


def test_global_and_diffuse_give_back_the_beam(sun):
    dni = np.where(sun.cosine_up > 2 * LOWEST_COSINE, 300.0, 0.0)
    dhi = np.where(sun.cosine_up > 0.0, 80.0, 0.0)
    parts, _ = complete(Parts(ghi=dni * sun.cosine_up + dhi, dhi=dhi), sun)
    assert parts.dni == pytest.approx(dni, abs=1e-9)
    assert parts.dhi == pytest.approx(dhi, abs=1e-9)


def test_low_sun_has_no_beam_and_no_beam_passes_a_clear_sky(sun):
    ghi = np.where(sun.cosine_up > 0.0, 300.0, 0.0)
    dni, dhi = beam_of(ghi, np.zeros_like(ghi), sun)
    low = (sun.cosine_up > 0.0) & (sun.cosine_up <= LOWEST_COSINE)
    assert low.any()
    assert (dni[low] == 0.0).all()
    assert (dhi[low] == 300.0).all()
    # 300 W/m2 under a sun of 10 degrees would be a beam of 1728 W/m2.
    about = (sun.cosine_up > 0.17) & (sun.cosine_up < 0.18)
    assert (dni[about] < 700.0).all()
    assert dni[about].max() > 400.0


def test_complete_parts_are_left_alone(year, sun):
    given = Parts(year.ghi, year.dni, year.dhi)
    assert complete(given, sun) == (given, ())


@pytest.mark.parametrize("name", ["dni", "dhi"])
def test_one_part_alone_is_not_enough(year, sun, name):
    with pytest.raises(ConfigError, match="ghi"):
        complete(Parts(**{name: getattr(year, name)}), sun)
