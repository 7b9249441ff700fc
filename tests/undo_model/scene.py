"""What people do with all that the first model did not have: bonds, transitions, nests, ripples over tracks, markers,
captions, locks, tracks.
"""

from collections.abc import Iterable
from typing import Any

from tests.undo_model import gestures, laws
from tests.undo_model.draft import Draft
from tests.undo_model.state import ITEMS, TIMELINE, Record, Refused, State


# ---- bonds
def together(state: State, ids: Iterable[str], *bonds: str) -> list[str]:
    """The clips named and all that are bound to one of them, however far."""
    found = dict.fromkeys(ids)
    waiting = list(found)
    while waiting:
        clip = state.records[waiting.pop()].value
        labels = [(bond, clip[bond]) for bond in bonds if clip[bond] is not None]
        fresh = [other.id for bond, label in labels for other in state.bound(bond, label) if other.id not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return list(found)


def bind(d: Draft, bond: str, ids: Iterable[str], label: str) -> None:
    for id in ids:
        d.set(d.get("clip", id).id, {bond: label})
    bound = d.state.bound(bond, label)
    if len(bound) < 2:
        raise Refused("wrong")
    if len({d.state.records[clip.value["track_id"]].value["sequence_id"] for clip in bound}) > 1:
        raise Refused("kind_mismatch")


def unbind(d: Draft, bond: str, ids: Iterable[str]) -> None:
    for id in ids:
        d.set(d.get("clip", id).id, {bond: None})


def move(d: Draft, ids: list[str], delta: int) -> None:
    for id in together(d.state, [d.get("clip", id).id for id in ids], "link_id", "group_id"):
        d.set(id, {"start": d.state.records[id].value["start"] + delta})


def trim(d: Draft, id: str, edge: str, delta: int) -> None:
    for each in together(d.state, [d.get("clip", id).id], "link_id"):
        gestures.trim(d, each, edge, delta)


def remove(d: Draft, id: str) -> None:
    for each in together(d.state, [d.get("clip", id).id], "link_id"):
        d.drop(each)


# ---- transitions
def add_transition(d: Draft, id: str, left: str | None, right: str | None, lead: int, trail: int) -> None:
    for side in (left, right):
        if side is not None:
            d.get("clip", side)
    value = {"left_id": left, "right_id": right, "in_offset": lead, "out_offset": trail}
    if not laws.touching(d.state, value):
        raise Refused("not_adjacent")
    d.put("transition", id, value)


def remove_transition(d: Draft, id: str) -> None:
    d.drop(d.get("transition", id).id)


def set_transition(d: Draft, id: str, lead: int, trail: int) -> None:
    d.set(d.get("transition", id).id, {"in_offset": lead, "out_offset": trail})


# ---- nests
def nest(d: Draft, id: str, clip: str, sequence: str, track: str) -> None:
    """A clip goes into a sequence of its own, which is shown in its place."""
    value = d.get("clip", clip).value
    d.put("sequence", sequence, {})
    d.put("track", track, {"kind": "audio", "locked": False, "sequence_id": sequence})
    d.set(clip, {"track_id": track, "start": 0, "link_id": None, "group_id": None})
    around = {name: value[name] for name in ("track_id", "start", "duration")}
    d.put("clip", id, gestures.CLIP | around | {"source_in": 0, "shows": sequence})


def show(d: Draft, id: str, track: str, start: int, sequence: str) -> None:
    """A sequence once more."""
    d.put("clip", id, gestures.CLIP | {"track_id": track, "start": start, "duration": 2, "shows": sequence})


def remove_sequence(d: Draft, id: str) -> None:
    """With all that shows it and all that lies in it."""
    d.get("sequence", id)
    for clip in sorted(d.state.living("clip"), key=lambda clip: clip.id):
        if clip.value["shows"] == id:
            d.drop(clip.id)
    for track in d.state.children(id, "track"):
        for item in d.state.children(track.id, *ITEMS):
            d.drop(item.id)
        d.drop(track.id)
    d.drop(id)


# ---- ripples
def open_gap(d: Draft, track: str, at: int, by: int, scope: str, markers: bool) -> None:
    tracks = sorted([track, *_others(d.state, track, scope, at, markers)])
    for one in tracks:
        if any(at_edge(item, at) for item in d.state.children(one, *ITEMS)):
            raise Refused("overlap", one)
    for one in tracks:
        d.shift(one, at, by)
    if markers:
        d.shift(None, at, by)


def take_out(d: Draft, id: str, scope: str, markers: bool) -> None:
    """A clip and its span go, on all tracks of the scope; what marks the span goes with it."""
    clip = d.get("clip", id).value
    start, end = clip["start"], clip["start"] + clip["duration"]
    d.drop(id)
    tracks = sorted([clip["track_id"], *_others(d.state, clip["track_id"], scope, start, markers)])
    for one in tracks:
        if any(i.value["start"] < end and _end(i) > start for i in d.state.children(one, *ITEMS)):
            raise Refused("scope_conflict", one)
    grounds: list[str | None] = [None] if markers else []
    for ground in [*grounds, *tracks]:
        for marker in d.state.children(ground or TIMELINE, "marker"):
            if start <= marker.value["time"] < end:
                d.drop(marker.id)
        d.shift(ground, end, start - end)


def _others(state: State, track: str, scope: str, first: int, markers: bool) -> list[str]:
    """The other tracks of a scope; of `all`, a locked one only if something on it would have to move."""
    own = state.find(track, "track")
    if own is None:
        raise Refused("missing", track)
    if markers and own.value["sequence_id"] is not None:
        raise Refused("scope_conflict", track)
    found = []
    for other in state.living("track") if scope != "track" else ():
        if other.id == track or other.value["sequence_id"] != own.value["sequence_id"]:
            continue
        moves = any(at + max(r.value["duration"], 1) > first for r, at in state.riders(other.id))
        if not other.value["locked"] or (scope == "all" and moves):
            found.append(other.id)
    return found


def at_edge(item: Record, at: int) -> bool:
    return bool(item.value["start"] < at < _end(item))


def _end(item: Record) -> int:
    return int(item.value["start"] + item.value["duration"])


# ---- markers, captions, tracks
def add_marker(d: Draft, id: str, parent: str, time: int, duration: int) -> None:
    d.put("marker", id, {"parent_id": parent, "time": time, "duration": duration})


def place_marker(d: Draft, id: str, parent: str, time: int, duration: int) -> None:
    d.set(d.get("marker", id).id, {"parent_id": parent, "time": time, "duration": duration})


def remove_marker(d: Draft, id: str) -> None:
    d.drop(d.get("marker", id).id)


def add_caption(d: Draft, id: str, track: str, start: int, duration: int) -> None:
    d.put("caption", id, {"track_id": track, "start": start, "duration": duration, "text": "x"})


def set_caption(d: Draft, id: str, fields: dict[str, Any]) -> None:
    d.set(d.get("caption", id).id, fields)


def add_track(d: Draft, id: str) -> None:
    d.put("track", id, {"kind": "audio", "locked": False, "sequence_id": None})


def remove_track(d: Draft, id: str) -> None:
    if d.get("track", id).value["locked"]:
        raise Refused("track_locked", id)
    d.drop(id)


def lock_track(d: Draft, id: str, locked: bool) -> None:
    d.set(d.get("track", id).id, {"locked": locked})


def set_note(d: Draft, id: str, key: str, value: int | None) -> None:
    """One key of a map; null takes it away."""
    d.set(d.get("clip", id).id, {f"metadata.{key}": value})
