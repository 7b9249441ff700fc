"""Looking back: pages of the audit log, filtered by record, person, kind and version."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from timeline_service.eventstore.store import EventStore, StoredEvent
from timeline_service.kit import errors

MAX_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """Which events: all that are given must match. `clip_id` is the id of any record that the event names."""

    clip_id: str | None = None
    actor_id: UUID | None = None
    type: str | None = None
    transaction_id: str | None = None

    def fingerprint(self) -> str:
        """What a cursor was made for: it is refused with other filters."""
        parts = (self.clip_id, self.actor_id and str(self.actor_id), self.type, self.transaction_id)
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Page:
    """Events in version order, and where the next page starts; None when this is the last."""

    events: list[StoredEvent]
    next_cursor: str | None


async def events(
    store: EventStore,
    timeline_id: UUID,
    workspace_id: UUID,
    filters: Filters,
    *,
    limit: int,
    after_version: int = 0,
    cursor: str | None = None,
) -> Page:
    """A page of the log; more than MAX_PAGE events are never answered at once.

    `cursor` (of the page before, with the same filters) goes before `after_version`. Raises Invalid (cursor_invalid).
    """
    after = after_version if cursor is None else _read_cursor(cursor, filters)
    wanted = min(limit, MAX_PAGE)
    found = await store.read(
        timeline_id,
        workspace_id,
        after_version=after,
        limit=wanted + 1,
        type=filters.type,
        actor_id=filters.actor_id,
        clip_id=filters.clip_id,
        transaction_id=filters.transaction_id,
    )
    page = found[:wanted]
    return Page(page, _cursor(page[-1].version, filters) if len(found) > wanted else None)


def _cursor(version: int, filters: Filters) -> str:
    return base64.urlsafe_b64encode(f"{version}.{filters.fingerprint()}".encode()).rstrip(b"=").decode()


def _read_cursor(cursor: str, filters: Filters) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    version, _, fingerprint = text.partition(".")
    if not (version.isdigit() and len(version) <= 16 and fingerprint == filters.fingerprint()):
        raise _bad_cursor()
    return int(version)


def _bad_cursor() -> errors.Invalid:
    return errors.Invalid("The cursor is not one of ours, or was made with other filters.", code="cursor_invalid")
