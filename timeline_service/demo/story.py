"""The session that the demo plays: Alice and Bob turn a wide film into a vertical cut, together.

what they shoot with    |==================== film ====================|
after the first cut     |  opening  |   middle   |   ending   |
after the work          |  opening  | mid |dle| | end |        9:16, keyframed, trimmed, split, rippled, moved
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from timeline_service.demo.client import Client

WIDTH, HEIGHT = 720, 1280
SHORTEST = 40  # frames: enough for three shots, with a keyframe every other frame


@dataclass(frozen=True, slots=True)
class Film:
    """The asset as the story needs it: frames at its own rate, pixels."""

    asset_id: str
    rate: dict[str, int]
    frames: int
    width: int
    height: int

    @classmethod
    def of(cls, asset: dict[str, Any]) -> "Film":
        """From the API's asset. Times there are ticks; a rate divides them exactly."""
        per_frame = 705_600_000 * asset["rate"]["den"] // asset["rate"]["num"]
        return cls(asset["id"], asset["rate"], asset["duration"] // per_frame, asset["width"], asset["height"])

    def window(self, across: float) -> dict[str, Any]:
        """A 9:16 crop window of full height, `across` the picture (0 left … 1 right), in pixels."""
        height = self.height if self.height * WIDTH <= self.width * HEIGHT else self.width * HEIGHT // WIDTH
        width = height * WIDTH // HEIGHT
        x = round((self.width - width) * across)
        return {"x": x, "y": (self.height - height) // 2, "width": width, "height": height, "unit": "px"}

    def shot(self, part: float) -> int:
        return int(self.frames * part)


def first_cut(film: Film) -> list[dict[str, Any]]:
    """One atomic batch: a track and three shots on it."""
    long = max(12, film.shot(0.3))
    starts = {"opening": 0, "middle": film.shot(0.35), "ending": film.shot(0.68)}
    clips = [
        {
            "type": "add_clip",
            "clip_id": name,
            "track_id": {"$ref": "gestures[0].track_id"},
            "media": {"asset_id": film.asset_id},
            "start": place * long,
            "duration": min(long, film.frames - source),
            "source_in": {"value": source, "rate": film.rate},
            "name": name.capitalize(),
        }
        for place, (name, source) in enumerate(starts.items())
    ]
    return [{"type": "add_track", "kind": "video", "name": "Picture"}, *clips]


async def reframe(client: Client, timeline_id: str, film: Film, clip: str, first: int, path: list[float]) -> int:
    """Follow the action: one crop keyframe after the other, streamed as an editor's drag ends. Answers how many."""
    async with client.stream(timeline_id) as live:
        step = max(1, film.shot(0.28) // (len(path) - 1))
        for number, across in enumerate(path):
            await live.push(
                {
                    "type": "add_crop_keyframe",
                    "clip_id": clip,
                    "frame": min(first + number * step, film.frames - 1),
                    "interpolation": "linear",
                    **film.window(across),
                }
            )
    return len(path)


async def work_together(alice: Client, bob: Client, timeline_id: str, film: Film) -> int:
    """Both at once on different clips; nobody waits for the other."""
    counts = await asyncio.gather(
        reframe(alice, timeline_id, film, "opening", 0, [0.05, 0.18, 0.27, 0.28]),
        reframe(bob, timeline_id, film, "middle", film.shot(0.35), [0.36, 0.3, 0.27, 0.3, 0.34]),
        reframe(bob, timeline_id, film, "ending", film.shot(0.68), [0.36, 0.31, 0.26]),
    )
    return sum(counts)


async def tighten(alice: Client, bob: Client, timeline_id: str) -> None:
    """Trim, split, ripple delete, move, and a marker for the reviewer."""
    gestures = f"/timelines/{timeline_id}/gestures"
    state = await alice.get(f"/timelines/{timeline_id}")
    tick, clips = state["ticks_per_frame"], {clip["id"]: clip for clip in state["clips"]}
    middle = clips["middle"]["start"] // tick
    long = clips["middle"]["duration"] // tick
    await bob.post(gestures, one({"type": "trim", "clip_id": "ending", "edge": "end", "delta": -max(2, long // 8)}))
    await alice.post(
        gestures, one({"type": "split", "clip_id": "middle", "at": middle + long // 2, "new_id": "middle-2"})
    )
    await alice.post(
        gestures, one({"type": "split", "clip_id": "middle-2", "at": middle + long * 3 // 4, "new_id": "middle-3"})
    )
    await alice.post(
        gestures,
        one({"type": "ripple_delete", "clip_ids": ["middle-2"], "scope": "track", "ripple_markers": True}),
    )
    await bob.post(gestures, one({"type": "move", "clip_ids": ["ending"], "delta": 6}))
    await alice.post(
        gestures, one({"type": "add_marker", "time": middle, "name": "Look here", "comment": "Is the jump too hard?"})
    )


def one(gesture: dict[str, Any], **options: Any) -> dict[str, Any]:
    """A request with a single gesture."""
    return {"gestures": [gesture], **options}
