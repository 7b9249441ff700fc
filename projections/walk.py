"""A walk through a log: fold on from a state, page by page, as far as this code understands what it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from projections import fold
from timeline_service.domain.state import State
from timeline_service.eventstore.store import EventStore, StoredEvent

PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Stop:
    """The event that nothing gets past: not understood (see fold.Poison), or not there."""

    version: int
    reason: str


class Walk:
    """`state` is how far it has come; `stop` says what it cannot pass, None while nothing is in the way."""

    def __init__(self, store: EventStore, timeline_id: UUID, workspace_id: UUID, start: State | None = None) -> None:
        self.state = State() if start is None else start
        self.stop: Stop | None = None
        self._store = store
        self._where = (timeline_id, workspace_id)

    async def to(self, version: int) -> bool:
        """Go on to a version; whether it was reached."""
        while self.state.version < version and self.stop is None:
            await self.page(version)
        return self.state.version >= version

    async def page(self, version: int) -> list[StoredEvent]:
        """One page towards a version; the events that were folded."""
        before = self.state.version
        events = await self._store.read(*self._where, after_version=before, to_version=version, limit=PAGE)
        if events:
            self.state, self.stop = folded(self.state, events)
        else:
            self.stop = Stop(before + 1, "missing from the log")
        return [event for event in events if event.version <= self.state.version]


def folded(state: State, events: Sequence[StoredEvent]) -> tuple[State, Stop | None]:
    """The state after the events, or after those before the first that cannot be folded. `state` stays as it is."""
    rows = [(event.version, str(event.actor_id), event.body, event.schema_version) for event in events]
    try:
        return fold.replay(rows, state), None
    except fold.Poison as poison:
        sound = [row for row in rows if row[0] < poison.version]
        return fold.replay(sound, state), Stop(poison.version, poison.reason)
