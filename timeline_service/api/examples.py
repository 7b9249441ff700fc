"""Examples of requests, shown in the API's description. Tests send every one of them to the real service.

Each gesture brings its own example; all of them are made for one timeline, the stage:

    25 fps    0      50     100          200      300    350    400      450      500     550     600
    cc1       | cap1 |
    v2        |title1|                            | logo | badge | nest1            |
    v1        | intro       x beach      |                       | fast1  | fast2  | take1 | take2 |
    a1        | voice       |                     | sea          |
    timeline         m1

1920x1080. All but `title1` (a title), `logo` and `badge` (colours) shows 30 s of footage at speed 1, with more of it on
both sides of each cut. `intro` and `voice` are linked (`sync1`), `logo` and `badge` grouped (`set1`); `fast1` and
`fast2` are speed segments of one clip, `take2` goes on where `take1` ends. `x1` is a dissolve of 12 frames
from `intro` to `beach`. `beach` has the effects `fx1` and `fx2` and the opacity keyframe `k2`; `intro` has the crop
keyframe `k1` at frame 0 of its source and the annotation `note1`. `nest1` shows the sequence `scene1` with the
clip `inner` in it. `m1` is a marker, `cap1` a caption.
"""

from typing import Any, Final

from timeline_service.domain import registry

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
SOUND: Final = {
    "url": "https://media.example.com/voice.wav",
    "available": {"start": 0, "duration": 21_168_000_000},
}
TITLE: Final = {"generator": "title", "params": {"text": "Summer", "size": 100_000, "color": "#ffffff"}}
COLOR: Final = {"generator": "color", "params": {"color": "#336699"}}

STAGE: Final[tuple[dict[str, Any], ...]] = (
    {"type": "add_track", "track_id": "v1", "kind": "video", "name": "V1"},
    {"type": "add_track", "track_id": "v2", "kind": "video", "name": "V2"},
    {"type": "add_track", "track_id": "a1", "kind": "audio", "name": "A1"},
    {"type": "add_track", "track_id": "cc1", "kind": "caption", "name": "Captions"},
    {
        "type": "add_clip",
        "clip_id": "intro",
        "track_id": "v1",
        "media": FOOTAGE,
        "start": 0,
        "duration": 100,
        "name": "Intro",
    },
    {
        "type": "add_clip",
        "clip_id": "beach",
        "track_id": "v1",
        "media": FOOTAGE,
        "start": 100,
        "duration": 100,
        "source_in": 200,
        "name": "Beach",
    },
    {
        "type": "add_clip",
        "clip_id": "title1",
        "track_id": "v2",
        "media": TITLE,
        "start": 0,
        "duration": 50,
        "name": "Title",
    },
    {"type": "add_clip", "clip_id": "voice", "track_id": "a1", "media": SOUND, "start": 0, "duration": 100},
    {
        "type": "add_clip",
        "clip_id": "sea",
        "track_id": "a1",
        "media": SOUND,
        "start": 300,
        "duration": 100,
        "source_in": 200,
    },
    {
        "type": "add_crop_keyframe",
        "keyframe_id": "k1",
        "clip_id": "intro",
        "frame": 0,
        "x": 0,
        "y": 0,
        "width": 750_000,
        "height": 1_000_000,
    },
    {"type": "add_marker", "marker_id": "m1", "time": 50, "name": "Title ends"},
    {"type": "link", "clip_ids": ["intro", "voice"], "link_id": "sync1"},
    {
        "type": "add_transition",
        "transition_id": "x1",
        "left_id": "intro",
        "right_id": "beach",
        "in_offset": 6,
        "out_offset": 6,
    },
    {"type": "add_effect", "effect_id": "fx1", "parent_id": "beach", "kind": "blur", "params": {"radius": 20_000}},
    {"type": "add_effect", "effect_id": "fx2", "parent_id": "beach", "kind": "brightness", "params": {"amount": 9_000}},
    {"type": "add_caption", "caption_id": "cap1", "track_id": "cc1", "start": 0, "duration": 50, "text": "Welcome"},
    {
        "type": "add_annotation",
        "annotation_id": "note1",
        "parent_id": "intro",
        "time": 10,
        "shape": {"type": "rectangle", "points": [[250_000, 250_000], [750_000, 750_000]], "width": 5_000},
        "comment": "too dark",
    },
    {"type": "add_clip", "clip_id": "logo", "track_id": "v2", "media": COLOR, "start": 300, "duration": 50},
    {"type": "add_clip", "clip_id": "badge", "track_id": "v2", "media": COLOR, "start": 350, "duration": 50},
    {"type": "group", "clip_ids": ["logo", "badge"], "group_id": "set1"},
    {"type": "add_clip", "clip_id": "fast1", "track_id": "v1", "media": FOOTAGE, "start": 400, "duration": 100},
    {"type": "split_segment", "clip_id": "fast1", "at": 450, "new_id": "fast2"},
    {
        "type": "add_keyframe",
        "keyframe_id": "k2",
        "parent_id": "beach",
        "property": "opacity",
        "time": 0,
        "value": 500_000,
    },
    {"type": "add_clip", "clip_id": "inner", "track_id": "v2", "media": FOOTAGE, "start": 400, "duration": 100},
    {"type": "nest", "clip_ids": ["inner"], "clip_id": "nest1", "sequence_id": "scene1", "name": "Scene"},
    {
        "type": "add_clip",
        "clip_id": "take1",
        "track_id": "v1",
        "media": FOOTAGE,
        "start": 500,
        "duration": 50,
        "source_in": 100,
    },
    {
        "type": "add_clip",
        "clip_id": "take2",
        "track_id": "v1",
        "media": FOOTAGE,
        "start": 550,
        "duration": 50,
        "source_in": 150,
    },
)
"""The gestures that set the stage, in one batch on an empty timeline at 25 fps. New ones go to the end."""

GESTURES: Final[dict[str, dict[str, Any]]] = {name: each.example for name, each in registry.GESTURES.items()}
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
            {"type": "trim", "gesture_id": "example-1", "clip_id": "intro", "edge": "end", "delta": -12},
            {"type": "split", "clip_id": "beach", "at": 150, "new_id": "beach-2"},
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
