"""Tracks: taken away, renamed, stacked anew, locked, muted, soloed, hidden."""

from typing import Any

import pytest

from tests.unit.domain.examples import add, row
from tests.unit.domain.refused import refused
from tests.world import World
from timeline_service.domain import surgery


def stack() -> World:
    world = World()
    for id in ("v1", "v2", "v3"):
        world.do("add_track", track_id=id, kind="video", name=id.upper())
    return world


def order(world: World) -> list[str]:
    return [track.id for track in surgery.tracks(world.state)]


@pytest.mark.parametrize(
    ("params", "after", "said"),
    [
        ({"track_id": "v1", "after_id": "v2"}, ["v2", "v1", "v3"], 'put "V1" above "V2"'),
        ({"track_id": "v1", "after_id": "v3"}, ["v2", "v3", "v1"], 'put "V1" above "V3"'),
        ({"track_id": "v3", "before_id": "v1"}, ["v3", "v1", "v2"], 'put "V3" beneath "V1"'),
        ({"track_id": "v3", "before_id": "v2"}, ["v1", "v3", "v2"], 'put "V3" beneath "V2"'),
    ],
)
def test_reorder_writes_one_rank(params: dict[str, Any], after: list[str], said: str) -> None:
    world = stack()
    decision = world.do("reorder_track", **params)
    assert order(world) == after
    assert decision.body.description == said
    assert [change.id for change in decision.body.changes] == [params["track_id"]]


def test_ranks_without_room_between_them_are_given_anew() -> None:
    world = World()
    for id, rank in (("v1", "V"), ("v2", "V"), ("v3", "V0")):
        world.do("add_track", track_id=id, kind="video", order=rank)
    world.do("reorder_track", track_id="v3", before_id="v2")
    assert order(world) == ["v1", "v3", "v2"]
    world.do("reorder_track", track_id="v2", before_id="v1")
    assert order(world) == ["v2", "v1", "v3"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"track_id": "v2", "after_id": "v1"}, "no_change"),
        ({"track_id": "v2", "before_id": "v3"}, "no_change"),
        ({"track_id": "v2", "before_id": "v2"}, "kind_mismatch"),
        ({"track_id": "v2", "before_id": "gone"}, "track_missing"),
        ({"track_id": "gone", "before_id": "v2"}, "track_missing"),
        ({"track_id": "v2"}, "invalid"),
        ({"track_id": "v2", "before_id": "v1", "after_id": "v3"}, "invalid"),
    ],
)
def test_reorder_refusals(params: dict[str, Any], code: str) -> None:
    with refused(code):
        stack().do("reorder_track", **params)


def test_tracks_of_two_sequences_are_not_one_stack() -> None:
    world = row(("a", 0, 4))
    world.do("nest", clip_ids=["a"], clip_id="n", sequence_id="q")
    world.do("add_track", track_id="inner", kind="video", name="Top", sequence_id="q")
    assert [track.value["name"] for track in surgery.tracks(world.state, sequence_id="q")] == ["V1", "Top"]
    with refused("kind_mismatch"):
        world.do("reorder_track", track_id="inner", after_id="v1")
    with refused("sequence_missing"):
        world.do("add_track", kind="video", sequence_id="gone")


@pytest.mark.parametrize(
    ("gesture", "param", "field", "on", "said", "unsaid"),
    [
        ("lock_track", "locked", "locked", True, 'locked "V1"', 'unlocked "V1"'),
        ("mute_track", "muted", "muted", True, 'muted "V1"', 'unmuted "V1"'),
        ("solo_track", "solo", "solo", True, 'soloed "V1"', 'ended the solo of "V1"'),
        ("hide_track", "hidden", "enabled", False, 'hid "V1"', 'showed "V1"'),
    ],
)
def test_switches(gesture: str, param: str, field: str, on: bool, said: str, unsaid: str) -> None:
    world = row(("a", 0, 4))
    yes: dict[str, Any] = {param: True}
    no: dict[str, Any] = {param: False}
    assert world.do(gesture, track_id="v1", **yes).body.description == said
    assert world.value("v1")[field] is on
    with refused("no_change"):
        world.do(gesture, track_id="v1", **yes)
    assert world.do(gesture, track_id="v1", **no).body.description == unsaid
    assert world.value("v1")[field] is not on
    with refused("track_missing"):
        world.do(gesture, track_id="gone", **yes)


def test_a_locked_track_can_be_renamed_and_moved_but_not_removed() -> None:
    world = stack()
    add(world, "a", 0, 4)
    world.do("lock_track", track_id="v1", locked=True)
    assert world.do("rename_track", track_id="v1", name="Base").body.description == 'renamed the track "V1" to "Base"'
    world.do("reorder_track", track_id="v1", after_id="v3")
    with refused("track_locked"):
        world.do("remove_track", track_id="v1", content="remove")
    with refused("track_locked"):
        world.do("trim", clip_id="a", edge="end", delta=-1)
    with refused("track_missing"):
        world.do("rename_track", track_id="a", name="No")


def test_remove_track_asks_about_what_lies_on_it() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    row(("s", 0, 4), ("t", 4, 4), track="a1", kind="audio", world=world)
    world.do("link", clip_ids=["a", "s"], link_id="l")
    world.do("add_marker", marker_id="m", parent_id="v1", time=1)
    world.do("add_effect", effect_id="e", parent_id="v1", kind="blur")
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=1)
    with refused("in_use") as caught:
        world.do("remove_track", track_id="v1")
    assert caught.value.details == {"id": "v1", "by": "a"}
    decision = world.do("remove_track", track_id="v1", content="remove")
    assert decision.body.description == 'removed the video track "V1" with 2 items'
    assert not any(world.alive(id) for id in ("v1", "a", "b", "m", "e", "x"))
    assert world.value("s")["link_id"] is None
    assert world.picture("a1") == "s[0,4) t[4,8)"


def test_captions_are_content_too() -> None:
    world = World()
    world.do("add_track", track_id="cc", kind="caption")
    assert world.do("remove_track", track_id="cc").body.description == "removed the caption track cc"
    world.do("add_track", track_id="cd", kind="caption")
    world.do("add_caption", track_id="cd", start=0, duration=1, text="Hi")
    with refused("in_use"):
        world.do("remove_track", track_id="cd")
    said = world.do("remove_track", track_id="cd", content="remove").body.description
    assert said == "removed the caption track cd with 1 item"
