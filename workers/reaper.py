"""Jobs whose worker is gone go back into the outbox, or end."""

import asyncio
import contextlib

from timeline_service.exports import dispatch, wakeups
from timeline_service.kit import database, errors, logging
from timeline_service.settings import Exports
from workers.render import errors as render_errors
from workers.render.job import Handle
from workers.render.renderer import Renderer

log = logging.get("workers")


async def run(engine: database.Engine, renderer: Renderer, hints: wakeups.Wakeups, settings: Exports) -> None:
    """Look at the leases every `poll_s`. Runs until cancelled; several processes may."""
    while True:
        try:
            for reaped in await dispatch.reap(engine, lease_s=settings.lease_s):
                log.warning("worker lost", job_id=str(reaped.job_id), state=reaped.state, attempt=reaped.attempt)
                await end_rendering(renderer, reaped)
                await hints.tell(wakeups.changed(reaped.job_id), wakeups.RELAY)
        except errors.Unavailable as error:
            log.warning("reaper waits", reason=str(error))
        await asyncio.sleep(settings.poll_s)


async def end_rendering(renderer: Renderer, reaped: dispatch.Reaped) -> None:
    """Stop the call of a job that ended with its worker; of one that is queued again the next worker takes it over."""
    if reaped.handle is None or reaped.state == "queued":
        return
    handle = Handle.parse(reaped.handle["handle"])
    with contextlib.suppress(render_errors.RenderError):
        await renderer.cancel(handle)
        await renderer.forget(handle)
