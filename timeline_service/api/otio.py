"""OpenTimelineIO out, at any version, and in."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from projections.otio import excerpt, write
from projections.otio.formats import catalogue
from timeline_service.api import answers, deps, etags, problems, shell, strict_json, timelines, wire
from timeline_service.api.routing import Route
from timeline_service.domain.errors import Refused
from timeline_service.domain.gesture import RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import MAX_TICKS
from timeline_service.editing.errors import EditRefused
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
        **problems.documented(401, 404, 409, 422),
    },
)
async def export_otio(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    version: deps.AtVersion = None,
    track: Annotated[list[RecordId] | None, Query(max_length=1000, description="only these tracks of the root")] = None,
    start: Annotated[int | None, Query(alias="from", ge=0, le=MAX_TICKS, description="only from this frame on")] = None,
    end: Annotated[int | None, Query(alias="to", ge=0, le=MAX_TICKS, description="only before this frame")] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The timeline as OTIO JSON, or a part of it; keyframes also as Resolve and Premiere have them."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    at, head_hash = await timelines.version_and_hash(rooms, timeline_id, grant.workspace_id, version)
    headers = {"ETag": etags.etag(timeline_id, at, head_hash)}
    if etags.matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    state = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, at)
    headers["Content-Disposition"] = f'attachment; filename="{timeline_id}-{at}.otio"'
    content = await asyncio.to_thread(_file, state, head_hash.hex(), track, start, end)
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


def _file(state: State, head_hash: str, tracks: list[str] | None, start: int | None, end: int | None) -> bytes:
    """`start` and `end` in frames of the timeline."""
    frame = state.rate.ticks_per_frame
    times = [None if at is None else at * frame for at in (start, end)]
    said = excerpt.described(tracks, *times)
    try:
        part = state if said is None else excerpt.extract(state, tracks, *times)
    except Refused as refusal:
        raise EditRefused.because(refusal) from None
    return write.to_json(part, head_hash=head_hash, excerpt=said)


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
    """Bring a file into a timeline, as one event that can be undone; one that was there before changes what differs.

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
        try:
            strict_json.check_content_type(content_type)
        except strict_json.UnsupportedMediaType:
            raise strict_json.UnsupportedMediaType(
                f"Send the file with Content-Type: {NEUTRAL[0]}; its format shows in it.",
                media_types=[*DECLARED, *NEUTRAL],
            ) from None
    return DECLARED.get(kind, "otio")
