"""How many stored events a second the fold takes, from bytes to a state with owners, at 1,000 clips.

The stream is decided by the front door's own code from a seeded mix: 24 clips a track; keyframes 45 % (update 25, add
20), trims, rolls and slips 35, moves 10, splits 4, settings 4, ripple deletes on one track 2. Refused ones are left
out. Beside it, in interleaved rounds of one process: the limit (decoding the same bytes with msgspec, nothing
else), plain `json` into dicts without owners, and the subset of trims, moves and keyframes folded into OpenTimelineIO
objects (source ranges, gaps, metadata) against the same subset folded by us. CPU seconds of the process, best round.

    python -m tests.benchmarks.bench_fold
"""

import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import opentimelineio as otio

from projections import fold, snapshots
from tests.world import F, World
from timeline_service.domain import changes, errors, event, records
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State

TRACKS, PER_TRACK, KEYFRAMES = 42, 24, 3
EVENTS, ROUNDS, SEED = 20_000, 7, 7
GOAL = 200_000
PAIR, LENGTH = 130, 40
"""Clips lie in pairs that touch, so that there are cuts to roll; 50 frames are free behind each pair."""
MIX = (
    ("update_crop_keyframe", 25), ("add_crop_keyframe", 20), ("trim", 20), ("roll", 8), ("slip", 7), ("move", 10),
    ("split", 4), ("set_opacity", 2), ("set_timeline", 2), ("ripple_delete", 2),
)  # fmt: skip
SUBSET = {"trim", "move", "add_crop_keyframe", "update_crop_keyframe"}
MEDIA = {
    "url": "https://media.example/film.mov",
    "available": {"start": 0, "duration": 100_000 * F},
    "width": 1920,
    "height": 1080,
}


# ---------------------------------------------------------------- the stream
def furnished() -> World:
    """1,008 clips on 42 tracks, three crop keyframes each."""
    world = World()
    for track in range(TRACKS):
        world.do("add_track", kind="video", track_id=f"v{track}")
    world.write(_furnish)
    return world


def _furnish(draft: Draft) -> None:
    for track in range(TRACKS):
        for place in range(PER_TRACK):
            clip = f"v{track}c{place}"
            draft.put(
                "clip",
                clip,
                records.new(
                    "clip",
                    track_id=f"v{track}",
                    start=(place // 2 * PAIR + place % 2 * LENGTH) * F,
                    duration=LENGTH * F,
                    source_in=1000 * F,
                    media=MEDIA,
                    name=clip,
                ),
            )
            for number in range(KEYFRAMES):
                window = {"x": 0, "y": 0, "width": 316_667, "height": 1_000_000}
                value = records.new(
                    "keyframe", parent_id=clip, property="crop", time=(1000 + 10 * number) * F, value=window
                )
                draft.put("keyframe", f"{clip}k{number}", value)


class Editor:
    """Somebody who edits at random, always by the same dice."""

    def __init__(self, world: World) -> None:
        self.world, self.dice = world, random.Random(SEED)
        self.clips = [record.id for record in world.state.living("clip")]
        self.keyframes = [record.id for record in world.state.living("keyframe")]
        self.names = [name for name, share in MIX for _ in range(share)]
        self.accepted: list[tuple[str, dict[str, Any]]] = []

    def edit(self) -> str | None:
        """One gesture; its name, or None where it is refused."""
        name = self.dice.choice(self.names)
        asked = {"type": name, **getattr(self, name)()}
        actor = self.dice.choice("AB")
        try:
            decision = self.world.keep(self.world.decide(asked, actor=actor), actor)
        except errors.Refused:
            return None
        self.accepted.append((actor, asked))
        for change in decision.body.changes:
            if isinstance(change, changes.Put | changes.Drop) and change.kind in ("clip", "keyframe"):
                known = self.clips if change.kind == "clip" else self.keyframes
                (known.append if isinstance(change, changes.Put) else known.remove)(change.id)
        return name

    def trim(self) -> dict[str, Any]:
        edge, delta = self.dice.choice(("start", "end")), self.dice.choice((-3, -2, -1, 1, 2, 3))
        return {"clip_id": self.dice.choice(self.clips), "edge": edge, "delta": delta}

    def move(self) -> dict[str, Any]:
        return {"clip_ids": [self.dice.choice(self.clips)], "delta": self.dice.choice((-4, -2, 2, 4))}

    def split(self) -> dict[str, Any]:
        clip = self.dice.choice(self.clips)
        return {"clip_id": clip, "at": self.world.value(clip)["start"] // F + self.dice.randint(1, 30)}

    def ripple_delete(self) -> dict[str, Any]:
        return {"clip_ids": [self.dice.choice(self.clips)], "scope": "track"}

    def roll(self) -> dict[str, Any]:
        left = self.dice.choice(self.clips)
        value = self.world.value(left)
        end = value["start"] + value["duration"]
        touching = (c.id for c in self.world.state.inside(value["track_id"], "clip") if c.value["start"] == end)
        return {"left_id": left, "right_id": next(touching, "none"), "delta": self.dice.choice((-2, -1, 1, 2))}

    def slip(self) -> dict[str, Any]:
        return {"clip_id": self.dice.choice(self.clips), "delta": self.dice.choice((-3, -1, 1, 3))}

    def set_opacity(self) -> dict[str, Any]:
        return {"clip_id": self.dice.choice(self.clips), "opacity": self.dice.randint(0, 999_999)}

    def set_timeline(self) -> dict[str, Any]:
        return {"metadata": {f"note{self.dice.randint(0, 9)}": self.dice.random()}}

    def add_crop_keyframe(self) -> dict[str, Any]:
        frame = self.dice.randint(1000, 1100)
        return {"clip_id": self.dice.choice(self.clips), "frame": frame, **self._window()}

    def update_crop_keyframe(self) -> dict[str, Any]:
        return {"keyframe_id": self.dice.choice(self.keyframes), **self._window()}

    def _window(self) -> dict[str, int]:
        return {"x": self.dice.randint(0, 683_333), "y": 0, "width": 316_667, "height": 1_000_000}


# ---------------------------------------------------------------- the contestants
def ours(rows: list[fold.Row], start: State) -> None:
    fold.extend(start, rows)


def decode_only(rows: list[fold.Row], start: State) -> None:
    for _, _, body, schema_version in rows:
        event.decode_folded(body, schema_version)


def json_and_dicts(rows: list[fold.Row], start: State) -> None:
    """What one would write in an afternoon: no owners, no tombstones, no undo stacks."""
    state = {record.id: dict(record.value) for record in start.records.values()}
    for _, _, body, _ in rows:
        for change in json.loads(body)["changes"]:
            if change["op"] == "set":
                value = state[change["id"]]
                for name, (_, after, *_owners) in change["fields"].items():
                    value[name] = after
            elif change["op"] == "put":
                state[change["id"]] = change["value"]
            elif change["op"] == "drop":
                del state[change["id"]]
            else:
                for value in state.values():
                    if value.get("track_id") == change["track"] and value["start"] >= change["from"]:
                        value["start"] += change["by"]


class Otio:
    """The subset as edits of OpenTimelineIO objects: gap, clip, gap, clip … on each track; keyframes in metadata."""

    def __init__(self, start: State) -> None:
        self.clips: dict[str, Any] = {}
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.parents = {r.id: r.value["parent_id"] for r in start.living("keyframe")}
        self.timeline = otio.schema.Timeline()
        for track in start.living("track"):
            self._add_track(start, track.id)

    def _add_track(self, start: State, id: str) -> None:
        track = otio.schema.Track(name=id)
        self.timeline.tracks.append(track)
        at, gap = 0, otio.schema.Gap()
        for clip in sorted(start.inside(id, "clip"), key=lambda c: c.value["start"]):
            value = clip.value
            gap.source_range = _range(0, value["start"] - at)
            made = otio.schema.Clip(name=clip.id, source_range=_range(value["source_in"], value["duration"]))
            track.extend([gap, made])
            self.clips[clip.id], self.before[clip.id] = made, gap
            gap = self.after[clip.id] = otio.schema.Gap(source_range=_range(0, 10**6 * F))
            at = value["start"] + value["duration"]
        track.append(gap)

    def fold(self, rows: list[fold.Row]) -> None:
        for _, _, body, schema_version in rows:
            for change in event.decode_folded(body, schema_version).changes:
                if isinstance(change, changes.Put):
                    self.parents[change.id] = change.value["parent_id"]
                    self._keyframe(change.id, change.value)
                elif change.id in self.clips:
                    self._place(change.id, change.fields)
                else:
                    self._keyframe(change.id, {name: told[1] for name, told in change.fields.items()})

    def _keyframe(self, id: str, value: dict[str, Any]) -> None:
        metadata = self.clips[self.parents[id]].metadata
        metadata[id] = {**metadata.get(id, {}), **value}

    def _place(self, id: str, fields: dict[str, list[Any]]) -> None:
        clip = self.clips[id]
        source = clip.source_range
        first = fields["source_in"][1] if "source_in" in fields else int(source.start_time.value)
        length = fields["duration"][1] if "duration" in fields else int(source.duration.value)
        grown = length - int(source.duration.value)
        moved = fields["start"][1] - fields["start"][0] if "start" in fields else 0
        clip.source_range = _range(first, length)
        self._stretch(self.before[id], moved)
        self._stretch(self.after[id], -moved - grown)

    def _stretch(self, gap: Any, by: int) -> None:
        if by:
            gap.source_range = _range(0, int(gap.source_range.duration.value) + by)


def _range(start: int, duration: int) -> Any:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start, 705_600_000), otio.opentime.RationalTime(duration, 705_600_000)
    )


# ---------------------------------------------------------------- the race
def seconds(work: Callable[..., None], *args: Any) -> float:
    """CPU seconds of this process; for the peers too without the collector, which our fold turns off for itself."""
    gc.collect()
    gc.disable()
    began = time.process_time()
    work(*args)
    spent = time.process_time() - began
    gc.enable()
    return spent


def race(world: World, names: list[str]) -> Iterator[tuple[str, int, float]]:
    """(contestant, events, best seconds)."""
    first = len(world.rows) - len(names)
    start, rows = fold.replay(world.rows[:first]), world.rows[first:]
    kept = [row for row, name in zip(rows, names, strict=True) if name in SUBSET]
    untouched = _closed(start, kept)
    saved = snapshots.dump(start)  # as a reader has it: a snapshot, then the tail
    gc.collect()
    gc.freeze()  # the editor's leavings are not what is measured
    best: dict[str, tuple[int, float]] = {}
    for _ in range(ROUNDS):
        for label, work, log in (
            ("fold", ours, rows),
            ("decode only", decode_only, rows),
            ("json + dicts", json_and_dicts, rows),
        ):
            _keep(best, label, len(log), seconds(work, log, snapshots.load(*saved)))
        _keep(best, "fold, subset", len(untouched), seconds(ours, untouched, snapshots.load(*saved)))
        _keep(best, "OTIO, subset", len(untouched), seconds(Otio(start).fold, untouched))
    for label, (count, spent) in best.items():
        yield label, count, spent


def _keep(best: dict[str, tuple[int, float]], label: str, count: int, spent: float) -> None:
    best[label] = (count, min(spent, best.get(label, (0, spent))[1]))


def _closed(start: State, rows: list[fold.Row]) -> list[fold.Row]:
    """Those of the events that touch only what was there at the start, or keyframes that they put themselves."""
    there, kept = set(start.records), []
    for _, actor, body, schema_version in rows:
        told = event.decode(body, schema_version).changes
        if all(change.id in there or _keyframe_of(change) in there for change in told):
            there.update(change.id for change in told)
            kept.append((start.version + len(kept) + 1, actor, body, schema_version))
    return kept


def _keyframe_of(change: Any) -> str | None:
    put = isinstance(change, changes.Put) and change.kind == "keyframe"
    return change.value["parent_id"] if put else None


def main() -> int:
    world = furnished()
    editor, names = Editor(world), []
    while len(names) < EVENTS:
        name = editor.edit()
        if name is not None:
            names.append(name)
    size = sum(len(body) for _, _, body, _ in world.rows[-EVENTS:]) / EVENTS
    clips = sum(1 for _ in world.state.living("clip"))
    shares = ", ".join(f"{name} {100 * names.count(name) / EVENTS:.0f} %" for name, _ in MIX)
    print(f"{EVENTS} events of {size:.0f} bytes, 1008 clips at first, {clips} at last; accepted: {shares}")
    rates = {label: count / spent for label, count, spent in race(world, names)}
    for label, rate in rates.items():
        print(f"  {label:14}{rate:>10,.0f} events/s")
    print(
        f"  fold / limit {rates['fold'] / rates['decode only']:.2f}"
        f"   fold / json {rates['fold'] / rates['json + dicts']:.1f}"
        f"   fold / OTIO {rates['fold, subset'] / rates['OTIO, subset']:.1f}"
        f"   fold / goal of {GOAL:,}: {rates['fold'] / GOAL:.2f}"
    )
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"  load average {load} on {os.cpu_count()} CPUs, Python {sys.version.split()[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
