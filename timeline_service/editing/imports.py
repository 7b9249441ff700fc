"""The command that brings a file into an empty timeline."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from projections.otio import read
from timeline_service.domain import errors, importing
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State
from timeline_service.editing.command import Plan
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.live import Live
from timeline_service.editing.reversals import Appending
from timeline_service.eventstore.store import StoredEvent


@dataclass(slots=True)
class Import(Appending):
    """An OTIO file, read before it is queued."""

    imported: read.Imported | None = None

    async def prepare(self, live: Live) -> None:
        """Nothing is needed but the file."""

    def decide(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        replayed = self.replay(state, known)
        if replayed is not None:
            return replayed
        assert self.imported is not None
        rows, timeline, origin = self.imported
        try:
            brought = importing.bring_in(
                state, timeline, rows, origin, Facts(self.gesture_id), actor=str(self.actor_id)
            )
        except errors.Refused as refusal:
            raise EditRefused.because(refusal, gesture_id=self.gesture_id) from None
        return self.plan(state, brought.state, "import", brought.body, ())


async def import_of(
    data: bytes, actor_id: UUID, gesture_id: str, *, dry_run: bool, correlation_id: str | None
) -> Import:
    """The command of an import request. Raises EditRefused: `otio_invalid`, `otio_foreign`, `otio_edited`."""
    try:
        imported = await asyncio.to_thread(read.from_json, data)
    except read.Unreadable as unreadable:
        raise EditRefused(unreadable.reason, code=unreadable.code, status=422) from None
    return Import(
        actor_id=actor_id,
        gesture_id=gesture_id,
        dry_run=dry_run,
        correlation_id=correlation_id,
        digest=hashlib.sha256(data).digest(),
        imported=imported,
    )


def report(imported: read.Imported) -> dict[str, object]:
    """What came in, and what did not: nothing is left behind of a file that we wrote."""
    kinds = [kind for kind, _, _ in imported.records]
    counts = {kind: kinds.count(kind) for kind in importing.CONTENT}
    return {"format": "otio", "records": counts, "lost": [], "largest_shift": 0, "origin": imported.origin}
