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
COLOR: Final = {"media": {"generator": "color", "params": {"color": "#336699"}}, "track_id": "v2"}
LINKED: Final = ("intro", "voice")
WRITTEN: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("clip", "fast1", {**FILM, "start": 400 * F25, "duration": 50 * F25, "params.segments": "segs1"}),
    (
        "clip",
        "fast2",
        {**FILM, "start": 450 * F25, "duration": 50 * F25, "source_in": 50 * F25, "params.segments": "segs1"},
    ),
    ("clip", "take1", {**FILM, "start": 500 * F25, "duration": 50 * F25, "source_in": 100 * F25}),
    ("clip", "take2", {**FILM, "start": 550 * F25, "duration": 50 * F25, "source_in": 150 * F25}),
    ("clip", "logo", {**COLOR, "start": 300 * F25, "duration": 50 * F25, "group_id": "set1"}),
    ("clip", "badge", {**COLOR, "start": 350 * F25, "duration": 50 * F25, "group_id": "set1"}),
    ("sequence", "scene1", {"name": "Scene"}),
    ("track", "sv1", {"kind": "video", "order": "V", "sequence_id": "scene1"}),
    ("clip", "inner", {**FILM, "track_id": "sv1", "start": 0, "duration": 100 * F25}),
    (
        "clip",
        "nest1",
        {"media": {"sequence_id": "scene1"}, "track_id": "v2", "start": 400 * F25, "duration": 100 * F25},
    ),
    (
        "transition",
        "x1",
        {"left_id": "intro", "right_id": "beach", "in_offset": 6 * F25, "out_offset": 6 * F25},
    ),
    ("effect", "fx1", {"parent_id": "beach", "kind": "blur", "order": "V", "params.radius": 20_000}),
    ("effect", "fx2", {"parent_id": "beach", "kind": "brightness", "order": "W", "params.amount": 100_000}),
    ("keyframe", "k2", {"parent_id": "beach", "property": "opacity", "time": 0, "value": 500_000}),
    ("caption", "cap1", {"track_id": "cc1", "start": 0, "duration": 50 * F25, "text": "Welcome"}),
    (
        "annotation",
        "note1",
        {
            "parent_id": "intro",
            "time": 10 * F25,
            "shape": {"type": "rectangle", "points": [[250_000, 250_000], [750_000, 750_000]], "width": 5_000},
            "comment": "too dark",
        },
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
    for id in LINKED:
        draft.set(id, {"link_id": "sync1"})


def example(name: str) -> dict[str, Any]:
    """The payload that a gesture shows."""
    return {"type": name, **registry.GESTURES[name].example}
