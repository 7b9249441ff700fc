"""Speed and direction: what stays, what moves, what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import FILM, add, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import clip_time


def frame_at(world: World, id: str, at: int) -> float:
    """The source frame that a clip shows at a timeline frame."""
    value = world.value(id)
    return clip_time.source_at(value, at * F - value["start"]) / F


def times(num: int, den: int = 1) -> dict[str, int]:
    return {"num": num, "den": den}


# ---------------------------------------------------------------- set_speed
def test_keep_duration_shows_more_of_the_source() -> None:
    world = row(("a", 10, 20), ("b", 30, 5))
    said = world.do("set_speed", clip_id="a", speed=times(4, 2), keep="duration").body.description
    assert said == 'set the speed of "A" to 2x and kept its length'
    assert world.picture("v1") == "a[10,30) b[30,35)"
    assert world.value("a")["speed"] == times(2)
    assert [frame_at(world, "a", at) for at in (10, 15, 29)] == [100, 110, 138]
    world.do("set_speed", clip_id="a", speed=times(1), keep="duration")
    assert frame_at(world, "a", 29) == 119


@pytest.mark.parametrize(
    ("speed", "picture"),
    [
        (times(2), "a[10,20) b[30,35)"),
        (times(3), "a[10,16) b[30,35)"),  # 6.67 frames: floored
        (times(100), "a[10,11) b[30,35)"),  # 0.2 frames: at least one
    ],
)
def test_keep_source_leaves_a_gap(speed: dict[str, int], picture: str) -> None:
    world = row(("a", 10, 20), ("b", 30, 5))
    said = world.do("set_speed", clip_id="a", speed=speed, keep="source").body.description
    assert said.endswith("and kept its source")
    assert world.picture("v1") == picture
    assert frame_at(world, "a", 10) == 100


def test_slower_with_its_source_needs_room() -> None:
    world = row(("a", 10, 20), ("b", 35, 5))
    with refused("overlap") as caught:
        world.do("set_speed", clip_id="a", speed=times(1, 2), keep="source")
    slowest = times(77, 100)  # 20 frames at 0.769 are 26.008, at 0.77 25.97
    assert caught.value.details["legal"] == {"speed": {"min": slowest, "max": None}}
    world.copy().do("set_speed", clip_id="a", speed=slowest, keep="source")
    with refused("overlap"):
        world.do("set_speed", clip_id="a", speed=times(769, 1000), keep="source")
    world.do("set_speed", clip_id="a", speed=times(4, 5), keep="source")
    assert world.picture("v1") == "a[10,35) b[35,40)"


def test_what_a_partner_can_do_counts_too() -> None:
    world = row(("a", 0, 20))
    row(track="a1", kind="audio", world=world)
    short = {**FILM, "available": {"start": 0, "duration": 160 * F}}
    add(world, "s", 0, 20, track="a1", media=short)
    linked(world, "a", "s")
    with refused("no_handle") as caught:
        world.do("set_speed", clip_id="a", speed=times(4), keep="duration")
    assert caught.value.details["legal"] == {"speed": {"min": None, "max": times(3)}}
    world.do("set_speed", clip_id="a", speed=times(3), keep="duration")


def test_what_a_transition_covers_counts_too() -> None:
    world = row(("a", 0, 20))
    world.do("add_transition", left_id="a", in_offset=5)
    with refused("in_transition") as caught:
        world.do("set_speed", clip_id="a", speed=times(5), keep="source")
    assert caught.value.details["legal"] == {"speed": {"min": None, "max": times(4)}}


def test_faster_in_the_same_room_needs_media() -> None:
    world = row(("a", 10, 20))
    with refused("no_handle") as caught:
        world.do("set_speed", clip_id="a", speed=times(46), keep="duration")
    assert caught.value.details["legal"] == {"speed": {"min": None, "max": times(45)}}
    world.do("set_speed", clip_id="a", speed=times(45), keep="duration")


def test_a_reversed_clip_goes_on_from_the_same_picture() -> None:
    world = row(("a", 0, 20))
    world.do("reverse", clip_id="a")
    world.do("set_speed", clip_id="a", speed=times(2), keep="source")
    assert world.picture("v1") == "a[0,10)"
    assert clip_time.source_span(world.value("a")) == (100 * F, 120 * F - 1)
    world.do("set_speed", clip_id="a", speed=times(4), keep="duration")
    assert clip_time.source_span(world.value("a")) == (80 * F, 120 * F - 3)
    with refused("no_handle") as caught:
        world.do("set_speed", clip_id="a", speed=times(13), keep="duration")
    assert caught.value.details["legal"] == {"speed": {"min": None, "max": times(12)}}


def pair(start: int, length: int) -> World:
    """A clip v at [10, 30) and linked sound; both show source frame 100 at timeline frame 10."""
    world = row(("v", 10, 20))
    row(track="a1", kind="audio", world=world)
    sound = {**FILM, "url": "https://media.example/film.wav"}
    add(world, "s", start, length, track="a1", media=sound, source_in=90 + start)
    linked(world, "v", "s")
    return world


@pytest.mark.parametrize(
    ("start", "length", "after", "source_in"),
    [(10, 20, "s[10,20)", 100), (4, 30, "s[7,22)", 94), (12, 10, "s[11,16)", 102)],
)
def test_linked_sound_turns_about_the_same_beginning(start: int, length: int, after: str, source_in: int) -> None:
    world = pair(start, length)
    world.do("set_speed", clip_id="v", speed=times(2), keep="source")
    assert (world.picture("v1"), world.picture("a1")) == ("v[10,20)", after)
    assert world.value("s")["source_in"] == source_in * F
    for at in (12, 15):  # in step
        assert frame_at(world, "v", at) == frame_at(world, "s", at)


def test_linked_sound_stays_in_step_when_all_keep_their_room() -> None:
    world = pair(4, 30)
    world.do("set_speed", clip_id="v", speed=times(2), keep="duration")
    assert (world.picture("v1"), world.picture("a1")) == ("v[10,30)", "s[4,34)")
    assert world.value("s")["source_in"] == 88 * F
    world.do("set_speed", clip_id="v", speed=times(3), keep="duration", single=True)
    assert (world.value("v")["speed"], world.value("s")["speed"]) == (times(3), times(2))


def test_a_partner_that_cannot_follow_refuses_the_whole() -> None:
    world = pair(10, 20)
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("set_speed", clip_id="v", speed=times(2), keep="source")
    world.do("set_speed", clip_id="v", speed=times(2), keep="source", single=True)
    world = pair(1, 20)
    with refused("negative_time"):
        world.do("set_speed", clip_id="v", speed=times(1, 2), keep="source")


def test_animation_keeps_its_times() -> None:
    world = row(("a", 10, 20))
    world.do("add_keyframe", keyframe_id="k", parent_id="a", property="opacity", time=15, value=0)
    world.do("set_speed", clip_id="a", speed=times(2), keep="source")
    assert world.value("k")["time"] == 15 * F


def test_a_transition_whose_clips_part_goes() -> None:
    world = row(("a", 10, 20), ("b", 30, 20))
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=2, out_offset=2)
    world.do("set_speed", clip_id="a", speed=times(2), keep="duration")
    assert world.alive("x")
    world.do("set_speed", clip_id="a", speed=times(4), keep="source")
    assert not world.alive("x")


def test_a_speed_that_is_there() -> None:
    world = row(("a", 10, 20))
    with refused("no_change"):
        world.do("set_speed", clip_id="a", speed=times(7, 7), keep="source")
    with refused("clip_missing"):
        world.do("set_speed", clip_id="v1", speed=times(2), keep="source")


@pytest.mark.parametrize(
    "told",
    [
        {"speed": {"num": 0, "den": 1}},
        {"speed": {"num": -1, "den": 1}},
        {"speed": {"num": 1, "den": 0}},
        {"speed": {"num": 1_000_001, "den": 1}},
        {"speed": 2},
        {"speed": {"num": 1.5, "den": 1}},
        {"keep": "both"},
    ],
)
def test_payloads_that_are_wrong_in_themselves(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        row(("a", 10, 20)).do("set_speed", **{"clip_id": "a", "speed": times(2), "keep": "source", **told})


# ---------------------------------------------------------------- reverse
def test_reverse() -> None:
    world = row(("a", 10, 20))
    before = dict(world.value("a"))
    assert world.do("reverse", clip_id="a").body.description == 'played "A" backwards'
    assert [frame_at(world, "a", at) for at in (10, 29)] == [120 - 1 / F, 101 - 1 / F]
    assert world.do("reverse", clip_id="a").body.description == 'played "A" forwards again'
    assert world.value("a") == before


def test_linked_sound_is_reversed_too() -> None:
    world = pair(10, 20)
    world.do("reverse", clip_id="s")
    assert world.value("v")["reversed"] and world.value("s")["reversed"]
    world.do("reverse", clip_id="v", single=True)
    assert (world.value("v")["reversed"], world.value("s")["reversed"]) == (False, True)
    with refused("clip_missing"):
        world.do("reverse", clip_id="a1")
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("reverse", clip_id="v")


def test_a_transition_needs_its_handles_on_the_other_side() -> None:
    world = row(("a", 0, 10))
    add(world, "b", 10, 10, source_in=2)
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=2, out_offset=2)
    add(world, "c", 20, 10, source_in=500)
    world.do("add_transition", transition_id="y", left_id="b", right_id="c", in_offset=3, out_offset=3)
    with refused("no_handle"):  # its end would be the beginning of the media, two frames away
        world.do("reverse", clip_id="b")
