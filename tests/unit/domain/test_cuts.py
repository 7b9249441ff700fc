"""roll, slip, slide: a cut moves, a window moves, a clip moves between its neighbours; the whole stays as long."""

from typing import Any

import pytest

from tests.unit.domain.examples import add, linked, row, source
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import records


def put(world: World, kind: str, id: str, /, **fields: Any) -> None:
    world.write(lambda draft: draft.put(kind, id, records.new(kind, **fields)))


def three() -> World:
    """v1 |a|b|c| of 10 frames each, all from frame 100 of the film on."""
    return row(("a", 0, 10), ("b", 10, 10), ("c", 20, 10))


# ---------------------------------------------------------------- roll
@pytest.mark.parametrize(
    ("delta", "picture", "said"),
    [
        (4, "a[0,14) b[14,20) c[20,30)", 'rolled the cut between "A" and "B" 4 frames later'),
        (-1, "a[0,9) b[9,20) c[20,30)", 'rolled the cut between "A" and "B" 1 frame earlier'),
    ],
)
def test_roll(delta: int, picture: str, said: str) -> None:
    world = three()
    decision = world.do("roll", left_id="a", right_id="b", delta=delta)
    assert world.picture("v1") == picture
    assert source(world, "a") == (100, 110 + delta)
    assert source(world, "b") == (100 + delta, 110)
    assert decision.body.description == said


def test_a_transition_rolls_with_its_cut_and_keeps_its_handles() -> None:
    world = three()
    ticks = {"in_offset": 3 * F, "out_offset": 2 * F}
    put(world, "transition", "x", left_id="a", right_id="b", **ticks)
    world.do("roll", left_id="a", right_id="b", delta=5)
    assert world.alive("x")
    with refused("in_transition") as caught:
        world.do("roll", left_id="a", right_id="b", delta=4)
    assert caught.value.details["legal"] == {"delta": {"min": -12 * F, "max": 3 * F}}
    world.do("roll", left_id="a", right_id="b", delta=3)
    assert world.picture("v1") == "a[0,18) b[18,20) c[20,30)"


def test_the_handles_end_a_roll() -> None:
    world = row()
    add(world, "a", 0, 100, source_in=895)
    add(world, "b", 100, 100, source_in=3)
    with refused("no_handle") as caught:
        world.do("roll", left_id="a", right_id="b", delta=-4)
    assert caught.value.details["legal"] == {"delta": {"min": -3 * F, "max": 5 * F}}
    with refused("no_handle"):
        world.do("roll", left_id="a", right_id="b", delta=6)
    world.do("roll", left_id="a", right_id="b", delta=5)
    world.do("roll", left_id="a", right_id="b", delta=-8)
    assert world.picture("v1") == "a[0,97) b[97,200)"


def test_the_edges_of_partners_roll_too() -> None:
    world = three()
    row(("s", 0, 8), ("t", 12, 18), track="a1", kind="audio", world=world)
    linked(world, "a", "s", label="l1")
    linked(world, "b", "t", label="l2")
    world.do("roll", left_id="a", right_id="b", delta=2)
    assert world.picture("a1") == "s[0,10) t[14,30)"
    world.do("roll", left_id="a", right_id="b", delta=-2, single=True)
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,10) b[10,20) c[20,30)", "s[0,10) t[14,30)")


def test_of_one_link_only_what_shares_the_cut_rolls() -> None:
    world = three()
    row(("s", 0, 10), ("t", 10, 5), ("u", 15, 5), track="a1", kind="audio", world=world)
    linked(world, "a", "b", "s", "t", "u")
    world.do("roll", left_id="a", right_id="b", delta=2)
    assert world.picture("a1") == "s[0,12) t[12,15) u[15,20)"


@pytest.mark.parametrize(
    ("left", "right", "delta", "code"),
    [
        ("a", "c", 1, "not_adjacent"),
        ("b", "a", 1, "not_adjacent"),
        ("a", "b", 10, "too_short"),
        ("a", "b", -10, "too_short"),
        ("a", "b", {"ticks": 1}, "off_grid"),
        ("a", "b", 0, "no_change"),
        ("a", "gone", 1, "clip_missing"),
    ],
)
def test_refusals_of_roll(left: str, right: str, delta: object, code: str) -> None:
    world = three()
    with refused(code):
        world.do("roll", left_id=left, right_id=right, delta=delta)


# ---------------------------------------------------------------- slip
def test_slip() -> None:
    world = three()
    decision = world.do("slip", clip_id="b", delta=7)
    assert world.picture("v1") == "a[0,10) b[10,20) c[20,30)"
    assert source(world, "b") == (107, 117)
    assert decision.body.description == 'slipped "B" by 7 frames to a later picture'
    decision = world.do("slip", clip_id="b", delta=-107)
    assert decision.body.description == 'slipped "B" by 107 frames to an earlier picture'
    assert source(world, "b") == (0, 10)


def test_slip_leaves_animation_and_what_lies_on_the_picture() -> None:
    world = three()
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="b", frame=104, x=0, y=0, width=9, height=9)
    put(world, "keyframe", "o", parent_id="b", property="opacity", time=3 * F, value=5)
    world.do("add_marker", marker_id="m", parent_id="b", time=104)
    world.do("slip", clip_id="b", delta=7)
    assert [world.value(id)["time"] // F for id in ("k", "o", "m")] == [104, 3, 104]


def test_the_media_and_the_transitions_end_a_slip() -> None:
    world = three()
    with refused("no_handle") as caught:
        world.do("slip", clip_id="b", delta=-101)
    assert caught.value.details["legal"] == {"delta": {"min": -100 * F, "max": 890 * F}}
    put(world, "transition", "x", left_id="a", right_id="b", in_offset=4 * F)
    put(world, "transition", "y", left_id="b", right_id="c", out_offset=5 * F)
    with refused("no_handle") as caught:
        world.do("slip", clip_id="b", delta=-97)
    assert caught.value.details["legal"] == {"delta": {"min": -96 * F, "max": 885 * F}}
    world.do("slip", clip_id="b", delta=-96)
    world.do("slip", clip_id="b", delta=96 + 885)
    with refused("no_handle"):
        world.do("slip", clip_id="b", delta=1)


def test_a_reversed_clip_at_another_speed_slips_in_its_source() -> None:
    world = row()
    add(world, "a", 0, 10)
    world.write(lambda draft: draft.set("a", {"speed": {"num": 2, "den": 1}, "reversed": True}))
    world.do("slip", clip_id="a", delta=5)
    assert world.value("a")["source_in"] == 105 * F
    with refused("no_handle") as caught:
        world.do("slip", clip_id="a", delta=900)
    assert caught.value.details["legal"]["delta"] == {"min": -105 * F, "max": 1000 * F - (105 * F + 19 * F + F - 1)}


def test_partners_slip_too_and_stills_slip_for_ever() -> None:
    world = three()
    row(("s", 0, 10), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("slip", clip_id="a", delta=3)
    assert (source(world, "a"), source(world, "s")) == ((103, 113), (103, 113))
    world.do("slip", clip_id="s", delta={"ticks": 1}, single=True)
    assert source(world, "a") == (103, 113)
    world.do("add_clip", clip_id="p", track_id="v1", media={"asset_id": "photo"}, start=40, duration=5)
    world.do("slip", clip_id="p", delta=-10_000)
    with refused("clip_missing"):
        world.do("slip", clip_id="gone", delta=1)
    with refused("no_change"):
        world.do("slip", clip_id="a", delta=0)


# ---------------------------------------------------------------- slide
@pytest.mark.parametrize(
    ("delta", "picture", "said"),
    [
        (4, "a[0,14) b[14,24) c[24,30)", 'slid "B" 4 frames later'),
        (-9, "a[0,1) b[1,11) c[11,30)", 'slid "B" 9 frames earlier'),
    ],
)
def test_slide(delta: int, picture: str, said: str) -> None:
    world = three()
    decision = world.do("slide", clip_id="b", delta=delta)
    assert world.picture("v1") == picture
    assert [source(world, id) for id in "abc"] == [(100, 110 + delta), (100, 110), (100 + delta, 110)]
    assert decision.body.description == said


def test_transitions_slide_along_and_end_it() -> None:
    world = three()
    put(world, "transition", "x", left_id="a", right_id="b", in_offset=2 * F, out_offset=1 * F)
    put(world, "transition", "y", left_id="b", right_id="c", in_offset=1 * F, out_offset=3 * F)
    with refused("in_transition") as caught:
        world.do("slide", clip_id="b", delta=8)
    assert caught.value.details["legal"] == {"delta": {"min": -8 * F, "max": 7 * F}}
    world.do("slide", clip_id="b", delta=7)
    assert world.alive("x")
    assert world.alive("y")


def test_partners_slide_between_their_own_neighbours() -> None:
    world = three()
    row(("r", 0, 12), ("s", 12, 6), ("t", 18, 12), track="a1", kind="audio", world=world)
    linked(world, "b", "s")
    world.do("slide", clip_id="b", delta=2)
    assert world.picture("a1") == "r[0,14) s[14,20) t[20,30)"
    world.do("remove_clip", clip_id="t")
    with refused("no_neighbour") as caught:
        world.do("slide", clip_id="b", delta=2)
    assert caught.value.details == {"clip_id": "s", "edge": "end"}
    world.do("slide", clip_id="b", delta=2, single=True)


def test_linked_neighbours_slide_as_one() -> None:
    world = row(("a", 0, 10), ("b", 10, 10), ("c", 20, 10), ("d", 30, 10))
    linked(world, "b", "c")
    world.do("slide", clip_id="b", delta=3)
    assert world.picture("v1") == "a[0,13) b[13,23) c[23,33) d[33,40)"


def test_what_lies_between_two_that_slide_is_trimmed_at_both_ends() -> None:
    world = row(("a", 0, 10), ("b", 10, 10), ("c", 20, 10), ("d", 30, 10), ("e", 40, 10))
    linked(world, "b", "d")
    world.do("slide", clip_id="b", delta=3)
    assert world.picture("v1") == "a[0,13) b[13,23) c[23,33) d[33,43) e[43,50)"
    assert source(world, "c") == (103, 113)


@pytest.mark.parametrize(
    ("clip", "delta", "code"),
    [
        ("a", 1, "no_neighbour"),
        ("c", 1, "no_neighbour"),
        ("b", 10, "too_short"),
        ("b", -10, "too_short"),
        ("b", {"ticks": 1}, "off_grid"),
        ("b", 0, "no_change"),
        ("gone", 1, "clip_missing"),
    ],
)
def test_refusals_of_slide(clip: str, delta: object, code: str) -> None:
    world = three()
    with refused(code):
        world.do("slide", clip_id=clip, delta=delta)


def test_a_gap_is_no_neighbour_and_handles_end_a_slide() -> None:
    world = row()
    add(world, "a", 0, 10, source_in=988)
    add(world, "b", 10, 10)
    add(world, "c", 20, 10, source_in=1)
    with refused("no_handle") as caught:
        world.do("slide", clip_id="b", delta=3)
    assert caught.value.details["legal"] == {"delta": {"min": -1 * F, "max": 2 * F}}
    world.do("trim", clip_id="a", edge="end", delta=-1)
    with refused("no_neighbour"):
        world.do("slide", clip_id="b", delta=1)


def test_locked_tracks_stay() -> None:
    world = three()
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    for gesture in (
        {"type": "roll", "left_id": "a", "right_id": "b"},
        {"type": "slip", "clip_id": "b"},
        {"type": "slide", "clip_id": "b"},
    ):
        with refused("track_locked"):
            world.decide({**gesture, "delta": 1})
