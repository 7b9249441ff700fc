"""Frames that a client sends, and what the service would not even answer: that is found here, before it is queued."""

import re
from collections.abc import Set as AbstractSet
from typing import Any, Final

import orjson

from timeline_service.client.errors import Unsendable

FRAME_KB: Final = 256
MAX_GESTURES: Final = 500
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def push(batch: str, gestures: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """A `push`; options without a value are left out."""
    told = {name: value for name, value in options.items() if value is not None and value is not False}
    if options.get("atomic") is False:
        told["atomic"] = False
    return {"t": "push", "batch": batch, **told, "gestures": gestures}


def check(frame: dict[str, Any], most_bytes: int, taken: AbstractSet[str]) -> None:
    """Raises Unsendable: a message that is refused as such has no result, and would wait for ever."""
    gestures = frame.get("gestures", [frame])
    if not 1 <= len(gestures) <= MAX_GESTURES:
        raise Unsendable(f"a push has 1 to {MAX_GESTURES} gestures")
    ids = [gesture["gesture_id"] for gesture in gestures]
    if not all(isinstance(id, str) and ID.match(id) for id in ids):
        raise Unsendable("a gesture_id is 1 to 64 of A-Z a-z 0-9 _ -")
    if len({*ids}) < len(ids) or not taken.isdisjoint(ids):
        raise Unsendable("a gesture_id is in use already")
    try:
        size = len(orjson.dumps(frame))
    except (TypeError, orjson.JSONEncodeError) as error:
        raise Unsendable(f"no JSON: {error}") from error
    if size > most_bytes:
        raise Unsendable(f"{size} bytes; a frame has at most {most_bytes}")
