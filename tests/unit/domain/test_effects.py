"""Effects: in an order, with parameters that are merged per key."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import row
from tests.unit.domain.refused import refused
from tests.world import World
from timeline_service.domain import ordering


def three() -> World:
    world = row(("a", 0, 4), ("b", 4, 4))
    for id, kind in (("e1", "blur"), ("e2", "brightness"), ("e3", "tint")):
        world.do("add_effect", effect_id=id, parent_id="a", kind=kind)
    return world


def pile(world: World, parent: str = "a") -> list[str]:
    return [effect.id for effect in ordering.pile(world.state.inside(parent, "effect"))]


def test_a_new_effect_comes_last_and_keeps_its_parameters() -> None:
    world = three()
    decision = world.do(
        "add_effect", effect_id="e4", parent_id="a", kind="glow", name="Halo", params={"radius": 3, "edge": None}
    )
    assert pile(world) == ["e1", "e2", "e3", "e4"]
    assert world.value("e4") == {
        "parent_id": "a",
        "kind": "glow",
        "order": "Y",
        "name": "Halo",
        "enabled": True,
        "params.radius": 3,
    }
    assert decision.body.description == 'added the effect glow "Halo" to "A"'
    world.do("add_effect", effect_id="e0", parent_id="a", kind="crop", order="A")
    assert pile(world)[0] == "e0"
    assert world.do("add_effect", parent_id="v1", kind="blur").body.description == 'added the effect blur to "V1"'


def test_parameters_are_merged_per_key() -> None:
    world = three()
    world.do("update_effect", effect_id="e1", params={"radius": 3, "edge": [1, 2]})
    decision = world.do("update_effect", effect_id="e1", params={"radius": None, "soft": True}, enabled=False)
    params = {k: v for k, v in world.value("e1").items() if k.startswith("params.")}
    assert params == {"params.edge": [1, 2], "params.soft": True}
    assert world.value("e1")["enabled"] is False
    said = 'set radius, soft and switched it off of the effect blur on "A"'
    assert decision.body.description == said
    assert world.do("update_effect", effect_id="e1", name="Haze").body.description.startswith('renamed it "Haze"')
    with refused("no_change"):
        world.do("update_effect", effect_id="e1")


@pytest.mark.parametrize("params", [{"radius": 1.5}, {"": 1}, {"radius": 2**53}])
def test_parameters_are_json_without_floats(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        three().do("update_effect", effect_id="e1", params=params)


@pytest.mark.parametrize(
    ("params", "after"),
    [
        ({"effect_id": "e3", "before_id": "e2"}, ["e1", "e3", "e2"]),
        ({"effect_id": "e1", "after_id": "e3"}, ["e2", "e3", "e1"]),
        ({"effect_id": "e2", "before_id": "e1"}, ["e2", "e1", "e3"]),
    ],
)
def test_reorder(params: dict[str, Any], after: list[str]) -> None:
    world = three()
    decision = world.do("reorder_effect", **params)
    assert pile(world) == after
    assert [change.id for change in decision.body.changes] == [params["effect_id"]]
    assert decision.body.description.startswith("put the effect ")


def test_removing_takes_the_keyframes_along() -> None:
    world = three()
    world.write(
        lambda draft: draft.put(
            "keyframe",
            "k",
            {"parent_id": "e1", "property": "params.radius", "time": 0, "value": 1, "interpolation": "linear"},
        )
    )
    assert world.do("remove_effect", effect_id="e1").body.description == 'removed the effect blur from "A"'
    assert not world.alive("k")


@pytest.mark.parametrize(
    ("gesture", "params", "code"),
    [
        ("add_effect", {"parent_id": "gone", "kind": "blur"}, "record_missing"),
        ("add_effect", {"parent_id": "e1", "kind": "blur"}, "record_missing"),
        ("add_effect", {"parent_id": "a", "kind": "blur", "effect_id": "e1"}, "id_taken"),
        ("update_effect", {"effect_id": "gone", "name": ""}, "effect_missing"),
        ("remove_effect", {"effect_id": "a"}, "effect_missing"),
        ("reorder_effect", {"effect_id": "e1", "before_id": "other"}, "kind_mismatch"),
        ("reorder_effect", {"effect_id": "e1", "before_id": "e1"}, "kind_mismatch"),
        ("reorder_effect", {"effect_id": "e1", "before_id": "e2"}, "no_change"),
        ("reorder_effect", {"effect_id": "e1"}, "invalid"),
    ],
)
def test_refusals(gesture: str, params: dict[str, Any], code: str) -> None:
    world = three()
    world.do("add_effect", effect_id="other", parent_id="b", kind="blur")
    with refused(code):
        world.do(gesture, **params)
