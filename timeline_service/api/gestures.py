"""Editing: gestures, undo, redo, restore, and the alias that names a clip instead of a timeline."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from timeline_service.api import answers, clip_actions, deps, etags, problems, shell, steps, wire
from timeline_service.api.routing import Route
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.requests import RestoreRequest, Submission, UndoRequest

router = APIRouter(route_class=Route, tags=["editing"])

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": wire.EditAnswer, "description": "Nothing was appended: duplicates, a dry run, or no change"},
    **problems.documented(401, 403, 404, 409, 412, 413, 415, 422, 503),
}


@router.post(
    "/timelines/{timeline_id}/gestures",
    operation_id="applyGestures",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=_RESPONSES,
)
async def apply_gestures(
    timeline_id: deps.TimelineId,
    body: wire.Gestures,
    actor: deps.Caller,
    rooms: deps.House,
    request: Request,
    if_match: Annotated[str | None, Header(description="the ETag that the timeline must still have")] = None,
) -> Response:
    """Apply gestures. The same gesture_id again answers what it came to, for ever."""
    pinned = etags.expected_version(if_match, timeline_id)
    submission = Submission(
        gestures=tuple(body.gestures),
        atomic=body.atomic,
        dry_run=body.dry_run,
        base_version=body.base_version,
        expected_version=body.expected_version if pinned is None else pinned,
        expect=body.expect,
        transaction_id=body.transaction_id,
        correlation_id=shell.correlation_id(request.scope),
        client_id=body.client_id,
    )
    try:
        return answers.edit(await rooms.editing.submit(actor, timeline_id, submission))
    except EditRefused as refusal:
        if pinned is not None and refusal.stable_code == "version_conflict":
            raise etags.PreconditionFailed(**refusal.details) from None
        raise


@router.post(
    "/timelines/{timeline_id}/undo",
    operation_id="undo",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=_RESPONSES,
)
async def undo(
    timeline_id: deps.TimelineId, body: wire.Undo, actor: deps.Caller, rooms: deps.House, request: Request
) -> Response:
    """Take back your newest step, or what `target` names. Nothing is removed: it is one more event."""
    answer = await rooms.editing.undo(actor, timeline_id, _undo_request(body, request))
    return answers.edit(answer, undo=await steps.undo_now(rooms, actor, timeline_id))


@router.post(
    "/timelines/{timeline_id}/redo",
    operation_id="redo",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=_RESPONSES,
)
async def redo(
    timeline_id: deps.TimelineId, body: wire.Undo, actor: deps.Caller, rooms: deps.House, request: Request
) -> Response:
    """Take back your newest undo."""
    answer = await rooms.editing.redo(actor, timeline_id, _undo_request(body, request))
    return answers.edit(answer, undo=await steps.undo_now(rooms, actor, timeline_id))


@router.post(
    "/timelines/{timeline_id}/restore",
    operation_id="restore",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=_RESPONSES,
)
async def restore(
    timeline_id: deps.TimelineId, body: wire.Restore, actor: deps.Caller, rooms: deps.House, request: Request
) -> Response:
    """Make the timeline what it was at a version: one event, which can be undone."""
    wanted = RestoreRequest(
        version=body.version,
        gesture_id=body.gesture_id,
        dry_run=body.dry_run,
        correlation_id=shell.correlation_id(request.scope),
        client_id=body.client_id,
        seq=body.seq,
    )
    answer = await rooms.editing.restore(actor, timeline_id, wanted)
    return answers.edit(answer, undo=await steps.undo_now(rooms, actor, timeline_id))


@router.post(
    "/clips/{clip_id}/actions",
    operation_id="actOnClip",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=_RESPONSES,
)
async def act_on_clip(
    clip_id: deps.ClipId, body: wire.ClipAction, actor: deps.Caller, rooms: deps.House, request: Request
) -> Response:
    """A gesture on one clip. `data` are the gesture's parameters without the clip; the timeline is found by the clip.

    Where the gesture takes several clips (`clip_ids`), the one of the address alone is meant unless data names it
    among others.
    """
    made = clip_actions.gesture(clip_id, body)
    timeline_id = body.timeline_id or await rooms.editing.find_timeline_of_clip(actor, clip_id)
    submission = Submission(
        gestures=(made,),
        dry_run=body.dry_run,
        base_version=body.base_version,
        correlation_id=shell.correlation_id(request.scope),
    )
    return answers.edit(await rooms.editing.submit(actor, timeline_id, submission))


def _undo_request(body: wire.Undo, request: Request) -> UndoRequest:
    return UndoRequest(
        gesture_id=body.gesture_id,
        base_version=body.base_version,
        target=None if body.target is None else body.target.model_dump(mode="json", by_alias=True),
        policy=body.policy,
        on_blocked=body.on_blocked,
        dry_run=body.dry_run,
        correlation_id=shell.correlation_id(request.scope),
        client_id=body.client_id,
        seq=body.seq,
    )
