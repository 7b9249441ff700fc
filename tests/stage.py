"""The stage of the examples, without a service: where the example of every gesture must be accepted on its own."""

from typing import Any, Final

from tests.world import World
from timeline_service.api import examples
from timeline_service.domain import registry
from timeline_service.domain.time import Rate

R25: Final = Rate(25, 1)
F25: Final = R25.ticks_per_frame


def stage() -> World:
    """A new timeline as the examples have it (examples.STAGE)."""
    world = World(R25)
    for gesture in examples.STAGE:
        world.keep(world.decide(gesture))
    return world


def example(name: str) -> dict[str, Any]:
    """The payload that a gesture shows."""
    return {"type": name, **registry.GESTURES[name].example}
