"""What people do, as drafts: the nine gestures of the first model, on clips and keyframes of two tracks."""

from collections.abc import Iterable
from typing import Any

from tests.undo_model.draft import Draft
from tests.undo_model.state import Refused

CLIP: dict[str, Any] = {"source_in": 10, "color": "0", "link_id": None, "group_id": None, "shows": None}


def add_clip(d: Draft, id: str, track: str, start: int, duration: int) -> None:
    d.put("clip", id, CLIP | {"track_id": track, "start": start, "duration": duration})


def remove_clip(d: Draft, id: str) -> None:
    d.drop(d.get("clip", id).id)


def set_color(d: Draft, ids: Iterable[str], color: str) -> None:
    """Each clip makes sense alone: a unit each."""
    for unit, id in enumerate(ids):
        d.set(d.get("clip", id).id, {"color": color}, unit=unit)


def trim(d: Draft, id: str, edge: str, delta: int) -> None:
    clip = d.get("clip", id).value
    if edge == "end":
        d.set(id, {"duration": clip["duration"] + delta})
    else:
        moved = {name: clip[name] + delta for name in ("start", "source_in")}
        d.set(id, moved | {"duration": clip["duration"] - delta})


def place(d: Draft, id: str, track: str, start: int) -> None:
    d.set(d.get("clip", id).id, {"track_id": track, "start": start})


def split(d: Draft, id: str, offset: int, new_id: str) -> None:
    """What lies from the cut on goes over to the right half, a transition at the end too."""
    clip = d.get("clip", id).value
    if not 0 < offset < clip["duration"]:
        raise Refused("at_edge", id)
    cut = clip["source_in"] + offset
    d.set(id, {"duration": offset})
    right = {"start": clip["start"] + offset, "duration": clip["duration"] - offset, "source_in": cut}
    d.put("clip", new_id, {**clip, **right})
    for child in d.state.children(id):
        if child.kind == "transition" and child.value["left_id"] == id:
            d.set(child.id, {"left_id": new_id})
        elif child.kind != "transition" and child.value["time"] >= cut:
            d.set(child.id, {"parent_id": new_id})


def ripple_delete(d: Draft, id: str) -> None:
    clip = d.get("clip", id).value
    d.drop(id)
    d.shift(clip["track_id"], clip["start"] + clip["duration"], -clip["duration"])


def ripple_insert(d: Draft, id: str, track: str, start: int, duration: int) -> None:
    d.shift(track, start, duration)
    add_clip(d, id, track, start, duration)


def add_keyframe(d: Draft, id: str, clip: str, offset: int) -> None:
    d.put("keyframe", id, {"parent_id": clip, "time": d.get("clip", clip).value["source_in"] + offset})
