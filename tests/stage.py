"""The stage of the examples, without a service: where the example of every gesture must be accepted on its own."""

from typing import Any, Final

from tests.world import World
from timeline_service.api import examples
from timeline_service.domain import records, registry
from timeline_service.domain.draft import Draft
from timeline_service.domain.time import Rate

R25: Final = Rate(25, 1)
F25: Final = R25.ticks_per_frame

FILM: Final = {"media": examples.FOOTAGE, "track_id": "v1"}
WRITTEN: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("sequence", "scene1", {"name": "Scene"}),
    ("track", "sv1", {"kind": "video", "order": "V", "sequence_id": "scene1"}),
    ("clip", "inner", {**FILM, "track_id": "sv1", "start": 0, "duration": 100 * F25}),
    (
        "clip",
        "nest1",
        {"media": {"sequence_id": "scene1"}, "track_id": "v2", "start": 400 * F25, "duration": 100 * F25},
    ),
)
"""(kind, id, fields) of what belongs on the stage while no gesture makes it yet; then it moves to `examples.STAGE`."""


def stage() -> World:
    """A new timeline as the examples have it."""
    world = World(R25)
    for gesture in examples.STAGE:
        world.keep(world.decide(gesture))
    world.write(_complete)
    return world


def _complete(draft: Draft) -> None:
    for kind, id, fields in WRITTEN:
        if id not in draft.state.records:
            draft.put(kind, id, records.new(kind, **fields))


def example(name: str) -> dict[str, Any]:
    """The payload that a gesture shows."""
    return {"type": name, **registry.GESTURES[name].example}
