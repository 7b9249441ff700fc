"""Keyframes of every property: where their time counts from, what they take, what a value is between them."""

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import add, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import animation, records
from timeline_service.domain.draft import Draft

POSE: dict[str, Any] = {"x": 250_000, "y": 0, "scale_x": 500_000, "scale_y": 500_000}
WINDOW: dict[str, Any] = {"x": 0, "y": 0, "width": 500_000, "height": 1_000_000}


def stage() -> World:
    """Clip a at [10, 20) that shows its source from frame 100 on, an effect fx on it and one, tfx, on its track."""
    world = row(("a", 10, 10))
    row(("s", 0, 10), track="a1", kind="audio", world=world)

    def put(draft: Draft) -> None:
        for id, parent in (("fx", "a"), ("tfx", "v1")):
            draft.put("effect", id, records.new("effect", parent_id=parent, kind="blur", order="V"))

    world.write(put)
    return world


@pytest.mark.parametrize(
    ("parent", "name", "value", "place", "time"),
    [
        ("a", "opacity", 500_000, {"time": 3}, 3 * F),
        ("a", "opacity", 500_000, {"time": -3}, -3 * F),
        ("a", "opacity", 500_000, {"time": 30}, 30 * F),
        ("a", "opacity", 500_000, {"at": 13}, 3 * F),
        ("a", "transform", POSE, {"at": 19}, 9 * F),
        ("a", "rotation", -90_000, {"time": {"ticks": 7}}, 7),
        ("a", "volume", -600, {"at": 10}, 0),
        ("a", "crop", WINDOW, {"time": 103}, 103 * F),
        ("a", "crop", WINDOW, {"at": 13}, 103 * F),
        ("fx", "params.radius", 5, {"at": 13}, 3 * F),
        ("fx", "params.curve", [1, 2, 3], {"time": 0}, 0),
        ("v1", "volume", -600, {"at": 13}, 13 * F),
        ("v1", "volume", -600, {"time": 13}, 13 * F),
        ("tfx", "params.radius", 5, {"at": 13}, 13 * F),
    ],
)
def test_add(parent: str, name: str, value: Any, place: dict[str, Any], time: int) -> None:
    world = stage()
    world.do("add_keyframe", keyframe_id="k", parent_id=parent, property=name, value=value, **place)
    assert world.value("k") == {
        "parent_id": parent, "property": name, "time": time, "value": value, "interpolation": "linear",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"time": 3, "at": 13}, "invalid"),
        ({}, "invalid"),
        ({"at": 20}, "outside_clip"),
        ({"at": 9}, "outside_clip"),
        ({"parent_id": "gone", "time": 0}, "record_missing"),
        ({"parent_id": "timeline", "time": 0}, "record_missing"),
        ({"time": 0, "value": 1_000_001}, "bad_value"),
        ({"time": 0, "value": [1]}, "bad_value"),
        ({"time": 0, "value": POSE}, "bad_value"),
        ({"time": 0, "property": "transform", "value": {"x": 1}}, "bad_value"),
        ({"time": 0, "property": "crop", "value": {**WINDOW, "x": 1_000_000}}, "bad_value"),
        ({"time": 0, "property": "params.radius"}, "bad_value"),
        ({"time": -1, "property": "crop", "value": WINDOW}, "no_handle"),
        ({"time": 1000, "property": "crop", "value": WINDOW}, "no_handle"),
        ({"parent_id": "s", "time": 0}, "kind_mismatch"),
        ({"parent_id": "v1", "time": -1, "property": "volume"}, "negative_time"),
        ({"parent_id": "v1", "at": -1, "property": "volume"}, "negative_time"),
        ({"parent_id": "v1", "time": 1, "property": "opacity"}, "bad_value"),
        ({"keyframe_id": "a", "time": 0}, "id_taken"),
        ({"time": {"value": 0.3, "rate": 24}}, "time_not_exact"),
    ],
)
def test_what_cannot_be_added(told: dict[str, Any], code: str) -> None:
    with refused(code):
        stage().do("add_keyframe", **{"parent_id": "a", "property": "opacity", "value": 1000, **told})


@pytest.mark.parametrize(
    "told",
    [
        {"value": 0.5},
        {"value": True},
        {"value": "full"},
        {"property": "size"},
        {"property": "params."},
        {"property": "params.\x00"},
        {"interpolation": "smooth"},
        {"interpolation": {"bezier": [0, 0, 1]}},
        {"interpolation": {"bezier": [-1, 0, 0, 0]}},
        {"interpolation": {"bezier": [0, 0, 1_000_001, 0]}},
        {"interpolation": {"bezier": [0.5, 0, 1, 0]}},
        {"interpolation": {"bezier": [0, 0, 0, 0], "more": 1}},
    ],
)
def test_payloads_that_are_wrong_in_themselves(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        stage().do("add_keyframe", **{"parent_id": "a", "property": "opacity", "time": 0, "value": 1, **told})


def test_keyframes_of_one_parameter_have_one_shape() -> None:
    world = stage()
    world.do("add_keyframe", keyframe_id="k", parent_id="fx", property="params.curve", time=0, value=[1, 2])
    for value in (1, [1, 2, 3]):
        with refused("bad_value"):
            world.do("add_keyframe", parent_id="fx", property="params.curve", time=5, value=value)
    world.do("update_keyframe", keyframe_id="k", value=7)  # the only one may take another
    assert world.value("k")["value"] == 7


def test_one_keyframe_of_a_property_at_one_time() -> None:
    world = stage()
    for name, value in (("opacity", 0), ("rotation", 0)):
        world.do("add_keyframe", keyframe_id=name, parent_id="a", property=name, time=3, value=value)
    with refused("keyframe_exists"):
        world.do("add_keyframe", parent_id="a", property="opacity", at=13, value=1)
    world.do("add_keyframe", keyframe_id="l", parent_id="a", property="opacity", time=4, value=1)
    with refused("keyframe_exists"):
        world.do("move_keyframe", keyframe_id="l", to=3)


def test_update() -> None:
    world = stage()
    world.do("add_keyframe", keyframe_id="k", parent_id="a", property="transform", time=3, value=POSE)
    curve = {"bezier": [0, 0, 500_000, 2_000_000]}
    said = world.do("update_keyframe", keyframe_id="k", value={"y": 5}, interpolation=curve).body.description
    assert (world.value("k")["value"], world.value("k")["interpolation"]) == ({**POSE, "y": 5}, curve)
    assert said == 'changed the keyframe of transform 3 frames into "A"'
    with refused("no_change"):
        world.do("update_keyframe", keyframe_id="k", interpolation=curve)
    with refused("bad_value"):
        world.do("update_keyframe", keyframe_id="k", value={"scale_x": 0})
    with refused("keyframe_missing"):
        world.do("update_keyframe", keyframe_id="a", value=1)


def test_move_and_delete() -> None:
    world = stage()
    world.do("add_keyframe", keyframe_id="k", parent_id="a", property="opacity", time=3, value=0)
    for to, time in ((5, 5), ({"time": -1}, -1), ({"at": 12}, 2), ({"ticks": 7 * F}, 7)):
        world.do("move_keyframe", keyframe_id="k", to=to)
        assert world.value("k")["time"] == time * F
    with refused("outside_clip"):
        world.do("move_keyframe", keyframe_id="k", to={"at": 20})
    with refused("invalid"):
        world.do("move_keyframe", keyframe_id="k", to={"at": 12, "time": 1})
    said = world.do("delete_keyframe", keyframe_id="k").body.description
    assert said == 'deleted the keyframe of opacity 7 frames into "A"'
    assert not world.alive("k")
    with refused("keyframe_missing"):
        world.do("move_keyframe", keyframe_id="k", to=1)
    with refused("keyframe_missing"):
        world.do("delete_keyframe", keyframe_id="k")


@pytest.mark.parametrize(
    ("parent", "name", "value", "place", "said"),
    [
        ("a", "opacity", 1, {"at": 13}, 'opacity at 00:00:00:13 of "A"'),
        ("a", "opacity", 1, {"time": -1}, 'opacity 1 frame before "A"'),
        ("a", "crop", WINDOW, {"time": 105}, 'crop at frame 105 of the source of "A"'),
        ("v1", "volume", 1, {"time": 24}, 'volume at 00:00:01:00 of "V1"'),
    ],
)
def test_words(parent: str, name: str, value: Any, place: dict[str, Any], said: str) -> None:
    told: dict[str, Any] = {"keyframe_id": "k", "parent_id": parent, "property": name, "value": value, **place}
    assert stage().do("add_keyframe", **told).body.description == f"added a keyframe of {said}"


def test_locked() -> None:
    world = stage()
    world.do("add_keyframe", keyframe_id="k", parent_id="fx", property="params.radius", time=3, value=0)
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("add_keyframe", {"parent_id": "a", "property": "opacity", "time": 0, "value": 0}),
        ("update_keyframe", {"keyframe_id": "k", "value": 1}),
        ("move_keyframe", {"keyframe_id": "k", "to": 1}),
        ("delete_keyframe", {"keyframe_id": "k"}),
    )
    for gesture, told in asked:
        with refused("track_locked"):
            world.do(gesture, **told)


@pytest.mark.parametrize(("parent", "place", "time"), [("a", "at", 3), ("v1", "at", 20), ("v1", "time", 20)])
def test_places_on_the_timeline_are_carried(parent: str, place: str, time: int) -> None:
    world = stage()
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    told: dict[str, Any] = {"keyframe_id": "k", "parent_id": parent, "property": "volume", "value": 1, place: 13}
    assert world.do("add_keyframe", base_version=base, **told).rebased
    assert world.value("k")["time"] == time * F


def test_times_of_a_clip_are_its_own() -> None:
    world = stage()
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    told: dict[str, Any] = {"keyframe_id": "k", "parent_id": "a", "property": "opacity", "value": 1, "time": 13}
    assert not world.do("add_keyframe", base_version=base, **told).rebased
    assert world.value("k")["time"] == 13 * F


# ---------------------------------------------------------------- values between keyframes
@pytest.mark.parametrize(
    ("way", "values"),
    [
        ("hold", [0, 0, 0, 0, 800]),
        ("linear", [0, 200, 400, 600, 800]),
        ("bezier", [0, 125, 400, 675, 800]),
        ({"bezier": [0, 0, 1_000_000, 1_000_000]}, [0, 200, 400, 600, 800]),
    ],
)
def test_values_between_two_keyframes(way: Any, values: list[int]) -> None:
    world = stage()
    told: dict[str, Any] = {"parent_id": "a", "property": "volume"}
    world.do("add_keyframe", time=0, value=0, interpolation=way, **told)
    world.do("add_keyframe", time=4, value=800, interpolation="hold", **told)
    found = [animation.value_at(world.state, "a", "volume", t * F) for t in (0, 1, 2, 3, 4)]
    assert [animation.rounded(value) for value in found] == values
    assert [animation.value_at(world.state, "a", "volume", t) for t in (-F, 9 * F)] == [0, 800]


def test_values_that_are_not_animated() -> None:
    world = stage()
    world.do("set_volume", clip_id="a", gain=-600)
    world.do("set_opacity", clip_id="a", opacity=5)
    names = ("volume", "opacity", "rotation", "crop", "transform")
    assert [animation.value_at(world.state, "a", name, 0) for name in names] == [
        -600,
        5,
        0,
        {"x": 0, "y": 0, "width": 1_000_000, "height": 1_000_000},
        {"x": 0, "y": 0, "scale_x": 1_000_000, "scale_y": 1_000_000},
    ]
    assert animation.value_at(world.state, "fx", "params.radius", 0) == 0


def test_values_without_a_way_between_them_hold() -> None:
    """Only a foreign file brings such keyframes; gestures refuse them."""
    world = stage()

    def put(draft: Draft) -> None:
        for time, value in ((0, [1]), (4, [1, 2])):
            fields = {"parent_id": "fx", "property": "params.curve", "time": time, "value": value}
            draft.put("keyframe", f"k{time}", records.new("keyframe", **fields))

    world.write(put)
    assert animation.value_at(world.state, "fx", "params.curve", 2) == [1]
    assert animation.rounded([Fraction(5, 2), Fraction(7, 2)]) == [2, 4]
