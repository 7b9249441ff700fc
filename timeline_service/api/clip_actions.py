"""Actions on a clip as gestures: the address names the clip, whatever the gesture calls it."""

from collections.abc import Mapping
from typing import Any, Final

from timeline_service.api import wire
from timeline_service.domain import registry
from timeline_service.kit import errors

ONE: Final = ("clip_id", "parent_id", "segment_id", "id")
MANY: Final = "clip_ids"


def gesture(clip_id: str, body: wire.ClipAction) -> dict[str, Any]:
    """The gesture that an action on a clip means.

    Its first parameter of `clip_ids`, `clip_id`, `parent_id`, `segment_id`, `id` becomes the clip unless the data name
    it there, among others perhaps; else any parameter that holds an id must name it (`left_id`, say). Raises Invalid
    where the data say something else than the address, or repeat it.
    """
    taken = {"type", "gesture_id"} & set(body.data)
    if taken:
        raise errors.Invalid("data holds the parameters of the action only.", code="invalid", fields=sorted(taken))
    known = registry.GESTURES.get(body.action)
    named = {} if known is None else _named(clip_id, list(known.model_fields), body.data)
    made: dict[str, Any] = {"type": body.action, **named, **body.data}
    if body.gesture_id is not None:
        made["gesture_id"] = body.gesture_id
    return made


def _named(clip_id: str, parameters: list[str], data: Mapping[str, Any]) -> dict[str, Any]:
    if MANY in parameters:
        given = data.get(MANY, [clip_id])
        if isinstance(given, list) and clip_id in given:
            return {MANY: given}
        raise _another(MANY)
    for name in ONE:
        if name in parameters:
            if data.get(name, clip_id) != clip_id:
                raise _another(name)
            return {name: clip_id}
    ids = [name for name in parameters if name.endswith("_id")]
    if not any(data.get(name) == clip_id for name in ids):
        raise _another(*ids)
    return {}


def _another(*names: str) -> errors.Invalid:
    return errors.Invalid("The action does not name the clip of the address.", code="invalid", fields=list(names))
