"""split_all: every track is cut at one time."""

from typing import Any

import pytest

from tests.unit.domain.examples import linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import records
from timeline_service.domain.draft import derive_id


def stage() -> World:
    """v1 |a  |b|, v2 |x|, a1 |s     |"""
    world = row(("a", 0, 10), ("b", 10, 5))
    row(("x", 10, 10), track="v2", world=world)
    return row(("s", 0, 20), track="a1", kind="audio", world=world)


def right(world: World, id: str) -> str:
    return derive_id(f"g{world.state.version}", "right", id)


def test_what_lies_across_is_cut_and_the_rest_stays() -> None:
    world = stage()
    linked(world, "a", "s")
    decision = world.do("split_all", at=4)
    a, s = right(world, "a"), right(world, "s")
    assert [world.picture(t) for t in ("v1", "v2", "a1")] == [
        f"a[0,4) {a}[4,10) b[10,15)",
        "x[10,20)",
        f"s[0,4) {s}[4,20)",
    ]
    assert decision.body.description == "split all tracks at 00:00:00:04"
    assert world.value("a")["link_id"] == world.value("s")["link_id"] == "l1"
    assert world.value(a)["link_id"] == world.value(s)["link_id"] not in (None, "l1")


def test_tracks_that_are_named_and_locked_ones() -> None:
    world = stage()
    linked(world, "a", "s")
    named = world.copy()
    decision = named.do("split_all", at=4, track_ids=["v1", "v2"])
    assert named.picture("a1") == "s[0,20)"
    assert decision.body.description == 'split "V1" and "V2" at 00:00:00:04'
    assert [named.value(id)["link_id"] for id in ("a", "s", right(named, "a"))] == ["l1", "l1", None]
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    world.do("split_all", at=4)
    assert world.picture("a1") == "s[0,20)"
    with refused("track_locked"):
        world.do("split_all", at=5, track_ids=["a1"])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"at": 0}, "at_edge"),
        ({"at": 20}, "at_edge"),
        ({"at": 10, "track_ids": ["v1", "v2"]}, "at_edge"),
        ({"at": {"ticks": 4 * F + 1}}, "off_grid"),
        ({"at": 4, "track_ids": ["gone"]}, "track_missing"),
    ],
)
def test_refusals(params: dict[str, Any], code: str) -> None:
    world = stage()
    with refused(code):
        world.do("split_all", **params)


def test_a_transition_anywhere_refuses_the_whole() -> None:
    world = stage()
    value = records.new("transition", left_id="a", right_id="b", in_offset=3 * F)
    world.write(lambda draft: draft.put("transition", "t", value))
    with refused("in_transition"):
        world.do("split_all", at=8)
    world.do("split_all", at=7)
