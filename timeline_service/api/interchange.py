"""The timeline in the formats of other programs, each with a report of what it does not carry."""

import asyncio
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from projections.otio import loss, write
from projections.otio.formats.catalogue import FORMATS
from projections.otio.sandbox import Written
from timeline_service.access.service import Actor
from timeline_service.api import answers, deps, etags, problems, timelines
from timeline_service.api.rooms import Rooms
from timeline_service.api.routing import Route
from timeline_service.domain.state import State

InterchangeFormat = Literal["otio", "edl", "fcp7", "fcpx", "aaf", "ale", "svg"]
AsFormat = Annotated[
    InterchangeFormat,
    Query(
        description="OpenTimelineIO, EDL (CMX 3600), Final Cut Pro 7 XML (Premiere Pro, DaVinci Resolve), "
        "Final Cut Pro X XML, AAF (Avid), Avid Log Exchange, or a picture of the timeline (SVG)"
    ),
]
OUR_WORDS: Final = "clips, markers, keyframes, speeds, source_times …"


class Kept(BaseModel):
    """How many there are of one kind, and how many the file carries."""

    total: int
    kept: int
    lost: int


class Lost(BaseModel):
    """One kind that the file does not carry in full."""

    kind: str = Field(description=OUR_WORDS)
    count: int
    of: int
    ids: list[str] = Field(description="the first fifty of the records concerned")


class LossReport(BaseModel):
    """What a file in another format does not carry.

    `how`: read_back, the file was read again and compared with the timeline; derived, the format has no reader, and
    what was put in is compared; unread, its reader could not read it (`reason`), so nothing was counted.
    """

    timeline_id: str
    version: int
    format: InterchangeFormat
    title: str
    size: int = Field(description="bytes of the file")
    how: Literal["read_back", "derived", "unread"]
    reason: str | None = None
    lossless: bool
    kinds: dict[str, Kept]
    lost: list[Lost]


router = APIRouter(route_class=Route, tags=["otio"])


@router.get(
    "/timelines/{timeline_id}/interchange",
    operation_id="exportInterchange",
    response_class=Response,
    responses={
        200: {"content": {each.media_type: {} for each in FORMATS.values() if each.writes}},
        304: {"description": "Not Modified"},
        **problems.documented(401, 404, 422),
    },
)
async def export_interchange(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    format: AsFormat,
    version: deps.AtVersion = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The timeline as a file of another program. What it does not carry: `…/interchange/report`."""
    workspace_id, at, head_hash = await _where(actor, rooms, timeline_id, version)
    headers = {"ETag": etags.etag(timeline_id, at, head_hash)}
    if etags.matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    _, written = await _written(rooms, timeline_id, workspace_id, at, head_hash, format)
    chosen = FORMATS[format]
    headers["Content-Disposition"] = f'attachment; filename="{timeline_id}-{at}{chosen.suffix}"'
    headers["Link"] = (
        f'</api/v1/timelines/{timeline_id}/interchange/report?format={format}&version={at}>; rel="describedby"'
    )
    return Response(written.data, headers=headers, media_type=chosen.media_type)


@router.get(
    "/timelines/{timeline_id}/interchange/report",
    operation_id="reportInterchange",
    response_model=LossReport,
    responses=problems.documented(401, 404, 422),
)
async def report_interchange(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    format: AsFormat,
    version: deps.AtVersion = None,
) -> Response:
    """What the file would not carry: it is written, read again, and compared with the timeline."""
    workspace_id, at, head_hash = await _where(actor, rooms, timeline_id, version)
    state, written = await _written(rooms, timeline_id, workspace_id, at, head_hash, format)
    told = await asyncio.to_thread(
        loss.report, state, FORMATS[format], written.found, written.unread, len(written.data)
    )
    return answers.json({"timeline_id": str(timeline_id), "version": at, **told})


async def _where(actor: Actor, rooms: Rooms, timeline_id: UUID, version: int | None) -> tuple[UUID, int, bytes]:
    grant = await rooms.access.grant(actor, timeline_id, "read")
    at, head_hash = await timelines.version_and_hash(rooms, timeline_id, grant.workspace_id, version)
    return grant.workspace_id, at, head_hash


async def _written(
    rooms: Rooms, timeline_id: UUID, workspace_id: UUID, at: int, head_hash: bytes, format: str
) -> tuple[State, Written]:
    state = await rooms.editing.reader.state_at(timeline_id, workspace_id, at)
    data = await asyncio.to_thread(write.to_json, state, head_hash=head_hash.hex())
    rate = state.rate.num / state.rate.den
    return state, await rooms.editing.sandbox.write(data, FORMATS[format], rate=rate)
