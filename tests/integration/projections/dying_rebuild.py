"""A rebuild of one timeline that kills itself at the point named by DIE_AT.

python -m tests.integration.projections.dying_rebuild WORKER_DATABASE_URL WORKSPACE TIMELINE
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from projections.rebuild import rebuild
from timeline_service.eventstore.maintenance import Held, Maintenance
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import database

POINTS = ("before the snapshot", "snapshot saved", "rows written, not committed", "rows written", "one dropped")


def reach(point: str) -> None:
    if os.environ["DIE_AT"] == point:
        os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(PostgresStore):
    async def save_snapshot(self, *arguments: Any) -> None:
        reach("before the snapshot")
        await super().save_snapshot(*arguments)
        reach("snapshot saved")

    async def drop_snapshot(self, *arguments: Any) -> None:
        await super().drop_snapshot(*arguments)
        reach("one dropped")


class DyingMaintenance(Maintenance):
    @contextlib.asynccontextmanager
    async def holding(self, timeline_id: UUID, workspace_id: UUID) -> AsyncIterator[Held]:
        async with super().holding(timeline_id, workspace_id) as held:
            yield held
            reach("rows written, not committed")
        reach("rows written")


async def main(url: str, workspace_id: UUID, timeline_id: UUID) -> None:
    engine = database.create_engine(url, application_name="dying")
    await rebuild(DyingStore(engine), DyingMaintenance(engine), timeline_id, workspace_id)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *(UUID(text) for text in sys.argv[2:])))
