"""What a worker does on the side: probe uploaded media that nobody has probed, clear what crashes left on its disk."""

import asyncio
import shutil
import time
from pathlib import Path
from typing import Final

from timeline_service.assets.service import Assets
from timeline_service.kit import errors, logging

PROBE_EVERY_S: Final = 2.0
LEFT_AFTER_S: Final = 24 * 3600

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


def clear(scratch: Path) -> None:
    """Remove the folders of attempts that ended with their process, a day ago or longer."""
    for folder in (scratch / "jobs").glob("*"):
        if folder.stat().st_mtime < time.time() - LEFT_AFTER_S:
            shutil.rmtree(folder, ignore_errors=True)
