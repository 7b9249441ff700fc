"""The service's gestures asked in frames on one track, so that other editors' answers can be laid beside ours."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.oracles.strip import Item
from tests.world import World
from timeline_service.domain import clip_time, errors, records
from timeline_service.domain.state import Record
from timeline_service.domain.time import Rate

TRACK = "v"


class Source(NamedTuple):
    """The part of a source that exists, in frames; `end` None where it is not known."""

    start: int = 0
    end: int | None = None


class Ours:
    """A timeline with one video track. Times in and out are frames; a clip's id is its name, unless told otherwise."""

    def __init__(self, rate: Rate, items: Iterable[Item], sources: Mapping[str, Source] | None = None) -> None:
        self.world = World(rate)
        self.frame = rate.ticks_per_frame
        self.sources = dict(sources or {})
        self.world.do("add_track", track_id=TRACK, kind="video")
        for item in items:
            assert not self.add(item.name, item.start, item.length, item.source)

    # ---- acts: the code of the refusal, empty where there is none
    def do(self, type: str, /, **params: Any) -> str:
        """A gesture. What is already so is no refusal: nothing had to change."""
        return self.ask(type, **params)[0]

    def ask(self, type: str, /, **params: Any) -> tuple[str, dict[str, Any]]:
        """The same, with what a refusal says of what would be legal."""
        try:
            self.world.do(type, **params)
        except errors.NoChange:
            return "", {}
        except errors.Refused as refused:
            return refused.stable_code, refused.details
        return "", {}

    def add(self, name: str, start: int, length: int, source: int, *, mode: str = "refuse", id: str = "") -> str:
        return self.do(
            "add_clip",
            clip_id=id or name,
            track_id=TRACK,
            media=self.media(name),
            start=start,
            duration=length,
            source_in=source,
            mode=mode,
            name=name,
        )

    def write_clip(self, id: str, value: dict[str, Any]) -> None:
        """A clip as it is told, whatever gestures would make it."""
        self.world.write(lambda draft: draft.put("clip", id, records.new("clip", **value)))

    def media(self, name: str) -> dict[str, Any]:
        """Media of the length told for a name; without one, media that says nothing of its length."""
        start, end = self.sources.get(name, Source())
        media: dict[str, Any] = {"url": f"https://example.com/{name}.mov"}
        if end is not None:
            media["available"] = {"start": start * self.frame, "duration": (end - start) * self.frame}
        return media

    def cross_fade(self, cut: int, in_offset: int, out_offset: int) -> None:
        """A dissolve on a cut."""
        sides = {"left_id": self.ending_at(cut).id, "right_id": self.at(cut).id}
        value = records.new("transition", **sides, in_offset=in_offset * self.frame, out_offset=out_offset * self.frame)
        self.world.write(lambda draft: draft.put("transition", f"t{cut}", value))

    # ---- looking
    def clips(self) -> list[Record]:
        return sorted(self.world.state.inside(TRACK, "clip"), key=lambda clip: int(clip.value["start"]))

    def items(self) -> list[Item]:
        """The track in frames, by the names of its clips: both halves of a split bear one name."""
        return [self._item(clip) for clip in self.clips()]

    def _item(self, clip: Record) -> Item:
        value = clip.value
        times = (value["start"], value["duration"], clip_time.source_at(value, 0))
        assert not any(time % self.frame for time in times), "between two frames"
        start, length, source = (time // self.frame for time in times)
        return Item(value["name"], start, length, source)

    def shown(self, frame: int) -> tuple[str, int]:
        """The name of the clip at a frame of the timeline, and the frame of its source that it shows."""
        clip = self.at(frame).value
        return clip["name"], clip_time.source_at(clip, frame * self.frame - clip["start"]) // self.frame

    def at(self, frame: int) -> Record:
        """The clip that lies at a frame."""
        return next(c for c in self.clips() if c.value["start"] <= frame * self.frame < _end(c))

    def ending_at(self, frame: int) -> Record:
        return next(c for c in self.clips() if _end(c) == frame * self.frame)


def _end(clip: Record) -> int:
    return int(clip.value["start"] + clip.value["duration"])
