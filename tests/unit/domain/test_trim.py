"""trim: one edge moves, the content stays where it was in time, neighbours stay."""

import pytest

from tests.unit.domain.examples import FILM, linked, row, source
from tests.unit.domain.refused import refused
from tests.world import F
from timeline_service.domain import records


@pytest.mark.parametrize(
    ("edge", "delta", "picture", "shown", "said"),
    [
        ("start", 2, "a[6,14) b[20,30)", (102, 110), 'trimmed 2 frames off the start of "A"'),
        ("start", -4, "a[0,14) b[20,30)", (96, 110), 'extended the start of "A" by 4 frames'),
        ("end", -9, "a[4,5) b[20,30)", (100, 101), 'trimmed 9 frames off the end of "A"'),
        ("end", 6, "a[4,20) b[20,30)", (100, 116), 'extended the end of "A" by 6 frames'),
        ("end", 1, "a[4,15) b[20,30)", (100, 111), 'extended the end of "A" by 1 frame'),
    ],
)
def test_pictures(edge: str, delta: int, picture: str, shown: tuple[int, int], said: str) -> None:
    world = row(("a", 4, 10), ("b", 20, 10))
    decision = world.do("trim", clip_id="a", edge=edge, delta=delta)
    assert world.picture("v1") == picture
    assert source(world, "a") == shown
    assert decision.body.description == said
    assert decision.body.gesture == {"type": "trim", "clip_id": "a", "edge": edge, "delta": delta * F, "single": False}


@pytest.mark.parametrize(
    ("edge", "delta", "code"),
    [
        ("start", -5, "negative_time"),
        ("start", 10, "too_short"),
        ("end", -10, "too_short"),
        ("end", 7, "overlap"),
        ("end", {"ticks": 1}, "off_grid"),
        ("end", {"value": 0.1, "rate": 24}, "time_not_exact"),
        ("end", 0, "no_change"),
    ],
)
def test_refusals(edge: str, delta: object, code: str) -> None:
    world = row(("a", 4, 10), ("b", 20, 10))
    with refused(code):
        world.do("trim", clip_id="a", edge=edge, delta=delta)


def test_the_media_ends_the_trim() -> None:
    world = row(("a", 200, 10))
    with refused("no_handle"):
        world.do("trim", clip_id="a", edge="start", delta=-101)
    with refused("no_handle"):
        world.do("trim", clip_id="a", edge="end", delta=891)
    world.do("trim", clip_id="a", edge="start", delta=-100)
    world.do("trim", clip_id="a", edge="end", delta=890)
    assert source(world, "a") == (0, 1000)


def test_a_still_has_no_end() -> None:
    world = row()
    world.do("add_clip", clip_id="s", track_id="v1", media={"asset_id": "photo"}, start=10, duration=5)
    world.do("trim", clip_id="s", edge="start", delta=-10)
    world.do("trim", clip_id="s", edge="end", delta=10_000)
    assert world.picture("v1") == "s[0,10015)"


def test_a_clip_that_is_not_there_and_a_locked_track() -> None:
    world = row(("a", 0, 10))
    with refused("clip_missing"):
        world.do("trim", clip_id="v1", edge="end", delta=1)
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("trim", clip_id="a", edge="end", delta=1)


def test_sound_lies_on_any_tick() -> None:
    world = row(track="a1", kind="audio")
    world.do("add_clip", clip_id="s", track_id="a1", media=FILM, start={"ticks": 7}, duration={"ticks": 1})
    world.do("trim", clip_id="s", edge="end", delta={"ticks": 1})
    assert world.value("s")["duration"] == 2


def test_a_clip_with_a_speed_keeps_its_frames_under_the_playhead() -> None:
    """At 2/3 speed the start moves in the clip's own time, so that what stays shows what it showed."""
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("a", {"speed": {"num": 2, "den": 3}}))
    world.do("trim", clip_id="a", edge="start", delta=1)
    assert (world.value("a")["source_in"], world.value("a")["map_offset"]) == (100 * F, F)


# ---------------------------------------------------------------- partners, transitions, what would be legal
def test_partners_are_trimmed_by_as_much() -> None:
    world = row(("a", 4, 10))
    row(("s", 2, 8), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("trim", clip_id="a", edge="end", delta=-3)
    world.do("trim", clip_id="s", edge="start", delta={"ticks": F})
    assert (world.picture("v1"), world.picture("a1")) == ("a[5,11)", "s[3,7)")
    world.do("trim", clip_id="s", edge="start", delta={"ticks": 1}, single=True)
    assert world.value("a")["start"] == 5 * F
    with refused("off_grid"):
        world.do("trim", clip_id="s", edge="start", delta={"ticks": 1})


def test_what_stops_a_partner_stops_all() -> None:
    world = row(("a", 4, 10))
    row(("s", 2, 8), ("t", 12, 8), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    with refused("overlap") as caught:
        world.do("trim", clip_id="a", edge="end", delta=3)
    legal = {"delta": {"min": -7 * F, "max": 2 * F}}  # sound could be shorter by all but a tick; pictures lie on frames
    assert caught.value.details == {"clip_id": "s", "with_clip_id": "t", "legal": legal}
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("trim", clip_id="a", edge="end", delta=1)


@pytest.mark.parametrize(
    ("edge", "delta", "code", "legal"),
    [
        ("start", -5, "negative_time", (-4, 9)),
        ("start", 10, "too_short", (-4, 9)),
        ("end", 7, "overlap", (-9, 6)),
        ("end", -10, "too_short", (-9, 6)),
    ],
)
def test_a_refusal_says_how_far_the_edge_goes(edge: str, delta: int, code: str, legal: tuple[int, int]) -> None:
    world = row(("a", 4, 10), ("b", 20, 10))
    with refused(code) as caught:
        world.do("trim", clip_id="a", edge=edge, delta=delta)
    assert caught.value.details["legal"] == {"delta": {"min": legal[0] * F, "max": legal[1] * F}}


def test_a_transition_on_the_edge_goes_and_one_on_the_other_is_in_the_way() -> None:
    world = row(("a", 0, 10), ("b", 10, 10), ("c", 20, 10))
    for id, left, right in (("x", "a", "b"), ("y", "b", "c")):
        value = records.new("transition", left_id=left, right_id=right, in_offset=3 * F, out_offset=2 * F)
        world.write(lambda draft, id=id, value=value: draft.put("transition", id, value))
    with refused("in_transition") as caught:
        world.do("trim", clip_id="b", edge="end", delta=-9)
    assert caught.value.details["legal"] == {"delta": {"min": -8 * F, "max": 0}}
    world.do("trim", clip_id="b", edge="end", delta=-8)
    assert (world.alive("x"), world.alive("y")) == (True, False)
