"""The timeline that the examples of the description are about."""

from tests.api.conftest import Studio, open_studio
from timeline_service.api import examples


async def showcase(studio: Studio) -> Studio:
    """A timeline as the examples have it."""
    fresh = await open_studio(studio.service)
    clips = [
        {
            "type": "add_clip",
            "clip_id": name,
            "track_id": "v1",
            "media": examples.FOOTAGE,
            "start": start,
            "duration": 100,
        }
        for name, start in (("intro", 0), ("beach", 100))
    ]
    key = {"type": "add_crop_keyframe", "keyframe_id": "k1", **examples.GESTURES["add_crop_keyframe"], "frame": 0}
    await fresh.apply({"type": "remove_clip", "clip_id": "c1"}, *clips, key)
    return fresh
