"""Walk the chain of a timeline and name the first broken link."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from timeline_service.domain import chain
from timeline_service.eventstore import store
from timeline_service.eventstore.store import EventStore

Trouble = Literal["event_altered", "events_missing", "head_differs"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a walk found. `checked` events are sound; `broken_at` is the first version that is not, None if all are.

    event_altered: an event does not match its hash, or is not where it belongs. events_missing: the log ends before
    the head. head_differs: the head's hash is not the last event's, or the log goes on behind the head.
    """

    timeline_id: UUID
    checked: int
    head_version: int
    head_hash: bytes
    broken_at: int | None = None
    trouble: Trouble | None = None

    @property
    def ok(self) -> bool:
        """Whether history is whole up to the head."""
        return self.trouble is None


async def verify(events: EventStore, timeline_id: UUID, workspace_id: UUID, *, page: int = 1000) -> Report | None:
    """Check every event against the chain, and the chain against the head; None when there is no such timeline.

    Safe while others append: it checks up to the head that it read first.
    """
    head = await events.head(timeline_id, workspace_id)
    if head is None:
        return None

    def report(checked: int, broken_at: int | None = None, trouble: Trouble | None = None) -> Report:
        return Report(timeline_id, checked, head.version, head.head_hash, broken_at, trouble)

    version, previous = 0, chain.genesis(timeline_id)
    async for run in store.read_pages(events, timeline_id, workspace_id, to_version=head.version, page=page):
        broken = chain.verify(run, after_version=version, previous=previous)
        if broken is not None:
            return report(broken - 1, broken, "event_altered")
        version, previous = run[-1].version, run[-1].hash
    if version < head.version:
        return report(version, version + 1, "events_missing")
    if previous != head.head_hash:
        return report(version, version, "head_differs")
    behind = await events.read(timeline_id, workspace_id, after_version=version, limit=1)
    newest = await events.head(timeline_id, workspace_id)
    if behind and newest is not None and newest.version == version:
        return report(version, version + 1, "head_differs")
    return report(version)
