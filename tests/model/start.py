"""Where the model machine begins: three tracks of clips, bound, nested, animated and marked in every way."""

from typing import Any

from tests.world import F

FILM = {
    "url": "https://media.example/a.mov",
    "available": {"start": 0, "duration": 30 * F},
    "width": 1280,
    "height": 720,
}
EDGES = ("trim", "trim", "ripple_trim", "roll", "slip", "slide", "move", "add_clip", "add_transition", "set_transition")
START: tuple[dict[str, Any], ...] = (
    {"type": "add_track", "track_id": "t0", "kind": "video"},
    {"type": "add_track", "track_id": "t1", "kind": "video"},
    {"type": "add_track", "track_id": "t2", "kind": "audio"},
    *(
        {
            "type": "add_clip", "clip_id": f"{track}c{n}", "track_id": track, "media": FILM, "start": start,
            "duration": 6, "source_in": 20 + n,
        }
        for track in ("t0", "t1", "t2")
        for n, start in enumerate((0, 6, 14))
    ),
    {"type": "link", "clip_ids": ["t0c0", "t2c0"]},
    {"type": "group", "clip_ids": ["t1c1", "t1c2"]},
    {"type": "add_transition", "left_id": "t0c0", "right_id": "t0c1", "in_offset": 1, "out_offset": 2},
    *(
        {"type": "add_keyframe", "parent_id": clip, "property": "opacity", "time": time, "value": time * 100_000}
        for clip in ("t0c2", "t1c0", "t1c1")
        for time in (0, 4)
    ),
    {"type": "add_crop_keyframe", "clip_id": "t0c1", "frame": 22, "x": 0, "y": 0, "width": 9, "height": 9},
    {"type": "nest", "clip_ids": ["t1c0"], "clip_id": "nest", "sequence_id": "scene"},
    {"type": "add_marker", "time": 8},
    {"type": "add_marker", "parent_id": "t1", "time": 15},
)  # fmt: skip
