"""Messages of the stream as requests to the front door, and its answers as messages."""

from typing import Any, Final, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from timeline_service.api import answers
from timeline_service.api.protocol import Flip, Message, Push, Restore
from timeline_service.editing import references
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.requests import Answer, RestoreRequest, Submission, UndoRequest
from timeline_service.kit import errors, expected

MAX_PROBLEMS = 20
KINDS: Final = {tag: kind for kind in get_args(Message) for tag in get_args(kind.model_fields["t"].annotation)}
"""What a client may send: `t` → its model."""


class BatchRefused(errors.Conflict):
    """Another gesture of the same atomic batch was refused."""

    code = "batch_refused"


def submission(message: Push, correlation_id: str, client_id: str | None) -> Submission:
    """A push."""
    return Submission(
        gestures=tuple(message.gestures),
        atomic=message.atomic,
        dry_run=message.dry_run,
        base_version=message.base,
        expected_version=message.expected_version,
        expect=message.expect,
        transaction_id=None if message.transaction is None else message.transaction.id,
        correlation_id=correlation_id,
        client_id=client_id,
    )


def undo(message: Flip, correlation_id: str, client_id: str | None) -> UndoRequest:
    """An undo or redo."""
    return UndoRequest(
        gesture_id=message.gesture_id,
        base_version=message.base,
        target=None if message.target is None else message.target.model_dump(mode="json", by_alias=True),
        policy=message.policy,
        on_blocked=message.on_blocked,
        dry_run=message.dry_run,
        correlation_id=correlation_id,
        client_id=client_id,
        seq=message.seq,
    )


def restore(message: Restore, correlation_id: str, client_id: str | None) -> RestoreRequest:
    """A restore."""
    return RestoreRequest(
        version=message.version,
        gesture_id=message.gesture_id,
        dry_run=message.dry_run,
        correlation_id=correlation_id,
        client_id=client_id,
        seq=message.seq,
    )


def gesture_ids(message: Push | Flip | Restore) -> list[str | None]:
    """The ids that the client gave, one per gesture, to name the results by."""
    if not isinstance(message, Push):
        return [message.gesture_id]
    named = (gesture.get("gesture_id") for gesture in message.gestures)
    return [name if isinstance(name, str) and references.ID.match(name) else None for name in named]


def succeeded(message: Push | Flip | Restore, answer: Answer) -> dict[str, Any]:
    """The `result` of an edit that was taken, as a whole or in part."""
    frame: dict[str, Any] = {
        "t": "result",
        "batch": message.batch,
        "head": answer.version,
        "current_version": answer.current_version,
        "r": [answers.result_value(result) for result in answer.results],
    }
    if answer.conflicts:
        frame["conflicts"] = list(answer.conflicts)
    return frame | answers.plan_value(answer)


def failed(
    message: Push | Flip | Restore, ids: list[str | None], error: errors.ServiceError, head: int
) -> dict[str, Any]:
    """The `result` of an edit that was refused as a whole: the reason at the gesture that caused it."""
    index = error.details.get("index") if isinstance(error, EditRefused) else None
    results = []
    for place, gesture_id in enumerate(ids):
        why = error if index is None or index == place else BatchRefused()
        results.append(
            answers.refused_value(gesture_id, why.stable_code, why.message, why.details, retry=why.retryable)
        )
    return {"t": "result", "batch": message.batch, "head": head, "r": results}


def problems(error: ValidationError) -> list[dict[str, str]]:
    """Where a message is wrong, by which rule, and what would be right; never what it held."""
    return [_problem(found) for found in error.errors(include_input=False, include_url=False)[:MAX_PROBLEMS]]


def _problem(found: ErrorDetails) -> dict[str, str]:
    place, rule = found["loc"], found["type"]
    said = {"path": ".".join(_known(place)), "problem": rule}
    if rule in {"union_tag_invalid", "union_tag_not_found"}:
        right: str | None = f"t is one of {', '.join(KINDS)}"
    elif rule == "extra_forbidden" and len(place) == 2:
        right = f"one of {', '.join(name for name in KINDS[str(place[0])].model_fields if name != 't')}"
    else:
        right = expected.words(found)
    return said if right is None else {**said, "expected": right}


def _known(place: tuple[int | str, ...]) -> list[str]:
    # The kind of message, then a field of it: deeper, and for unknown fields, names are the client's own words.
    kind, *inside = (str(part) for part in place[:2]) if place else ("",)
    return [kind, *(field for field in inside if field in KINDS[kind].model_fields)] if place else []
