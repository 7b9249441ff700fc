"""split: two halves, nothing lost, nothing moved."""

import pytest

from tests.unit.domain.examples import add, linked, row, source
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import records
from timeline_service.domain.draft import derive_id


def test_picture() -> None:
    world = row(("a", 4, 10))
    decision = world.do("split", clip_id="a", at=7, new_id="b")
    assert world.picture("v1") == "a[4,7) b[7,14)"
    assert (source(world, "a"), source(world, "b")) == ((100, 103), (103, 110))
    assert world.value("b")["name"] == "A"
    assert decision.body.description == 'split "A" at 00:00:00:07'


def test_a_reversed_clip_is_cut_from_the_end_of_its_source() -> None:
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("a", {"reversed": True}))
    world.do("split", clip_id="a", at=3, new_id="b")
    assert (source(world, "a"), source(world, "b")) == ((107, 110), (100, 107))


@pytest.mark.parametrize("at", [4, 14, 3, 15, 0])
def test_there_is_nothing_to_split_at_an_edge_or_outside(at: int) -> None:
    world = row(("a", 4, 10))
    with refused("at_edge") as caught:
        world.do("split", clip_id="a", at=at)
    legal = {"at": {"min": 5 * F, "max": 13 * F}}
    assert caught.value.details == {"clip_id": "a", "at": at * F, "start": 4 * F, "duration": 10 * F, "legal": legal}


def test_refusals() -> None:
    world = row(("a", 4, 10))
    with refused("off_grid"):
        world.do("split", clip_id="a", at={"ticks": 7 * F + 1})
    with refused("id_taken"):
        world.do("split", clip_id="a", at=7, new_id="v1")
    with refused("clip_missing"):
        world.do("split", clip_id="gone", at=7)
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("split", clip_id="a", at=7)


def test_keyframes_stay_on_both_halves_and_markers_go_with_their_picture() -> None:
    world = row(("a", 0, 10))
    window = {"x": 0, "y": 0, "width": 500_000, "height": 500_000}
    for frame in (90, 102, 108):
        world.do("add_crop_keyframe", keyframe_id=f"k{frame}", clip_id="a", frame=frame, **window)
    for frame in (102, 105, 108):
        world.do("add_marker", marker_id=f"m{frame}", parent_id="a", time=frame)
    world.do("split", clip_id="a", at=5, new_id="b")
    times = {half: sorted(k.value["time"] // F for k in world.state.inside(half, "keyframe")) for half in "ab"}
    assert times == {"a": [90, 102, 108], "b": [90, 102, 108]}
    assert derive_id("b", "keyframe", "k90") in world.state.records
    assert {m: world.value(m)["parent_id"] for m in ("m102", "m105", "m108")} == {"m102": "a", "m105": "b", "m108": "b"}


def test_markers_of_a_reversed_clip_go_with_their_picture() -> None:
    world = row(("a", 0, 10))
    for frame in (102, 108):
        world.do("add_marker", marker_id=f"m{frame}", parent_id="a", time=frame)
    world.write(lambda draft: draft.set("a", {"reversed": True}))
    world.do("split", clip_id="a", at=5, new_id="b")
    assert (world.value("m102")["parent_id"], world.value("m108")["parent_id"]) == ("b", "a")


# ---------------------------------------------------------------- links
def pair() -> World:
    world = row(("v", 0, 10))
    row(("s", 0, 10), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    return world


def test_linked_partners_are_split_too_left_with_left_and_right_with_right() -> None:
    world = pair()
    world.do("split", clip_id="v", at=4, new_id="v2", new_ids={"s": "s2"})
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,4) v2[4,10)", "s[0,4) s2[4,10)")
    links = {id: world.value(id)["link_id"] for id in ("v", "s", "v2", "s2")}
    assert links["v"] == links["s"] == "l1"
    assert links["v2"] == links["s2"] != "l1"


def test_a_partner_without_a_name_gets_a_derived_one() -> None:
    world = pair()
    world.do("split", clip_id="v", at=4, new_id="v2")
    assert derive_id(f"g{world.state.version}", "right", "s") in world.state.records


def test_a_partner_that_does_not_reach_the_cut_stays_whole_on_its_side() -> None:
    world = row(("v", 0, 20))
    row(("s", 5, 5), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    world.do("split", clip_id="v", at=12, new_id="v2")
    assert [world.value(id)["link_id"] for id in ("v", "s", "v2")] == ["l1", "l1", None]
    world.do("split", clip_id="v", at=2, new_id="v3")
    assert world.value("v")["link_id"] is None
    assert world.value("v3")["link_id"] == world.value("s")["link_id"] is not None


def test_a_partner_on_a_locked_track_refuses_the_whole() -> None:
    world = pair()
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("split", clip_id="v", at=4, new_id="v2")
    assert world.picture("v1") == "v[0,10)"


def test_both_halves_stay_in_their_group() -> None:
    world = row(("a", 0, 10))
    add(world, "b", 20, 5)
    world.write(lambda draft: [draft.set(id, {"group_id": "g"}) for id in ("a", "b")])
    world.do("split", clip_id="a", at=5, new_id="c")
    assert {world.value(id)["group_id"] for id in "abc"} == {"g"}


def test_single_cuts_one_alone() -> None:
    world = pair()
    world.do("split", clip_id="v", at=4, new_id="v2", single=True)
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,4) v2[4,10)", "s[0,10)")
    assert [world.value(id)["link_id"] for id in ("v", "s", "v2")] == ["l1", "l1", None]


def test_a_transition_is_not_cut_and_the_refusal_says_where_it_ends() -> None:
    world = row(("a", 0, 10), ("b", 10, 10))
    value = records.new("transition", left_id="a", right_id="b", in_offset=3 * F, out_offset=2 * F)
    world.write(lambda draft: draft.put("transition", "x", value))
    with refused("in_transition") as caught:
        world.do("split", clip_id="b", at=11)
    assert caught.value.details["legal"] == {"at": {"min": 12 * F, "max": 19 * F}}
    with refused("in_transition") as caught:
        world.do("split", clip_id="a", at=8)
    assert caught.value.details["legal"] == {"at": {"min": 1 * F, "max": 7 * F}}
    world.do("split", clip_id="a", at=7)
    world.do("split", clip_id="b", at=12)
    assert world.alive("x")
