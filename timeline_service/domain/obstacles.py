"""Obstacles: what stands in the way where the laws refuse an undo, and which version put it there.

    overlap       the clip that lies there now       its start
    track_locked  the track                          its lock
    ..._missing   the record that is gone            its going

A refusal of a gesture says what its author could do instead; one of an undo says whose work is in the way.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from timeline_service.domain import errors, records
from timeline_service.domain.state import Ground, Record, State

EXISTS: Final = "exists"
"""How a conflict names the existence of a record, which has an owner like a field."""
_NAMES: Final = ("clip_id", "caption_id", "keyframe_id", "marker_id", "transition_id", "id", "track_id", "track")
_OTHERS: Final = ("with_clip_id", "with_caption_id", "by")
"""Details that name what is in the way rather than what is to go there."""


class Obstacle(NamedTuple):
    """`record` is what the undo would write, or, where that is a track or holds others, what lies in its way.

    `field` and `owner` (0: nobody's) are of what lies in the way.
    """

    record: str | None
    field: str | None
    owner: int


def of(before: State, refusal: errors.Refused) -> Obstacle:
    """The obstacle that a refusal tells of, in the state that the undo met."""
    details = refusal.details
    record = next((details[name] for name in _NAMES if details.get(name)), None)
    other = before.records.get(_other(details) or record or "")
    if other is None:
        return Obstacle(record, None, 0)
    if isinstance(refusal, errors.InUse | errors.ShiftNotInvertible):
        record = other.id
    if isinstance(refusal, errors.TrackLocked):
        return Obstacle(record, "locked", other.owner("locked"))
    time = records.KINDS[other.kind].time
    if other.alive and time is not None and not isinstance(refusal, errors.InUse | errors.KeyframeExists):
        return Obstacle(record, time, other.owner(time))
    return Obstacle(record, EXISTS, other.exists)


def last_shift(state: State, id: str) -> Ground | None:
    """The newest shift of an id, with the place where it stands."""
    shifts = state.shifts
    newest_first = (shifts[index] for index in range(len(shifts) - 1, -1, -1))
    return next((ground for ground in newest_first if ground.shift.id == id), None)


def newest_at_cut(state: State, transition: Mapping[str, Any]) -> int:
    """The last version that had to do with the place of a transition: its clips, or another one that lies there."""
    found = [0]
    for side in ("left_id", "right_id"):
        clip = state.records.get(transition[side] or "")
        if clip is not None:
            found += _versions(clip)
            found += [other.exists for other in state.inside(clip.id, "transition")]
    return max(found)


def _versions(clip: Record) -> list[int]:
    return [clip.exists, *(clip.owner(field) for field in ("start", "duration") if clip.alive)]


def _other(details: Mapping[str, Any]) -> str | None:
    several = [*details.get("records", ()), *details.get("keyframe_ids", ())]
    named = (details[name] for name in _OTHERS if details.get(name))
    return next(named, several[-1] if several else None)
