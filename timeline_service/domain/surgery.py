"""The cuts that gestures share: cut a clip in two, take one away, clear a range, make room, close a gap."""

from collections.abc import Callable, Collection, Iterable

from timeline_service.domain import clip_time, errors, properties, transitions
from timeline_service.domain.draft import Draft, derive_id
from timeline_service.domain.state import Record, State


def clips_of(draft: Draft, track: str) -> list[Record]:
    """The clips of a track in the order of time."""
    return sorted(draft.state.inside(track, "clip"), key=lambda clip: (clip.value["start"], clip.id))


def tracks(state: State, kind: str | None = None, sequence_id: str | None = None) -> list[Record]:
    """The tracks of a sequence in their order, lowest first; those of one kind if one is named."""
    found = [track for track in state.inside(sequence_id, "track") if kind in (None, track.value["kind"])]
    return sorted(found, key=lambda track: (track.value["order"], track.id))


def together(state: State, clip_ids: Iterable[str], *bonds: str) -> list[str]:
    """The clips named and, behind them, all that are bound to one of them by these bonds, however far."""
    found = dict.fromkeys(clip_ids)
    waiting = list(found)
    while waiting:
        clip = state.find(waiting.pop(), "clip")
        labels = [] if clip is None else [(bond, clip.value[bond]) for bond in bonds if clip.value[bond] is not None]
        fresh = [other.id for bond, label in labels for other in state.bound(bond, label) if other.id not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return list(found)


def moving(state: State, clip_id: str) -> list[Record]:
    """The keyframes of a clip and of its effects whose times count from the clip's start: all but those of the crop."""
    own = [k for k in state.inside(clip_id, "keyframe") if k.value["property"] not in properties.SOURCE_TIMED]
    of_effects = [k for effect in state.inside(clip_id, "effect") for k in state.inside(effect.id, "keyframe")]
    return sorted((*own, *of_effects), key=lambda keyframe: keyframe.id)


def trim_start(draft: Draft, clip_id: str, delta: int) -> None:
    """Move the beginning of a clip by `delta` ticks; its picture and its animation stay where they are in time."""
    clip = draft.get("clip", clip_id).value
    after = {"start": clip["start"] + delta, "duration": clip["duration"] - delta, **clip_time.cut_start(clip, delta)}
    draft.set(clip_id, after)
    lag_keyframes(draft, clip_id, delta)


def trim_end(draft: Draft, clip_id: str, delta: int) -> None:
    """Move the end of a clip by `delta` ticks."""
    clip = draft.get("clip", clip_id).value
    draft.set(clip_id, {"duration": clip["duration"] + delta, **clip_time.cut_end(clip, delta)})


def lag_keyframes(draft: Draft, clip_id: str, by: int) -> None:
    """The clip begins `by` ticks later in its own animation: what counts from its start counts less now."""
    for keyframe in moving(draft.state, clip_id):
        draft.set(keyframe.id, {"time": keyframe.value["time"] - by})


def cut(draft: Draft, clip_id: str, at: int, right_id: str) -> None:
    """Split a clip at a timeline tick; the left half keeps its id, all that lay in it stays on its picture.

    |   A   |   ->   | A | right |

    Raises AtEdge, and TransitionInTheWay where a transition would be cut.
    """
    left = dict(draft.get("clip", clip_id).value)
    offset = at - left["start"]
    if not 0 < offset < left["duration"]:
        raise errors.AtEdge(clip_id=clip_id, at=at, start=left["start"], duration=left["duration"])
    for transition in draft.state.inside(clip_id, "transition"):
        first, end = transitions.span(draft.state, transition.value)
        if first < at < end:
            raise errors.TransitionInTheWay(clip_id=clip_id, transition_ids=[transition.id], start=first, end=end)
    rest = left["duration"] - offset
    right = {**left, "start": at, "duration": rest, "fade_in": 0, **clip_time.cut_start(left, offset)}
    draft.set(clip_id, {"duration": offset, "fade_out": 0, **clip_time.cut_end(left, -rest)})
    draft.put("clip", right_id, right)
    tail = transitions.tail(draft.state, clip_id)
    if tail is not None:
        draft.set(tail.id, {"left_id": right_id})
    _share_out(draft, clip_id, right_id, offset)


def _share_out(draft: Draft, left_id: str, right_id: str, offset: int) -> None:
    """What lay in the clip: effects and keyframes go to both halves, a note goes where its picture went.

    Both halves keep all keyframes, those in their handles too: every value at every time is then exactly what it was,
    whatever is trimmed, slipped or joined later.
    """
    right = draft.state.records[right_id].value
    first, end = clip_time.source_span(right)
    copy_inside(draft, left_id, right_id, lambda old: derive_id(right_id, draft.state.records[old].kind, old))
    lag_keyframes(draft, right_id, offset)
    for kind in ("marker", "annotation"):
        for note in sorted(draft.state.inside(left_id, kind), key=lambda m: m.id):
            time = note.value["time"]
            if (time < end) if right["reversed"] else (time >= first):
                draft.set(note.id, {"parent_id": right_id})


def copy_inside(draft: Draft, source_id: str, copy_id: str, name: Callable[[str], str]) -> None:
    """Put copies of the effects and keyframes of a clip into another; `name` gives a copy its id."""
    for kind in ("effect", "keyframe"):
        for record in sorted(draft.state.inside(source_id, kind), key=lambda r: r.id):
            id = name(record.id)
            draft.put(kind, id, {**record.value, "parent_id": copy_id})
            if kind == "effect":
                copy_inside(draft, record.id, id, name)


def remove(draft: Draft, *clip_ids: str) -> None:
    """Take clips away with all that lies in them."""
    for clip_id in clip_ids:
        draft.drop(draft.get("clip", clip_id).id)


def clear(draft: Draft, track: str, start: int, end: int, spared: Collection[str] = ()) -> list[str]:
    """Take away what a track holds in [start, end): cut what reaches in, drop what lies inside.

    The ids of right halves that came to be; their links are still those of the whole (see links.part).
    """
    rights = []
    for item in (*clips_of(draft, track), *captions_of(draft, track)):
        at, stop = item.value["start"], item.value["start"] + item.value["duration"]
        if stop <= start or at >= end or item.id in spared:
            continue
        if item.kind == "clip":
            drop_transitions(draft, item.id, start, end)
        if at < start and stop > end:
            right = draft.new_id("clear", item.id)
            cut_item(draft, item, end, right)
            rights += [right] if item.kind == "clip" else []
        _clip_off(draft, item, start, end)
    return rights


def captions_of(draft: Draft, track: str) -> list[Record]:
    """The captions of a track in the order of time."""
    return sorted(draft.state.inside(track, "caption"), key=lambda caption: (caption.value["start"], caption.id))


def cut_item(draft: Draft, item: Record, at: int, right_id: str) -> None:
    """Split a clip (see cut), or a caption: both halves say its words."""
    if item.kind == "clip":
        cut(draft, item.id, at, right_id)
        return
    caption = dict(item.value)
    draft.set(item.id, {"duration": at - caption["start"]})
    rest = caption["start"] + caption["duration"] - at
    draft.put("caption", right_id, {**caption, "start": at, "duration": rest})


def drop_transitions(draft: Draft, clip_id: str, start: int, end: int) -> None:
    """Drop the transitions of a clip that show anything of [start, end), or that the cut start = end would sever."""
    for transition in sorted(draft.state.inside(clip_id, "transition"), key=lambda t: t.id):
        first, stop = transitions.span(draft.state, transition.value)
        if first < max(end, start) and stop > start and (start != end or first < start):
            draft.drop(transition.id)


def _clip_off(draft: Draft, item: Record, start: int, end: int) -> None:
    now = draft.get(item.kind, item.id).value
    at, stop = now["start"], now["start"] + now["duration"]
    if start <= at and stop <= end:
        draft.drop(item.id)
    elif item.kind == "clip":
        trim_end(draft, item.id, start - stop) if at < start else trim_start(draft, item.id, end - at)
    else:
        draft.set(item.id, {"duration": start - at} if at < start else {"start": end, "duration": stop - end})


def cut_across(draft: Draft, track: str, at: int, spared: Collection[str] = ()) -> list[str]:
    """Cut what lies across a tick. The ids of the right halves of clips, linked as the whole was (see links.part)."""
    rights = []
    for item in (*clips_of(draft, track), *captions_of(draft, track)):
        if item.value["start"] < at < item.value["start"] + item.value["duration"] and item.id not in spared:
            right = draft.new_id("insert", item.id)
            if item.kind == "clip":
                drop_transitions(draft, item.id, at, at)
                rights.append(right)
            cut_item(draft, item, at, right)
    return rights


def close(draft: Draft, track: str | None, start: int, end: int) -> None:
    """Take [start, end) out of the ground of a track that holds no clip there. None: of the timeline's markers.

    Markers, annotations and automation that lie in the span go with it: they were about what is gone, and nothing may
    start inside a closing shift.
    """
    for id in sorted(rider.id for rider, _ in draft.riders(track, start, end) if rider.kind not in ("clip", "caption")):
        draft.drop(id)
    draft.shift(track, end, start - end)
