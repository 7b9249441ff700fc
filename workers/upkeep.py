"""What a worker does on the side: probe uploaded media that nobody has probed, forget uploads that nobody finished,
clear what crashes left on its disk.
"""

import asyncio
import shutil
import time
from pathlib import Path
from typing import Final

from timeline_service.assets.service import Assets
from timeline_service.assets.uploads import Uploads
from timeline_service.kit import errors, logging
from timeline_service.kit.storage.protocol import ObjectStore

PROBE_EVERY_S: Final = 2.0
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
