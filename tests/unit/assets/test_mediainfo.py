"""From raw facts to a MediaInfo: rates, lengths, rotation, and nonsense."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline_service.assets import mediainfo
from timeline_service.domain import time
from timeline_service.domain.time import Rate

BASES = st.sampled_from([Fraction(1, 1000), Fraction(1, 12800), Fraction(1, 90000), Fraction(1, 600)])
MILLISECOND = Fraction(1, 1000)


@settings(max_examples=100)
@given(st.sampled_from(time.RATES), BASES, st.integers(2, 400), st.integers(-1000, 10**6))
def test_a_constant_rate_is_found_however_the_container_counts(
    rate: Rate, base: Fraction, count: int, first: int
) -> None:
    exact = Fraction(rate.num, rate.den)
    times = [first + round(n / exact / base) for n in range(count)]
    found, variable = mediainfo.rate_of(times, base, [exact])
    assert not variable
    assert found is not None
    # Two frames on a coarse clock fit several rates; a few hundred do not.
    if count * rate.ticks_per_frame > 8 * time.TICKS_PER_SECOND:
        assert found == rate


def test_long_films_tell_2997_from_30() -> None:
    for rate in (Rate(30000, 1001), Rate(30, 1), Rate(24000, 1001), Rate(24, 1)):
        times = [round(Fraction(n * rate.den, rate.num) / MILLISECOND) for n in range(3000)]
        assert mediainfo.rate_of(times, MILLISECOND, []) == (rate, False)


def test_frames_that_come_as_they_like_are_variable() -> None:
    times = [0, 40, 80, 200, 240, 290, 500, 540, 580, 620]
    rate, variable = mediainfo.rate_of(times, MILLISECOND, [Fraction(25)])
    assert (rate, variable) == (Rate(25, 1), True)


def test_a_dropped_frame_is_variable() -> None:
    times = [n * 40 for n in range(100) if n != 50]
    assert mediainfo.rate_of(times, MILLISECOND, [Fraction(25)])[1]


def test_a_rate_that_is_not_on_the_list_is_unknown_but_constant() -> None:
    assert mediainfo.rate_of([n * 80 for n in range(50)], MILLISECOND, [Fraction(25, 2)]) == (None, False)


def test_one_frame_has_the_rate_that_the_container_tells() -> None:
    assert mediainfo.rate_of([7], MILLISECOND, [Fraction(24)]) == (Rate(24, 1), False)
    assert mediainfo.rate_of([7], MILLISECOND, []) == (None, False)


@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"refused":"made_up"}',
        b'{"format":"mov","video":null,"audio":null}',
        b'{"format":"png_pipe"}',
        b'{"more":1}',
        b"\xff",
    ],
)
def test_nonsense_from_the_reader_is_unreadable(printed: bytes) -> None:
    with pytest.raises(mediainfo.Unfit) as caught:
        mediainfo.parse(printed)
    assert caught.value.code in {mediainfo.Failure.UNREADABLE, mediainfo.Failure.UNSUPPORTED}


def test_the_reader_may_refuse() -> None:
    with pytest.raises(mediainfo.Unfit) as caught:
        mediainfo.parse(b'{"refused":"media_too_large"}')
    assert caught.value.code is mediainfo.Failure.TOO_LARGE
