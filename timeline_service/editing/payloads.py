"""Payloads as clients send them: reserved keys beside the parameters, references within a batch, digests."""

import difflib
import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from timeline_service.domain import errors, registry
from timeline_service.domain.gesture import Gesture
from timeline_service.editing import references
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.references import ID, Made
from timeline_service.kit import clock, expected

MAX_GESTURES: Final = 500
NO_GESTURES: Final = ("undo", "redo", "restore", "import")
LONGEST_NAME: Final = 64
RESERVED: Final = frozenset({"gesture_id", "seq", "expect", "after"})
MAX_SEQ: Final = 2**53 - 1


class Payload(msgspec.Struct, frozen=True):
    """One gesture as sent. `digest` is of what was sent, so that a retry can be told from a reuse of the id.

    `refusal` is why it cannot be read at all, where it stands in a batch of which each is decided alone.
    """

    gesture_id: str
    type: str
    params: dict[str, Any]
    expect: dict[str, Any]
    after: tuple[str, ...]
    digest: bytes
    refusal: EditRefused | None = None
    seq: int | None = None


def digest(sent: dict[str, Any]) -> bytes:
    """SHA-256 of a payload, independent of the order of its keys."""
    kept = {key: value for key, value in sent.items() if key not in ("gesture_id", "seq")}
    return hashlib.sha256(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)).digest()


def gesture_id_of(given: Any, **where: Any) -> str:
    """The client's id of a gesture, or a new one. Raises EditRefused (invalid)."""
    if given is None:
        return str(clock.new_id())
    if isinstance(given, str) and ID.match(given):
        return given
    raise invalid("gesture_id is 1 to 64 of A-Z a-z 0-9 _ -", **where)


def read(gestures: tuple[dict[str, Any], ...], *, atomic: bool = True) -> tuple[Payload, ...]:
    """Payloads of a batch. Raises EditRefused (invalid) naming the first bad one; if not `atomic`, that one says so."""
    if not 1 <= len(gestures) <= MAX_GESTURES:
        raise invalid(f"a batch has 1 to {MAX_GESTURES} gestures", count=len(gestures))
    payloads: list[Payload] = []
    seen: set[str] = set()
    for index, sent in enumerate(gestures):
        try:
            payload = _read(sent, index)
            if payload.gesture_id in seen:
                raise invalid("a gesture_id stands twice in the batch", index=index)
        except EditRefused as refusal:
            if atomic:
                raise
            payload = _unreadable(sent, refusal)
        seen.add(payload.gesture_id)
        payloads.append(payload)
    return tuple(payloads)


def _unreadable(sent: dict[str, Any], refusal: EditRefused) -> Payload:
    given = sent.get("gesture_id")
    gesture_id = given if isinstance(given, str) and ID.match(given) else gesture_id_of(None)
    return Payload(gesture_id, "", {}, {}, (), digest(sent), refusal)


def _read(sent: dict[str, Any], index: int) -> Payload:
    expect, after = sent.get("expect") or {}, sent.get("after") or ()
    if not isinstance(expect, dict):
        raise invalid("expect is an object of kind.id.field", index=index)
    if not isinstance(after, list | tuple) or not all(isinstance(name, str) for name in after):
        raise invalid("after is a list of gesture ids", index=index)
    kind = sent.get("type")
    if not isinstance(kind, str) or kind not in registry.GESTURES:
        raise _unknown(kind, index)
    params = {key: value for key, value in sent.items() if key not in RESERVED}
    gesture_id = gesture_id_of(sent.get("gesture_id"), index=index)
    seq = sent.get("seq")
    if seq is not None and (type(seq) is not int or not 0 <= seq <= MAX_SEQ):
        raise invalid("seq is a whole number from 0", index=index)
    return Payload(gesture_id, kind, params, expect, tuple(after), digest(sent), seq=seq)


def _unknown(kind: Any, index: int) -> EditRefused:
    details: dict[str, Any] = {"index": index}
    if kind in NO_GESTURES:
        details["reason"] = f"{', '.join(NO_GESTURES)} are requests of their own"
    elif isinstance(kind, str):
        details["near"] = difflib.get_close_matches(kind[:LONGEST_NAME], registry.GESTURES)
    return EditRefused("There is no gesture of this type.", code="unknown_gesture", status=422, **details)


def parse(payload: Payload, made: Mapping[int, Made]) -> Gesture:
    """The gesture of a payload, references resolved against what the batch has made so far.

    Raises EditRefused (invalid: where and what, never the input) or a Refused (bad_reference, rate_unknown).
    """
    try:
        return registry.parse(references.resolve(payload.params, made))
    except ValidationError as error:
        problems = [_problem(found, payload.type) for found in error.errors(include_input=False, include_url=False)]
        if all(problem["problem"] == "rate_unknown" for problem in problems):
            raise errors.RateUnknown(problems=problems[:20]) from None
        raise invalid("The parameters of the gesture are not as its type asks.", problems=problems[:20]) from None


def _problem(found: ErrorDetails, kind: str) -> dict[str, str]:
    """Where, which rule, and what would be right. The name of an unknown field is the client's own words: left out."""
    loc, rule = found["loc"], found["type"]
    named = loc[:-1] if rule in {"extra_forbidden", "invalid_key"} else loc
    said = {"path": ".".join(str(part) for part in named), "problem": rule}
    right = expected.words(found)
    if rule == "extra_forbidden" and not named:
        right = f"one of {', '.join(name for name in registry.GESTURES[kind].model_fields if name != 'type')}"
    return said if right is None else {**said, "expected": right}


def invalid(message: str, **details: Any) -> EditRefused:
    """A request that is wrong in itself."""
    return EditRefused(message, code="invalid", status=422, **details)
