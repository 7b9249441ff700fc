"""What holds in every state (rule 10): looked at as a whole, however little an event changed."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from tests.undo_model.state import BONDS, HOLDERS, ITEMS, Change, Record, Refused, State

PARENTS = {
    "track": {"sequence_id": ("sequence",)},
    "clip": {"track_id": ("track",), "shows": ("sequence",)},
    "caption": {"track_id": ("track",)},
    "keyframe": {"parent_id": ("clip",)},
    "marker": {"parent_id": ("timeline", "track", "clip")},
    "transition": {"left_id": ("clip",), "right_id": ("clip",)},
}
"""Kind → field → kinds of what it must name. `sequence_id` and `shows` may be null, and one side of a transition."""


def check(before: State, after: State, written: Iterable[Change]) -> None:
    """Locks first, of what the changes touch; then everything. Raises Refused."""
    changes = list(written)
    _check_locks(before, after, changes)
    for record in after.living():
        _check_record(after, record)
    for track in after.living("track"):
        _check_track(after, track)
    for transition in after.living("transition"):
        _check_transition(after, transition)
    for sequence in after.living("sequence"):
        if sequence.id in contained(after, sequence.id):
            raise Refused("circular_nest", sequence.id)


def touching(state: State, transition: dict[str, Any]) -> bool:
    """Whether there is a cut: both clips side by side, or the one clip of a fade."""
    sides = [transition["left_id"], transition["right_id"]]
    clips = [state.find(id, "clip") for id in sides if id is not None]
    if not clips or None in clips:
        return False
    if len(clips) == 1:
        return True
    left, right = (clip.value for clip in clips if clip is not None)
    return bool(left["track_id"] == right["track_id"] and left["start"] + left["duration"] == right["start"])


def fits(state: State, transition: Record) -> bool:
    """Whether a transition that is not there could lie on its cut: nothing else does, clips and handles suffice."""
    trial = state.copy()
    trial.records[transition.id] = transition
    try:
        _check_transition(trial, transition)
    except Refused:
        return False
    return True


def contained(state: State, sequence: str) -> set[str]:
    """The sequences shown inside one, however deep."""
    found: set[str] = set()
    waiting = [sequence]
    while waiting:
        for track in state.children(waiting.pop(), "track"):
            fresh = {c.value["shows"] for c in state.children(track.id, "clip")} - found - {None}
            found |= fresh
            waiting += fresh
    return found


def _check_locks(before: State, after: State, written: list[Change]) -> None:
    for change in written:
        if change["op"] == "shift":
            track = after.find(change["track"], "track")
            if change["moves"] and change["track"] is not None and (track is None or track.value["locked"]):
                raise Refused("track_locked" if track else "missing", change["track"])
            continue
        for state in (before, after):
            record = state.find(change["id"])
            track = None if record is None else state.track_of(record)
            if track is not None and track.value["locked"]:
                raise Refused("track_locked", track.id)


def _check_record(state: State, record: Record) -> None:
    value = record.value
    for name, kinds in PARENTS.get(record.kind, {}).items():
        named = value[name]
        if named is None and (name in HOLDERS["track"] or name == "shows" or record.kind == "transition"):
            continue
        if state.find(named, *kinds) is None:
            raise Refused("missing", named)
    if record.kind in ITEMS and (value["start"] < 0 or value["duration"] <= 0):
        raise Refused("bad_range", record.id)
    if record.kind == "clip" and value["source_in"] < 0:
        raise Refused("no_handle", record.id)
    if record.kind == "marker" and (value["time"] < 0 or value["duration"] < 0):
        raise Refused("bad_range", record.id)
    if record.kind == "keyframe":
        twins = [k for k in state.children(value["parent_id"], "keyframe") if k.value["time"] == value["time"]]
        if len(twins) > 1:
            raise Refused("keyframe_exists", record.id)


def _check_track(state: State, track: Record) -> None:
    items = sorted(state.children(track.id, *ITEMS), key=lambda item: item.value["start"])
    if any((item.kind == "caption") != (track.value["kind"] == "caption") for item in items):
        raise Refused("kind_mismatch", track.id)
    for one, other in pairwise(items):
        if one.value["start"] + one.value["duration"] > other.value["start"]:
            raise Refused("overlap", one.id)


def _check_transition(state: State, transition: Record) -> None:
    value = transition.value
    lead, trail = value["in_offset"], value["out_offset"]
    if not touching(state, value):
        raise Refused("not_adjacent", transition.id)
    if min(lead, trail) < 0 or not lead + trail or (value["left_id"] is None and lead):
        raise Refused("bad_range", transition.id)
    if value["right_id"] is None and trail:
        raise Refused("bad_range", transition.id)
    if value["right_id"] is not None and lead > state.records[value["right_id"]].value["source_in"]:
        raise Refused("no_handle", transition.id)
    for side in ("left_id", "right_id"):
        if value[side] is not None:
            _check_covered(state, state.records[value[side]])


def _check_covered(state: State, clip: Record) -> None:
    """One transition at an end, and together no longer than the clip."""
    there = [t.value for t in state.children(clip.id, "transition")]
    heads = [t["out_offset"] for t in there if t["right_id"] == clip.id]
    tails = [t["in_offset"] for t in there if t["left_id"] == clip.id]
    if len(heads) > 1 or len(tails) > 1 or sum(heads) + sum(tails) > clip.value["duration"]:
        raise Refused("in_transition", clip.id)


def lonely(state: State) -> list[tuple[str, str]]:
    """Bonds of one: none in any state that an event leaves."""
    found = []
    for bond in BONDS:
        labels = [clip.value[bond] for clip in state.living("clip") if clip.value[bond] is not None]
        found += [(bond, label) for label in labels if labels.count(label) == 1]
    return found
