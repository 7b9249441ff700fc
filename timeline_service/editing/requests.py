"""What clients ask of the front door, and what it answers: the same for HTTP, WebSocket and command line."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import msgspec

Policy = Literal["skip", "fail", "force"]
How = Literal["committed", "rebased", "duplicate", "noop", "dry_run"]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Gestures to apply, as sent: flat payloads with `gesture_id`, `seq`, `expect`, `after` beside the parameters.

    `base_version` is what the author saw: positions are carried from there. `expected_version` pins the timeline.
    `client_id` names the queue that each `seq` counts in; both are stored with the events.
    """

    gestures: tuple[dict[str, Any], ...]
    atomic: bool = True
    dry_run: bool = False
    base_version: int | None = None
    expected_version: int | None = None
    expect: dict[str, Any] | None = None
    transaction_id: str | None = None
    correlation_id: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRequest:
    """Undo or redo my newest step, or (`target`) named events: {version} | {transaction_id} | {actor_id, from, to}.

    `base_version` is accepted for symmetry with gestures and has no effect: what is taken back are records as they were
    written, so there is no position in the request that could be carried.
    """

    gesture_id: str | None = None
    base_version: int | None = None
    target: dict[str, Any] | None = None
    policy: Policy = "skip"
    on_blocked: Literal["stop", "next"] = "stop"
    dry_run: bool = False
    correlation_id: str | None = None
    client_id: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """Make the timeline what it was at `version`, as one new event."""

    version: int
    gesture_id: str | None = None
    dry_run: bool = False
    correlation_id: str | None = None
    client_id: str | None = None
    seq: int | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one gesture. `gesture` is as it was decided: exact ticks, all ids."""

    gesture_id: str
    ok: bool
    version: int | None = None
    how: How | None = None
    changes: list[dict[str, Any]] = msgspec.field(default_factory=list)
    gesture: dict[str, Any] | None = None
    description: str | None = None
    code: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None
    retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a request. `created` is False when nothing was appended: all duplicates, or a dry run."""

    timeline_id: UUID
    version: int
    current_version: int
    head_hash: str
    results: tuple[Result, ...]
    conflicts: tuple[dict[str, Any], ...] = ()
    diff: dict[str, Any] | None = None
    report: dict[str, Any] | None = None
    """Of an import: what came in, and what did not."""
    created: bool = True
