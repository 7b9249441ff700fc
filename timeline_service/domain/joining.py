"""Joining: two clips become the one from which they could have been cut.

|  A  |  B  |   ->   |     A     |      A goes on in its source where B begins, and looks alike

All that lay in B comes to lie in A. Where the animation of both differs, each half keeps its own.
"""

from typing import Any, Final, NamedTuple

from timeline_service.domain import animation, changes, clip_time, errors, neighbours, properties, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State

ALIKE: Final = ("media", "speed", "reversed", "enabled", "gain")
"""Fields in which both must agree, beside `params.*`: they rule the whole clip."""
APART: Final = frozenset({"params.segments"})
"""Parameters that say nothing of how a clip looks."""


class _Part(NamedTuple):
    """What animates one half: a clip or an effect, and what its times must be moved by to count as the whole's."""

    parent: str
    shift: int


def differences(state: State, left: Record, right: Record) -> list[str]:
    """In what two clips are not pieces of one; `source` where the second does not go on where the first ends."""
    one, other = left.value, right.value
    names = {name for value in (one, other) for name in value if name.startswith("params.")} - APART
    found = [name for name in (*ALIKE, *sorted(names)) if _json(one.get(name)) != _json(other.get(name))]
    if not found and not _continuous(one, other):
        found.append("source")
    if [key[0] for key in _effects(state, left.id)] != [key[0] for key in _effects(state, right.id)]:
        found.append("effects")
    return found


def join(draft: Draft, left_id: str, right_id: str) -> None:
    """Make one clip of two that touch. Raises NotAdjacent, NotContiguous.

    It keeps the id, name, colour and metadata of the left one; fades and a transition on the cut go with the cut.
    """
    left, right = draft.get("clip", left_id), draft.get("clip", right_id)
    if not neighbours.touch(left, right):
        raise errors.NotAdjacent(left_id=left_id, right_id=right_id)
    found = differences(draft.state, left, right)
    if found:
        raise errors.NotContiguous(left_id=left_id, right_id=right_id, fields=found)
    one, other = dict(left.value), dict(right.value)
    _join_animation(draft, left_id, right_id, one, other)
    tail = transitions.tail(draft.state, right_id)
    if tail is not None:
        draft.set(tail.id, {"left_id": left_id})
    for kind in ("marker", "annotation"):
        for note in sorted(draft.state.inside(right_id, kind), key=lambda note: note.id):
            draft.set(note.id, {"parent_id": left_id})
    draft.drop(right_id)
    origin = other if one["reversed"] else one
    place = {"source_in": origin["source_in"], "map_offset": origin["map_offset"]}
    length = {"duration": one["duration"] + other["duration"], "fade_out": other["fade_out"]}
    draft.set(left_id, {**place, **length})


def _continuous(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether one map shows what both do: the second's is the first's, as many ticks later as the first is long."""
    first, second = (right, left) if left["reversed"] else (left, right)
    later = first["duration"] + first["map_offset"] - second["map_offset"]
    further = second["source_in"] - first["source_in"]
    return bool(later * left["speed"]["num"] == further * left["speed"]["den"])


def _join_animation(draft: Draft, left_id: str, right_id: str, left: dict[str, Any], right: dict[str, Any]) -> None:
    length = left["duration"]
    clips = (_Part(left_id, 0), _Part(right_id, length))
    for name in _animated(draft.state, left_id, right_id):
        if name not in properties.SOURCE_TIMED:
            _join_curve(draft, name, *clips, left_id, length)
        elif left["reversed"]:
            _join_curve(draft, name, _Part(right_id, 0), _Part(left_id, 0), left_id, clip_time.source_span(right)[1])
        else:
            _join_curve(draft, name, _Part(left_id, 0), _Part(right_id, 0), left_id, clip_time.source_span(right)[0])
    pairs = zip(_effects(draft.state, left_id), _effects(draft.state, right_id), strict=True)
    for (_, kept), (_, gone) in pairs:
        for name in _animated(draft.state, kept, gone):
            _join_curve(draft, name, _Part(kept, 0), _Part(gone, length), kept, length)


def _join_curve(draft: Draft, name: str, early: _Part, late: _Part, kept: str, cut: int) -> None:
    """Of two curves that differ: the early one before the cut, the late one from it on, both as they were beside it."""
    curves = [
        [(k.value["time"] + part.shift, k.value, k.id) for k in animation.keyframes_of(draft.state, part.parent, name)]
        for part in (early, late)
    ]
    told = [[(time, _json([v["value"], v["interpolation"]])) for time, v, _ in curve] for curve in curves]
    if told[0] == told[1]:
        return
    edges = (
        (cut - 1, animation.value_at(draft.state, early.parent, name, cut - 1 - early.shift), "hold"),
        (cut, animation.value_at(draft.state, late.parent, name, cut - late.shift), _way(curves[1], cut)),
    )
    staying = [k for k in curves[0] if k[0] < cut], [k for k in curves[1] if k[0] >= cut]
    ids = {id for curve in staying for _, _, id in curve}
    for _, _, id in (k for curve in curves for k in curve):
        if id not in ids:
            draft.drop(id)
    for time, _, id in (k for curve in staying for k in curve):
        draft.set(id, {"parent_id": kept, "time": time})
    taken = {time for curve in staying for time, _, _ in curve}
    for time, value, way in edges:
        if time not in taken:
            key = {"parent_id": kept, "property": name, "time": time, "interpolation": way}
            new_id = draft.new_id("join", f"{kept} {name} {time}")
            draft.put("keyframe", new_id, {**key, "value": animation.rounded(value)})


def _way(curve: list[tuple[int, dict[str, Any], str]], cut: int) -> str:
    """How the late curve goes on from the cut: a way that is under way there is walked straight to its end."""
    before = [value["interpolation"] for time, value, _ in curve if time < cut]
    return "linear" if before and before[-1] != "hold" else "hold"


def _animated(state: State, *parents: str) -> list[str]:
    return sorted({k.value["property"] for parent in parents for k in state.inside(parent, "keyframe")})


def _effects(state: State, clip_id: str) -> list[tuple[bytes, str]]:
    """The effects of a clip in their order: all that is said of one, and its id."""
    found = []
    for effect in state.inside(clip_id, "effect"):
        said = {name: value for name, value in effect.value.items() if name != "parent_id"}
        found.append((effect.value["order"], _json(said), effect.id))
    return [(said, id) for _, said, id in sorted(found)]


def _json(value: Any) -> bytes:
    return changes.ENCODER.encode(value)
