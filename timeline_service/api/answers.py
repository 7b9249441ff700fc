"""What the rooms answer, as bytes for the wire."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import Response

from projections import diff, view
from timeline_service.domain.state import State
from timeline_service.editing.requests import Answer, Result
from timeline_service.exports.job import Job
from timeline_service.kit.storage.protocol import SignedUrl

CONFLICT: Final = ("record", "field", "owner_version", "actor")


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response, encoded here: the framework's own encoder costs more than everything before it."""
    return Response(orjson.dumps(value, default=str), status, headers, media_type="application/json")


def timeline_value(state: State, head_hash: bytes, workspace_id: UUID) -> dict[str, Any]:
    """See wire.Timeline."""
    return {**view.view(state, head_hash.hex()), "workspace_id": str(workspace_id)}


def timeline(state: State, head_hash: bytes, workspace_id: UUID) -> bytes:
    """See wire.Timeline. A version is the same bytes whoever folds it: its ETag and its checksum say so."""
    return orjson.dumps(timeline_value(state, head_hash, workspace_id), option=orjson.OPT_SORT_KEYS)


def edit(answer: Answer, *, created: int = 201, **also: Any) -> Response:
    """The answer to an edit: 201, or 200 when nothing was appended. `also`: members beside it."""
    return json(edit_value(answer) | also, created if answer.created else 200)


def edit_value(answer: Answer) -> dict[str, Any]:
    """See wire.EditAnswer."""
    value: dict[str, Any] = {
        "id": str(answer.timeline_id),
        "version": answer.version,
        "current_version": answer.current_version,
        "head_hash": answer.head_hash,
        "results": [result_value(result) for result in answer.results],
        "conflicts": list(answer.conflicts),
    }
    value |= plan_value(answer)
    if answer.report is not None:
        value["report"] = answer.report
    return value


def plan_value(answer: Answer) -> dict[str, Any]:
    """Of a dry run: `{diff, duration_before, duration_after, affected: {kind: ids}}`, times in ticks; else empty."""
    if answer.diff is None:
        return {}
    return {
        "diff": answer.diff,
        "duration_before": answer.diff["duration"]["before"],
        "duration_after": answer.diff["duration"]["after"],
        "affected": diff.affected(answer.diff),
    }


def result_value(result: Result) -> dict[str, Any]:
    """See wire.GestureResult; what does not apply is left out."""
    if result.ok:
        return {
            "gesture_id": result.gesture_id,
            "ok": True,
            "version": result.version,
            "how": result.how,
            "changes": result.changes,
            "gesture": result.gesture,
            "description": result.description,
        }
    return refused_value(
        result.gesture_id, result.code or "", result.message or "", result.details or {}, retry=result.retry
    )


def refused_value(
    gesture_id: str | None, code: str, message: str, details: Mapping[str, Any], *, retry: bool
) -> dict[str, Any]:
    """The result of a gesture that was refused; `conflicts` name who wrote what stands in its way."""
    value: dict[str, Any] = {
        "gesture_id": gesture_id,
        "ok": False,
        "code": code,
        "message": message,
        "details": details,
        "retry": retry,
    }
    conflicts = _conflicts(details)
    if conflicts:
        value["conflicts"] = conflicts
    return value


def _conflicts(details: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = details.get("conflicts", [details])
    return [{name: one[name] for name in CONFLICT} for one in found if one.keys() >= set(CONFLICT)]


def job_value(job: Job, url: SignedUrl | None) -> dict[str, Any]:
    """See wire.Job."""
    artifact, error = job.artifact, job.error
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "phase": job.phase,
        "progress": job.progress,
        "frames_done": job.frames_done,
        "frames_total": job.frames_total,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "cancel_requested": job.cancel_requested,
        "error": None
        if error is None
        else {
            "code": error.code,
            "message": error.message,
            "retryable": error.retryable,
            "details": error.details,
        },
        "result": None
        if artifact is None or url is None
        else {
            "url": url.url,
            "filename": artifact.filename,
            "content_type": artifact.content_type,
            "size": artifact.size,
            "sha256": artifact.sha256,
            "duration": artifact.duration,
            "frames": artifact.frames,
            "report": artifact.report,
            "expires_at": url.expires_at,
        },
        "timeline_id": job.timeline_id,
        "version": job.version,
        "preset": job.preset,
        "created_by": job.created_by,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "revision": job.revision,
    }
