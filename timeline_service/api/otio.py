"""OpenTimelineIO out, at any version, and in."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from projections.otio import write
from projections.otio.formats import catalogue
from timeline_service.api import answers, deps, etags, problems, shell, strict_json, timelines, wire
from timeline_service.api.routing import Route
from timeline_service.domain.gesture import RecordId
from timeline_service.editing.imports import File
from timeline_service.kit import errors

MEDIA_TYPE: Final = "application/vnd.otio+json"
DECLARED: Final = {catalogue.FORMATS[name].media_type: name for name in catalogue.READ}
"""Media types that say which format a file is in."""
NEUTRAL: Final = ("application/octet-stream", "application/xml", "application/zip", "text/plain", "text/xml")
"""Media types with which the format shows in the file."""
ImportFormat = Literal["otio", "otioz", "edl", "fcp7", "fcpx", "aaf"]

router = APIRouter(route_class=Route, tags=["otio"])


@router.get(
    "/timelines/{timeline_id}/otio",
    operation_id="exportOtio",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}},
        304: {"description": "Not Modified"},
        **problems.documented(401, 404, 422),
    },
)
async def export_otio(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    version: deps.AtVersion = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The timeline as OTIO JSON, crop keyframes also as Resolve and Premiere have them."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    at, head_hash = await timelines.version_and_hash(rooms, timeline_id, grant.workspace_id, version)
    headers = {"ETag": etags.etag(timeline_id, at, head_hash)}
    if etags.matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    state = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, at)
    headers["Content-Disposition"] = f'attachment; filename="{timeline_id}-{at}.otio"'
    content = await asyncio.to_thread(write.to_json, state, head_hash=head_hash.hex())
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


@router.post(
    "/timelines/{timeline_id}/import",
    operation_id="importOtio",
    status_code=201,
    response_model=wire.EditAnswer,
    responses=problems.documented(401, 403, 404, 409, 413, 415, 422, 503),
    openapi_extra={
        "requestBody": {"required": True, "content": {kind: {} for kind in ("application/json", *DECLARED, *NEUTRAL)}}
    },
)
async def import_otio(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    request: Request,
    gesture_id: Annotated[RecordId | None, Query(description="dedupes like a gesture's")] = None,
    dry_run: bool = False,
    format: Annotated[ImportFormat | None, Query(description="where the file does not show it")] = None,
    filename: Annotated[str, Query(max_length=255, description="its suffix counts where the file shows nothing")] = "",
) -> Response:
    """Bring a file into an empty timeline, as one event that can be undone.

    OpenTimelineIO (.otio, .otioz), EDL (CMX 3600), Final Cut Pro 7 and X XML, and AAF are read.
    """
    await rooms.access.grant(actor, timeline_id, "edit")  # before sixty-four megabytes are read
    declared = _declared(request.headers.get("content-type"))
    data = await request.body()
    if not data:
        raise errors.Invalid("The body is empty; send the file.", code="empty_body")
    answer = await rooms.editing.import_file(
        actor,
        timeline_id,
        File(data, format or declared, filename),
        gesture_id=gesture_id,
        dry_run=dry_run,
        correlation_id=shell.correlation_id(request.scope),
    )
    return answers.edit(answer)


def _declared(content_type: str | None) -> str | None:
    """The format that the media type of a request says; None where the file has to. Raises UnsupportedMediaType."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in NEUTRAL:
        return None
    if kind not in DECLARED:
        strict_json.check_content_type(content_type)
    return DECLARED.get(kind, "otio")
