"""Drafts and what holds in every state, whoever writes: gestures, undo, restore."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, add, row
from tests.unit.domain.refused import refused
from tests.world import F
from timeline_service.domain import records
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.time import MAX_TICKS


def test_a_track_with_clips_is_not_dropped() -> None:
    world = row(("a", 0, 10))
    with refused("in_use"):
        world.write(lambda draft: draft.drop("v1"))


def test_a_clip_takes_what_lies_in_it_along() -> None:
    world = row(("a", 0, 10))
    world.do("add_marker", marker_id="m", parent_id="a", time=1)
    world.write(lambda draft: draft.drop("a"))
    assert not world.alive("m")


def test_a_closing_shift_swallows_nothing() -> None:
    world = row(("a", 0, 4), ("b", 6, 4))
    with refused("shift_not_invertible") as caught:
        world.write(lambda draft: draft.shift("v1", 8 * F, -2 * F))
    assert caught.value.details["records"] == ["b"]


@pytest.mark.parametrize(
    ("start", "by", "code"),
    [(6, -3, "overlap"), (0, -1, "negative_time"), (6, 0.5, "off_grid")],
)
def test_a_shift_keeps_the_laws_of_its_track(start: int, by: float, code: str) -> None:
    world = row(("a", 0, 4), ("b", 6, 4))
    with refused(code):
        world.write(lambda draft: draft.shift("v1", start * F, int(by * F)))


def test_a_shift_moves_markers_not_before_zero() -> None:
    world = row()
    world.do("add_marker", marker_id="m", time=3)
    with refused("negative_time"):
        world.write(lambda draft: draft.shift(None, 2 * F, -4 * F))


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize(("start", "by"), [(2, -3), (-1, -1), (-1, 1), (-3, 5)])
def test_a_shift_has_no_ground_before_zero(start: int, by: int, moves: bool) -> None:
    """Not even where nothing lies that it would move."""
    world = row(("a", 10, 4))
    with refused("negative_time") as caught:
        world.write(lambda draft: draft.shift("v2", start * F, by * F, moves=moves))
    assert caught.value.details == {"track": "v2"}
    world.write(lambda draft: draft.shift("v1", 2 * F, -2 * F, moves=moves))


def test_a_shift_needs_its_track() -> None:
    world = row()
    with refused("track_missing"):
        world.write(lambda draft: draft.shift("gone", 0, F))
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.write(lambda draft: draft.shift("v1", 0, F))


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("clip", {"track_id": "gone", "start": 0, "duration": F, "media": FILM}, "track_missing"),
        ("clip", {"track_id": "a", "start": 0, "duration": F, "media": FILM}, "track_missing"),
        ("clip", {"track_id": "v1", "start": 5 * F, "duration": 99 * F, "media": FILM}, "overlap"),
        ("keyframe", {"parent_id": "v1", "property": "crop", "time": 0, "value": {}}, "bad_value"),
        ("marker", {"parent_id": "m", "time": 0}, "record_missing"),
        ("marker", {"parent_id": "v1", "time": -1}, "negative_time"),
    ],
)
def test_nothing_dangles_and_nothing_overlaps(kind: str, value: dict[str, Any], code: str) -> None:
    world = row(("a", 0, 10))
    world.do("add_marker", marker_id="m", time=1)
    with refused(code):
        world.write(lambda draft: draft.put(kind, "new", records.new(kind, **value)))


def test_many_clips_at_once_are_checked_like_one() -> None:
    world = row(*((f"c{n}", 10 * n, 5) for n in range(8)))
    with refused("overlap"):
        world.write(lambda draft: [draft.set(f"c{n}", {"duration": 11 * F}) for n in range(8)])
    world.write(lambda draft: [draft.set(f"c{n}", {"duration": 10 * F}) for n in range(8)])


def test_nothing_lies_beyond_what_a_client_can_count() -> None:
    world = row(("a", 0, 10))
    black = {"track_id": "v1", "media": {"generator": "black"}}
    far = MAX_TICKS // F
    world.do("add_clip", clip_id="far", start=far - 2, duration=1, **black)
    with refused("bad_range"):
        world.do("trim", clip_id="far", edge="end", delta=9)
    with refused("bad_range"):
        add(world, "n", 0, 9, mode="insert")
    for marker in ({"time": far, "duration": far}, {"time": far, "parent_id": "a", "duration": 9}):
        with refused("bad_range"):
            world.do("add_marker", **marker)
    world.do("add_marker", time=far)
    with refused("bad_range"):
        world.write(lambda draft: draft.shift(None, 0, 9 * F))


def test_a_copy_of_a_draft_is_a_savepoint() -> None:
    world = row(("a", 0, 10))
    draft = Draft(world.state, Facts("g"))
    draft.set("a", {"name": "one"})
    saved = draft.copy()
    draft.set("a", {"name": "two"})
    add_later = draft.state.records["a"].value["name"], saved.state.records["a"].value["name"]
    assert add_later == ("two", "one")
    assert (len(draft.changes), len(saved.changes)) == (2, 1)
    assert world.value("a")["name"] == "A"


def test_two_futures_do_not_meet() -> None:
    world = row(("a", 0, 10))
    one, two = world.copy(), world.copy()
    add(one, "b", 10, 5)
    add(two, "c", 10, 6)
    assert (world.picture("v1"), one.picture("v1"), two.picture("v1")) == (
        "a[0,10)",
        "a[0,10) b[10,15)",
        "a[0,10) c[10,16)",
    )
