"""ripple_trim: one edge moves, and all that lies later with it."""

from typing import Any

import pytest

from tests.unit.domain.examples import linked, row, source
from tests.unit.domain.refused import refused
from tests.world import TIMELINE, F, World
from timeline_service.domain import changes, records


def stage() -> World:
    """v1 |a|b|c|, a1 |s|t| with the seam of s and t under the end of b."""
    world = row(("a", 0, 10), ("b", 10, 10), ("c", 20, 10))
    return row(("s", 0, 20), ("t", 20, 10), track="a1", kind="audio", world=world)


@pytest.mark.parametrize(
    ("edge", "delta", "picture", "shown", "said"),
    [
        (
            "end",
            -2,
            "a[0,10) b[10,18) c[18,28)",
            (100, 108),
            'trimmed 2 frames off the end of "B" and closed the gap',
        ),
        (
            "end",
            3,
            "a[0,10) b[10,23) c[23,33)",
            (100, 113),
            'extended the end of "B" by 3 frames and moved what comes later',
        ),
        (
            "start",
            2,
            "a[0,10) b[10,18) c[18,28)",
            (102, 110),
            'trimmed 2 frames off the start of "B" and closed the gap',
        ),
        (
            "start",
            -3,
            "a[0,10) b[10,23) c[23,33)",
            (97, 110),
            'extended the start of "B" by 3 frames and moved what comes later',
        ),
    ],
)
def test_pictures(edge: str, delta: int, picture: str, shown: tuple[int, int], said: str) -> None:
    world = stage()
    decision = world.do("ripple_trim", clip_id="b", edge=edge, delta=delta)
    assert (world.picture("v1"), world.picture("a1")) == (picture, "s[0,20) t[20,30)")
    assert source(world, "b") == shown
    assert decision.body.description == said
    assert {change.unit for change in decision.body.changes} == {0}
    assert [c.track for c in decision.body.changes if isinstance(c, changes.Shift)] == ["v1"]


@pytest.mark.parametrize("scope", ["sync_locked", "all"])
def test_other_tracks_follow(scope: str) -> None:
    world = stage()
    decision = world.do("ripple_trim", clip_id="b", edge="end", delta=4, scope=scope)
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,10) b[10,24) c[24,34)", "s[0,20) t[24,34)")
    where = {"sync_locked": "on all unlocked tracks", "all": "on all tracks"}[scope]
    assert decision.body.description.endswith(where)


def test_what_lies_in_the_span_that_closes_refuses_and_says_how_far_it_goes() -> None:
    world = stage()
    with refused("scope_conflict") as caught:
        world.do("ripple_trim", clip_id="b", edge="end", delta=-4, scope="all")
    details = {"track_id": "a1", "clip_id": "s", "start": 16 * F, "end": 20 * F}
    assert caught.value.details == {**details, "legal": {"delta": {"min": 0, "max": 890 * F}}}
    world.do("trim", clip_id="s", edge="end", delta=-3)
    with refused("scope_conflict") as caught:
        world.do("ripple_trim", clip_id="b", edge="end", delta=-4, scope="all")
    assert caught.value.details["legal"] == {"delta": {"min": -3 * F, "max": 890 * F}}
    world.do("ripple_trim", clip_id="b", edge="end", delta=-3, scope="all")
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,10) b[10,17) c[17,27)", "s[0,17) t[17,27)")


def test_what_lies_across_the_edge_refuses() -> None:
    world = stage()
    with refused("scope_conflict") as caught:
        world.do("ripple_trim", clip_id="a", edge="end", delta=4, scope="sync_locked")
    assert caught.value.details == {
        "track_id": "a1",
        "at": 10 * F,
        "clip_id": "s",
        "start": 0,
        "end": 20 * F,
        "legal": {"delta": {"min": 0, "max": 0}},
    }


def test_a_locked_track_stays_or_refuses() -> None:
    world = stage()
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("ripple_trim", clip_id="b", edge="end", delta=4, scope="all")
    world.do("ripple_trim", clip_id="b", edge="end", delta=4, scope="sync_locked")
    assert world.picture("a1") == "s[0,20) t[20,30)"
    world.do("ripple_trim", clip_id="c", edge="end", delta=4, scope="all")


def test_markers_of_the_timeline_follow_when_asked() -> None:
    for follows, times in ((False, [15, 20, 25]), (True, [15, 17, 22])):
        world = stage()
        for frame in (15, 20, 25):
            world.do("add_marker", marker_id=f"m{frame}", time=frame)
        world.do("ripple_trim", clip_id="b", edge="end", delta=-3, ripple_markers=follows)
        assert sorted(m.value["time"] // F for m in world.state.inside(TIMELINE, "marker")) == times


# ---------------------------------------------------------------- links
def test_linked_partners_ripple_at_their_own_edges() -> None:
    world = row(("a", 0, 10), ("b", 10, 10))
    row(("s", 0, 12), ("t", 12, 8), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("ripple_trim", clip_id="a", edge="end", delta=-4)
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,6) b[6,16)", "s[0,8) t[8,16)")
    world.do("ripple_trim", clip_id="a", edge="end", delta=2, single=True)
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,8) b[8,18)", "s[0,8) t[8,16)")


def test_linked_clips_of_one_track_ripple_it_twice_but_no_other() -> None:
    world = stage()
    linked(world, "a", "b")
    with refused("scope_conflict"):
        world.do("ripple_trim", clip_id="a", edge="end", delta=1, scope="all")
    world.do("ripple_trim", clip_id="a", edge="end", delta=1)
    assert world.picture("v1") == "a[0,11) b[11,22) c[22,32)"
    world.do("ripple_trim", clip_id="a", edge="start", delta=2)
    assert world.picture("v1") == "a[0,9) b[9,18) c[18,28)"
    assert (source(world, "a"), source(world, "b")) == ((102, 111), (102, 111))


# ---------------------------------------------------------------- transitions, refusals
def with_transition(**offsets: int) -> World:
    world = row(("a", 0, 10), ("b", 10, 10))
    ticks = {name: frames * F for name, frames in offsets.items()}
    value = records.new("transition", left_id="a", right_id="b", **ticks)
    world.write(lambda draft: draft.put("transition", "x", value))
    return world


def test_transitions_stay_and_keep_their_part() -> None:
    world = with_transition(in_offset=4, out_offset=3)
    world.do("ripple_trim", clip_id="a", edge="end", delta=-6)
    world.do("ripple_trim", clip_id="b", edge="start", delta=7)
    assert world.picture("v1") == "a[0,4) b[4,7)"
    assert world.alive("x")
    for clip, edge, delta in (("a", "end", -1), ("b", "start", 1)):
        with refused("in_transition") as caught:
            world.do("ripple_trim", clip_id=clip, edge=edge, delta=delta)
        assert 0 in caught.value.details["legal"]["delta"].values()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"edge": "end", "delta": -10}, "too_short"),
        ({"edge": "start", "delta": 12}, "too_short"),
        ({"edge": "start", "delta": -101}, "no_handle"),
        ({"edge": "end", "delta": 891}, "no_handle"),
        ({"edge": "end", "delta": {"ticks": 1}}, "off_grid"),
        ({"edge": "end", "delta": 0}, "no_change"),
        ({"clip_id": "v1", "edge": "end", "delta": 1}, "clip_missing"),
    ],
)
def test_refusals(params: dict[str, Any], code: str) -> None:
    world = stage()
    with refused(code):
        world.do("ripple_trim", **{"clip_id": "b", **params})


def test_a_nest_ripples_by_itself() -> None:
    world = stage()

    def nest(draft: Any) -> None:
        draft.put("sequence", "q", records.new("sequence"))
        for name in ("n1", "n2"):
            draft.put("track", name, records.new("track", kind="video", order=name, sequence_id="q"))
            for place in (0, 10):
                clip = {"track_id": name, "start": place * F, "duration": 10 * F, "media": {"missing": True}}
                draft.put("clip", f"{name}c{place}", records.new("clip", **clip))

    world.write(nest)
    before = world.picture("v1")
    world.do("ripple_trim", clip_id="n1c0", edge="end", delta=5, scope="all")
    assert (world.picture("n1"), world.picture("n2")) == ("n1c0[0,15) n1c10[15,25)", "n2c0[0,10) n2c10[15,25)")
    assert world.picture("v1") == before
    for scope in ("track", "all"):
        with refused("scope_conflict"):
            world.do("ripple_trim", clip_id="n1c0", edge="end", delta=5, scope=scope, ripple_markers=True)
