"""`timeline-service verify` and `timeline-service rebuild`: from settings to what a person reads."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import UUID

import rich.console
import rich.progress
import structlog

from projections.rebuild import Rebuilt, rebuild
from timeline_service.audit import verification
from timeline_service.eventstore.maintenance import Maintenance
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import EventStore, Head
from timeline_service.kit import database, errors
from timeline_service.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the commands work with."""

    store: EventStore
    maintenance: Maintenance


def verify(settings: Settings, timeline_id: UUID) -> verification.Report:
    """Check a timeline. Blocking. Raises NotFound."""
    return asyncio.run(_verify(settings, timeline_id))


def rebuild_all(settings: Settings, timeline_id: UUID | None, console: rich.console.Console) -> bool:
    """Rebuild one timeline, or all; whether all went well. Blocking. Raises NotFound."""
    return asyncio.run(_rebuild_all(settings, timeline_id, console))


def lines(report: verification.Report) -> Iterator[str]:
    """What `verify` prints."""
    history = report.history
    yield f"timeline    {history.timeline_id}"
    yield f"events      {history.head_version}" + (f" (epoch {report.epoch})" if report.epoch else "")
    yield f"head        {history.head_hash.hex()}"
    if history.ok:
        yield f"chain       whole: {history.checked} of {history.head_version} events match their hashes"
    else:
        yield f"chain       BROKEN at version {history.broken_at}: {history.trouble}"
    yield f"checkpoint  {report.current_version}, {report.behind} behind the head"
    yield f"state       {report.state_hash} at version {report.folded}"
    if report.stop is not None:
        yield f"fold        STOPS at version {report.stop.version}: {report.stop.reason}"
    wrong = [checked for checked in report.snapshots if checked.verdict != "sound"]
    sound = len(report.snapshots) - len(wrong)
    yield f"snapshots   {sound} as a fresh fold gives them" + (f", {len(wrong)} wrong:" if wrong else "")
    for checked in wrong:
        yield f"            version {checked.version}: {checked.verdict} (not used; `rebuild` drops it)"


async def _verify(settings: Settings, timeline_id: UUID) -> verification.Report:
    async with _opened(settings, "verify") as tools:
        head = await _find(tools.store, timeline_id)
        report = await verification.verify(tools.store, timeline_id, head.workspace_id)
    if report is None:
        raise errors.NotFound(f"There is no timeline {timeline_id}.", code="timeline_missing")
    return report


async def _rebuild_all(settings: Settings, timeline_id: UUID | None, console: rich.console.Console) -> bool:
    async with _opened(settings, "rebuild") as tools:
        if timeline_id is not None:
            head = await _find(tools.store, timeline_id)
            done = await rebuild(tools.store, tools.maintenance, timeline_id, head.workspace_id)
            tell(done, console)
            return done.stop is None
        await tools.maintenance.check_sight()
        return await _each(tools, console)


async def _each(tools: Tools, console: rich.console.Console) -> bool:
    """All timelines one after another; one that fails keeps no other from its turn."""
    total, failed, number = await tools.maintenance.count(), 0, 0
    with _progress(console) as bar:
        task = bar.add_task("timelines", total=total)
        async for head in tools.maintenance.timelines():
            number += 1
            try:
                done = await rebuild(tools.store, tools.maintenance, head.timeline_id, head.workspace_id)
            except Exception as error:
                failed += 1
                log.exception("rebuild_failed", timeline_id=str(head.timeline_id))
                console.print(f"{head.timeline_id}  FAILED: {error}", markup=False)
            else:
                failed += done.stop is not None
                if done.stop is not None or done.differences:
                    tell(done, console)
            bar.update(task, advance=1)
    console.print(f"{number} timelines, {number - failed} rebuilt, {failed} not", markup=False)
    return failed == 0


def tell(done: Rebuilt, console: rich.console.Console) -> None:
    """What became of one timeline."""
    if done.stop is None:
        text = f"rebuilt at version {done.version}, {len(done.differences)} differences mended"
    else:
        text = f"STOPPED at version {done.stop.version}: {done.stop.reason}"
    if done.dropped:
        text += f", {done.dropped} old snapshots dropped"
    console.print(f"{done.timeline_id}  {text}", markup=False)
    for difference in done.differences:
        console.print(f"    {difference}", markup=False)


def _progress(console: rich.console.Console) -> rich.progress.Progress:
    return rich.progress.Progress(
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TimeRemainingColumn(),
        console=console,
        transient=True,
    )


@contextlib.asynccontextmanager
async def _opened(settings: Settings, name: str) -> AsyncIterator[Tools]:
    """With the workers' login where there is one: it sees all workspaces."""
    url = settings.database.worker_url or settings.database.url
    engine = database.create_engine(url, application_name=name, pool_size=3)
    try:
        yield Tools(PostgresStore(engine), Maintenance(engine))
    finally:
        await engine.dispose()


async def _find(store: EventStore, timeline_id: UUID) -> Head:
    found = await store.heads([timeline_id])
    if timeline_id not in found:
        raise errors.NotFound(f"There is no timeline {timeline_id}.", code="timeline_missing")
    return found[timeline_id]
