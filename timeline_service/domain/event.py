"""The audit event: a gesture, its changes, and why. Bodies are canonical JSON and never rewritten.

Who, when and which version stand beside the body, in the store's columns and in the hash (see chain).
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from timeline_service.domain import changes, stacks

SCHEMA_VERSION: Final = 1


class Body(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What an event says. `gesture` is as it was decided: times are integer ticks, ids are filled in.

    `client_id` and `seq` stand there where a client numbered the gestures of its queue (see queues). `without_effect`,
    in the last event of an atomic batch, names gestures of it that changed nothing: id → SHA-256 of what was sent, hex.
    A batch that is sent again is then known to have been accepted whole.
    """

    gesture: dict[str, Any]
    changes: list[changes.Change]
    description: str
    cause: stacks.Cause | None = None
    transaction_id: str | None = None
    client_id: str | None = None
    seq: int | None = None
    without_effect: dict[str, str] | None = None


class Folded(msgspec.Struct, frozen=True, gc=False):
    """The part of a body that a fold needs; the rest is skipped without being built."""

    changes: list[changes.Change]
    cause: stacks.Cause | None = None
    transaction_id: str | None = None
    client_id: str | None = None
    seq: int | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the core sees it."""

    version: int
    actor: str
    changes: list[changes.Change]
    type: str = ""
    cause: stacks.Cause | None = None


_body: Final = msgspec.json.Decoder(Body)
_decode_folded: Final = msgspec.json.Decoder(Folded).decode

UPCASTERS: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
"""schema_version n → a pure function that turns a decoded body of n into one of n + 1."""


def queued(body: Body, client_id: str | None, seq: int | None) -> Body:
    """The body, with the client that sent its gesture and the gesture's number in the client's queue."""
    return body if client_id is None else msgspec.structs.replace(body, client_id=client_id, seq=seq)


def encode(body: Body) -> bytes:
    """Canonical JSON of a body, as it is hashed and stored."""
    return changes.ENCODER.encode(body)


def decode(data: bytes, schema_version: int = SCHEMA_VERSION) -> Body:
    """A stored body of any version ever written."""
    if schema_version == SCHEMA_VERSION:
        return _body.decode(data)
    return msgspec.convert(upcast(msgspec.json.decode(data), schema_version), Body)


def decode_folded(data: bytes, schema_version: int = SCHEMA_VERSION) -> Folded:
    """The changes of a stored body of any version ever written."""
    if schema_version == SCHEMA_VERSION:
        return _decode_folded(data)
    return msgspec.convert(upcast(msgspec.json.decode(data), schema_version), Folded)


def upcast(body: dict[str, Any], schema_version: int) -> dict[str, Any]:
    """Climb to the present schema. Raises ValueError for a version from the future: it is held, never skipped."""
    if schema_version > SCHEMA_VERSION:
        raise ValueError(f"event of schema version {schema_version}; this code knows {SCHEMA_VERSION}")
    for step in range(schema_version, SCHEMA_VERSION):
        body = UPCASTERS[step](body)
    return body
