"""The time map of a clip: source ticks at every speed, forwards and backwards."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline_service.domain import clip_time


def clip(duration: int, num: int = 1, den: int = 1, *, reversed: bool = False, offset: int = 0) -> dict[str, Any]:
    return {
        "duration": duration,
        "source_in": 100,
        "map_offset": offset,
        "speed": {"num": num, "den": den},
        "reversed": reversed,
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (clip(4), [100, 101, 102, 103]),
        (clip(4, 2), [100, 102, 104, 106]),
        (clip(4, 1, 2), [100, 100, 101, 101]),
        (clip(4, 2, 3), [100, 100, 101, 102]),
        (clip(4, 2, 3, offset=1), [100, 101, 102, 102]),
        (clip(4, reversed=True), [103, 102, 101, 100]),
        (clip(4, 1, 2, reversed=True), [101, 101, 100, 100]),
    ],
)
def test_source_at(value: dict[str, Any], shown: list[int]) -> None:
    assert [clip_time.source_at(value, t) for t in range(4)] == shown
    assert clip_time.source_span(value) == (min(shown), max(shown) + 1)


SPEED = st.tuples(st.integers(1, 50), st.integers(1, 50))


@given(SPEED, st.booleans(), st.integers(-9, 9), st.integers(2, 60), st.data())
def test_cut_edges_leave_every_tick_where_it_was(
    speed: tuple[int, int], reversed: bool, offset: int, duration: int, data: st.DataObject
) -> None:
    whole = clip(duration, *speed, reversed=reversed, offset=offset if speed[0] != speed[1] else 0)
    shown = [clip_time.source_at(whole, t) for t in range(duration)]
    by = data.draw(st.integers(1, duration - 1))
    tail = {**whole, "duration": duration - by, **clip_time.cut_start(whole, by)}
    head = {**whole, "duration": by, **clip_time.cut_end(whole, by - duration)}
    assert [clip_time.source_at(head, t) for t in range(by)] == shown[:by]
    assert [clip_time.source_at(tail, t) for t in range(duration - by)] == shown[by:]
    assert {**head, "duration": duration, **clip_time.cut_end(head, duration - by)} == whole
    assert {**tail, "duration": duration, **clip_time.cut_start(tail, -by)} == whole
