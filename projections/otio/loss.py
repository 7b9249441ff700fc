"""What a file in another format does not carry, counted: the state beside what a reader finds in the file.

Clips are matched by where they lie, else by name and source. What OTIO has no words for (opacity, locks, links …) is
kept only where a record came back under its id; so OpenTimelineIO itself, written by us, loses nothing.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from projections.otio.formats.catalogue import Format
from projections.otio.schema import Json
from timeline_service.domain import clip_time
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import TICKS_PER_SECOND

MOST_IDS: Final = 50
_CANDIDATES: Final = 8
"""Clips of one place, or of one name and source, that are compared closely."""
_NEARLY: Final = 1e-3
_SWITCHES: Final = {"locked": False, "muted": False, "solo": False, "gain": 0}
_BONDS: Final = {"links": "link_id", "groups": "group_id"}
_NEVER: Final[dict[str, Callable[[dict[str, Any]], bool]]] = {
    "clip_gains": lambda clip: bool(clip["gain"]),
    "fades": lambda clip: bool(clip["fade_in"] or clip["fade_out"]),
    "looks": lambda clip: any(name.startswith("params.") for name in clip),
    "clip_metadata": lambda clip: any(name.startswith("metadata.") for name in clip),
}
"""Facts of clips that OTIO has no words for."""
_RECORDS: Final = {"keyframe": "keyframes", "caption": "captions", "annotation": "annotations"}


@dataclass(slots=True)
class Count:
    """How many there are of one kind, and which of them the file does not carry."""

    total: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, id: str, *, kept: bool) -> None:
        self.total += 1
        if not kept:
            self.lost.append(id)

    def rest(self, ids: list[str], kept: int) -> None:
        """A kind that can only be counted: the last ones are said to be lost."""
        self.total += len(ids)
        self.lost += ids[min(kept, len(ids)) :]


def report(state: State, format: Format, found: Json | None, unread: str | None, size: int) -> Json:
    """See wire.LossReport. Without `found` (the format's reader could not read it) nothing is counted."""
    how = "read_back" if format.reads_back else "derived"
    told: Json = {
        "format": format.name,
        "title": format.title,
        "size": size,
        "how": how if found is not None else "unread",
        "reason": unread,
        "kinds": {},
        "lost": [],
        "lossless": False,
    }
    if found is None:
        return told
    counts = measure(state, found)
    told["kinds"] = {
        kind: {"total": count.total, "kept": count.total - len(count.lost), "lost": len(count.lost)}
        for kind, count in counts.items()
        if count.total
    }
    told["lost"] = [
        {"kind": kind, "count": len(count.lost), "of": count.total, "ids": count.lost[:MOST_IDS]}
        for kind, count in counts.items()
        if count.lost
    ]
    told["lossless"] = not told["lost"]
    return told


def measure(state: State, found: Json) -> dict[str, Count]:
    """Kind → count, of every kind that a state can hold."""
    return _Measuring(state, found).run()


class _Measuring:
    """One comparison. `ours` are ids of records that lie in the file as we keep them."""

    def __init__(self, state: State, found: Json) -> None:
        self.state, self.found = state, found
        self.ours = set(found["ours"])
        self.frame = state.rate.ticks_per_frame / TICKS_PER_SECOND
        self.counts: dict[str, Count] = {}
        self.tracks = sorted(state.inside(None, "track"), key=lambda track: (track.value["order"], track.id))
        self.clips = [clip for track in self.tracks for clip in self._clips_of(track)]
        shown = {record.id for record in (*self.tracks, *self.clips)}
        self.nested = {
            kind: sorted((each for each in state.living(kind) if each.id not in shown), key=lambda each: each.id)
            for kind in ("track", "clip")
        }

    def run(self) -> dict[str, Count]:
        self._timeline()
        self._tracks()
        for clip, match in self._matched():
            self._clip(clip, match)
        self._bonds()
        self._gaps()
        self._transitions()
        self._nests()
        self._others()
        return self.counts

    def _count(self, kind: str, id: str, *, kept: bool) -> None:
        self.counts.setdefault(kind, Count()).add(id, kept=kept or id in self.ours)

    def _rest(self, kind: str, ids: list[str], kept: int) -> None:
        foreign = [id for id in ids if id not in self.ours]
        count = self.counts.setdefault(kind, Count())
        count.total += len(ids) - len(foreign)
        count.rest(foreign, kept)

    # ---- the timeline and its tracks
    def _timeline(self) -> None:
        id, value = self.state.timeline_id, self.state.records[self.state.timeline_id].value
        self._count("timeline_name", id, kept=value["name"] == self.found["name"])
        start = value["start_timecode"] / TICKS_PER_SECOND
        if start:
            self._count("start_timecode", id, kept=self._same_time(start, self.found["start"]))
        self._count("frame_size", id, kept=False)
        if any(name.startswith("metadata.") for name in value):
            self._count("timeline_metadata", id, kept=False)

    def _tracks(self) -> None:
        for kind in ("video", "audio", "caption"):
            mine = [track for track in self.tracks if track.value["kind"] == kind]
            theirs = [track for track in self.found["tracks"] if track["kind"] == kind]
            self._rest("tracks", [track.id for track in mine], len(theirs))
            for index, track in enumerate(mine):
                other = theirs[index] if index < len(theirs) else None
                self._track(track, other)

    def _track(self, track: Record, other: Json | None) -> None:
        value = track.value
        if value["name"]:
            self._count("track_names", track.id, kept=other is not None and other["name"] == value["name"])
        if not value["enabled"]:
            self._count("hidden_tracks", track.id, kept=other is not None and not other["enabled"])
        if any(value[name] != default for name, default in _SWITCHES.items()):
            self._count("track_switches", track.id, kept=False)

    # ---- clips
    def _clips_of(self, track: Record) -> list[Record]:
        return sorted(self.state.inside(track.id, "clip"), key=lambda clip: (clip.value["start"], clip.id))

    def _matched(self) -> Iterator[tuple[Record, Json | None]]:
        """Each clip with the one that it became: at its place, of its name and source, of its media, or none."""
        by_place: dict[Any, deque[Json]] = {}
        by_source: dict[Any, deque[Json]] = {}
        by_media: dict[Any, deque[Json]] = {}
        for clip in self.found["clips"]:
            kind = self.found["tracks"][clip["track"]]["kind"]
            by_place.setdefault((kind, self._frames(clip["start"])), deque()).append(clip)
            by_source.setdefault((clip["name"], self._frames(clip["source"])), deque()).append(clip)
            by_media.setdefault((kind, str(clip["media"]).removeprefix("file://")), deque()).append(clip)
        taken: set[int] = set()
        matches: dict[str, Json] = {}
        for table, key in ((by_place, self._place), (by_source, self._origin), (by_media, self._shot)):
            for clip in self.clips:
                match = None if clip.id in matches else self._best(clip, table.get(key(clip), deque()), taken)
                if match is not None:
                    matches[clip.id] = match
                    taken.add(id(match))
        for clip in self.clips:
            yield clip, matches.get(clip.id)

    def _best(self, clip: Record, candidates: deque[Json], taken: set[int]) -> Json | None:
        while candidates and id(candidates[0]) in taken:
            candidates.popleft()
        free = (other for other in candidates if id(other) not in taken)
        return max(islice(free, _CANDIDATES), key=lambda other: self._likeness(clip, other), default=None)

    def _likeness(self, clip: Record, other: Json) -> int:
        return sum(same for _, same in self._facts(clip, other))

    def _place(self, clip: Record) -> tuple[str, int]:
        kind = self.state.records[clip.value["track_id"]].value["kind"]
        return kind, self._frames(clip.value["start"] / TICKS_PER_SECOND)

    def _shot(self, clip: Record) -> tuple[str, str]:
        kind = self.state.records[clip.value["track_id"]].value["kind"]
        return kind, _media(clip.value["media"]).removeprefix("file://")

    def _origin(self, clip: Record) -> tuple[str, int]:
        return clip.value["name"], self._frames(clip_time.source_span(clip.value)[0] / TICKS_PER_SECOND)

    def _facts(self, clip: Record, other: Json) -> Iterator[tuple[str, bool]]:
        """(kind, whether it is the same) of what OTIO has words for."""
        value = clip.value
        yield "placements", self._same_time(value["start"] / TICKS_PER_SECOND, other["start"])
        yield "durations", self._same_time(value["duration"] / TICKS_PER_SECOND, other["duration"])
        first = clip_time.source_span(value)[0] / TICKS_PER_SECOND
        yield "source_times", self._same_time(first, other["source"])
        if value["name"]:
            yield "clip_names", value["name"] == other["name"]
        media = _media(value["media"])
        if media:
            yield "media", str(other["media"]).endswith(media)
        speed = value["speed"]["num"] / value["speed"]["den"]
        if speed != 1 or value["reversed"]:
            signed = -speed if value["reversed"] else speed
            yield _speed_kind(value), abs(signed - other["speed"]) < _NEARLY
        if not value["enabled"]:
            yield "disabled_clips", not other["enabled"]
        if value["color"] is not None:
            yield "colors", value["color"] == other["color"]

    def _clip(self, clip: Record, match: Json | None) -> None:
        self._count("clips", clip.id, kept=match is not None)
        self._details(clip, match)

    def _details(self, clip: Record, match: Json | None) -> None:
        facts = self._facts(clip, match if match is not None else _NOTHING)
        for kind, same in facts:
            self._count(kind, clip.id, kept=match is not None and same)
        for kind, has in _NEVER.items():
            if has(clip.value):
                self._count(kind, clip.id, kept=False)
        for kind, name in (("effect", "effects"), ("marker", "markers")):
            ids = sorted(each.id for each in self.state.inside(clip.id, kind))
            if ids:
                self._rest(name, ids, match[name] if match is not None else 0)

    def _bonds(self) -> None:
        clips = [*self.clips, *self.nested["clip"]]
        for kind, name in _BONDS.items():
            bound = {clip.value[name] for clip in clips if clip.value[name] is not None}
            for label in sorted(bound):
                members = [clip.id for clip in clips if clip.value[name] == label]
                self._count(kind, label, kept=all(id in self.ours for id in members))

    # ---- the rest
    def _gaps(self) -> None:
        gaps, at, track = [], 0, None
        for clip in self.clips:
            if clip.value["track_id"] != track:
                track, at = clip.value["track_id"], 0
            if clip.value["start"] > at:
                gaps.append(f"{track}@{at}")
            at = clip.value["start"] + clip.value["duration"]
        self._rest("gaps", gaps, self.found["gaps"])

    def _transitions(self) -> None:
        records = sorted(self.state.living("transition"), key=lambda record: record.id)
        self._rest("transitions", [record.id for record in records], len(self.found["transitions"]))
        spans = Counter(
            tuple(self._frames(each[end]) for end in ("at", "before", "after")) for each in self.found["transitions"]
        )
        shown = {clip.id for clip in self.clips}
        for record in records:
            clip, cut = self._cut(record)
            ends = (cut, record.value["in_offset"], record.value["out_offset"])
            span = tuple(self._frames(ticks / TICKS_PER_SECOND) for ticks in ends)
            same = clip in shown and spans[span] > 0
            spans[span] -= same
            self._count("transition_spans", record.id, kept=same)
            if record.value["kind"] != "dissolve":
                self._count("transition_kinds", record.id, kept=False)

    def _cut(self, transition: Record) -> tuple[str, int]:
        """A clip of a transition, and the tick of the cut."""
        left, right = transition.value["left_id"], transition.value["right_id"]
        clip = self.state.records[left or right]
        return clip.id, clip.value["start"] + (clip.value["duration"] if left else 0)

    def _nests(self) -> None:
        """What lies in nests: a file that carries them as something else than records of ours carries none of it."""
        nests = sorted(record.id for record in self.state.living("sequence"))
        self._rest("sequences", nests, self.found["nests"])
        self._rest("clips", [clip.id for clip in self.nested["clip"]], self.found["nested_clips"])
        for clip in self.nested["clip"]:
            self._details(clip, None)
        for track in self.nested["track"]:
            self._count("tracks", track.id, kept=False)
            self._track(track, None)

    def _others(self) -> None:
        shown = {clip.id for clip in (*self.clips, *self.nested["clip"])}
        loose = sorted(each.id for each in self.state.living("marker") if each.value["parent_id"] not in shown)
        self._rest("markers", loose, self.found["markers"] - sum(clip["markers"] for clip in self.found["clips"]))
        for kind, name in _RECORDS.items():
            for record in sorted(self.state.living(kind), key=lambda each: each.id):
                self._count(name, record.id, kept=False)
        for effect in self.state.living("effect"):
            parent = self.state.find(effect.value["parent_id"])
            if parent is not None and parent.kind == "track":
                self._count("track_effects", effect.id, kept=False)

    # ---- times
    def _frames(self, seconds: float) -> int:
        return round(seconds / self.frame)

    def _same_time(self, mine: float, theirs: float) -> bool:
        return abs(mine - theirs) < self.frame / 2


_NOTHING: Final[Json] = {
    "start": -1.0, "duration": -1.0, "source": -1.0, "name": None, "media": "", "speed": 0.0, "enabled": True,
    "effects": 0, "markers": 0, "color": None,
}  # fmt: skip


def _speed_kind(clip: dict[str, Any]) -> str:
    if not clip["speed"]["num"]:
        return "freezes"
    return "reversed" if clip["reversed"] else "speeds"


def _media(media: dict[str, Any]) -> str:
    """What names these media in a file: an address, or the kind of a generator."""
    if "asset_id" in media:
        return f"timeline-service://assets/{media['asset_id']}"
    return str(media.get("url") or media.get("generator") or "")
