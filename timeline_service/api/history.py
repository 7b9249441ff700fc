"""Looking back: the audit log, what differs between two versions, who wrote what, and whether the log is sound."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from projections import blame, diff
from timeline_service.api import answers, aside, deps, problems, wire, wire_looking
from timeline_service.api.routing import Route
from timeline_service.audit import queries
from timeline_service.domain import errors as domain_errors
from timeline_service.domain.gesture import RecordId
from timeline_service.eventstore import integrity
from timeline_service.eventstore.items import encode_brief, encode_item
from timeline_service.kit import errors

router = APIRouter(route_class=Route, tags=["history"])

Version = Annotated[int, Query(ge=1, le=deps.MAX_VERSION)]
TypeName = Annotated[str, Query(pattern=r"^[a-z][a-z_]{0,39}$")]


@router.get(
    "/timelines/{timeline_id}/events",
    operation_id="listEvents",
    response_model=wire.Events,
    responses=problems.documented(401, 404, 422),
)
async def list_events(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    after_version: Annotated[int, Query(ge=0, le=deps.MAX_VERSION)] = 0,
    limit: Annotated[int, Query(ge=1, description="at most 500 are answered")] = 100,
    cursor: Annotated[str | None, Query(max_length=200, description="next_cursor of the page before")] = None,
    clip_id: Annotated[RecordId | None, Query(description="events that name this record")] = None,
    actor_id: UUID | None = None,
    type: TypeName | None = None,
    transaction_id: RecordId | None = None,
) -> Response:
    """Who changed what, when and why, oldest first.

    An event over 64 KB comes as `{version, size, by_ref: true}`, here as on the stream. Whole it comes alone:
    `?after_version={version - 1}&limit=1`.
    """
    grant = await rooms.access.grant(actor, timeline_id, "read")
    filters = queries.Filters(clip_id, actor_id, type, transaction_id)
    page = await queries.events(
        rooms.store, timeline_id, grant.workspace_id, filters, limit=limit, after_version=after_version, cursor=cursor
    )
    encode = encode_item if limit == 1 else encode_brief
    items = b",".join(encode(stored) for stored in page.events)
    following = b"null" if page.next_cursor is None else b'"' + page.next_cursor.encode() + b'"'
    content = b'{"items":[%b],"next_cursor":%b}' % (items, following)
    return Response(content, media_type="application/json")


@router.get(
    "/timelines/{timeline_id}/diff",
    operation_id="diffVersions",
    response_model=wire_looking.Diff,
    responses=problems.documented(401, 404, 422),
)
async def diff_versions(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    from_version: Annotated[Version, Query(alias="from")],
    to_version: Annotated[Version, Query(alias="to")],
) -> Response:
    """What a person would say has happened between two versions, either way round."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    before = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, from_version)
    after = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, to_version)
    return answers.json(await aside.on(after, diff.diff, before, after))


@router.get(
    "/timelines/{timeline_id}/blame",
    operation_id="blame",
    response_model=wire_looking.Blame,
    responses=problems.documented(401, 404, 422),
)
async def blame_record(
    timeline_id: deps.TimelineId,
    actor: deps.Caller,
    rooms: deps.House,
    record: Annotated[RecordId, Query(description="the id of any record, also of one that is gone")],
    version: deps.AtVersion = None,
) -> Response:
    """Who wrote each field of a record, and in which version."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    state = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id, version)
    try:
        return answers.json(blame.blame(state, record))
    except domain_errors.RecordMissing as missing:
        raise errors.NotFound(missing.message, code=missing.stable_code) from None


@router.get(
    "/timelines/{timeline_id}/verify",
    operation_id="verifyTimeline",
    response_model=wire.Verification,
    responses=problems.documented(401, 404, 422),
)
async def verify_timeline(timeline_id: deps.TimelineId, actor: deps.Caller, rooms: deps.House) -> Response:
    """Whether every hash follows from what is stored."""
    grant = await rooms.access.grant(actor, timeline_id, "read")
    found = await integrity.verify(rooms.store, timeline_id, grant.workspace_id)
    if found is None:
        raise errors.NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
    return answers.json(
        {
            "ok": found.ok,
            "checked": found.checked,
            "version": found.head_version,
            "head_hash": found.head_hash.hex(),
            "broken_at": found.broken_at,
            "trouble": found.trouble,
        }
    )
