"""lift_range, extract_range, add_gap, close_gap: spans of time, over several tracks, captions too."""

from typing import Any

import pytest

from tests.unit.domain.examples import linked, row, source
from tests.unit.domain.refused import refused
from tests.world import TIMELINE, F, World
from timeline_service.domain import records
from timeline_service.domain.draft import derive_id


def stage() -> World:
    """v1 |a|b|, a1 |s    |, cc |hello| of frames 0-10, 10-20 · 0-20 · 4-16."""
    world = row(("a", 0, 10), ("b", 10, 10))
    row(("s", 0, 20), track="a1", kind="audio", world=world)
    world.do("add_track", track_id="cc", kind="caption", name="CC")
    caption(world, "hello", 4, 12)
    return world


def caption(world: World, id: str, start: int, duration: int) -> None:
    value = records.new("caption", track_id="cc", start=start * F, duration=duration * F, text=id)
    world.write(lambda draft: draft.put("caption", id, value))


def captions(world: World) -> list[tuple[float, float, str]]:
    found = (c.value for c in world.state.inside("cc", "caption"))
    return sorted((c["start"] / F, (c["start"] + c["duration"]) / F, c["text"]) for c in found)


def derived(world: World, of: str, role: str = "clear") -> str:
    return derive_id(f"g{world.state.version}", role, of)


# ---------------------------------------------------------------- lift
def test_lift_cuts_what_reaches_in_and_takes_what_lies_inside() -> None:
    world = stage()
    decision = world.do("lift_range", track_ids=["v1", "a1", "cc"], start=8, end=14)
    right = derived(world, "s")
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,8) b[14,20)", f"s[0,8) {right}[14,20)")
    assert (source(world, "b"), source(world, right)) == ((104, 110), (114, 120))
    assert captions(world) == [(4, 8, "hello"), (14, 16, "hello")]
    assert decision.body.description == 'lifted 00:00:00:08 to 00:00:00:14 from "V1", "A1" and "CC"'
    world.do("lift_range", track_ids=["v1"], start=7, end=15)
    assert world.picture("v1") == "a[0,7) b[15,20)"
    world.do("lift_range", track_ids=["v1", "cc"], start=0, end=30)
    assert (world.picture("v1"), captions(world)) == ("", [])


@pytest.mark.parametrize(
    ("span", "left"),
    [((0, 6), (6, 16)), ((10, 20), (4, 10)), ((4, 5), (5, 16)), ((15, 16), (4, 15))],
)
def test_captions_are_trimmed(span: tuple[int, int], left: tuple[int, int]) -> None:
    world = stage()
    world.do("lift_range", track_ids=["cc"], start=span[0], end=span[1])
    assert captions(world) == [(*left, "hello")]
    assert world.alive("hello")


def test_halves_are_linked_left_with_left_and_right_with_right() -> None:
    world = row(("a", 0, 20))
    row(("s", 0, 20), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    one = world.copy()
    one.do("lift_range", track_ids=["v1"], start=8, end=12)
    assert [one.value(id)["link_id"] for id in ("a", "s", derived(one, "a"))] == ["l1", "l1", None]
    world.do("lift_range", track_ids=["v1", "a1"], start=8, end=12)
    rights = {world.value(derived(world, id))["link_id"] for id in ("a", "s")}
    assert len(rights) == 1
    assert None not in rights
    assert {world.value(id)["link_id"] for id in ("a", "s")} == {"l1"}


def test_transitions_that_show_of_the_span_go() -> None:
    world = stage()
    value = records.new("transition", left_id="a", right_id="b", in_offset=3 * F)
    world.write(lambda draft: draft.put("transition", "x", value))
    beside = world.copy()
    beside.do("lift_range", track_ids=["v1"], start=2, end=7)
    assert beside.alive("x")
    world.do("lift_range", track_ids=["v1"], start=2, end=8)
    assert not world.alive("x")


# ---------------------------------------------------------------- extract
def test_extract_closes_the_span() -> None:
    world = stage()
    decision = world.do("extract_range", track_ids=["v1", "a1", "cc"], start=8, end=14)
    right = derived(world, "s")
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,8) b[8,14)", f"s[0,8) {right}[8,14)")
    assert captions(world) == [(4, 8, "hello"), (8, 10, "hello")]
    said = 'extracted 00:00:00:08 to 00:00:00:14 from "V1", "A1" and "CC" and closed it'
    assert decision.body.description == said


def test_the_scope_must_be_free_where_it_is_not_cleared() -> None:
    world = stage()
    with refused("scope_conflict") as caught:
        world.do("extract_range", track_ids=["v1", "a1"], start=8, end=14, scope="all")
    assert caught.value.details["caption_id"] == "hello"
    world.do("remove_clip", clip_id="a")
    for frame in (2, 6, 18):
        world.do("add_marker", marker_id=f"m{frame}", time=frame)
    tracks = ["v1", "a1"]
    world.do("extract_range", track_ids=tracks, start=0, end=4, scope="sync_locked", ripple_markers=True)
    assert (world.picture("v1"), world.picture("a1")) == ("b[6,16)", "s[0,16)")
    assert captions(world) == [(0, 12, "hello")]
    assert sorted(m.value["time"] // F for m in world.state.inside(TIMELINE, "marker")) == [2, 14]


@pytest.mark.parametrize("name", ["lift_range", "extract_range"])
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"start": 5, "end": 5}, "bad_range"),
        ({"start": 6, "end": 5}, "bad_range"),
        ({"start": -1, "end": 5}, "bad_range"),
        ({"start": {"ticks": 1}, "end": 5}, "off_grid"),
        ({"track_ids": ["gone"], "start": 0, "end": 5}, "track_missing"),
        ({"track_ids": ["v1", "a1", "a"], "start": 0, "end": 5}, "track_missing"),
    ],
)
def test_refusals_of_spans(name: str, params: dict[str, Any], code: str) -> None:
    world = stage()
    with refused(code):
        world.do(name, **{"track_ids": ["v1"], **params})


def test_nothing_there_is_no_change_and_locked_tracks_refuse() -> None:
    world = stage()
    with refused("no_change"):
        world.do("lift_range", track_ids=["v1"], start=30, end=35)
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    for name in ("lift_range", "extract_range"):
        with refused("track_locked"):
            world.do(name, track_ids=["v1"], start=2, end=4)


# ---------------------------------------------------------------- gaps
def test_a_gap_opens_between_clips() -> None:
    world = stage()
    decision = world.do("add_gap", track_id="v1", at=10, duration=5)
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,10) b[15,25)", "s[0,20)")
    assert decision.body.description == 'opened a gap of 5 frames at 00:00:00:10 on "V1"'
    decision = world.do("close_gap", track_id="v1", at=14)
    assert world.picture("v1") == "a[0,10) b[10,20)"
    assert decision.body.description == 'closed the gap at 00:00:00:14 on "V1"'


def test_inside_a_clip_it_refuses_unless_it_may_cut() -> None:
    world = stage()
    with refused("overlap") as caught:
        world.do("add_gap", track_id="v1", at=13, duration=5)
    assert caught.value.details == {"track_id": "v1", "at": 13 * F, "clip_id": "b", "start": 10 * F, "end": 20 * F}
    with refused("scope_conflict"):
        world.do("add_gap", track_id="v1", at=10, duration=5, scope="all")
    linked(world, "b", "s")
    world.do("add_gap", track_id="v1", at=13, duration=5, scope="all", split=True)
    b, s = derived(world, "b", "insert"), derived(world, "s", "insert")
    assert world.picture("v1") == f"a[0,10) b[10,13) {b}[18,25)"
    assert world.picture("a1") == f"s[0,13) {s}[18,25)"
    assert captions(world) == [(4, 13, "hello"), (18, 21, "hello")]
    assert world.value(b)["link_id"] == world.value(s)["link_id"] != "l1"


def test_a_gap_before_the_first_clip_and_of_several_tracks() -> None:
    world = row(("a", 6, 4))
    row(("s", 8, 4), track="a1", kind="audio", world=world)
    world.do("add_marker", marker_id="m", time=9)
    with refused("scope_conflict"):
        world.do("close_gap", track_id="a1", at=0, scope="all")
    decision = world.do("close_gap", track_id="v1", at=0, scope="all", ripple_markers=True)
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,4)", "s[2,6)")
    assert world.value("m")["time"] == 3 * F
    assert decision.body.description == 'closed the gap at 00:00:00:00 on "V1" and all other tracks'


def test_captions_have_gaps_too() -> None:
    world = stage()
    caption(world, "bye", 18, 2)
    world.do("close_gap", track_id="cc", at=17)
    assert captions(world) == [(4, 16, "hello"), (16, 18, "bye")]


@pytest.mark.parametrize("at", [0, 9, 20, 99])
def test_where_there_is_no_gap_there_is_nothing_to_close(at: int) -> None:
    world = stage()
    with refused("no_gap"):
        world.do("close_gap", track_id="v1", at=at)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"at": 10, "duration": 0}, "bad_range"),
        ({"at": 10, "duration": -1}, "bad_range"),
        ({"at": -1, "duration": 1}, "bad_range"),
        ({"at": 10, "duration": {"ticks": 1}}, "off_grid"),
        ({"track_id": "gone", "at": 10, "duration": 1}, "track_missing"),
    ],
)
def test_refusals_of_a_gap(params: dict[str, Any], code: str) -> None:
    world = stage()
    with refused(code):
        world.do("add_gap", **{"track_id": "v1", **params})


def test_a_locked_track_keeps_its_gaps() -> None:
    world = row(("a", 6, 4))
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("add_gap", track_id="v1", at=0, duration=1)
    with refused("track_locked"):
        world.do("close_gap", track_id="v1", at=0)
