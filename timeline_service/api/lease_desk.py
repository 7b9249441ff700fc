"""What a session asks about leases, and what it is answered."""

from typing import Any
from uuid import UUID

from timeline_service.access.service import Actor
from timeline_service.api.protocol import Lease
from timeline_service.api.rooms import Rooms
from timeline_service.domain.errors import RecordMissing
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.lease_book import frame
from timeline_service.editing.leases import Holder


async def answer(rooms: Rooms, actor: Actor, timeline_id: UUID, session_id: str, asked: Lease) -> dict[str, Any]:
    """The `lease` message for the asker; the others are told by the book.

    Raises Forbidden for those who may not edit, EditRefused (record_missing), LeasesUnavailable, TooManyLeases.
    """
    grant = await rooms.access.grant(actor, timeline_id, "edit")
    leases = rooms.leases
    if asked.do == "release":
        left = (await leases.release(timeline_id, asked.record, session_id)).lease
        return frame(asked.record, left)
    if not leases.holds(timeline_id, asked.record, session_id):
        state = await rooms.editing.reader.state_at(timeline_id, grant.workspace_id)
        if state.find(asked.record) is None:
            raise EditRefused.because(RecordMissing(id=asked.record))
    holder = Holder(session_id, str(actor.id), actor.name)
    take = asked.take and asked.do == "acquire"
    claimed = await leases.claim(timeline_id, asked.record, holder, ttl_ms=asked.ttl_ms, take=take)
    refused = {} if claimed.outcome == "mine" else {"code": "leased"}
    return frame(asked.record, claimed.lease) | refused
