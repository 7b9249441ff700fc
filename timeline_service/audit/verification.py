"""What can be said for a timeline: its chain is whole, its snapshots are what a fold gives, its checkpoint is near."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from projections import snapshots
from projections.walk import Stop, Walk
from timeline_service.domain import state as states
from timeline_service.domain.state import State
from timeline_service.eventstore import integrity
from timeline_service.eventstore.store import EventStore, Snapshot


@dataclass(frozen=True, slots=True)
class Checked:
    """A snapshot of the present fold. differs: sound bytes of another state than the events give."""

    version: int
    verdict: Literal["sound", "damaged", "differs"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `state_hash` (hex) is that of the fold at `folded`, which is the head unless `stop` is set.

    `snapshots` are checked as far as the log is sound; a wrong one costs nobody anything but time.
    """

    history: integrity.Report
    current_version: int
    epoch: int
    folded: int
    state_hash: str
    snapshots: tuple[Checked, ...]
    stop: Stop | None

    @property
    def ok(self) -> bool:
        """Whether history is whole, and this code understands all of it."""
        return self.history.ok and self.stop is None

    @property
    def behind(self) -> int:
        """Events that are not projected yet."""
        return max(0, self.history.head_version - self.current_version)


async def verify(store: EventStore, timeline_id: UUID, workspace_id: UUID) -> Report | None:
    """Check a timeline from its first event; None when it is not there. Changes nothing, safe while others append."""
    history = await integrity.verify(store, timeline_id, workspace_id)
    head = await store.head(timeline_id, workspace_id)
    if history is None or head is None:
        return None
    walk = Walk(store, timeline_id, workspace_id)
    checked: list[Checked] = []
    for version in await store.snapshot_versions(timeline_id, workspace_id, snapshots.FOLD_VERSION):
        saved = await store.snapshot_at(timeline_id, workspace_id, version, snapshots.FOLD_VERSION)
        if version > history.checked or not await walk.to(version):
            break
        if saved is not None and saved.version == version:
            checked.append(Checked(version, _judge(saved, walk.state)))
    await walk.to(history.checked)
    return Report(
        history=history,
        current_version=head.current_version,
        epoch=head.epoch,
        folded=walk.state.version,
        state_hash=states.digest(walk.state),
        snapshots=tuple(checked),
        stop=walk.stop,
    )


def _judge(saved: Snapshot, state: State) -> Literal["sound", "damaged", "differs"]:
    try:
        kept = snapshots.load(saved.state, saved.state_hash)
    except snapshots.Damaged:
        return "damaged"
    return "sound" if states.digest(kept) == states.digest(state) else "differs"
