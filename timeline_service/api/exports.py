"""Exports: ask for one, look at the job, follow it, cancel it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import StreamingResponse

from timeline_service.api import answers, deps, problems, progress, wire
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import Route
from timeline_service.exports.job import Job
from timeline_service.kit import errors

router = APIRouter(route_class=Route, tags=["exports"])

JobId = Annotated[UUID, Path()]
POLL_AFTER_S = "1"


@router.post(
    "/exports",
    operation_id="requestExport",
    status_code=202,
    response_model=wire.Job,
    responses=problems.documented(401, 403, 404, 415, 422),
)
async def request_export(body: wire.NewExport, actor: deps.Caller, rooms: deps.House) -> Response:
    """Render a version of a timeline. The same request again is the same job, rendered once."""
    job = await rooms.exports.request(actor, body.timeline_id, version=body.version, preset=body.preset)
    headers = {"Location": f"/api/v1/jobs/{job.id}", "Retry-After": POLL_AFTER_S}
    return answers.json(await _value(rooms, job), 202, headers)


@router.get(
    "/timelines/{timeline_id}/exports",
    operation_id="listExports",
    response_model=wire.Jobs,
    responses=problems.documented(401, 404, 422),
)
async def list_exports(timeline_id: deps.TimelineId, actor: deps.Caller, rooms: deps.House) -> Response:
    """The newest export jobs of a timeline."""
    jobs = await rooms.exports.list(actor, timeline_id)
    return answers.json({"items": [await _value(rooms, job) for job in jobs]})


@router.get(
    "/jobs/{job_id}", operation_id="readJob", response_model=wire.Job, responses=problems.documented(401, 404, 422)
)
async def read_job(job_id: JobId, actor: deps.Caller, rooms: deps.House) -> Response:
    """The job as it is now; `result.url` downloads what it made."""
    return answers.json(await _value(rooms, await rooms.exports.get(actor, job_id)))


@router.post(
    "/jobs/{job_id}/cancel",
    operation_id="cancelJob",
    status_code=202,
    response_model=wire.Job,
    responses=problems.documented(401, 403, 404, 409, 422),
)
async def cancel_job(job_id: JobId, actor: deps.Caller, rooms: deps.House) -> Response:
    """Stop the job, for everybody who asked for it."""
    return answers.json(await _value(rooms, await rooms.exports.cancel(actor, job_id)), 202)


@router.get(
    "/jobs/{job_id}/events",
    operation_id="followJob",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "event: job, data: the job, id: its revision"},
        **problems.documented(401, 404, 422),
    },
)
async def follow_job(
    job_id: JobId, actor: deps.Caller, rooms: deps.House, last_event_id: Annotated[str | None, Header()] = None
) -> Response:
    """The job now and at every change, until it is finished."""
    after = _revision(last_event_id)
    await rooms.exports.get(actor, job_id)  # refusals come before the stream begins

    async def encode(job: Job) -> bytes:
        return progress.event("job", await _value(rooms, job), str(job.revision))

    events = rooms.exports.events(actor, job_id, after=after)
    return progress.stream(events, encode)


def _revision(last_event_id: str | None) -> int:
    if last_event_id is None:
        return 0
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 15):
        raise errors.Invalid("Last-Event-ID is a revision of the job.", code="cursor_invalid")
    return int(last_event_id)


async def _value(rooms: Rooms, job: Job) -> dict[str, object]:
    return answers.job_value(job, await rooms.exports.download(job))
