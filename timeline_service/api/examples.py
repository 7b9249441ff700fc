"""Examples of requests, shown in the API's description. Tests send every one of them to the real service.

Gestures are shown on a timeline at 25 frames per second with a video track `v1`, its clips `intro` (frames 0 to 100)
and `beach` (100 to 200), and a crop keyframe `k1` at frame 0 of the source of `intro`.
"""

from typing import Any, Final

WORKSPACE_ID: Final = "01937a4e-0000-7000-8000-000000000001"
TIMELINE_ID: Final = "01937a4e-0000-7000-8000-000000000002"
PERSON_ID: Final = "01937a4e-0000-7000-8000-000000000003"

FOOTAGE: Final = {
    "url": "https://media.example.com/beach.mp4",
    "available": {"start": 0, "duration": 21_168_000_000},
    "rate": {"num": 25, "den": 1},
    "width": 1920,
    "height": 1080,
}

GESTURES: Final[dict[str, dict[str, Any]]] = {
    "add_track": {"track_id": "a1", "kind": "audio", "name": "Music"},
    "add_clip": {
        "clip_id": "sunset",
        "track_id": "v1",
        "media": FOOTAGE,
        "start": 200,
        "duration": 50,
        "source_in": {"value": 10, "rate": 25},
        "name": "Sunset",
    },
    "remove_clip": {"clip_id": "intro"},
    "ripple_delete": {"clip_ids": ["intro"], "scope": "track"},
    "trim": {"clip_id": "intro", "edge": "end", "delta": -12},
    "split": {"clip_id": "beach", "at": 150, "new_id": "beach-2"},
    "move": {"clip_ids": ["beach"], "delta": 25, "on_overlap": "refuse"},
    "set_timeline": {"name": "Final cut", "width": 1080, "height": 1920},
    "add_crop_keyframe": {
        "clip_id": "intro",
        "frame": 50,
        "x": 656,
        "y": 0,
        "width": 608,
        "height": 1080,
        "unit": "px",
        "interpolation": "linear",
    },
    "update_crop_keyframe": {"keyframe_id": "k1", "x": 250_000, "width": 500_000},
    "move_crop_keyframe": {"keyframe_id": "k1", "to": {"frame": 10}},
    "delete_crop_keyframe": {"keyframe_id": "k1"},
    "add_marker": {"parent_id": "intro", "time": 10, "name": "Flash frame", "color": "RED", "comment": "cut this?"},
}
"""Type → parameters, as they are sent beside `type`."""

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "createWorkspace": {"name": "Documentary"},
    "putMember": {"person_id": PERSON_ID, "role": "editor"},
    "createStreamTicket": {"timeline_id": TIMELINE_ID},
    "createTimeline": {
        "workspace_id": WORKSPACE_ID,
        "name": "Rough cut",
        "rate": {"num": 25, "den": 1},
        "width": 1920,
        "height": 1080,
    },
    "applyGestures": {
        "gestures": [
            {"type": "trim", "gesture_id": "example-1", **GESTURES["trim"]},
            {"type": "split", **GESTURES["split"]},
            {"type": "remove_clip", "clip_id": {"$ref": "gestures[1].new_id"}},
        ],
        "base_version": 4,
    },
    "undo": {"gesture_id": "example-2", "policy": "skip"},
    "redo": {"gesture_id": "example-3", "policy": "skip"},
    "restore": {"gesture_id": "example-4", "version": 4},
    "actOnClip": {
        "action": "add_crop_keyframe",
        "data": {"frame": 75, "x": 50, "y": 50, "width": 608, "height": 1030, "unit": "px"},
    },
    "createUpload": {
        "workspace_id": WORKSPACE_ID,
        "filename": "beach.mp4",
        "size": 1_048_576,
        "content_type": "video/mp4",
    },
    "requestExport": {"timeline_id": TIMELINE_ID, "preset": "vertical_1080p"},
}
"""Operation → body. The ids above stand for ids of yours."""
