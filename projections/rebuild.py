"""Rebuild: a timeline folded from its first event, beside what is in use; compared, and then put in its place.

    chain checked ─► fold from zero ─► new snapshot ─► rows and checkpoint, under the head ─► old snapshots dropped
                          │ compared with the snapshots        │ compared with the rows
                          └──────────────► differences ◄───────┘

Readers never wait and appends only for the last step. It may be killed anywhere and run again; run twice it changes
nothing the second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from projections import checkpoints, runner, snapshots
from projections.walk import Stop, Walk
from timeline_service.domain import state as states
from timeline_service.domain.state import State
from timeline_service.eventstore import integrity
from timeline_service.eventstore.maintenance import Maintenance, Projected
from timeline_service.eventstore.store import EventStore, Snapshot
from timeline_service.kit.errors import NotFound

SHOWN: Final = 5
"""Record ids that a difference names."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it. `differences` are what stood there and was wrong; they are mended, unless `stop` is set.

    `stop`: the first event that is broken or that this code cannot fold. Nothing behind it was touched, and nothing was
    dropped.
    """

    timeline_id: UUID
    version: int
    differences: tuple[str, ...] = ()
    dropped: int = 0
    stop: Stop | None = None


async def rebuild(store: EventStore, maintenance: Maintenance, timeline_id: UUID, workspace_id: UUID) -> Rebuilt:
    """Rebuild one timeline. Raises NotFound, Unavailable."""
    history = await integrity.verify(store, timeline_id, workspace_id)
    if history is None:
        raise NotFound("There is no such timeline, or it is not yours.", code="timeline_missing")
    if history.broken_at is not None:
        return Rebuilt(timeline_id, 0, stop=Stop(history.broken_at, f"the chain is broken: {history.trouble}"))
    # What was left behind is caught up first, so that little is left to be done while appends wait.
    await runner.catch_up(store, timeline_id, workspace_id)
    return await _Rebuild(store, maintenance, timeline_id, workspace_id).run()


def compare_snapshot(saved: Snapshot, state: State) -> str | None:
    """What is wrong with a snapshot, given the state of its version; None when all is well.

    One of another fold cannot be read; its hash is compared all the same.
    """
    named = f"snapshot {saved.version} of fold {saved.fold_version}"
    if saved.state_hash.hex() != states.digest(state):
        return f"{named} is of another state"
    if saved.fold_version == snapshots.FOLD_VERSION:
        try:
            snapshots.load(saved.state, saved.state_hash)
        except snapshots.Damaged as damage:
            return f"{named} is damaged: {damage}"
    return None


def compare_rows(rows: Projected, state: State) -> Iterator[str]:
    """What is wrong with the rows of a projection, given the state at the checkpoint."""
    if rows.version != state.version:
        yield f"the row in the list of timelines says version {rows.version}, the checkpoint {state.version}"
    if rows.summary != checkpoints.summary_of(state):
        yield f"the row in the list of timelines says {rows.summary}"
    wrong = rows.records ^ frozenset(checkpoints.records_of(state))
    if wrong:
        names = sorted({record[0] for record in wrong})
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield f"rows of records differ: {', '.join(names[:SHOWN])}{more}"


class _Rebuild:
    def __init__(self, store: EventStore, maintenance: Maintenance, timeline_id: UUID, workspace_id: UUID) -> None:
        self._store = store
        self._maintenance = maintenance
        self._where = (timeline_id, workspace_id)
        self._walk = Walk(store, timeline_id, workspace_id)
        self._differences: list[str] = []
        self._bad: list[tuple[int, int]] = []  # (fold version, version) of snapshots that are wrong
        self._kept = 0  # version of the snapshot that this rebuild wrote

    async def run(self) -> Rebuilt:
        found = await self._maintenance.snapshots(*self._where)
        await self._compare(found)
        await self._to_checkpoint()
        if self._walk.state.version:
            self._kept = self._walk.state.version
            await checkpoints.snapshot(self._store, self._walk.state, self._where[1])
            await self._switch()
        dropped = 0 if self._walk.stop else await self._drop(found)
        return Rebuilt(self._where[0], self._walk.state.version, tuple(self._differences), dropped, self._walk.stop)

    async def _compare(self, found: list[tuple[int, int]]) -> None:
        """Fold up to each snapshot in turn and look at it."""
        for fold_version, version in found:
            saved = await self._store.snapshot_at(*self._where, version, fold_version)
            if saved is None or saved.version != version or fold_version > snapshots.FOLD_VERSION:
                continue  # dropped meanwhile, or of code newer than this
            if not await self._walk.to(version):
                return
            wrong = compare_snapshot(saved, self._walk.state)
            if wrong:
                self._differences.append(wrong)
                self._bad.append((fold_version, version))

    async def _to_checkpoint(self) -> None:
        head = await self._store.head(*self._where)
        if head is not None:
            await self._walk.to(head.current_version)

    async def _switch(self) -> None:
        """Rows and checkpoint, while nobody moves them."""
        async with self._maintenance.holding(*self._where) as held:
            if not await self._walk.to(held.head.current_version):
                return
            if self._walk.state.version == held.head.current_version:
                self._differences += compare_rows(await held.projected(), self._walk.state)
            await self._walk.to(held.head.version)
            state = self._walk.state
            await held.rewrite(state.version, checkpoints.summary_of(state), checkpoints.records_of(state))

    async def _drop(self, found: list[tuple[int, int]]) -> int:
        """Snapshots of folds before this one, and those of this one that are wrong, except the one just written."""
        old = [
            (fold_version, version)
            for fold_version, version in found
            if fold_version < snapshots.FOLD_VERSION or ((fold_version, version) in self._bad and version != self._kept)
        ]
        for fold_version, version in old:
            await self._store.drop_snapshot(*self._where, version, fold_version)
        return len(old)
