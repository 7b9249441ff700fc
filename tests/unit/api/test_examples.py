"""Every gesture brings an example that works, names the codes it refuses with, and carries its picture."""

import sys
from inspect import getdoc

import pytest

from tests.stage import example, stage
from tests.world import World
from timeline_service.api import examples
from timeline_service.domain import errors, registry


@pytest.fixture(name="world", scope="module")
def set_the_stage() -> World:
    return stage()


def known_codes(root: type[errors.Refused] = errors.Refused) -> set[str]:
    codes = {root.code, *getattr(root, "CODES", ())}
    return codes.union(*(known_codes(each) for each in root.__subclasses__()))


@pytest.mark.parametrize("name", registry.GESTURES)
def test_the_example_of_a_gesture_is_accepted_on_the_stage(world: World, name: str) -> None:
    assert examples.GESTURES[name], f"{name} has no example"
    decision = world.copy().decide(example(name), gesture_id="example")
    assert decision.body.changes and decision.body.description


@pytest.mark.parametrize("name", registry.GESTURES)
def test_a_gesture_names_the_codes_it_refuses_with(name: str) -> None:
    refuses = registry.GESTURES[name].refuses
    assert refuses and len(set(refuses)) == len(refuses)
    assert set(refuses) <= known_codes(), set(refuses) - known_codes()


@pytest.mark.parametrize("name", registry.GESTURES)
def test_a_gesture_carries_its_picture_and_says_what_it_does(name: str) -> None:
    gesture = registry.GESTURES[name]
    picture = sys.modules[gesture.__module__].__doc__ or ""
    first, _, rest = picture.strip().partition("\n\n")
    assert first and ("->" in rest or "|" in rest), f"{name}.py has no picture of before and after"
    assert getdoc(gesture)
