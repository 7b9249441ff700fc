"""Speed segments: cut, retimed, joined; the chain stays whole and nothing else moves unless it is told to."""

from typing import Any

import pytest

from tests.unit.domain.examples import add, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import segments


def times(num: int, den: int = 1) -> dict[str, int]:
    return {"num": num, "den": den}


def chain() -> World:
    """A clip a of 30 frames, cut into a : b : c of ten each, and d behind them after a gap of ten."""
    world = row(("a", 0, 30), ("d", 40, 5))
    world.do("split_segment", clip_id="a", at=20, new_id="c")
    world.do("split_segment", clip_id="a", at=10, new_id="b")
    return world


def labels(world: World, *ids: str) -> set[str | None]:
    return {world.value(id).get(segments.LABEL) for id in ids}


# ---------------------------------------------------------------- split_segment
def test_segments_are_clips_that_share_a_label() -> None:
    world = row(("a", 0, 30))
    said = world.do("split_segment", clip_id="a", at=20, new_id="c").body.description
    assert said == 'split "A" into segments at 00:00:00:20'
    (label,) = labels(world, "a", "c")
    assert label
    world.do("split_segment", clip_id="a", at=10, new_id="b")
    assert labels(world, "a", "b", "c") == {label}
    assert world.picture("v1") == "a[0,10) b[10,20) c[20,30)"


def test_linked_partners_are_cut_too() -> None:
    world = row(("v", 0, 30))
    row(("s", 0, 30), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    world.do("split_segment", clip_id="v", at=10, new_id="v2", new_ids={"s": "s2"})
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,10) v2[10,30)", "s[0,10) s2[10,30)")
    assert world.value("v2")["link_id"] == world.value("s2")["link_id"] != world.value("v")["link_id"]
    assert len(labels(world, "v", "v2", "s", "s2")) == 2
    world.do("split_segment", clip_id="v2", at=20, new_id="v3", single=True)
    assert world.picture("a1") == "s[0,10) s2[10,30)"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"at": 0}, "at_edge"),
        ({"at": 30}, "at_edge"),
        ({"at": {"ticks": 1}}, "off_grid"),
        ({"at": 5, "new_id": "v1"}, "id_taken"),
        ({"at": 5, "clip_id": "v1"}, "clip_missing"),
    ],
)
def test_splits_that_are_refused(told: dict[str, Any], code: str) -> None:
    with refused(code):
        row(("a", 0, 30)).do("split_segment", **{"clip_id": "a", **told})


# ---------------------------------------------------------------- set_segment_speed
@pytest.mark.parametrize(
    ("segment", "speed", "picture"),
    [
        ("a", times(2), "a[0,5) b[5,15) c[15,25) d[40,45)"),
        ("b", times(2), "a[0,10) b[10,15) c[15,25) d[40,45)"),
        ("b", times(1, 2), "a[0,10) b[10,30) c[30,40) d[40,45)"),
        ("b", times(3), "a[0,10) b[10,13) c[13,23) d[40,45)"),
        ("c", times(100), "a[0,10) b[10,20) c[20,21) d[40,45)"),
    ],
)
def test_the_chain_follows_and_nothing_beyond_it(segment: str, speed: dict[str, int], picture: str) -> None:
    world = chain()
    said = world.do("set_segment_speed", segment_id=segment, speed=speed).body.description
    assert said.startswith("set the speed of a segment of")
    assert world.picture("v1") == picture
    assert [world.value(id)["source_in"] // F for id in "abc"] == [100, 110, 120]


def test_what_the_grid_took_is_given_back() -> None:
    world = chain()
    for speed in (times(3), times(7), times(1)):
        world.do("set_segment_speed", segment_id="b", speed=speed)
    assert world.picture("v1") == "a[0,10) b[10,20) c[20,30) d[40,45)"


def test_beyond_the_chain_is_refused_or_rippled() -> None:
    world = chain()
    world.do("add_marker", marker_id="m", time=42)
    with refused("overlap") as caught:
        world.do("set_segment_speed", segment_id="b", speed=times(1, 3))
    slowest = times(477, 1000)  # 10 frames at 0.476 are 21.008: one more than there is room
    assert caught.value.details["legal"] == {"speed": {"min": slowest, "max": None}}
    world.copy().do("set_segment_speed", segment_id="b", speed=slowest)
    with refused("overlap"):
        world.copy().do("set_segment_speed", segment_id="b", speed=times(476, 1000))
    told: dict[str, Any] = {"segment_id": "b", "speed": times(1, 3), "scope": "track", "ripple_markers": True}
    said = world.do("set_segment_speed", **told).body.description
    assert said == 'set the speed of a segment of "A" to 0.333333x and moved what comes later'
    assert world.picture("v1") == "a[0,10) b[10,40) c[40,50) d[60,65)"
    assert world.value("m")["time"] == 62 * F
    world.do("set_segment_speed", segment_id="b", speed=times(1), scope="track")
    assert world.picture("v1") == "a[0,10) b[10,20) c[20,30) d[40,45)"
    row(("e", 0, 60), track="v2", world=world)
    for speed in (times(2), times(1, 2)):
        with refused("scope_conflict"):
            world.do("set_segment_speed", segment_id="b", speed=speed, scope="all")
    with refused("invalid"):
        world.do("set_segment_speed", segment_id="b", speed=times(2), ripple_markers=True)


def test_a_chain_ends_where_something_else_begins() -> None:
    world = chain()
    world.do("move", clip_ids=["c"], delta=1)
    world.do("set_segment_speed", segment_id="a", speed=times(2))
    assert world.picture("v1") == "a[0,5) b[5,15) c[21,31) d[40,45)"


def test_a_clip_that_was_never_split_is_one_segment() -> None:
    world = chain()
    world.do("set_segment_speed", segment_id="d", speed=times(1, 2))
    assert world.picture("v1") == "a[0,10) b[10,20) c[20,30) d[40,50)"
    with refused("no_change"):
        world.do("set_segment_speed", segment_id="d", speed=times(2, 4))
    with refused("clip_missing"):
        world.do("set_segment_speed", segment_id="gone", speed=times(2))


def test_linked_segments_follow_with_their_chains() -> None:
    world = row(("v", 0, 30))
    row(("s", 0, 30), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    world.do("split_segment", clip_id="v", at=10, new_id="v2", new_ids={"s": "s2"})
    world.do("set_segment_speed", segment_id="v", speed=times(2))
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,5) v2[5,25)", "s[0,5) s2[5,25)")
    world.do("set_segment_speed", segment_id="v", speed=times(1), scope="sync_locked")
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,10) v2[10,30)", "s[0,10) s2[10,30)")
    world.do("set_segment_speed", segment_id="v", speed=times(2), single=True)
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,5) v2[5,25)", "s[0,10) s2[10,30)")
    with refused("scope_conflict"):  # the picture would change by another length than the sound
        world.do("set_segment_speed", segment_id="v", speed=times(4), scope="track")


def test_linked_segments_of_one_track_ripple_one_by_one() -> None:
    world = row(("v", 0, 10), ("w", 20, 10))
    linked(world, "v", "w")
    with refused("scope_conflict"):
        world.do("set_segment_speed", segment_id="v", speed=times(2), scope="track")
    world.do("set_segment_speed", segment_id="v", speed=times(2))
    assert world.picture("v1") == "v[0,5) w[20,25)"


def test_a_frozen_segment_keeps_its_length() -> None:
    world = chain()
    world.do("freeze_frame", clip_id="b", at=10)
    world.do("set_segment_speed", segment_id="b", speed=times(2))
    assert world.picture("v1") == "a[0,10) b[10,20) c[20,30) d[40,45)"


# ---------------------------------------------------------------- remove_segment_split
def test_a_split_that_is_removed_leaves_nothing() -> None:
    world = chain()
    assert world.do("remove_segment_split", segment_id="b").body.description.startswith("removed the split before")
    assert world.picture("v1") == "a[0,20) c[20,30) d[40,45)"
    assert labels(world, "a", "c") != {None}
    world.do("remove_segment_split", segment_id="c")
    assert world.picture("v1") == "a[0,30) d[40,45)"
    assert labels(world, "a") == {None}


def test_the_left_speed_rules() -> None:
    world = chain()
    world.do("set_segment_speed", segment_id="b", speed=times(2))
    world.do("remove_segment_split", segment_id="b")
    assert world.picture("v1") == "a[0,20) c[20,30) d[40,45)"
    world.do("set_segment_speed", segment_id="a", speed=times(3))
    assert world.picture("v1") == "a[0,6) c[6,16) d[40,45)"
    world.do("remove_segment_split", segment_id="c")
    assert world.picture("v1") == "a[0,10) d[40,45)"


def test_a_join_that_grows_is_refused_or_rippled() -> None:
    world = chain()
    world.do("set_segment_speed", segment_id="b", speed=times(4), scope="track")
    world.do("set_segment_speed", segment_id="c", speed=times(5), scope="track")
    assert world.picture("v1") == "a[0,10) b[10,12) c[12,14) d[24,29)"
    add(world, "e", 14, 10)
    with refused("overlap"):
        world.do("remove_segment_split", segment_id="b")
    world.do("remove_segment_split", segment_id="b", scope="track")
    assert world.picture("v1") == "a[0,20) c[20,22) e[22,32) d[32,37)"


def test_notes_and_the_end_stay() -> None:
    world = row(("a", 0, 30), ("d", 30, 5))
    world.do("set_fades", clip_id="a", fade_in=2, fade_out=3)
    world.do("add_transition", transition_id="x", left_id="a", right_id="d", in_offset=1, out_offset=1)
    world.do("add_marker", marker_id="m", parent_id="a", time=125)
    before = dict(world.value("a"))
    world.do("split_segment", clip_id="a", at=10, new_id="b")
    assert world.value("m")["parent_id"] == world.value("x")["left_id"] == "b"
    world.do("remove_segment_split", segment_id="b")
    assert world.value("m")["parent_id"] == world.value("x")["left_id"] == "a"
    assert world.value("a") == before


def test_partners_that_are_not_joined_stay_linked() -> None:
    world = row(("v", 0, 30))
    row(("s", 0, 30), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    world.do("split_segment", clip_id="v", at=10, new_id="v2", new_ids={"s": "s2"})
    world.do("remove_segment_split", segment_id="v2", single=True)
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,30)", "s[0,10) s2[10,30)")
    assert {world.value(id)["link_id"] for id in ("v", "s", "s2")} == {"l1"}


def test_joins_that_are_refused() -> None:
    world = chain()
    for id in "ad":
        with refused("no_neighbour"):
            world.do("remove_segment_split", segment_id=id)
    with refused("invalid"):
        world.do("remove_segment_split", segment_id="b", ripple_markers=True)
    world.write(lambda draft: draft.set("b", {"source_in": 200 * F}))
    for id in "bc":
        with refused("not_contiguous"):
            world.do("remove_segment_split", segment_id=id)
    world = chain()
    world.do("freeze_frame", clip_id="b", at=10)
    for id in "bc":
        with refused("not_contiguous"):
            world.do("remove_segment_split", segment_id=id)


def test_a_still_that_was_cut_is_whole_again() -> None:
    world = row(("a", 0, 30))
    world.do("freeze_frame", clip_id="a", at=0)
    before = dict(world.value("a"))
    world.do("split_segment", clip_id="a", at=10, new_id="b")
    world.do("remove_segment_split", segment_id="b")
    assert world.value("a") == before


def test_segments_played_backwards() -> None:
    world = row(("a", 0, 30), ("d", 40, 5))
    world.do("reverse", clip_id="a")
    before = dict(world.value("a"))
    world.do("split_segment", clip_id="a", at=10, new_id="b")
    world.do("set_segment_speed", segment_id="a", speed=times(3))
    assert world.picture("v1") == "a[0,3) b[3,23) d[40,45)"
    world.do("set_segment_speed", segment_id="a", speed=times(1))
    world.do("remove_segment_split", segment_id="b")
    assert world.value("a") == before


def test_locked() -> None:
    world = chain()
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("split_segment", clip_id="a", at=5)
    with refused("track_locked"):
        world.do("set_segment_speed", segment_id="a", speed=times(2))
    with refused("track_locked"):
        world.do("remove_segment_split", segment_id="b")
