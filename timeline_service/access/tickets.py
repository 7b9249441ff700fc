"""Tickets that open a stream: browsers cannot send an Authorization header with a WebSocket.

One use, thirty seconds, for one timeline and one person. Losing Redis loses tickets, never edits: a client asks for
another, or sends its JWT in `hello`.
"""

import secrets
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson
from redis.asyncio import Redis

from timeline_service.access.service import Actor
from timeline_service.kit import errors, redis

PREFIX: Final = "tkt_"
LIFETIME_S: Final = 30
_KEY: Final = "ticket:"


class Tickets:
    """Issues and takes tickets."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def issue(self, actor: Actor, timeline_id: UUID) -> str:
        """A ticket for this actor and timeline. Raises Unavailable."""
        ticket = PREFIX + secrets.token_urlsafe(32)
        expires = None if actor.token_expires_at is None else actor.token_expires_at.timestamp()
        value = orjson.dumps(
            {
                "actor": {"id": str(actor.id), "subject": actor.subject, "name": actor.name, "expires": expires},
                "timeline_id": str(timeline_id),
            }
        )
        with redis.unavailable_on_error():
            await self._client.set(_KEY + ticket, value, ex=LIFETIME_S)
        return ticket

    async def take(self, ticket: str, timeline_id: UUID) -> Actor:
        """Whom the ticket was given to; it is used up by this. Raises Unauthenticated, Unavailable."""
        with redis.unavailable_on_error():
            value = await self._client.getdel(_KEY + ticket)
        if value is None:
            raise errors.Unauthenticated("The ticket is used, expired or not one of ours.", code="ticket_invalid")
        known = orjson.loads(value)
        if known["timeline_id"] != str(timeline_id):
            raise errors.Unauthenticated("The ticket is for another timeline.", code="ticket_invalid")
        said = known["actor"]
        expires = None if said["expires"] is None else datetime.fromtimestamp(said["expires"], UTC)
        return Actor(UUID(said["id"]), said["subject"], said["name"], expires)
