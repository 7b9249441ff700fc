"""Drafts that no gesture of the registry writes yet, for the laws of undo: units, map keys, markers, locks, ripples.

Times are ticks.
"""

from collections.abc import Iterable

from tests.laws.session import FILM, TIMELINE, Writer
from timeline_service.domain import errors, records
from timeline_service.domain.draft import Draft


def add_clip(id: str, track: str, start: int, duration: int, source_in: int = 0) -> Writer:
    def write(draft: Draft) -> None:
        value = records.new(
            "clip", track_id=track, start=start, duration=duration, media=FILM, source_in=source_in, color="0"
        )
        draft.put("clip", id, value)

    return write


def set_color(ids: Iterable[str], color: str) -> Writer:
    """Each clip makes sense alone: a unit each."""

    def write(draft: Draft) -> None:
        for unit, id in enumerate(ids):
            draft.get("clip", id)
            draft.set(id, {"color": color}, unit=unit)

    return write


def set_fields(kind: str, id: str, **after: object) -> Writer:
    def write(draft: Draft) -> None:
        draft.get(kind, id)
        draft.set(id, after)

    return write


def set_key(id: str, key: str, value: object) -> Writer:
    """One key of a clip's metadata; None takes it away."""

    def write(draft: Draft) -> None:
        draft.get("clip", id)
        draft.set(id, {f"metadata.{key}": value})

    return write


def place(id: str, track: str, start: int) -> Writer:
    def write(draft: Draft) -> None:
        draft.get("clip", id)
        draft.set(id, {"track_id": track, "start": start})

    return write


def place_marker(id: str, parent: str, time: int, duration: int) -> Writer:
    def write(draft: Draft) -> None:
        draft.get("marker", id)
        draft.set(id, {"parent_id": parent, "time": time, "duration": duration})

    return write


def drop(kind: str, id: str) -> Writer:
    def write(draft: Draft) -> None:
        draft.get(kind, id)
        draft.drop(id)

    return write


def split_and_hand_over(id: str, offset: int, new_id: str) -> Writer:
    """A split as it might have been: what lies from the cut on goes over to the right half, a tail transition too."""

    def write(draft: Draft) -> None:
        clip = dict(draft.get("clip", id).value)
        if not 0 < offset < clip["duration"]:
            raise errors.AtEdge(clip_id=id)
        cut = clip["source_in"] + offset
        draft.set(id, {"duration": offset})
        right = {"start": clip["start"] + offset, "duration": clip["duration"] - offset, "source_in": cut}
        draft.put("clip", new_id, {**clip, **right})
        for child in [draft.state.records[child] for child in sorted(draft.state.members.get(id, ()))]:
            if child.kind == "transition":
                if child.value["left_id"] == id:
                    draft.set(child.id, {"left_id": new_id})
            elif child.value["time"] >= cut:
                draft.set(child.id, {"parent_id": new_id})

    return write


def ripple_insert(id: str, track: str, start: int, duration: int) -> Writer:
    def write(draft: Draft) -> None:
        draft.shift(track, start, duration)
        add_clip(id, track, start, duration)(draft)

    return write


def ripple_delete(id: str) -> Writer:
    def write(draft: Draft) -> None:
        clip = dict(draft.get("clip", id).value)
        draft.drop(id)
        draft.shift(clip["track_id"], clip["start"] + clip["duration"], -clip["duration"])

    return write


def ripple_everywhere(start: int, by: int) -> Writer:
    """All tracks and the timeline's markers, in one unit."""

    def write(draft: Draft) -> None:
        for track in ("v1", "v2", None):
            draft.shift(track, start, by)

    return write


def add_key(id: str, clip: str, offset: int) -> Writer:
    def write(draft: Draft) -> None:
        value = records.new(
            "keyframe",
            parent_id=clip,
            property="crop",
            time=draft.get("clip", clip).value["source_in"] + offset,
            value={"x": 0, "y": 0, "width": 1_000_000, "height": 1_000_000},
        )
        draft.put("keyframe", id, value)

    return write


def add_marker(id: str, parent: str | None, time: int, duration: int = 0) -> Writer:
    def write(draft: Draft) -> None:
        draft.put("marker", id, records.new("marker", parent_id=parent or TIMELINE, time=time, duration=duration))

    return write
