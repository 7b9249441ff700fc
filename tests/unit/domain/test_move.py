"""move: clips land where they are told, keep their distances, and what they meet is refused, covered or moved."""

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import FILM, add, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain.draft import derive_id

MADE_ROOM = 'moved "A" to 00:00:00:04 and moved what comes later'


@pytest.mark.parametrize(
    ("params", "picture", "said"),
    [
        ({"delta": 5}, "b[4,8) a[5,9)", 'moved "A" 5 frames later'),
        ({"to": {"start": 10}}, "b[4,8) a[10,14)", 'moved "A" to 00:00:00:10'),
        ({"to": {"start": {"ticks": 9 * F}}}, "b[4,8) a[9,13)", 'moved "A" to 00:00:00:09'),
        (
            {"to": {"start": 6}, "on_overlap": "overwrite"},
            "b[4,6) a[6,10)",
            'moved "A" to 00:00:00:06 over what lay there',
        ),
        ({"to": {"start": 4}, "on_overlap": "insert"}, "a[4,8) b[8,12)", MADE_ROOM),
    ],
)
def test_pictures(params: dict[str, object], picture: str, said: str) -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    if params == {"delta": 5}:
        world.do("trim", clip_id="b", edge="end", delta=-3)
        picture = "b[4,5) a[5,9)"
    decision = world.do("move", clip_ids=["a"], **params)
    assert world.picture("v1") == picture
    assert decision.body.description == said


def test_insert_reorders() -> None:
    world = row(("a", 0, 4), ("b", 4, 4), ("c", 8, 4))
    world.do("move", clip_ids=["c"], to={"start": 4}, on_overlap="insert")
    assert world.picture("v1") == "a[0,4) c[4,8) b[8,12)"


def test_insert_into_a_clip_cuts_it() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    world.do("move", clip_ids=["a"], to={"start": 6}, on_overlap="insert")
    right = derive_id("g5", "insert", "b")
    assert world.picture("v1") == f"b[4,6) a[6,10) {right}[10,12)"


def test_overwriting_with_several_clips_spares_themselves() -> None:
    world = row(("a", 0, 4), ("b", 4, 4), ("c", 8, 4), ("d", 12, 4))
    world.do("move", clip_ids=["a", "b"], delta=5, on_overlap="overwrite")
    assert world.picture("v1") == "a[5,9) b[9,13) d[13,16)"
    assert not world.alive("c")


def two_tracks() -> World:
    world = row(("a", 0, 4), ("b", 6, 4))
    row(("x", 20, 4), track="v2", world=world)
    return row(("s", 0, 4), track="a1", kind="audio", world=world)


def test_the_first_lands_the_rest_keep_their_distance() -> None:
    world = two_tracks()
    decision = world.do("move", clip_ids=["b", "a", "s"], to={"start": 8, "track_id": "v2"})
    assert (world.picture("v2"), world.picture("a1")) == ("a[2,6) b[8,12) x[20,24)", "s[2,6)")
    assert decision.body.description == 'moved "B", "A" and "S" to 00:00:00:08 on "V2"'
    assert {c.unit for c in decision.body.changes} == {0}


def test_tracks_are_counted_among_their_kind() -> None:
    world = two_tracks()
    world.do("move", clip_ids=["a"], track_offset=1)
    assert world.picture("v2") == "a[0,4) x[20,24)"
    decision = world.do("move", clip_ids=["x", "a"], track_offset=-1, delta=12)
    assert world.picture("v1") == "b[6,10) a[12,16) x[32,36)"
    assert decision.body.description == 'moved "X" and "A" 12 frames later 1 track down'
    with refused("track_missing"):
        world.do("move", clip_ids=["a"], track_offset=2)
    with refused("track_missing"):
        world.do("move", clip_ids=["a"], track_offset=-1)
    with refused("track_missing"):
        world.do("move", clip_ids=["a", "s"], track_offset=1)


def test_inserting_a_group_makes_the_same_room_on_every_track() -> None:
    world = row(("a", 30, 4), ("b", 0, 4))
    row(("s", 32, 6), ("t", 0, 4), track="a1", kind="audio", world=world)
    world.do("move", clip_ids=["a", "s"], to={"start": 0}, on_overlap="insert")
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,4) b[8,12)", "s[2,8) t[8,12)")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"clip_ids": ["a"], "delta": 6}, "overlap"),
        ({"clip_ids": ["b"], "delta": -7}, "negative_time"),
        ({"clip_ids": ["b", "a"], "to": {"start": 3}}, "negative_time"),
        ({"clip_ids": ["a"], "delta": {"ticks": 1}}, "off_grid"),
        ({"clip_ids": ["a"], "delta": 0}, "no_change"),
        ({"clip_ids": ["a"]}, "no_change"),
        ({"clip_ids": ["a", "gone"], "delta": 1}, "clip_missing"),
        ({"clip_ids": ["a"], "to": {"track_id": "gone"}}, "track_missing"),
        ({"clip_ids": ["a"], "to": {"track_id": "a1"}}, "kind_mismatch"),
        ({"clip_ids": ["a"], "delta": 1, "to": {"start": 3}}, "invalid"),
        ({"clip_ids": ["a"], "track_offset": 1, "to": {"start": 3}}, "invalid"),
    ],
)
def test_refusals(params: dict[str, object], code: str) -> None:
    world = two_tracks()
    with refused(code):
        world.do("move", **params)


@pytest.mark.parametrize("ids", [[], ["a", "a"], "a", ["a b"], [1]])
def test_clips_are_named_once_each(ids: object) -> None:
    with pytest.raises(ValidationError):
        two_tracks().do("move", clip_ids=ids, delta=1)


@pytest.mark.parametrize("locked", ["v1", "v2"])
def test_neither_end_of_a_move_may_be_locked(locked: str) -> None:
    world = two_tracks()
    world.write(lambda draft: draft.set(locked, {"locked": True}))
    with refused("track_locked"):
        world.do("move", clip_ids=["a"], to={"track_id": "v2"})
    with refused("track_locked"):
        world.do("move", clip_ids=["a"], to={"track_id": "v2", "start": 30}, on_overlap="insert")


def test_a_place_is_carried_a_distance_is_not() -> None:
    world = row(("a", 0, 4), ("b", 10, 4))
    base = world.state.version
    add(world, "up", 0, 5, mode="insert", media=FILM)
    assert world.do("move", clip_ids=["a"], to={"start": 20}, base_version=base).rebased
    assert not world.do("move", clip_ids=["b"], delta=-2, base_version=base).rebased
    assert world.picture("v1") == "up[0,5) b[13,17) a[25,29)"


# ---------------------------------------------------------------- links and groups
def bound(world: World, bond: str, *ids: str) -> None:
    world.write(lambda draft: [draft.set(id, {bond: "one"}) for id in ids])


@pytest.mark.parametrize("bond", ["link_id", "group_id"])
def test_what_is_bound_comes_along_unless_single(bond: str) -> None:
    world = two_tracks()
    bound(world, bond, "a", "s", "x")
    world.do("move", clip_ids=["a"], delta=11, single=True)
    assert (world.picture("v1"), world.picture("v2"), world.picture("a1")) == ("b[6,10) a[11,15)", "x[20,24)", "s[0,4)")
    world.do("move", clip_ids=["a"], delta=2)
    assert (world.picture("v1"), world.picture("v2"), world.picture("a1")) == ("b[6,10) a[13,17)", "x[22,26)", "s[2,6)")


def test_what_only_follows_and_is_of_another_kind_stays_on_its_track() -> None:
    world = two_tracks()
    bound(world, "link_id", "a", "s")
    world.do("move", clip_ids=["a"], track_offset=1, delta=3)
    assert (world.picture("v2"), world.picture("a1")) == ("a[3,7) x[20,24)", "s[3,7)")
    world.do("move", clip_ids=["a"], to={"start": 0, "track_id": "v1"})
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,4) b[6,10)", "s[0,4)")
    with refused("track_missing"):
        world.do("move", clip_ids=["s", "a"], track_offset=1)


def test_where_what_follows_cannot_all_stay() -> None:
    world = two_tracks()
    bound(world, "group_id", "a", "x")
    world.do("move", clip_ids=["b"], delta=16)
    with refused("overlap"):
        world.do("move", clip_ids=["x"], track_offset=-1, delta=1, single=True)
    world.write(lambda draft: draft.set("v2", {"locked": True}))
    with refused("track_locked"):
        world.do("move", clip_ids=["a"], delta=1)


def test_sound_of_odd_length_makes_room_of_whole_frames() -> None:
    world = row(("a", 30, 4), ("b", 0, 4))
    row(("s", 30, 4), track="a1", kind="audio", world=world)
    world.do("trim", clip_id="s", edge="end", delta={"ticks": 1})
    bound(world, "link_id", "a", "s")
    world.do("move", clip_ids=["a"], to={"start": 0}, on_overlap="insert")
    assert world.picture("v1") == "a[0,4) b[5,9)"


def test_halves_that_come_to_be_are_linked_among_themselves() -> None:
    for mode in ("overwrite", "insert"):
        world = row(("a", 0, 12), ("n", 20, 2))
        row(("s", 0, 12), ("m", 20, 2), track="a1", kind="audio", world=world)
        bound(world, "link_id", "a", "s")
        world.do("move", clip_ids=["n", "m"], to={"start": 4}, on_overlap=mode)
        rights = [c.id for c in world.state.living("clip") if c.id not in ("a", "s", "n", "m")]
        assert len(rights) == 2
        assert len({world.value(id)["link_id"] for id in rights} - {None, "one"}) == 1
        assert {world.value(id)["link_id"] for id in ("a", "s")} == {"one"}


# ---------------------------------------------------------------- what would be legal
def test_a_refusal_names_the_nearest_room() -> None:
    world = row(("a", 0, 4), ("b", 6, 4), ("c", 16, 4))
    with refused("overlap") as caught:
        world.do("move", clip_ids=["a"], delta=5)
    room = {"start": 10 * F, "end": 16 * F}
    assert caught.value.details["legal"]["delta"] == {"min": 0, "max": 2 * F}
    assert caught.value.details["legal"]["free"] == [{"start": 0, "end": 6 * F}, room, {"start": 20 * F, "end": None}]
    with refused("overlap") as caught:
        world.do("move", clip_ids=["a"], to={"start": 9})
    assert caught.value.details["legal"]["delta"] == {"min": 10 * F, "max": 12 * F}
    with refused("negative_time") as caught:
        world.do("move", clip_ids=["b", "c"], delta=-7, on_overlap="overwrite")
    assert caught.value.details["legal"] == {"delta": {"min": -6 * F, "max": None}}
    with refused("overlap") as caught:
        world.do("move", clip_ids=["c", "b"], delta=-3)
    assert caught.value.details["legal"]["delta"] == {"min": -2 * F, "max": None}
