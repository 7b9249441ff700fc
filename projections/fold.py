"""The fold: stored events in, the state after them out. It runs no gesture code and asks no clock."""

from collections.abc import Iterable
from typing import Final

import msgspec

from projections.collector import without_collector
from timeline_service.domain import event
from timeline_service.domain.state import State

Row = tuple[int, str, bytes, int]
"""An event as it is stored: version, actor, body, schema_version."""

_BROKEN: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError)


class Poison(Exception):
    """An event that this code cannot fold: an unknown change, a schema of the future, a hole in the log.

    Whoever meets it stays at `version - 1` and says so; the event is held, never skipped.
    """

    def __init__(self, version: int, reason: str) -> None:
        super().__init__(f"event {version}: {reason}")
        self.version = version
        self.reason = reason


def replay(rows: Iterable[Row], start: State | None = None) -> State:
    """Fold events, which go on where `start` ends; `start` stays as it is. Raises Poison."""
    state = State() if start is None else start.fork()
    extend(state, rows)
    return state


def extend(state: State, rows: Iterable[Row]) -> None:
    """Fold events onto a state of the caller's own, in place: nothing is copied. Raises Poison, and leaves a ruin."""
    with without_collector():
        _extend(state, rows)


def _extend(state: State, rows: Iterable[Row]) -> None:
    decode, take = event.decode_folded, state.take
    at = state.version
    for version, actor, body, schema_version in rows:
        at += 1
        if version != at:
            raise Poison(version, f"expected version {at}")
        try:
            told = decode(body, schema_version)
        except (ValueError, msgspec.MsgspecError) as error:
            raise Poison(version, f"cannot be read: {error}") from error
        try:
            take(told.changes, actor, told.cause, told.transaction_id)
            if told.seq is not None and told.client_id is not None:
                state.note_seq(actor, told.client_id, told.seq)
        except _BROKEN as error:
            raise Poison(version, f"cannot be applied: {error!r}") from error
