"""Our own columns, and everything that goes wrong with them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.weather_files import hours, light, write_csv
from zonnekaart.errors import WeatherError
from zonnekaart.io.sources.weather import read_weather, read_weather_years
from zonnekaart.io.sources.weather_options import WeatherOptions

YEAR = ("2021-01-01", "2021-12-31")
HALF_HOUR = np.timedelta64(30, "m")


def half_past(first=YEAR[0], last=YEAR[1]):
    return hours(first, last, 30)


@pytest.fixture
def own(tmp_path):
    """Write a table, change its lines, and return where it is."""

    def make(change=None, midpoints=None, **options):
        path = write_csv(
            tmp_path / "own.csv", half_past() if midpoints is None else midpoints, **options
        )
        if change is not None:
            lines = path.read_text().splitlines()
            head = next(i for i, line in enumerate(lines) if line.startswith("time"))
            path.write_text("\n".join(lines[: head + 1] + change(lines[head + 1 :])) + "\n")
        return path

    return make


def refused(path, **options):
    with pytest.raises(WeatherError) as caught:
        read_weather(path, WeatherOptions(**options))
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("label", ["start", "middle", "end"])
def test_label_says_where_the_interval_lies(own, label):
    year = read_weather(own(label=label))
    assert year.time_utc[0] == np.datetime64("2021-01-01T00:30")
    assert year.time_utc[-1] == np.datetime64("2021-12-31T23:30")
    made = light(half_past())
    for name in ("ghi", "dni", "dhi"):
        assert getattr(year, name) == pytest.approx(made[name], rel=1e-5)
    assert year.temp_air_c == pytest.approx(made["temp"])
    assert year.assumptions == ()


@pytest.mark.parametrize("label", ["start", "middle", "end"])
def test_label_that_nobody_tells_is_refused_with_what_the_sun_says(own, label):
    error = refused(own(label=label, told=False))
    assert f"label = '{label}' fits" in error.hint


def test_label_of_short_steps_cannot_be_told_by_the_sun(own):
    times = hours("2021-03-01", "2021-03-05", 0, 10) + np.timedelta64(5, "m")
    assert "does not tell" in refused(own(midpoints=times, step=10, told=False)).hint


def test_project_file_goes_before_the_file(own):
    year = read_weather(own(label="end"), WeatherOptions(label="end", latitude_deg=50.0))
    assert year.latitude_deg == 50.0


def test_offsets_become_utc_and_years_are_cut_in_winter_time(own):
    # Stamps in Belgian local time, with the offset of the season: no hour is there twice.
    midpoints = half_past() - np.timedelta64(1, "h")

    def local(rows):
        found = []
        for row in rows:
            moment, rest = np.datetime64(row.split("Z,")[0]), row.split("Z,")[1]
            summer = np.datetime64("2021-03-28T01:00") <= moment < np.datetime64("2021-10-31T01:00")
            clock = moment + np.timedelta64(2 if summer else 1, "h")
            found.append(f"{clock}+0{2 if summer else 1}:00,{rest}")
        return found

    year = read_weather(own(local, midpoints=midpoints))
    assert year.time_utc[0] == np.datetime64("2020-12-31T23:30")
    assert year.utc_offset_hours == 1.0
    assert (np.diff(year.time_utc) == np.timedelta64(1, "h")).all()


def test_naive_times_need_a_clock(own):
    path = own(zone="")
    assert "utc_offset_hours" in refused(path).hint
    year = read_weather(path, WeatherOptions(utc_offset_hours=0.0))
    assert year.time_utc[0] == np.datetime64("2021-01-01T00:30")


def test_times_with_and_without_offset_are_refused(own):
    error = refused(own(lambda rows: [rows[0].replace("Z", ""), *rows[1:]]))
    assert "with and without" in error.found


def test_local_time_with_daylight_saving_is_refused(own):
    def summer_time(rows):
        found = []
        for row in rows:
            moment, rest = np.datetime64(row.split(",")[0]), row.split(",", 1)[1]
            summer = np.datetime64("2021-03-28T02:00") <= moment < np.datetime64("2021-10-31T02:00")
            found.append(f"{moment + np.timedelta64(1, 'h') if summer else moment},{rest}")
        return found

    path = own(summer_time, zone="", label="start")
    error = refused(path, utc_offset_hours=1.0)
    assert "there twice: 2021-10-31T02:30" in error.found
    assert "summer time" in error.hint
    # The repeated hour dropped, the missing hour of March is left.
    lines = path.read_text().splitlines()
    again = [i for i, line in enumerate(lines) if line.startswith("2021-10-31T02:00")]
    path.write_text("\n".join(lines[: again[1]] + lines[again[1] + 1 :]) + "\n")
    error = refused(path, utc_offset_hours=1.0)
    assert "1 missing intervals: 2021-03-28T02:30" in error.found
    assert "summer time" in error.hint


def test_leap_day_is_kept_and_a_leap_year_without_it_is_laid_on_the_nominal_year(own):
    midpoints = half_past("2020-01-01", "2020-12-31")
    year = read_weather(own(midpoints=midpoints))
    assert len(year.ghi) == 8784
    assert np.datetime64("2020-02-29T12:30") in year.time_utc
    year = read_weather(
        own(
            lambda rows: [r for r in rows if not r.startswith("2020-02-29")],
            midpoints,
            label="start",
        )
    )
    assert len(year.ghi) == 8760
    assert set(year.time_utc.astype("datetime64[Y]").astype(str)) == {"2021"}
    assert "29 February" in year.assumptions[0]


def test_missing_hours_are_named(own):
    error = refused(own(lambda rows: rows[:1000] + rows[1005:]))
    assert "5 missing intervals: 2021-02-11T16:30, 2021-02-11T17:30" in error.found
    assert "nothing is filled in" in error.hint


def test_year_cut_short_is_refused(own):
    assert "cut short" in refused(own(lambda rows: rows[:5000])).hint


def test_year_beside_midnight_points_at_label_and_clock(own):
    midpoints = half_past() - np.timedelta64(1, "h")
    error = refused(own(midpoints=midpoints))
    assert "label and utc_offset_hours" in error.hint
    year = read_weather(own(midpoints=midpoints), WeatherOptions(utc_offset_hours=1.0))
    assert len(year.ghi) == 8760


def test_rows_out_of_order_and_repeated(own):
    error = refused(own(lambda rows: [rows[1], rows[0], *rows[2:]]))
    assert "go back" in error.found
    error = refused(own(lambda rows: [*rows[:50], rows[49], *rows[50:]]))
    assert "1 times that are there twice" in error.found
    assert "remove" in error.hint


@pytest.mark.parametrize(
    ("factor", "unit", "hint"),
    [
        (0.001, "kW/m2", "kW/m2"),
        (3.6, "kJ/m2", "kJ/m2"),
        (0.0036, "MJ/m2", "MJ/m2"),
    ],
)
def test_other_units_are_found_and_read_when_told(own, factor, unit, hint):
    path = own(factor=factor)
    assert hint in refused(path).hint
    year = read_weather(path, WeatherOptions(irradiance_unit=unit))
    assert year.ghi == pytest.approx(light(half_past())["ghi"], rel=1e-4)


def test_energy_per_interval_depends_on_the_step(own):
    times = hours(*YEAR, 15, 30)
    # Wh/m2 in half an hour is half of W/m2.
    year = read_weather(
        own(midpoints=times, step=30, factor=0.5), WeatherOptions(irradiance_unit="Wh/m2")
    )
    assert year.step_hours == 0.5
    assert year.ghi == pytest.approx(light(times, 0.5)["ghi"], rel=1e-4)


def test_negative_light_by_night_is_set_to_zero_and_by_day_refused(own):
    def night(rows):
        fields = rows[0].split(",")
        return [",".join([fields[0], "-3.2", "-1", "-2", *fields[4:]]), *rows[1:]]

    assert read_weather(own(night)).ghi[0] == 0.0

    def noon(rows):
        fields = rows[4000].split(",")
        return [*rows[:4000], ",".join([fields[0], "-300", *fields[2:]]), *rows[4001:]]

    assert "down to -300" in refused(own(noon)).found


@pytest.mark.parametrize("code", ["-9999", "-999.0"])
def test_code_for_missing_is_refused(own, code):
    def gap(rows):
        fields = rows[30].split(",")
        return [*rows[:30], ",".join([fields[0], code, *fields[2:]]), *rows[31:]]

    assert "code for missing" in refused(own(gap)).found


def test_empty_cells_and_words_are_refused(own):
    def cell(text):
        def change(rows):
            fields = rows[30].split(",")
            return [*rows[:30], ",".join([fields[0], text, *fields[2:]]), *rows[31:]]

        return change

    assert "no value in 1 rows" in refused(own(cell(""))).found
    assert "'sun', which is no number" in refused(own(cell("sun"))).found


def test_decimal_commas_are_refused(own):
    path = own()
    path.write_text(path.read_text().replace(",", ";").replace(".", ","))
    text = path.read_text().replace("# latitude_deg: 50,9", "# latitude_deg: 50.9")
    path.write_text(text.replace("# longitude_deg: 4,5", "# longitude_deg: 4.5"))
    assert "decimal commas" in refused(path).found
    path = own(lambda rows: [row.replace(".", ",") for row in rows])
    assert "decimal commas" in refused(path).hint


def test_semicolons_with_decimal_points_are_read(own):
    path = own()
    path.write_text(path.read_text().replace(",", ";"))
    assert len(read_weather(path).ghi) == 8760


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("dhi,dni,ghi", "ghi holds dhi, dhi holds ghi"),
        ("ghi,dhi,dni", "dni holds dhi, dhi holds dni"),
    ],
)
def test_swapped_columns_are_found(own, order, said):
    path = own()
    path.write_text(path.read_text().replace("ghi,dni,dhi", order))
    assert said in refused(path).found


def test_diffuse_above_global_is_refused(own):
    path = own(columns=("ghi", "dhi"))
    path.write_text(path.read_text().replace("ghi,dhi", "dhi,ghi"))
    assert "diffuse above global" in refused(path).found


def test_light_where_no_sun_is_refused(own):
    def late(rows):
        times = [row.split(",", 1)[0] for row in rows]
        rest = [row.split(",", 1)[1] for row in rows]
        return [f"{t},{r}" for t, r in zip(times, rest[-6:] + rest[:-6], strict=True)]

    error = refused(own(late))
    assert "more light than the sky can give" in error.found
    assert "utc_offset_hours" in error.hint


def test_missing_parts_are_worked_out_and_said(own):
    made = light(half_past())
    year = read_weather(own(columns=("ghi",)))
    assert year.ghi == pytest.approx(made["ghi"], rel=1e-5)
    assert "Erbs" in year.assumptions[0]
    assert {a.split(":")[0] for a in year.assumptions[1:]} == {"no air temperature", "no wind"}
    year = read_weather(own(columns=("ghi", "dni")))
    assert year.dhi == pytest.approx(made["dhi"], abs=0.1)
    year = read_weather(own(columns=("dni", "dhi")))
    assert year.ghi == pytest.approx(made["ghi"], abs=0.1)
    assert "ghi, or both" in refused(own(columns=("dni",))).expected


def test_short_steps_are_averaged(own):
    times = hours("2021-01-01", "2021-12-31", 0, 5) + np.timedelta64(150, "s")
    year = read_weather(own(midpoints=times, step=5, columns=("ghi", "dni", "dhi")))
    assert year.step_hours == 0.25
    assert len(year.ghi) == 4 * 8760
    made = light(times, 5 / 60)["ghi"].reshape(-1, 3).mean(axis=1)
    assert year.ghi == pytest.approx(made, rel=1e-4, abs=1e-3)
    assert year.time_utc[0] == np.datetime64("2021-01-01T00:07:30")


def test_daily_rows_are_refused(own):
    days = np.arange(np.datetime64("2021-01-01"), np.datetime64("2022-01-01"))
    error = refused(own(midpoints=days.astype("datetime64[ns]") + HALF_HOUR))
    assert "every 1440 minutes" in error.found


def test_place_must_be_told(own):
    path = own()
    path.write_text(path.read_text().replace("# latitude_deg: 50.9\n", ""))
    assert "latitude_deg" in refused(path).hint
    assert len(read_weather(path, WeatherOptions(latitude_deg=50.9)).ghi) == 8760


def test_years_at_the_ends_that_are_cut_are_left_out(own):
    years = read_weather_years(own(midpoints=half_past("2018-11-01", "2020-02-10")))
    assert len(years) == 1
    assert years[0].time_utc[0] == np.datetime64("2019-01-01T00:30")
    assert "left out, not whole: 2018, 2020" in years[0].assumptions


def test_unknown_words_in_settings(own):
    path = own()
    path.write_text(path.read_text().replace("# label: end", "# label: ending"))
    assert "start | middle | end" in refused(path).expected


def test_unreadable_time(own):
    error = refused(own(lambda rows: ["31/12/2021 10:00Z," + rows[0].split(",", 1)[1], *rows[1:]]))
    assert "ISO 8601" in error.expected


def test_no_light_at_all_is_refused(own):
    error = refused(own(lambda rows: [row.split(",")[0] + ",0" for row in rows], columns=("ghi",)))
    assert "0 in every row" in error.found


def test_a_single_row_is_no_series(own):
    assert "1 times" in refused(own(lambda rows: rows[:1])).found
