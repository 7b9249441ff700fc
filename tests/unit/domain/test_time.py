"""Ticks are exact at every rate; what is not exact is refused, what is measured snaps."""

from fractions import Fraction

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.unit.domain.refused import refused
from timeline_service.domain.time import (
    MAX_TICKS,
    RATES,
    TICKS_PER_SECOND,
    Rate,
    Time,
    floor_ticks,
    rate_of,
    snap_rate,
    ticks,
)

TIME = TypeAdapter(Time)
R24, R2997 = Rate(24, 1), Rate(30000, 1001)


def test_there_are_fourteen_rates() -> None:
    assert len(RATES) == len(set(RATES)) == 14


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_frame_is_a_whole_number_of_ticks(rate: Rate) -> None:
    assert rate.ticks_per_frame * Fraction(rate.num, rate.den) == TICKS_PER_SECOND


@pytest.mark.parametrize("hertz", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000])
def test_a_sample_is_a_whole_number_of_ticks(hertz: int) -> None:
    assert TICKS_PER_SECOND % hertz == 0


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_every_rate_snaps_to_itself_however_it_was_rounded(rate: Rate) -> None:
    assert rate_of(rate.num * 3, rate.den * 3) == rate
    for digits in (2, 3, 6):
        assert snap_rate(round(rate.num / rate.den, digits)) == rate


@pytest.mark.parametrize(
    ("measured", "rate"),
    [
        (29.97, R2997),
        (23.976, Rate(24000, 1001)),
        (23.98, Rate(24000, 1001)),
        (59.94, Rate(60000, 1001)),
        (29.9999, Rate(30, 1)),
        (119.88, Rate(120000, 1001)),
        (24.0, R24),
    ],
)
def test_measured_rates_snap_to_the_nearest(measured: float, rate: Rate) -> None:
    assert snap_rate(measured) == rate


@pytest.mark.parametrize("measured", [0.0, -24.0, 12.5, 15.0, 23.9, 1000.0, float("inf"), float("nan")])
def test_other_rates_are_unknown(measured: float) -> None:
    with refused("rate_unknown"):
        snap_rate(measured)
    with refused("rate_unknown"):
        rate_of(25, 2)


def test_the_three_wire_forms_are_one_time() -> None:
    forms = (48, {"ticks": 48 * R24.ticks_per_frame}, {"value": 48, "rate": 24}, {"value": 60, "rate": 30.0})
    assert {TIME.validate_python(form).in_ticks(R24) for form in forms} == {2 * TICKS_PER_SECOND}
    ntsc = {"value": 30000, "rate": {"num": 30000, "den": 1001}}
    assert TIME.validate_python(ntsc).in_ticks(R24) == 1001 * TICKS_PER_SECOND
    assert TIME.validate_python({"value": 30000, "rate": 29.97}).in_ticks(R24) == 1001 * TICKS_PER_SECOND


def test_what_is_no_whole_tick_is_refused() -> None:
    assert TIME.validate_python({"value": 0.5, "rate": 24}).in_ticks(R24) == R24.ticks_per_frame // 2
    with refused("time_not_exact"):
        TIME.validate_python({"value": 0.1, "rate": 24}).in_ticks(R24)


def test_no_time_is_further_than_147_days() -> None:
    assert ticks(MAX_TICKS).in_ticks(R24) == MAX_TICKS
    assert MAX_TICKS // TICKS_PER_SECOND // 86_400 == 147
    with refused("bad_range"):
        TIME.validate_python(MAX_TICKS).in_ticks(R24)


@pytest.mark.parametrize(
    "data",
    [
        True,
        1.0,
        "48",
        None,
        [],
        {},
        {"ticks": 1.0},
        {"ticks": True},
        {"ticks": 2**53},
        {"value": 1},
        {"rate": 24},
        {"value": 1, "rate": 0},
        {"value": 1, "rate": 12.5},
        {"value": 1, "rate": {"num": 24}},
        {"value": 1, "rate": "24"},
        {"value": "1", "rate": 24},
        {"value": float("nan"), "rate": 24},
        {"value": 1, "rate": float("inf")},
        {"ticks": 1, "frames": 1},
        {"value": 1, "rate": {"num": 24, "den": 0}},
        {"value": 1e300, "rate": 24},
        10**400,
    ],
)
def test_what_is_no_time_is_invalid(data: object) -> None:
    with pytest.raises(ValidationError):
        TIME.validate_python(data)


def test_measured_seconds_floor_to_ticks() -> None:
    assert floor_ticks(Fraction(1, 3)) == TICKS_PER_SECOND // 3
    assert floor_ticks(Fraction(1, TICKS_PER_SECOND * 2)) == 0
