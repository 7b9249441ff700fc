"""Transitions: where one lies, whether its clips still touch, and whether they have the handles that it shows.

        in   out
|   A   [::::|::::]   B   |       shown in [cut - in_offset, cut + out_offset)
             cut                  A needs a handle of out_offset, B one of in_offset
"""

from typing import Any, Final

from timeline_service.domain import errors, media
from timeline_service.domain.state import Record, State

EXTENT: Final = frozenset({"track_id", "start", "duration"})
SIDES: Final = ("left_id", "right_id")


def adjacent(state: State, transition: dict[str, Any]) -> bool:
    """Whether its clips are there and touch on one track; with a null side there is nothing to touch."""
    left, right = (_clip(state, transition[side]) for side in SIDES)
    if left is None or right is None:
        given = [transition[side] for side in SIDES if transition[side] is not None]
        return len(given) == 1 and _clip(state, given[0]) is not None
    one, other = left.value, right.value
    return bool(one["track_id"] == other["track_id"] and one["start"] + one["duration"] == other["start"])


def span(state: State, transition: dict[str, Any]) -> tuple[int, int]:
    """The timeline ticks in which it is shown: [first, end)."""
    right = _clip(state, transition["right_id"])
    if right is not None:
        cut = right.value["start"]
    else:
        left = state.records[transition["left_id"]].value
        cut = left["start"] + left["duration"]
    return cut - transition["in_offset"], cut + transition["out_offset"]


def head(state: State, clip_id: str) -> Record | None:
    """The transition at the beginning of a clip."""
    return next((t for t in state.inside(clip_id, "transition") if t.value["right_id"] == clip_id), None)


def tail(state: State, clip_id: str) -> Record | None:
    """The transition at the end of a clip."""
    return next((t for t in state.inside(clip_id, "transition") if t.value["left_id"] == clip_id), None)


def check(state: State, transition: Record) -> None:
    """Refuse (NotAdjacent, BadRange, OffGrid, NoHandle) a transition that cannot be shown."""
    value = transition.value
    lead, tail_off = value["in_offset"], value["out_offset"]
    if not adjacent(state, value):
        raise errors.NotAdjacent(transition_id=transition.id, left_id=value["left_id"], right_id=value["right_id"])
    bare = (value["left_id"] is None and lead) or (value["right_id"] is None and tail_off)
    if lead < 0 or tail_off < 0 or lead + tail_off <= 0 or bare:
        raise errors.BadRange(transition_id=transition.id, in_offset=lead, out_offset=tail_off)
    clip = state.records[value["left_id"] or value["right_id"]]
    track, frame = state.records[clip.value["track_id"]], state.rate.ticks_per_frame
    if track.value["kind"] == "video" and (lead % frame or tail_off % frame):
        raise errors.OffGrid(transition_id=transition.id, ticks_per_frame=frame)
    for side, before, after in (("left_id", 0, tail_off), ("right_id", lead, 0)):
        if value[side] is not None:
            _check_handle(state.records[value[side]], before, after, transition.id)


def check_clip(state: State, clip: Record) -> None:
    """Refuse (TransitionInTheWay) a clip that has two transitions at one end, or is shorter than what lies on it."""
    heads = [t for t in state.inside(clip.id, "transition") if t.value["right_id"] == clip.id]
    tails = [t for t in state.inside(clip.id, "transition") if t.value["left_id"] == clip.id]
    covered = sum(t.value["out_offset"] for t in heads) + sum(t.value["in_offset"] for t in tails)
    if len(heads) > 1 or len(tails) > 1 or covered > clip.value["duration"]:
        ids = sorted(t.id for t in (*heads, *tails))
        raise errors.TransitionInTheWay(clip_id=clip.id, transition_ids=ids, shortest=covered)


def fits(state: State, transition: Record) -> bool:
    """Whether a transition of the state may lie where it does: its cut is there, and nothing else lies on it."""
    try:
        check(state, transition)
        for side in SIDES:
            if transition.value[side] is not None:
                check_clip(state, state.records[transition.value[side]])
    except errors.Refused:
        return False
    return True


def room(clip: dict[str, Any]) -> tuple[int | None, int | None]:
    """How far (ticks on the timeline) a clip can be shown before its beginning and after its end; None: for ever."""
    if media.timeless(clip["media"]) or not clip["speed"]["num"]:
        return None, None
    available = clip["media"].get("available")
    lowest = available["start"] if available else 0
    num, den, offset = clip["speed"]["num"], clip["speed"]["den"], clip["map_offset"]
    before = offset + (clip["source_in"] - lowest) * den // num
    after = None
    if available:
        beyond = available["start"] + available["duration"] - clip["source_in"]
        after = (beyond * den - 1) // num + 1 - offset - clip["duration"]
    return (after, before) if clip["reversed"] else (before, after)


def largest(state: State, left_id: str | None, right_id: str | None, besides: str | None = None) -> dict[str, Any]:
    """The largest offsets that handles and clip lengths leave on a cut, {"in_offset": {"min", "max"}, …}.

    `besides` is the transition that lies there now. Empty where none can lie.
    """
    if not adjacent(state, {"left_id": left_id, "right_id": right_id}):
        return {}
    left, right = (_clip(state, id) for id in (left_id, right_id))
    before = after = 0
    if left is not None:
        other = head(state, left.id)
        covered = 0 if other is None or other.id == besides else other.value["out_offset"]
        before = left.value["duration"] - covered
    if right is not None:
        other = tail(state, right.id)
        covered = 0 if other is None or other.id == besides else other.value["in_offset"]
        after = right.value["duration"] - covered
    if left is not None and right is not None:
        lead, trail = room(right.value)[0], room(left.value)[1]
        before, after = (b if r is None else min(b, max(0, r)) for b, r in ((before, lead), (after, trail)))
    track = state.records[(left or right).value["track_id"]]  # type: ignore[union-attr]
    frame = state.rate.ticks_per_frame if track.value["kind"] == "video" else 1
    return {
        "in_offset": {"min": 0, "max": before // frame * frame},
        "out_offset": {"min": 0, "max": after // frame * frame},
    }


def _check_handle(clip: Record, before: int, after: int, transition_id: str) -> None:
    for needed, there, side in zip((before, after), room(clip.value), ("start", "end"), strict=True):
        if there is not None and needed > there:
            raise errors.NoHandle(clip_id=clip.id, transition_id=transition_id, edge=side, largest=max(0, there))


def _clip(state: State, id: str | None) -> Record | None:
    return None if id is None else state.find(id, "clip")
