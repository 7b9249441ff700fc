"""Frozen clips: speed 0, so that one picture of the source is shown for all time and no handle ever ends.

|1|2|3|4|5|   frozen at 3   ->   |3|3|3|3|3|
"""

from collections.abc import Iterator
from typing import Any

from timeline_service.domain import animation, clip_time, properties, records
from timeline_service.domain.draft import Draft, derive_id
from timeline_service.domain.state import State

Row = tuple[str, str, dict[str, Any]]
"""Kind, id and fields of a record to put."""


def frozen(clip: dict[str, Any], offset: int) -> dict[str, Any]:
    """The fields that hold the picture which a clip shows `offset` ticks after its start. It is linked to nothing."""
    return {
        "source_in": clip_time.source_at(clip, offset),
        "map_offset": 0,
        "speed": {"num": 0, "den": 1},
        "reversed": False,
        "link_id": None,
    }


def still(draft: Draft, clip_id: str, at: int, duration: int, id: str) -> list[Row]:
    """A clip of `duration` ticks that holds what another shows at a timeline tick, with all that makes its look.

    Crop keyframes are copied, as they are of the source; what runs in clip time becomes one keyframe with its value.
    """
    clip = draft.get("clip", clip_id)
    offset = at - clip.value["start"]
    held = {**clip.value, **frozen(clip.value, offset), "start": at, "duration": duration, "fade_in": 0, "fade_out": 0}
    rows: list[Row] = [("clip", id, held), *_held(draft.state, clip_id, id, offset)]
    for effect in sorted(draft.state.inside(clip_id, "effect"), key=lambda e: e.id):
        copy = derive_id(id, "effect", effect.id)
        rows.append(("effect", copy, {**effect.value, "parent_id": id}))
        rows += _held(draft.state, effect.id, copy, offset)
    return rows


def _held(state: State, parent_id: str, copy_id: str, offset: int) -> Iterator[Row]:
    """The keyframes that a copy has: those of the source as they are, of the others one per property."""
    names = {keyframe.value["property"] for keyframe in state.inside(parent_id, "keyframe")}
    for name in sorted(names):
        keys = animation.keyframes_of(state, parent_id, name)
        if name in properties.SOURCE_TIMED:
            for key in keys:
                yield "keyframe", derive_id(copy_id, "keyframe", key.id), {**key.value, "parent_id": copy_id}
        else:
            value = animation.rounded(animation.value_at(state, parent_id, name, offset))
            held = records.new("keyframe", parent_id=copy_id, property=name, time=0, value=value, interpolation="hold")
            yield "keyframe", derive_id(copy_id, "keyframe", keys[0].id), held
