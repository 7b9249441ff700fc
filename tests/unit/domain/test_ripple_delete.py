"""remove_clip leaves a gap; ripple_delete closes it, on one track or on several."""

import pytest

from tests.unit.domain.examples import linked, row
from tests.unit.domain.refused import refused
from tests.world import TIMELINE, F, World
from timeline_service.domain import changes


def stage() -> World:
    """v1 |a|b|c|d|, a1 |s   |t   | with the seam of s and t under that of b and c."""
    world = row(("a", 0, 4), ("b", 4, 4), ("c", 8, 4), ("d", 12, 4))
    return row(("s", 0, 8), ("t", 8, 8), track="a1", kind="audio", world=world)


def test_remove_leaves_a_gap() -> None:
    world = stage()
    decision = world.do("remove_clip", clip_id="b")
    assert world.picture("v1") == "a[0,4) c[8,12) d[12,16)"
    assert decision.body.description == 'removed "B" from "V1"'
    with refused("clip_missing"):
        world.do("remove_clip", clip_id="b")


def test_remove_takes_keyframes_and_markers_along() -> None:
    world = stage()
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="b", frame=100, x=0, y=0, width=9, height=9)
    world.do("add_marker", marker_id="m", parent_id="b", time=100)
    decision = world.do("remove_clip", clip_id="b")
    assert [c.id for c in decision.body.changes] == ["k", "m", "b"]


@pytest.mark.parametrize(
    ("ids", "picture", "said"),
    [
        (["b"], "a[0,4) c[4,8) d[8,12)", 'deleted "B" and closed the gap'),
        (["a", "c"], "b[0,4) d[4,8)", 'deleted "A" and "C" and closed the gaps'),
        (["b", "c"], "a[0,4) d[4,8)", 'deleted "B" and "C" and closed the gaps'),
        (["d", "c", "b", "a"], "", 'deleted "D", "C", "B" and 1 more and closed the gaps'),
    ],
)
def test_one_track(ids: list[str], picture: str, said: str) -> None:
    world = stage()
    decision = world.do("ripple_delete", clip_ids=ids)
    assert (world.picture("v1"), world.picture("a1")) == (picture, "s[0,8) t[8,16)")
    assert decision.body.description == said
    assert {change.unit for change in decision.body.changes} == {0}


def test_gaps_that_were_there_stay() -> None:
    world = row(("a", 2, 4), ("b", 10, 4), ("c", 20, 4))
    world.do("ripple_delete", clip_ids=["b"])
    assert world.picture("v1") == "a[2,6) c[16,20)"


@pytest.mark.parametrize("scope", ["sync_locked", "all"])
def test_all_tracks_close_together(scope: str) -> None:
    world = stage()
    decision = world.do("ripple_delete", clip_ids=["a", "b", "s"], scope=scope)
    assert (world.picture("v1"), world.picture("a1")) == ("c[0,4) d[4,8)", "t[0,8)")
    shifts = [c for c in decision.body.changes if isinstance(c, changes.Shift)]
    assert [(s.track, s.start, s.by) for s in shifts] == [("a1", 8 * F, -8 * F), ("v1", 8 * F, -8 * F)]


def test_content_across_the_gap_refuses() -> None:
    world = stage()
    with refused("scope_conflict") as caught:
        world.do("ripple_delete", clip_ids=["a"], scope="all")
    assert caught.value.details == {"track_id": "a1", "clip_id": "s", "start": 0, "end": 4 * F}
    with refused("scope_conflict"):
        world.do("ripple_delete", clip_ids=["s"], scope="sync_locked")


def test_a_locked_track_stays_out_of_sync_and_refuses_all() -> None:
    world = stage()
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    before = world.state
    for ids in (["a", "b"], ["c", "d"]):
        world.state = before
        with refused("track_locked" if ids == ["c", "d"] else "scope_conflict"):
            world.do("ripple_delete", clip_ids=[*ids, "t"] if ids == ["c", "d"] else ids, scope="all")
        world.do("ripple_delete", clip_ids=ids, scope="sync_locked")
        assert world.picture("a1") == "s[0,8) t[8,16)"


def test_all_refuses_where_a_locked_track_would_have_to_move() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    row(("t", 8, 8), track="a1", kind="audio", world=world)
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("ripple_delete", clip_ids=["a"], scope="all")


def test_all_passes_a_locked_track_that_ends_before() -> None:
    world = row(("a", 8, 4), ("b", 12, 4))
    row(("s", 0, 8), track="a1", kind="audio", world=world)
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    world.do("ripple_delete", clip_ids=["a"], scope="all")
    assert (world.picture("v1"), world.picture("a1")) == ("b[8,12)", "s[0,8)")


def test_sound_of_odd_length_may_not_push_pictures_off_the_grid() -> None:
    world = stage()
    world.do("trim", clip_id="t", edge="end", delta={"ticks": -1})
    world.do("remove_clip", clip_id="c")
    world.do("move", clip_ids=["d"], delta=20)
    with refused("off_grid"):
        world.do("ripple_delete", clip_ids=["t"], scope="all")


def test_markers_of_the_timeline_follow_when_asked() -> None:
    world = stage()
    for frame in (3, 4, 7, 8, 13):
        world.do("add_marker", marker_id=f"m{frame}", time=frame)
    still = world.copy()
    still.do("ripple_delete", clip_ids=["b"])
    assert [still.value(f"m{n}")["time"] // F for n in (3, 4, 7, 8, 13)] == [3, 4, 7, 8, 13]
    decision = world.do("ripple_delete", clip_ids=["b"], ripple_markers=True)
    assert [world.value(f"m{n}")["time"] // F for n in (3, 8, 13)] == [3, 4, 9]
    assert not world.alive("m4")
    assert not world.alive("m7")
    assert [c.track for c in decision.body.changes if isinstance(c, changes.Shift)] == [None, "v1"]


def test_markers_follow_one_ground_only() -> None:
    world = stage()
    with refused("scope_conflict"):
        world.do("ripple_delete", clip_ids=["a", "t"], ripple_markers=True)
    world.do("ripple_delete", clip_ids=["a", "b", "s"], ripple_markers=True)
    assert world.picture("a1") == "t[0,8)"


def test_markers_of_the_track_move_with_it_and_go_with_the_gap() -> None:
    world = stage()
    for frame in (3, 4, 9):
        world.do("add_marker", marker_id=f"m{frame}", parent_id="v1", time=frame)
    world.do("ripple_delete", clip_ids=["b"])
    assert {r.id: r.value["time"] // F for r in world.state.inside("v1", "marker")} == {"m3": 3, "m9": 5}


def test_a_link_of_one_is_dissolved() -> None:
    for named in ({"type": "remove_clip", "clip_id": "a"}, {"type": "ripple_delete", "clip_ids": ["a"]}):
        gesture = {**named, "single": True}
        world = stage()
        linked(world, "a", "s", "t")
        two = world.copy()
        two.keep(two.decide(gesture))
        assert (two.value("s")["link_id"], two.value("t")["link_id"]) == ("l1", "l1")
        world.write(lambda draft: draft.set("t", {"link_id": None}))
        decision = world.keep(world.decide(gesture))
        assert world.value("s")["link_id"] is None
        assert {change.unit for change in decision.body.changes} == {0}


def test_what_was_cut_away_is_no_place_for_what_comes_later() -> None:
    world = stage()
    base = world.state.version
    world.do("ripple_delete", clip_ids=["b"], actor="bob")
    with refused("place_gone"):
        world.do("add_marker", parent_id="v1", time=6, base_version=base)
    world.do("add_marker", marker_id="edge", parent_id="v1", time=4, base_version=base)
    world.do("add_marker", marker_id="later", parent_id="v1", time=9, base_version=base)
    assert (world.value("edge")["time"], world.value("later")["time"]) == (4 * F, 5 * F)


def test_refusals() -> None:
    world = stage()
    with refused("clip_missing"):
        world.do("ripple_delete", clip_ids=["a", TIMELINE])
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("ripple_delete", clip_ids=["a"])
    with refused("track_locked"):
        world.do("remove_clip", clip_id="a")


# ---------------------------------------------------------------- partners
def test_partners_are_removed_too_unless_single() -> None:
    world = stage()
    linked(world, "b", "s")
    alone, lifted = world.copy(), world.copy()
    alone.do("ripple_delete", clip_ids=["b"], single=True)
    assert (alone.picture("v1"), alone.picture("a1")) == ("a[0,4) c[4,8) d[8,12)", "s[0,8) t[8,16)")
    lifted.do("remove_clip", clip_id="b")
    assert (lifted.picture("v1"), lifted.picture("a1")) == ("a[0,4) c[8,12) d[12,16)", "t[8,16)")
    world.do("ripple_delete", clip_ids=["b"])
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,4) c[4,8) d[8,12)", "t[0,8)")
