"""join: two pieces of one source become one clip again; what lay in them stays."""

from typing import Any

import pytest

from tests.unit.domain.examples import add, linked, row, source
from tests.unit.domain.refused import refused
from tests.world import F, World, values
from timeline_service.domain import records


def put(world: World, kind: str, id: str, /, **fields: Any) -> None:
    world.write(lambda draft: draft.put(kind, id, records.new(kind, **fields)))


def halves(**fields: Any) -> World:
    """v1 |a|b| of 5 frames each, cut from one clip."""
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("a", fields) if fields else None)
    world.do("split", clip_id="a", at=5, new_id="b")
    return world


def whole(world: World) -> World:
    world.do("join", left_id="a", right_id="b")
    return world


def test_picture() -> None:
    world = halves()
    decision = world.do("join", left_id="a", right_id="b")
    assert world.picture("v1") == "a[0,10)"
    assert source(world, "a") == (100, 110)
    assert decision.body.description == 'joined "A" and "A"'
    assert not world.alive("b")


@pytest.mark.parametrize(
    "fields",
    [
        {"reversed": True},
        {"speed": {"num": 3, "den": 7}, "map_offset": 5},
        {"speed": {"num": 3, "den": 7}, "reversed": True},
        {"speed": {"num": 0, "den": 1}},
        {"fade_in": F, "fade_out": 2 * F, "color": "RED", "group_id": None},
    ],
)
def test_at_any_speed_and_backwards_a_split_is_taken_back(fields: dict[str, Any]) -> None:
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("a", fields))
    before = values(world.state)
    world.do("split", clip_id="a", at=3, new_id="b")
    assert values(whole(world).state) == before


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"source_in": 104 * F}, ["source"]),
        ({"source_in": 106 * F}, ["source"]),
        ({"gain": 100}, ["gain"]),
        ({"enabled": False}, ["enabled"]),
        ({"speed": {"num": 2, "den": 1}}, ["speed"]),
        ({"params.opacity": 5}, ["params.opacity"]),
        ({"media": {"url": "https://media.example/other.mov"}}, ["media"]),
    ],
)
def test_only_pieces_of_one_source_that_look_alike_are_joined(fields: dict[str, Any], told: list[str]) -> None:
    world = halves()
    world.write(lambda draft: draft.set("b", fields))
    with refused("not_contiguous") as caught:
        world.do("join", left_id="a", right_id="b")
    assert caught.value.details == {"left_id": "a", "right_id": "b", "fields": told}


def test_effects_must_be_alike() -> None:
    world = halves()
    put(world, "effect", "e", parent_id="b", kind="blur", order="V")
    with refused("not_contiguous") as caught:
        world.do("join", left_id="a", right_id="b")
    assert caught.value.details["fields"] == ["effects"]


def test_name_and_colour_may_differ_and_those_of_the_left_stay() -> None:
    world = halves()
    world.write(lambda draft: draft.set("b", {"name": "Other", "color": "RED", "metadata.scene": 3}))
    whole(world)
    assert (world.value("a")["name"], world.value("a")["color"]) == ("A", None)


def test_they_must_touch_in_this_order_on_one_track() -> None:
    world = halves()
    with refused("not_adjacent"):
        world.do("join", left_id="b", right_id="a")
    with refused("clip_missing"):
        world.do("join", left_id="a", right_id="gone")
    world.do("trim", clip_id="b", edge="start", delta=1)
    with refused("not_adjacent"):
        world.do("join", left_id="a", right_id="b")
    world.do("trim", clip_id="b", edge="start", delta=-1)
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("join", left_id="a", right_id="b")


def test_what_belongs_to_the_cut_goes_with_it() -> None:
    world = halves()
    add(world, "c", 10, 5)
    world.write(lambda draft: draft.set("a", {"fade_out": F}))
    world.write(lambda draft: draft.set("b", {"fade_in": F, "fade_out": 2 * F}))
    put(world, "transition", "x", left_id="a", right_id="b", in_offset=F)
    put(world, "transition", "y", left_id="b", right_id="c", in_offset=F)
    whole(world)
    assert (world.value("a")["fade_in"], world.value("a")["fade_out"]) == (0, 2 * F)
    assert not world.alive("x")
    assert world.value("y")["left_id"] == "a"


def test_notes_come_along() -> None:
    world = halves()
    world.do("add_marker", marker_id="m", parent_id="b", time=107)
    whole(world)
    assert (world.value("m")["parent_id"], world.value("m")["time"]) == ("a", 107 * F)


# ---------------------------------------------------------------- animation
def keys(world: World, parent: str, name: str) -> list[tuple[float, Any, Any]]:
    found = [k.value for k in world.state.inside(parent, "keyframe") if k.value["property"] == name]
    return sorted((k["time"] / F, k["value"], k["interpolation"]) for k in found)


def test_animation_that_was_changed_in_one_half_stays_what_it_is_in_both() -> None:
    world = row(("a", 0, 10))
    for time, value in ((0, 0), (8, 800)):
        put(world, "keyframe", f"k{time}", parent_id="a", property="opacity", time=time * F, value=value)
    world.do("split", clip_id="a", at=5, new_id="b")
    put(world, "keyframe", "new", parent_id="b", property="opacity", time=4 * F, value=0)
    whole(world)
    last, first = 5 * F - 1, 5 * F
    assert keys(world, "a", "opacity") == [
        (0, 0, "linear"),
        (last / F, 500, "hold"),
        (first / F, 500, "linear"),
        (8, 800, "linear"),
        (9, 0, "linear"),
    ]
    assert world.value("new")["parent_id"] == "a"


def test_a_half_without_keyframes_stays_as_it_looked() -> None:
    world = halves()
    put(world, "keyframe", "k", parent_id="b", property="opacity", time=F, value=7)
    whole(world)
    assert keys(world, "a", "opacity") == [(5 - 1 / F, 1_000_000, "hold"), (5, 7, "hold"), (6, 7, "linear")]


def test_crops_meet_where_the_source_is_cut_forwards_and_backwards() -> None:
    for backwards, parts in ((False, {104: 1, 106: 2}), (True, {104: 2, 106: 1})):
        world = halves(reversed=backwards)
        window = {"x": 0, "y": 0, "width": 500_000, "height": 500_000}
        for frame, place in parts.items():
            clip = "ab"[place - 1]
            world.do("add_crop_keyframe", keyframe_id=f"k{frame}", clip_id=clip, frame=frame, **window)
        whole(world)
        assert [time for time, _, _ in keys(world, "a", "crop")] == [104, 105 - 1 / F, 105, 106]


def test_keyframes_of_effects_are_joined_too() -> None:
    world = row(("a", 0, 10))
    put(world, "effect", "e", parent_id="a", kind="blur", order="V")
    put(world, "keyframe", "k", parent_id="e", property="params.radius", time=F, value=1)
    before = values(world.state)
    world.do("split", clip_id="a", at=5, new_id="b")
    same = world.copy()
    assert values(whole(same).state) == before
    right = world.state.inside("b", "effect")[0].id
    put(world, "keyframe", "more", parent_id=right, property="params.radius", time=2 * F, value=9)
    whole(world)
    assert keys(world, "e", "params.radius")[-1] == (7, 9, "linear")
    assert [e.id for e in world.state.inside("a", "effect")] == ["e"]


# ---------------------------------------------------------------- links
def test_partners_are_joined_where_they_can_be_and_all_are_one_link() -> None:
    world = row(("a", 0, 10))
    row(("s", 0, 10), ("t", 10, 5), track="a1", kind="audio", world=world)
    linked(world, "a", "s", "t")
    before = values(world.state)
    world.do("split", clip_id="a", at=5, new_id="b", new_ids={"s": "s2"})
    same = world.copy()
    assert values(whole(same).state) == before
    world.do("slip", clip_id="s2", delta=1, single=True)
    whole(world)
    assert world.picture("a1") == "s[0,5) s2[5,10) t[10,15)"
    assert {world.value(id)["link_id"] for id in ("a", "s", "s2", "t")} == {"l1"}


def test_single_leaves_partners_alone() -> None:
    world = row(("a", 0, 10))
    row(("s", 0, 10), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("split", clip_id="a", at=5, new_id="b", new_ids={"s": "s2"})
    world.do("join", left_id="a", right_id="b", single=True)
    assert world.picture("a1") == "s[0,5) s2[5,10)"
    assert [world.value(id)["link_id"] for id in ("a", "s", "s2")] == ["l1", "l1", None]
