"""The command that brings a file into a timeline."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from projections.otio import read
from projections.otio.formats import catalogue
from projections.otio.sandbox import Sandbox
from timeline_service.domain import errors, importing
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State
from timeline_service.editing.command import Plan
from timeline_service.editing.errors import EditRefused, FormatUnknown
from timeline_service.editing.live import Live
from timeline_service.editing.requests import Result
from timeline_service.editing.reversals import Appending
from timeline_service.eventstore.store import StoredEvent


@dataclass(slots=True)
class Import(Appending):
    """A file, read before it is queued."""

    imported: read.Imported | None = None
    format: str = "otio"

    async def prepare(self, live: Live) -> None:
        """Nothing is needed but the file."""
        self.leases = live.leases

    def decide(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        replayed = self.replay(state, known)
        if replayed is not None:
            return replayed
        assert self.imported is not None
        rows, timeline, origin, told = self.imported
        try:
            brought = importing.bring_in(
                state, timeline, rows, origin, Facts(self.gesture_id), actor=str(self.actor_id), format=self.format
            )
        except errors.NoChange:  # the timeline is already as the file has it
            return Plan((), state, (Result(gesture_id=self.gesture_id, ok=True, how="noop"),))
        except errors.Refused as refusal:
            raise EditRefused.because(refusal, gesture_id=self.gesture_id) from None
        self.imported = self.imported._replace(report={**told, **brought.report})
        return self.plan(state, brought.state, "import", brought.body, ())


@dataclass(frozen=True, slots=True)
class File:
    """What a client sent; `format` is the name that it gave, `rate` that of the timeline, for files that have none."""

    data: bytes
    format: str | None = None
    filename: str = ""
    rate: float = 24.0


async def import_of(
    file: File, sandbox: Sandbox, actor_id: UUID, gesture_id: str, *, dry_run: bool, correlation_id: str | None
) -> Import:
    """The command of an import request. Raises FormatUnknown, and what Sandbox.read raises."""
    format = catalogue.FORMATS.get(file.format) if file.format else catalogue.sniff(file.data, file.filename)
    if format is None or not format.reads:
        raise FormatUnknown(formats=catalogue.READ)
    answer = await sandbox.read(file.data, format, rate=file.rate)
    return Import(
        actor_id=actor_id,
        gesture_id=gesture_id,
        dry_run=dry_run,
        correlation_id=correlation_id,
        digest=hashlib.sha256(file.data).digest(),
        imported=read.Imported(answer.records, answer.timeline, answer.origin, answer.report),
        format=format.name,
    )


def report(imported: read.Imported, format: str) -> dict[str, Any]:
    """What came in, what only nearly, and what did not: counts with places in the file as examples.

    Of a file that was stored also how many records were `matched`, `added`, `changed`, `removed`, per kind.
    """
    return {"format": format, **imported.report, "origin": imported.origin}
