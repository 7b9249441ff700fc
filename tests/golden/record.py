"""Write what is missing among the golden files; what is there is never written again.

    python -m tests.golden.record

Events: one stored body of every gesture. Those of `LOG` are folded one on the other; of every other gesture its example
on the stage of the examples, whose events are kept beside it (`stage-<digest>.jsonl`, a body a line; a stage that has
changed since is another file). A new schema_version gets a folder of its own; the old ones stay and are read for ever.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from projections import fold
from tests import stage
from tests.golden import shapes
from tests.world import F, World
from timeline_service.domain import event, registry, state

HERE = Path(__file__).parent
EVENTS = HERE / "events" / f"v{event.SCHEMA_VERSION}"
SHAPES = HERE / "shapes.json"

FILM = {
    "url": "https://media.example/film.mov",
    "available": {"start": 0, "duration": 1000 * F},
    "rate": {"num": 30000, "den": 1001},
    "width": 1920,
    "height": 1080,
}
LOG: tuple[dict[str, Any], ...] = (
    {"type": "add_track", "track_id": "v1", "kind": "video", "name": "Picture"},
    {"type": "add_clip", "clip_id": "a", "track_id": "v1", "media": FILM, "start": 4, "duration": 20, "source_in": 50},
    {"type": "set_timeline", "name": "Cut 2", "height": 1920, "metadata": {"scene": {"take": 1.5, "ключ": None}}},
    {"type": "add_marker", "marker_id": "m", "parent_id": "a", "time": 60, "name": "Look", "color": "GREEN"},
    {
        "type": "add_crop_keyframe",
        "keyframe_id": "k",
        "clip_id": "a",
        "at": 10,
        "x": 656,
        "y": 0,
        "width": 608,
        "height": 1080,
        "unit": "px",
    },
    {"type": "update_crop_keyframe", "keyframe_id": "k", "x": 0, "interpolation": "bezier"},
    {"type": "move_crop_keyframe", "keyframe_id": "k", "to": {"frame": 70}},
    {"type": "trim", "clip_id": "a", "edge": "start", "delta": {"value": 2, "rate": 24}},
    {"type": "split", "clip_id": "a", "at": 14, "new_id": "b"},
    {"type": "delete_crop_keyframe", "keyframe_id": "k"},
    {"type": "move", "clip_ids": ["b"], "to": {"start": 40}, "on_overlap": "insert"},
    {"type": "ripple_delete", "clip_ids": ["a"], "scope": "sync_locked", "ripple_markers": True},
    {"type": "remove_clip", "clip_id": "b"},
)


def write_events() -> None:
    """Decide the log; keep each body under the name of its gesture, and what the state is after it."""
    index_path = EVENTS / "index.json"
    index = json.loads(index_path.read_text()) if index_path.exists() else []
    world = World()
    names = ["create_timeline"]
    for payload in LOG:
        world.keep(world.decide(payload))
        names.append(payload["type"])
    for name, (version, actor, body, _) in zip(names, world.rows, strict=True):
        path = EVENTS / f"{name}.json"
        if path.exists():
            continue
        path.write_bytes(body)
        digest = state.digest(fold.replay(world.rows[:version]))
        index.append({"version": version, "type": name, "actor": actor, "state": digest})
    index_path.write_text(json.dumps(index, indent=1) + "\n")


def write_examples() -> None:
    """Keep the example of every gesture that has no body yet, and what the state is after it."""
    index_path = EVENTS / "index.json"
    index = json.loads(index_path.read_text())
    missing = sorted(name for name in registry.GESTURES if not (EVENTS / f"{name}.json").exists())
    world = stage.stage()
    bodies = b"".join(body + b"\n" for _, _, body, _ in world.rows)
    beneath = f"stage-{hashlib.sha256(bodies).hexdigest()[:8]}.jsonl"
    if missing:
        (EVENTS / beneath).write_bytes(bodies)
    for name in missing:
        played = world.copy()
        played.keep(played.decide(stage.example(name)))
        version, actor, body, _ = played.rows[-1]
        (EVENTS / f"{name}.json").write_bytes(body)
        digest = state.digest(fold.replay(played.rows))
        index.append({"version": version, "type": name, "actor": actor, "on": beneath, "state": digest})
    index_path.write_text(json.dumps(index, indent=1) + "\n")


def write_shapes() -> None:
    """Pin the shapes that are not pinned yet."""
    pinned = json.loads(SHAPES.read_text()) if SHAPES.exists() else {}
    for name, schema in shapes.shapes().items():
        pinned.setdefault(name, shapes.digest(schema))
    SHAPES.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    EVENTS.mkdir(parents=True, exist_ok=True)
    write_events()
    write_examples()
    write_shapes()
