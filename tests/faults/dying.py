"""A process that appends one gesture and moves the checkpoint, and kills itself at the point named by DIE_AT.

python -m tests.faults.dying DATABASE_URL WORKSPACE TIMELINE GESTURE    prints `acked VERSION` if it comes through
"""

import asyncio
import os
import signal
import sys
from uuid import UUID

from tests.logs import digest, new_event
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import TimelineSummary
from timeline_service.kit import clock, database

POINTS = (
    "before the append",
    "appended, not committed",
    "committed",
    "checkpoint moved",
    "snapshot saved",
)


def reach(point):
    """Die here with kill -9, if so told: no handler runs, no connection is closed by us."""
    if os.environ.get("DIE_AT") == point:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(url, workspace, timeline, gesture):
    engine = database.create_engine(url, application_name="dying")
    store = PostgresStore(engine)
    workspace, timeline = UUID(workspace), UUID(timeline)
    reach("before the append")
    async with store.locked(timeline, workspace) as held:
        answer = await held.append([clock.new_id()], [new_event(gesture)])
        reach("appended, not committed")
    reach("committed")
    version = (answer.rows or answer.known)[0].version
    summary = TimelineSummary(f"at {version}", 24, 1, 1920, 1080, version)
    await store.advance(timeline, workspace, version, summary, [(f"record-{version}", "clip", True)])
    reach("checkpoint moved")
    await store.save_snapshot(timeline, workspace, version, 1, b"state %d" % version, digest(str(version)))
    reach("snapshot saved")
    await engine.dispose()
    print("acked", version)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
