"""Transitions: on a cut or at an end, within handles and clip lengths; refusals say how far they could reach."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, add, row
from tests.unit.domain.refused import refused
from tests.world import F, World


def cut() -> World:
    """a shows source [100, 110) and b [100, 106): 890 frames behind a, 100 before b. c stands alone."""
    return row(("a", 0, 10), ("b", 10, 6), ("c", 20, 4))


def test_a_dissolve_lies_on_the_cut() -> None:
    world = cut()
    decision = world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=3, out_offset=2)
    assert world.value("x") == {
        "left_id": "a",
        "right_id": "b",
        "kind": "dissolve",
        "in_offset": 3 * F,
        "out_offset": 2 * F,
        "name": "",
    }
    assert decision.body.description == 'added a dissolve between "A" and "B"'
    assert world.picture("v1") == "a[0,10) b[10,16) c[20,24)"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"right_id": "a", "out_offset": 4, "kind": "fade"}, 'added a fade at the start of "A"'),
        ({"left_id": "c", "in_offset": 4, "name": "Out"}, 'added the dissolve "Out" at the end of "C"'),
    ],
)
def test_a_fade_has_one_clip(params: dict[str, Any], said: str) -> None:
    world = cut()
    assert world.do("add_transition", transition_id="x", **params).body.description == said
    assert world.value("x")["left_id"] is params.get("left_id")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"left_id": "a", "right_id": "c", "in_offset": 1}, "not_adjacent"),
        ({"left_id": "a", "right_id": "gone", "in_offset": 1}, "clip_missing"),
        ({"left_id": "a", "right_id": "b"}, "bad_range"),
        ({"left_id": "a", "out_offset": 1}, "bad_range"),
        ({"left_id": "a", "right_id": "b", "in_offset": {"ticks": 1}}, "off_grid"),
        ({"left_id": "a", "right_id": "b", "in_offset": 11}, "in_transition"),
        ({"left_id": "a", "right_id": "b", "out_offset": 7}, "in_transition"),
        ({"in_offset": 1}, "invalid"),
    ],
)
def test_refusals(params: dict[str, Any], code: str) -> None:
    with refused(code):
        cut().do("add_transition", **params)


def test_handles_end_and_the_refusal_says_where() -> None:
    world = row(("a", 0, 10), track="v1")
    add(world, "b", 10, 6, media={**FILM, "available": {"start": 0, "duration": 110 * F}}, source_in=2)
    with refused("no_handle") as caught:
        world.do("add_transition", left_id="a", right_id="b", in_offset=3)
    assert caught.value.details["largest"] == 2 * F
    assert caught.value.details["legal"] == {
        "in_offset": {"min": 0, "max": 2 * F},
        "out_offset": {"min": 0, "max": 6 * F},
    }
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=2, out_offset=6)
    with refused("no_handle"):
        world.do("set_transition", transition_id="x", in_offset=3)
    with refused("in_transition") as caught:
        world.do("set_transition", transition_id="x", out_offset=7)
    assert caught.value.details["legal"]["out_offset"] == {"min": 0, "max": 6 * F}


def test_stills_have_handles_for_ever() -> None:
    world = row()
    add(world, "a", 0, 10, media={"generator": "black"}, source_in=0)
    add(world, "b", 10, 10, media={"generator": "color"}, source_in=0)
    world.do("add_transition", left_id="a", right_id="b", in_offset=10, out_offset=10)


def test_each_end_of_a_clip_has_one() -> None:
    world = cut()
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=2, out_offset=2)
    taken: list[dict[str, Any]] = [{"left_id": "a", "right_id": "b"}, {"left_id": "a"}, {"right_id": "b"}]
    for sides in taken:
        with refused("transition_exists") as caught:
            world.do("add_transition", **sides, in_offset=1, out_offset=1)
        assert caught.value.details["transition_id"] == "x"
    with refused("in_transition") as caught:  # two frames of b are taken
        world.do("add_transition", left_id="b", in_offset=5)
    assert caught.value.details["legal"]["in_offset"] == {"min": 0, "max": 4 * F}
    world.do("add_transition", left_id="b", in_offset=4)


def test_set_and_remove() -> None:
    world = cut()
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=2, out_offset=2)
    decision = world.do("set_transition", transition_id="x", kind="wipe", out_offset=0, name="Door")
    assert world.value("x")["kind"] == "wipe"
    assert (world.value("x")["in_offset"], world.value("x")["out_offset"]) == (2 * F, 0)
    assert decision.body.description == 'set transition x to wipe, to 0 frames after the cut, to the name "Door"'
    with refused("bad_range"):
        world.do("set_transition", transition_id="x", in_offset=0)
    with refused("no_change"):
        world.do("set_transition", transition_id="x", kind="wipe")
    assert world.do("remove_transition", transition_id="x").body.description == 'removed the wipe between "A" and "B"'
    assert not world.alive("x")
    for gesture in ("set_transition", "remove_transition"):
        with refused("transition_missing"):
            world.do(gesture, transition_id="x")


def test_a_locked_track_keeps_its_transitions() -> None:
    world = cut()
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=2)
    world.do("lock_track", track_id="v1", locked=True)
    with refused("track_locked"):
        world.do("set_transition", transition_id="x", in_offset=1)
    with refused("track_locked"):
        world.do("remove_transition", transition_id="x")
