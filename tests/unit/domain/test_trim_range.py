"""set_trim_range and clear_trim_range: the clip shows what of its source is said, from where it begins."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, add, linked, row, source
from tests.unit.domain.refused import refused
from tests.world import F, World


def test_set() -> None:
    world = row(("a", 5, 10), ("b", 40, 10))
    decision = world.do("set_trim_range", clip_id="a", start=90, end=115)
    assert world.picture("v1") == "a[5,30) b[40,50)"
    assert source(world, "a") == (90, 115)
    assert decision.body.description == 'trimmed "A" to 00:00:03:18 to 00:00:04:19 of its source'


@pytest.mark.parametrize(
    ("num", "den", "backwards", "length"), [(2, 1, False, 12), (2, 1, True, 12), (1, 2, False, 50), (3, 7, True, 58)]
)
def test_the_length_follows_the_speed_floored_to_the_grid(num: int, den: int, backwards: bool, length: int) -> None:
    world = row(("a", 0, 10))
    fields = {"speed": {"num": num, "den": den}, "reversed": backwards, "map_offset": 7}
    world.write(lambda draft: draft.set("a", fields))
    world.do("set_trim_range", clip_id="a", start=200, end=225)
    value = world.value("a")
    assert value["duration"] == length * F
    assert (value["source_in"], value["map_offset"]) == (200 * F, 0)


def test_sound_is_floored_to_a_tick() -> None:
    world = row(("s", 0, 10), track="a1", kind="audio")
    world.write(lambda draft: draft.set("s", {"speed": {"num": 2, "den": 1}}))
    world.do("set_trim_range", clip_id="s", start={"ticks": 10}, end={"ticks": 17})
    assert world.value("s")["duration"] == 3


def test_partners_slip_and_grow_by_as_much() -> None:
    world = row(("v", 0, 10))
    row(("s", 2, 6), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    one = world.copy()
    one.do("set_trim_range", clip_id="v", start=95, end=110, single=True)
    assert one.picture("a1") == "s[2,8)"
    world.do("set_trim_range", clip_id="v", start=95, end=110)
    assert (world.picture("v1"), world.picture("a1")) == ("v[0,15)", "s[2,13)")
    assert source(world, "s") == (95, 106)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (10, 10, "bad_range"),
        (-1, 10, "bad_range"),
        (995, 1001, "no_handle"),
        (100, 131, "overlap"),
        (100, {"ticks": 100 * F + F - 1}, "too_short"),
        (100, 110, "no_change"),
    ],
)
def test_refusals(start: object, end: object, code: str) -> None:
    world = row(("a", 0, 10), ("b", 30, 10))
    with refused(code) as caught:
        world.do("set_trim_range", clip_id="a", start=start, end=end)
    if code != "no_change":
        whole = {"start": 0, "end": 1000 * F}
        assert caught.value.details["legal"] == {"source": whole, "duration": {"min": F, "max": 30 * F}}


def test_a_freeze_frame_has_no_range() -> None:
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("a", {"speed": {"num": 0, "den": 1}}))
    with refused("bad_range"):
        world.do("set_trim_range", clip_id="a", start=100, end=110)


def test_partners_that_would_vanish_refuse() -> None:
    world = row(("v", 0, 10))
    row(("s", 0, 4), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    with refused("too_short"):
        world.do("set_trim_range", clip_id="v", start=100, end=105)


# ---------------------------------------------------------------- clear
def test_clear_shows_all_there_is() -> None:
    world = row(("a", 5, 10))
    decision = world.do("clear_trim_range", clip_id="a")
    assert (world.picture("v1"), source(world, "a")) == ("a[5,1005)", (0, 1000))
    assert decision.body.description == 'cleared the trim of "A"'
    with refused("no_change"):
        world.do("clear_trim_range", clip_id="a")


def short_sound() -> World:
    world = row(("v", 0, 10))
    world.do("add_track", track_id="a1", kind="audio")
    shorter: dict[str, Any] = {**FILM, "available": {"start": 0, "duration": 990 * F + 1}}
    add(world, "s", 0, 10, track="a1", media=shorter)
    linked(world, "v", "s")
    return world


def test_a_partner_whose_media_ends_earlier_ends_there() -> None:
    world = short_sound()
    world.do("clear_trim_range", clip_id="v")
    assert source(world, "v") == (0, 1000)
    assert (world.value("s")["source_in"], world.value("s")["duration"]) == (0, 990 * F + 1)
    world = short_sound()
    with refused("no_handle"):
        world.do("set_trim_range", clip_id="v", start=0, end=1000)


def test_media_without_a_known_length_has_no_whole() -> None:
    world = row(("next", 20, 5))
    world.do("add_clip", clip_id="p", track_id="v1", media={"asset_id": "photo"}, start=0, duration=5)
    with refused("no_handle"):
        world.do("clear_trim_range", clip_id="p")
    add(world, "a", 10, 5)
    with refused("overlap"):
        world.do("clear_trim_range", clip_id="a")
    with refused("clip_missing"):
        world.do("clear_trim_range", clip_id="gone")
