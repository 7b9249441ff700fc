"""What a worker does on the side: project what was left behind, probe uploaded media that nobody has probed, forget
uploads that nobody finished, clear what crashes left on its disk.
"""

import asyncio
import shutil
import time
from pathlib import Path
from typing import Final
from uuid import UUID

from projections import runner
from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.eventstore.maintenance import Maintenance
from timeline_service.eventstore.store import EventStore, Head
from timeline_service.kit import errors, logging
from timeline_service.kit.storage.protocol import ObjectStore

PROBE_EVERY_S: Final = 2.0
PROJECT_EVERY_S: Final = 3.0
FORGIVE_AFTER_LOOKS: Final = 100
LEFT_AFTER_S: Final = 24 * 3600
SWEEP_EVERY_S: Final = 3600.0
STALE_AFTER_S: Final = 3 * 24 * 3600  # longer than any upload may take

log = logging.get("workers")


async def probe(assets: Assets) -> None:
    """Probe what waits, over all workspaces. Runs until cancelled."""
    while True:
        try:
            busy = await assets.probe_pending()
        except (errors.ServiceError, OSError) as error:
            log.warning("probing waits", reason=str(error))
            busy = 0
        if not busy:
            await asyncio.sleep(PROBE_EVERY_S)


class Projector:
    """Projects timelines that were left behind: whoever appended died before it projected, or could not.

    Behind is who has not come by one look to where the head was at the look before. A timeline with an event that this
    code cannot fold stays before that event until other code comes by; it is tried, and told of, again every few
    minutes, and the others do not wait for it.
    """

    def __init__(self, store: EventStore, maintenance: Maintenance) -> None:
        self._store = store
        self._maintenance = maintenance
        self._seen: dict[UUID, int] = {}
        self._stuck: dict[UUID, int] = {}  # the checkpoints of those that this process could not help
        self._looks = 0

    async def look(self) -> int:
        """Look once; how many timelines were moved on. Raises Unavailable."""
        self._looks += 1
        if self._looks % FORGIVE_AFTER_LOOKS == 0:
            self._stuck.clear()
        heads = [head async for head in self._maintenance.behind()]
        seen, self._seen = self._seen, {head.timeline_id: head.version for head in heads}
        late = [head for head in heads if head.current_version < seen.get(head.timeline_id, 0)]
        hopeful = [head for head in late if self._stuck.get(head.timeline_id) != head.current_version]
        return sum([await self._move(head) for head in hopeful])

    async def _move(self, head: Head) -> bool:
        told = {"timeline_id": str(head.timeline_id), "workspace_id": str(head.workspace_id)}
        try:
            caught = await runner.catch_up(self._store, head.timeline_id, head.workspace_id)
        except errors.Unavailable:
            raise
        except Exception:
            log.exception("projection_failed", **told)
            self._stuck[head.timeline_id] = head.current_version
            return False
        if caught.stop is not None:
            stop = caught.stop
            log.error("projection_stopped", **told, version=stop.version, reason=stop.reason, head=caught.version)
            self._stuck[head.timeline_id] = caught.current_version
        moved = caught.current_version > head.current_version
        if moved:
            log.info("projection_caught_up", **told, since=head.current_version, version=caught.current_version)
        return moved


async def project(projector: Projector) -> None:
    """Look for timelines that were left behind. Runs until cancelled; several processes may."""
    while True:
        try:
            await projector.look()
        except (errors.ServiceError, OSError) as error:
            log.warning("projecting waits", reason=str(error))
        await asyncio.sleep(PROJECT_EVERY_S)


async def sweep(uploads: Uploads, objects: ObjectStore) -> None:
    """Forget uploads that expired, and what was begun in the object store and never finished. Runs until cancelled."""
    while True:
        try:
            while await uploads.sweep():
                pass
            await objects.sweep(STALE_AFTER_S)
        except (errors.ServiceError, OSError) as error:
            log.warning("sweeping waits", reason=str(error))
        await asyncio.sleep(SWEEP_EVERY_S)


def clear(*folders: Path) -> None:
    """Remove what is left in these folders of work that ended with its process, a day ago or longer."""
    for left in (path for folder in folders for path in folder.glob("*")):
        if left.stat().st_mtime < time.time() - LEFT_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
