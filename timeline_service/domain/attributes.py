"""Attributes of a clip that another can be given: what is done to its picture and its sound, not what it shows."""

from typing import Any, Final, Literal

from timeline_service.domain import clip_time, copying
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record

Attribute = Literal["crop", "transform", "opacity", "rotation", "volume", "fades", "effects", "color"]

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "transform": ("params.transform",),
    "opacity": ("params.opacity",),
    "rotation": ("params.rotation",),
    "volume": ("gain",),
    "color": ("color",),
}
"""Attribute → fields of the clip; crop, fades and effects are not held by fields alone."""
ANIMATED: Final = frozenset(("crop", "transform", "opacity", "rotation", "volume"))


def give(draft: Draft, source: Record, clip_id: str, attribute: Attribute, unit: int) -> None:
    """Give a clip one attribute of another, with its keyframes, in place of its own."""
    if attribute == "fades":
        _give_fades(draft, source, clip_id, unit)
    elif attribute == "effects":
        _give_effects(draft, source, clip_id, unit)
    else:
        after = {field: source.value.get(field) for field in FIELDS.get(attribute, ())}
        draft.set(clip_id, after, unit=unit)
        if attribute in ANIMATED:
            _give_keyframes(draft, source, clip_id, attribute, unit)


def _give_keyframes(draft: Draft, source: Record, clip_id: str, name: str, unit: int) -> None:
    for keyframe in sorted(draft.state.inside(clip_id, "keyframe"), key=lambda k: k.id):
        if keyframe.value["property"] == name:
            draft.drop(keyframe.id, unit=unit)
    by = 0
    if name == "crop":  # as far from the first picture shown as it was
        by = clip_time.source_span(draft.get("clip", clip_id).value)[0] - clip_time.source_span(source.value)[0]
    for keyframe in sorted(draft.state.inside(source.id, "keyframe"), key=lambda k: k.id):
        if keyframe.value["property"] == name:
            value = {**keyframe.value, "parent_id": clip_id, "time": keyframe.value["time"] + by}
            draft.put("keyframe", draft.new_id(f"attribute {clip_id}", keyframe.id), value, unit=unit)


def _give_fades(draft: Draft, source: Record, clip_id: str, unit: int) -> None:
    """As long as they are, or as long as the clip has room."""
    room: int = draft.get("clip", clip_id).value["duration"]
    fade_in = min(source.value["fade_in"], room)
    after: dict[str, Any] = {"fade_in": fade_in, "fade_out": min(source.value["fade_out"], room - fade_in)}
    draft.set(clip_id, after, unit=unit)


def _give_effects(draft: Draft, source: Record, clip_id: str, unit: int) -> None:
    for effect in sorted(draft.state.inside(clip_id, "effect"), key=lambda e: e.id):
        draft.drop(effect.id, unit=unit)
    for effect in sorted(draft.state.inside(source.id, "effect"), key=lambda e: e.id):
        rows = copying.tree(draft.state, effect.id)
        names = {row.id: draft.new_id(f"attribute {clip_id}", row.id) for row in rows}
        copying.put(draft, rows, {**names, source.id: clip_id}, unit=unit)
