"""What makes way when something lands: the scope of the room, the links that are parted, and what refusals offer."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain.draft import derive_id

TITLE: dict[str, Any] = {"track_id": "v1", "text": "Summer"}


def film() -> World:
    """V1 |a|b|  V2 at 4 and 12, A1 |s|, a marker of the timeline at 12."""
    world = row(("a", 0, 4), ("b", 4, 4))
    row(("x", 4, 2), ("y", 12, 4), track="v2", world=world)
    row(("s", 0, 8), track="a1", kind="audio", world=world)
    world.do("add_marker", marker_id="m", time=12)
    return world


def clipboard(length: int = 3) -> dict[str, Any]:
    clip = {"id": "c", "track_id": "v1", "start": 50 * F, "duration": length * F, "media": {"generator": "black"}}
    return {"clips": [clip]}


LANDINGS: list[tuple[str, dict[str, Any], int]] = [
    ("move", {"clip_ids": ["b"], "to": {"start": 2}}, 4),
    ("duplicate", {"clip_ids": ["b"], "to": {"start": 2}}, 4),
    ("paste", {"records": clipboard(), "at": 2}, 3),
]


# ---------------------------------------------------------------- insert
@pytest.mark.parametrize(("gesture", "params", "room"), LANDINGS)
def test_inserting_makes_room_on_all_tracks_of_its_scope(gesture: str, params: dict[str, Any], room: int) -> None:
    world = film()
    scope = {"scope": "sync_locked", "ripple_markers": True}
    said = world.do(gesture, **params, on_overlap="insert", **scope).body.description
    assert said.endswith("00:00:00:02 and moved what comes later on all unlocked tracks")
    assert world.picture("v2") == f"x[{4 + room},{6 + room}) y[{12 + room},{16 + room})"
    assert world.picture("a1").startswith("s[0,2)")
    assert world.value("m")["time"] == (12 + room) * F


@pytest.mark.parametrize(("gesture", "params", "room"), LANDINGS)
def test_inserting_on_one_track_leaves_the_others(gesture: str, params: dict[str, Any], room: int) -> None:
    world = film()
    world.do(gesture, **params, on_overlap="insert")
    assert world.picture("v2") == "x[4,6) y[12,16)"
    assert world.value("m")["time"] == 12 * F
    assert world.value("a")["duration"] == 2 * F
    assert room > 0


def test_a_locked_track_that_would_have_to_make_room_refuses() -> None:
    world = film()
    world.do("lock_track", track_id="v2", locked=True)
    with refused("track_locked"):
        world.do("move", clip_ids=["b"], to={"start": 2}, on_overlap="insert", scope="all")
    world.do("move", clip_ids=["b"], to={"start": 2}, on_overlap="insert", scope="sync_locked")
    assert world.picture("v2") == "x[4,6) y[12,16)"


def test_sound_of_odd_length_opens_whole_frames_where_pictures_make_room() -> None:
    world = film()
    odd: dict[str, Any] = {"start": 8, "duration": {"ticks": 2 * F - 7}, "media": FILM, "mode": "insert"}
    world.do("add_clip", clip_id="t", track_id="a1", **odd, scope="sync_locked")
    assert world.picture("v2") == "x[4,6) y[14,18)"
    world.do("add_clip", clip_id="u", track_id="a1", **odd)
    assert world.value("t")["start"] == 10 * F - 7


# ---------------------------------------------------------------- titles
@pytest.mark.parametrize("mode", ["insert", "overwrite"])
def test_a_title_parts_the_links_of_what_it_cuts(mode: str) -> None:
    world = row(("a", 0, 12))
    row(("s", 0, 12), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("add_title", clip_id="t", start=4, duration=2, mode=mode, **TITLE)
    right = derive_id(f"g{world.state.version}", "insert" if mode == "insert" else "clear", "a")
    assert world.value(right)["link_id"] is None
    assert world.value("a")["link_id"] == world.value("s")["link_id"] == "l1"


def test_a_title_is_inserted_on_all_tracks_of_its_scope() -> None:
    world = film()
    world.do("add_title", clip_id="t", start=4, duration=2, mode="insert", scope="all", ripple_markers=True, **TITLE)
    assert world.picture("v1") == "a[0,4) t[4,6) b[6,10)"
    assert world.picture("v2") == "x[6,8) y[14,18)"
    assert world.value("m")["time"] == 14 * F


# ---------------------------------------------------------------- what would be legal
def test_a_refused_copy_says_where_there_is_room() -> None:
    world = row(("a", 0, 4), ("b", 4, 4), ("c", 12, 4))
    with refused("overlap") as caught:
        world.do("duplicate", clip_ids=["a"], delta=5)
    free = [{"start": 8 * F, "end": 12 * F}, {"start": 16 * F, "end": None}]
    assert caught.value.details["legal"] == {"delta": {"min": 8 * F, "max": 8 * F}, "free": free}
    world.do("duplicate", clip_ids=["a"], delta=8)


def test_a_refused_paste_says_where_there_is_room() -> None:
    world = row(("a", 0, 4), ("b", 4, 4), ("c", 12, 4))
    with refused("overlap") as caught:
        world.do("paste", records=clipboard(), at=7)
    free = [{"start": 8 * F, "end": 12 * F}, {"start": 16 * F, "end": None}]
    assert caught.value.details["legal"] == {"at": {"min": 8 * F, "max": 9 * F}, "free": free}
    for at in (8, 9):
        world.copy().do("paste", records=clipboard(), at=at)
    with refused("overlap"):
        world.do("paste", records=clipboard(), at=10)


def test_a_refused_clip_says_what_its_media_has() -> None:
    world = row()
    with refused("no_handle") as caught:
        world.do("add_clip", track_id="v1", media=FILM, start=0, duration=20, source_in=990)
    legal = {"source_in": {"min": 0, "max": 980 * F}, "duration": {"min": F, "max": 10 * F}}
    assert caught.value.details["legal"] == legal
    world.copy().do("add_clip", track_id="v1", media=FILM, start=0, duration=20, source_in=980)
    world.copy().do("add_clip", track_id="v1", media=FILM, start=0, duration=10, source_in=990)


@pytest.mark.parametrize(
    ("gesture", "params"),
    [("split_segment", {}), ("freeze_frame", {}), ("freeze_frame", {"duration": 4})],
)
def test_a_refused_cut_says_where_it_could_be(gesture: str, params: dict[str, Any]) -> None:
    world = row(("a", 0, 8), ("b", 8, 8))
    world.do("add_transition", left_id="a", right_id="b", in_offset=2, out_offset=2)
    with refused("in_transition") as caught:
        world.do(gesture, clip_id="a", at=7, **params)
    assert caught.value.details["legal"] == {"at": {"min": F, "max": 6 * F}}
    world.copy().do(gesture, clip_id="a", at=6, **params)
    world.copy().do(gesture, clip_id="a", at=1, **params)


def test_where_there_is_no_gap_the_gaps_are_named() -> None:
    world = row(("a", 2, 4), ("b", 9, 4))
    with refused("no_gap") as caught:
        world.do("close_gap", track_id="v1", at=3)
    gaps = [{"start": 0, "end": 2 * F}, {"start": 6 * F, "end": 9 * F}]
    assert caught.value.details["legal"] == {"gaps": gaps}


def test_where_sound_cannot_go_the_tracks_that_are_free_are_named() -> None:
    world = film()
    row(track="a2", kind="audio", world=world)
    row(("z", 20, 4), track="a3", kind="audio", world=world)
    with refused("overlap") as caught:
        world.do("detach_audio", clip_id="a", track_id="a1")
    assert caught.value.details["legal"]["track_ids"] == ["a2", "a3"]
    world.do("detach_audio", clip_id="a", track_id="a3")


def test_where_no_other_time_would_help_none_is_offered() -> None:
    world = film()
    with refused("kind_mismatch") as caught:
        world.do("add_title", start=0, duration=2, text="x", track_id="a1")
    assert "legal" not in caught.value.details
    world.do("lock_track", track_id="v1", locked=True)
    with refused("track_locked") as caught:
        world.do("trim", clip_id="b", edge="end", delta=1)
    assert "legal" not in caught.value.details


# ---------------------------------------------------------------- lift_range with a scope
def test_a_lift_for_a_scope_leaves_a_gap_that_the_scope_can_close() -> None:
    world = film()
    span: dict[str, Any] = {"track_ids": ["v1", "a1"], "start": 4, "end": 8}
    with refused("scope_conflict") as caught:
        world.do("lift_range", **span, scope="sync_locked")
    assert (caught.value.details["track_id"], caught.value.details["clip_id"]) == ("v2", "x")
    world.do("remove_clip", clip_id="x")
    extracted = world.copy()
    world.do("lift_range", **span, scope="sync_locked")
    extracted.do("extract_range", **span, scope="sync_locked")
    assert world.picture("v2") == "y[12,16)"
    assert extracted.picture("v2") == "y[8,12)"


# ---------------------------------------------------------------- enable
def test_what_is_linked_is_switched_together_unless_single() -> None:
    world = film()
    linked(world, "a", "s")
    decision = world.do("enable", clip_ids=["b", "a"], enabled=False)
    assert [world.value(id)["enabled"] for id in ("a", "s", "b")] == [False, False, False]
    assert [(change.id, change.unit) for change in decision.body.changes] == [("b", 0), ("a", 1), ("s", 1)]
    world.do("enable", clip_ids=["s"], single=True)
    assert [world.value(id)["enabled"] for id in ("a", "s")] == [False, True]
