"""What holds in every state that anybody can reach, said once more and independently of the service's own checks."""

import itertools
from collections import Counter
from typing import Any

from timeline_service.domain import clip_time, records
from timeline_service.domain.media import fits, timeless
from timeline_service.domain.state import State


def assert_valid(state: State) -> None:
    """No overlap, no negative time, no zero duration, on the grid, inside the media, nothing dangling."""
    for record in state.records.values():
        if record.alive:
            _assert_references(state, record)
            assert record.value.keys() >= records.KINDS[record.kind].fields.keys()
    for track in state.living("track"):
        clips = sorted(state.inside(track.id, "clip"), key=lambda c: c.value["start"])
        for clip in clips:
            _assert_clip(state, clip.value, track.value["kind"])
        for one, next_one in itertools.pairwise(clips):
            assert one.value["start"] + one.value["duration"] <= next_one.value["start"]
        captions = sorted(state.inside(track.id, "caption"), key=lambda c: c.value["start"])
        for one, next_one in itertools.pairwise(captions):
            assert one.value["start"] + one.value["duration"] <= next_one.value["start"]
    for marker in (*state.living("marker"), *state.living("annotation")):
        assert marker.value["time"] >= 0
    for transition in state.living("transition"):
        _assert_transition(state, transition.value)
    for sequence in state.living("sequence"):
        assert sequence.id not in _nested(state, sequence.id), "a sequence contains itself"
    bonds = Counter((bond, c.value[bond]) for c in state.living("clip") for bond in records.BONDS if c.value[bond])
    assert 1 not in bonds.values(), "a link or a group of one"
    keyframes = [(k.value["parent_id"], k.value["property"], k.value["time"]) for k in state.living("keyframe")]
    assert len(keyframes) == len(set(keyframes))


def _assert_references(state: State, record: Any) -> None:
    for reference in records.KINDS[record.kind].references:
        if record.value[reference.field] is None:
            assert record.kind == "transition" or record.id in state.members[None]  # the root sequence has no record
            continue
        target = state.find(record.value[reference.field])
        assert target is not None
        assert target.kind in reference.kinds
        assert record.id in state.members[target.id]
    for id in state.members.get(record.id, ()):
        assert state.find(id) is not None


def _assert_clip(state: State, value: dict[str, Any], kind: str) -> None:
    assert value["start"] >= 0
    assert value["duration"] > 0
    assert fits(value["media"], kind)
    if kind == "video":
        assert value["start"] % state.rate.ticks_per_frame == 0
        assert value["duration"] % state.rate.ticks_per_frame == 0
    shown = {clip_time.source_at(value, t) for t in (0, value["duration"] // 2, value["duration"] - 1)}
    first, end = clip_time.source_span(value)
    assert first <= min(shown)
    assert max(shown) < end
    available = value["media"].get("available")
    if not timeless(value["media"]):
        assert first >= (available["start"] if available else 0)
        assert not available or end <= available["start"] + available["duration"]


def _assert_transition(state: State, value: dict[str, Any]) -> None:
    """Its clips touch, and a clip that is longer by its offset would still lie inside its media."""
    left, right = (state.find(value[side] or "", "clip") for side in ("left_id", "right_id"))
    assert left or right
    if left and right:
        assert left.value["start"] + left.value["duration"] == right.value["start"]
    for clip, before, after in ((right, value["in_offset"], 0), (left, 0, value["out_offset"])):
        if clip is not None:
            longer = {**clip.value, "duration": clip.value["duration"] + before + after}
            longer |= clip_time.cut_start(clip.value, -before) if before else clip_time.cut_end(clip.value, after)
            available = clip.value["media"].get("available")
            first, end = clip_time.source_span(longer)
            if not timeless(clip.value["media"]):
                assert first >= (available["start"] if available else 0)
                assert not available or end <= available["start"] + available["duration"]


def _nested(state: State, sequence_id: str) -> set[str]:
    """All that are nested in a sequence, however deep."""
    found: set[str] = set()
    waiting = [sequence_id]
    while waiting:
        tracks = {t.id for t in state.living("track") if t.value["sequence_id"] == waiting[-1]}
        waiting.pop()
        for clip in state.living("clip"):
            shown = clip.value["media"].get("sequence_id")
            if clip.value["track_id"] in tracks and shown is not None and shown not in found:
                found.add(shown)
                waiting.append(shown)
    return found
