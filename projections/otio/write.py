"""A state as OpenTimelineIO JSON, at any version; OTIO 0.18.1 reads it, and `read` gives the state back exactly.

    Timeline.1 ─ Stack.1 ─ Track.1 ─ Gap.1 | Transition.1 | Clip.2 (media references, time warps, effects, markers)
                                   └ Stack.1 (a nest) ─ Track.1 ─ …

What OTIO has no place for (ids, integer ticks, keyframes, locks) lies in `metadata.timeline_service`, in integers.
Keyframes are there and, derived, as Resolve's and Premiere's own blocks. What no clip shows (a sequence without a nest)
lies in the timeline's metadata as rows of records.
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from projections.collector import without_collector
from projections.otio import derived, kept, schema, upgrade
from projections.otio.items import RAW, Items
from projections.otio.medias import rate_of
from projections.otio.schema import NAMESPACE, Json
from timeline_service.domain import records
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Rate

KINDS: Final = ("video", "audio", "caption")
MOST_COPIES: Final = 10_000
"""Items that copies of sequences may come to: nests within nests would double with every level."""
DEEPEST_NEST: Final = 6
"""Nests below are written as rows: the file stays within 64 levels."""


def to_json(state: State, *, head_hash: str = "", excerpt: Json | None = None) -> bytes:
    """The file, indented. `head_hash` names the event that the state was folded to, `excerpt` what was cut out."""
    with without_collector():
        made = timeline(state, head_hash=head_hash, excerpt=excerpt)
        return orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def timeline(state: State, *, head_hash: str = "", excerpt: Json | None = None) -> Json:
    """`Timeline.1` as a dictionary."""
    return _Writer(state).timeline(head_hash, excerpt)


def timeline_object(value: Json, rate: Rate, children: list[Json]) -> Json:
    """`Timeline.1` and its `Stack.1` without our block, notes and effects of others put back."""
    held = kept.of(value)
    stack_held = kept.part(held, "stack")
    stack = schema.item("Stack.1", "tracks", metadata={}, source_range=None, children=children)
    effects = stack_held.get("effects")
    if isinstance(effects, list) and all(upgrade.sound(effect, upgrade.EFFECTS) for effect in effects):
        stack["effects"] = [upgrade.emitted(effect, upgrade.EFFECTS, dict(effect)) for effect in effects]
    made = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": value["name"],
        "global_start_time": schema.rational_time(value["start_timecode"], rate),
        "canvas": None,
        "tracks": kept.dress(stack, stack_held),
    }
    return kept.dress(made, held)


class _Writer:
    def __init__(self, state: State) -> None:
        self.state = state
        self.rate = state.rate
        self.items = Items(self.rate)
        self.sequences: dict[str, tuple[list[Json], int]] = {}
        self.written = 0
        self.copies = 0
        labels = sorted({c.value["link_id"] for c in state.living("clip") if c.value["link_id"] is not None})
        self.links = {label: number for number, label in enumerate(labels, 1)}

    def timeline(self, head_hash: str, excerpt: Json | None) -> Json:
        record = self.state.records[self.state.timeline_id]
        made = timeline_object(record.value, self.rate, self._tracks(None, 0))
        made["tracks"]["markers"] = self._notes(record.id, self.rate)
        value = record.value
        if kept.FIELD in value and self._kept_comes_back(made, value):
            value = {name: field for name, field in value.items() if name != kept.FIELD}
        block: Json = {
            "format": schema.FORMAT,
            "version": self.state.version,
            "head_hash": head_hash,
            **made["metadata"].get(NAMESPACE, {}),
            **schema.own("timeline", record.id, value),
        }
        rest = self._rest()
        if rest:
            block["rows"] = rest
        if excerpt is not None:
            block["excerpt"] = excerpt
        made["metadata"][NAMESPACE] = block
        return made

    def _kept_comes_back(self, made: Json, value: Json) -> bool:
        bare = {name: field for name, field in value.items() if name != kept.FIELD}
        plain = timeline_object(bare, self.rate, [])
        return bool(kept.stored(gathered_timeline(made, plain)) == value[kept.FIELD])

    def _rest(self) -> list[Json]:
        """Sequences that nothing shows, with all that lies in them, parents first."""
        hidden = [r.id for r in self.state.living("sequence") if r.id not in self.sequences]
        found: dict[str, Record] = {}
        waiting = sorted(hidden)
        while waiting:
            id = waiting.pop()
            if id not in found:
                found[id] = self.state.records[id]
                waiting += sorted(self.state.members.get(id, ()))
        order = {kind: place for place, kind in enumerate(records.RESTORE_ORDER)}
        rows = sorted(found.values(), key=lambda record: (order[record.kind], record.id))
        return [schema.own(record.kind, record.id, record.value) for record in rows]

    # ---- tracks
    def _tracks(self, sequence: str | None, depth: int) -> list[Json]:
        found = self.state.inside(sequence, "track")
        found.sort(key=lambda track: (KINDS.index(track.value["kind"]), track.value["order"], track.id))
        return [self._track(track, depth) for track in found]

    def _track(self, track: Record, depth: int) -> Json:
        shown = self.items.track(track.id, track.value)
        self.written += 1
        shown["effects"] = [*self._keyframes(track.id), *self._effects(track.id)]
        shown["markers"] = self._notes(track.id, self.rate)
        shown["children"] = children = []
        found = [*self.state.inside(track.id, "clip"), *self.state.inside(track.id, "caption")]
        at, gaps = 0, kept.part(kept.of(track.value), "gaps")
        for item in sorted(found, key=lambda item: (item.value["start"], item.id)):
            start = item.value["start"]
            if start > at:
                children.append(self._gap(at, start, gaps))
            if item.kind == "caption":
                children.append(self.items.caption(item.id, item.value))
                self.written += 1
            else:
                children += self._clip_and_cuts(item, depth)
            at = start + item.value["duration"]
        return shown

    def _gap(self, start: int, end: int, gaps: Json) -> Json:
        made = schema.gap(schema.rational_time(end - start, self.rate), self.rate)
        held = gaps.get(str(start))
        return kept.dress(made, held) if isinstance(held, dict) else made

    def _clip_and_cuts(self, clip: Record, depth: int) -> Iterable[Json]:
        """A clip, the transition before it if it has no left side, and the one behind it."""
        shown = self._clip(clip, depth)
        heads, tails = [], []
        for transition in self.state.inside(clip.id, "transition"):
            made = self.items.transition(transition.id, transition.value)
            if transition.value["left_id"] == clip.id:
                tails.append(made)
            elif transition.value["left_id"] is None:
                heads.append(made)
        self.written += 1 + len(heads) + len(tails)
        return [*heads, shown, *tails]

    def _clip(self, clip: Record, depth: int) -> Json:
        value = clip.value
        shown = self.items.clip(clip.id, value, link=self.links.get(value["link_id"]))
        keyframes = self._keyframe_records(clip.id)
        shown["effects"] += [*self._blocks(keyframes), *self._effects(clip.id)]
        shown["effects"] += derived.effects(self.state, clip, keyframes)
        shown["markers"] = self._notes(clip.id, rate_of(value["media"], self.rate))
        if "sequence_id" in value["media"]:
            self._nest(shown, value["media"]["sequence_id"], depth + 1)
        return shown

    def _nest(self, shown: Json, id: str, depth: int) -> None:
        """The tracks of a sequence where it is shown first; further on copies of them, while there is room."""
        sequence = self.state.find(id, "sequence")
        block = shown["metadata"][NAMESPACE]
        if id not in self.sequences and sequence is not None and depth <= DEEPEST_NEST:
            before = self.written
            self.sequences[id] = ([], 0)
            shown["children"] = self._tracks(id, depth)
            self.sequences[id] = (shown["children"], self.written - before)
            block["sequence"] = schema.own("sequence", id, sequence.value)
            return
        block["copy"] = True
        children, size = self.sequences.get(id, ([], 0))
        if depth <= DEEPEST_NEST and self.copies + size <= MOST_COPIES:
            self.copies += size
            shown["children"] = children

    # ---- what lies in and on them
    def _keyframe_records(self, parent: str) -> list[Record]:
        found = self.state.inside(parent, "keyframe")
        return sorted(found, key=lambda key: (key.value["property"], key.value["time"], key.id))

    def _keyframes(self, parent: str) -> list[Json]:
        return self._blocks(self._keyframe_records(parent))

    @staticmethod
    def _blocks(keyframes: list[Record]) -> list[Json]:
        """An effect for every property that is animated, and in it our block with the keyframes."""
        by_property: dict[str, list[Record]] = {}
        for key in keyframes:
            by_property.setdefault(key.value["property"], []).append(key)
        return [
            schema.effect(name, f"{NAMESPACE}.{name}", {NAMESPACE: {"kind": "keyframes", "keyframes": _rows(keys)}})
            for name, keys in by_property.items()
        ]

    def _effects(self, parent: str) -> list[Json]:
        found = sorted(self.state.inside(parent, "effect"), key=lambda effect: (effect.value["order"], effect.id))
        shown = []
        for effect in found:
            made = self.items.effect(effect.id, effect.value)
            keys = self._keyframe_records(effect.id)
            if keys:
                made["metadata"][NAMESPACE]["keyframes"] = _rows(keys)
            shown.append(made)
        return shown

    def _notes(self, parent: str, rate: Rate) -> list[Json]:
        found = [*self.state.inside(parent, "marker"), *self.state.inside(parent, "annotation")]
        found.sort(key=lambda note: (note.value["time"], note.kind, note.id))
        return [self.items.note(note.kind, note.id, note.value, rate) for note in found]


def _rows(keyframes: list[Record]) -> list[Any]:
    return [{"id": key.id, "record": key.value} for key in keyframes]


def gathered_timeline(made: Json, plain: Json) -> Json:
    """What is kept of a timeline and its stack."""
    found = kept.gather(made, plain, RAW["timeline"])
    stack = kept.gather(made["tracks"], plain["tracks"], ("source_range", "name", "color"))
    if made["tracks"]["effects"]:
        stack["effects"] = made["tracks"]["effects"]
    if stack:
        found["stack"] = stack
    return found
