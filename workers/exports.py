"""Running export jobs: claim, read the version, plan, render, upload, publish.

    async with Exporter(...) as exporter:
        await exporter.start(job_id, attempt)

Whatever happens to this process, the job's row says what is true: an attempt that ends without a word is taken over
when its lease has run out, and nothing that is written without the newest fencing token counts.
"""

import asyncio
import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from projections.reader import Reader
from timeline_service.assets.service import Assets
from timeline_service.domain.state import State
from timeline_service.exports import attempts, failures, wakeups
from timeline_service.exports.attempts import Standing
from timeline_service.exports.job import Artifact, Attempt, Beat, Failure
from timeline_service.kit import clock, database, errors, logging
from timeline_service.kit.storage.protocol import ObjectExists, ObjectStore
from timeline_service.settings import Exports
from workers import media, retries
from workers.heartbeat import Heartbeat
from workers.render import errors as render_errors
from workers.render import plan as plans
from workers.render import plan_records
from workers.render.job import Handle, RenderJob, RenderStatus
from workers.render.renderer import Renderer

CONTENT_TYPE: Final = "video/mp4"
RESOLVED, ENCODED, PACKAGED = 0.05, 0.9, 0.95  # of the progress bar
LOCAL_POLL_S, REMOTE_POLL_S = 0.1, 1.0
STOP_BUDGET_S = 30.0
LOST: Final = "attempt lost to another worker"
_KINDS: Final = ("track", "clip", "keyframe", "transition", "effect", "caption", "annotation")

log = logging.get("workers")


class Stopped(Exception):
    """The attempt is to end without a result: it was canceled, or somebody else has the job (LOST)."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(standing.value)
        self.standing = standing


class Closing(Exception):
    """This process is told to end."""


class RenderingLost(render_errors.RenderError):
    """The renderer does not know the rendering any more."""

    code = "rendering_lost"
    retryable = True


@dataclass(frozen=True, slots=True)
class Tools:
    """What all attempts of a process share. `scratch` is this machine's; `name` tells processes apart in the rows."""

    engine: database.Engine
    reader: Reader
    assets: Assets
    objects: ObjectStore
    renderer: Renderer
    hints: wakeups.Wakeups
    scratch: Path
    name: str


class Exporter:
    """Runs attempts in tasks of its own, so that they outlive a queue that restarts."""

    def __init__(self, tools: Tools, settings: Exports) -> None:
        self._tools = tools
        self._settings = settings
        self._cache = media.Cache(tools.scratch / "media", tools.objects, settings.media_cache_bytes)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._running: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything; what was running is queued again at once."""
        tasks = list(self._running.values())
        # Both: asyncio.wait_for of Python 3.11 may swallow a cancellation, and a second one would hit the tidying up.
        self._closing.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def start(self, job_id: UUID, attempt: int) -> asyncio.Task[None]:
        """Begin with an attempt; the task of one that runs here already is the same one. It never fails."""
        ticket = (job_id, attempt)
        task = self._running.get(ticket)
        if task is None:
            task = self._running[ticket] = asyncio.create_task(self._guarded(*ticket))
            task.add_done_callback(lambda _: self._running.pop(ticket, None))
        return task

    async def _guarded(self, job_id: UUID, attempt: int) -> None:
        async with self._slots:
            context = logging.bind(job_id=str(job_id), attempt=attempt)
            try:
                await self._run(job_id, attempt)
            except Exception:
                # The row still says "running"; the reaper takes it from here.
                log.exception("attempt left without a word")
            finally:
                logging.unbind(context)

    async def _run(self, job_id: UUID, attempt: int) -> None:
        tools, owner = self._tools, f"{self._tools.name}/{clock.new_id()}"
        held = await attempts.claim(tools.engine, job_id, attempt, owner, self._settings.lease_s)
        if held is None:
            log.info("nothing to claim")  # delivered twice, taken over, or canceled
            return
        await tools.hints.tell(wakeups.changed(job_id))
        async with Heartbeat(tools.engine, held, tools.hints, self._settings) as pulse:
            await Rendering(tools, self._settings, self._cache, held, pulse, self._closing).run()
        await tools.hints.tell(wakeups.changed(job_id), wakeups.RELAY)


class Rendering:
    """One attempt from its claim to its end."""

    def __init__(
        self,
        tools: Tools,
        settings: Exports,
        cache: media.Cache,
        held: Attempt,
        pulse: Heartbeat,
        closing: asyncio.Event,
    ) -> None:
        self._tools = tools
        self._settings = settings
        self._cache = cache
        self._held = held
        self._pulse = pulse
        self._closing = closing
        self._handle: Handle | None = None
        self._output = ""  # where the renderer puts the file: a path here, or a key of the object store
        self._key = f"ws/{held.workspace_id}/exports/{held.job_id}/{held.attempt}/export.mp4"
        self._folder = tools.scratch / "jobs" / f"{held.job_id}.{held.attempt}"

    async def run(self) -> None:
        """Do it, and write down what came of it."""
        try:
            await self._produce()
        except asyncio.CancelledError:
            await self._hand_over()
            raise
        except Closing:
            await self._hand_over()
        except Stopped as stopped:
            await self._stop(canceled=stopped.standing is Standing.CANCELED)
        except Exception as error:  # noqa: BLE001 - each becomes the job's error
            await self._fail(error)
        finally:
            await asyncio.to_thread(self._clear_scratch)

    async def _produce(self) -> None:
        held, tools = self._held, self._tools
        state = await tools.reader.state_at(held.request.timeline_id, held.workspace_id, held.request.version)
        plan, found = await self._plan(state)
        self._report("resolve", 0.0, 0, plan.frames)
        if not await self._take_over():
            await self._submit(plan, found)
        self._report("video", RESOLVED, 0, plan.frames)
        result = await self._follow(plan.frames)
        self._report("upload", PACKAGED, plan.frames, plan.frames)
        artifact = await self._artifact(await self._deposit(), result, plan, state)
        standing = await attempts.publish(tools.engine, held, artifact)
        if standing is not Standing.HELD:
            await tools.objects.delete(artifact.key)
            raise Stopped(standing)
        log.info("export published", frames=artifact.frames, size=artifact.size)
        await self._tidy(keep=artifact.key)

    async def _plan(self, state: State) -> tuple[plans.RenderPlan, media.Media]:
        found = await media.find(self._tools.assets, state, self._held.workspace_id)
        records = records_of(state)

        def build() -> plans.RenderPlan:
            return plans.build_plan(plan_records.from_records(records, found.facts()), self._held.request.preset)

        return await asyncio.to_thread(build), found

    async def _take_over(self) -> bool:
        """Whether the call of the attempt before us is still good: then it goes on as ours."""
        kept = self._held.handle
        if kept is None:
            return False
        handle = Handle.parse(kept["handle"])
        try:
            status = await self._tools.renderer.poll(handle)
        except render_errors.RenderError:
            return False
        if status.state not in {"running", "completed"}:
            await self._forget(handle)
            return False
        log.info("rendering taken over", handle=str(handle))
        self._handle, self._output = handle, kept["output"]
        return True

    async def _submit(self, plan: plans.RenderPlan, found: media.Media) -> None:
        held, tools = self._held, self._tools
        wanted = {key: found.assets[key] for key in plan.files}
        headers: dict[str, str] = {}
        if tools.renderer.needs_urls:
            sources = await media.urls(tools.objects, wanted)
            signed = await tools.objects.sign_put(
                self._key, size=None, content_type=CONTENT_TYPE, sha256=None, expires_s=media.URL_EXPIRES_S
            )
            self._output, target, headers = self._key, signed.url, signed.headers
        else:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)  # also where there is no source
            sources = await self._cache.place(wanted, self._folder / "sources")
            self._output = target = str(self._folder / "output.mp4")
        self._check()
        job = RenderJob(
            id=f"{held.job_id}.{held.attempt}",
            plan=plan.as_dict(),
            sources=sources,
            output=target,
            output_headers=headers,
            timeout_s=self._settings.deadline_s,
        )
        self._handle = await tools.renderer.submit(job)
        standing = await attempts.keep_handle(tools.engine, held, self._kept())
        if standing is not Standing.HELD:
            raise Stopped(standing)

    async def _follow(self, frames: int) -> dict[str, Any]:
        """Wait for the renderer, telling how far it is. Raises Stopped, AttemptFailed, RenderingLost."""
        assert self._handle is not None
        renderer = self._tools.renderer
        poll_s = REMOTE_POLL_S if renderer.needs_urls else LOCAL_POLL_S
        while True:
            self._check()
            status = await self._poll(self._handle, poll_s)
            if status.state == "completed":
                assert status.result is not None
                return dict(status.result)
            if status.state == "failed":
                assert status.error is not None
                raise retries.AttemptFailed(Failure(**status.error))
            if status.is_final:
                raise RenderingLost(state=status.state)
            done = status.frames_done / max(frames, 1)
            phase = "package" if status.phase in {"package", "done"} else "video"
            self._report(phase, RESOLVED + (ENCODED - RESOLVED) * min(done, 1.0), status.frames_done, frames)

    async def _poll(self, handle: Handle, wait_s: float) -> RenderStatus:
        """A renderer that is away for a moment has not lost its work."""
        try:
            return await self._tools.renderer.poll(handle, wait_s)
        except render_errors.RendererUnavailable:
            log.warning("renderer does not answer")
            await asyncio.sleep(REMOTE_POLL_S)
            return RenderStatus("running")

    async def _deposit(self) -> str:
        """The file in the object store; answers its key."""
        if self._tools.renderer.needs_urls:
            return self._output
        with contextlib.suppress(ObjectExists):  # our own, from a call whose answer was lost: the key is this attempt's
            await self._tools.objects.put_file(self._key, Path(self._output), CONTENT_TYPE)
        return self._key

    async def _artifact(self, key: str, result: dict[str, Any], plan: plans.RenderPlan, state: State) -> Artifact:
        stored = await self._tools.objects.head(key)
        if stored is None or stored.size != result["size"] or stored.sha256 not in {None, result["sha256"]}:
            raise render_errors.TransferFailed(reason="the stored file is not the one that was rendered")
        request = self._held.request
        title = str(state.records[state.timeline_id].value["name"])[:120] or "export"
        return Artifact(
            key=key,
            filename=f"{title} v{request.version} {request.preset.name}.mp4",
            content_type=CONTENT_TYPE,
            size=result["size"],
            sha256=result["sha256"],
            duration=plan.frames * plan.ticks_per_frame,
            frames=result["frames"],
            report=tuple(result["report"]),
        )

    async def _tidy(self, keep: str | None) -> None:
        """When the job is over: of all its attempts only the published file stays, and the renderer may forget."""
        objects, prefix = self._tools.objects, self._key.rsplit("/", 2)[0] + "/"
        try:
            async for key in objects.list(prefix):
                if key != keep:
                    await objects.delete(key)
            if self._handle is not None:
                await self._forget(self._handle)
        except errors.ServiceError:
            log.warning("some leftovers stay", prefix=prefix)

    async def _stop(self, *, canceled: bool) -> None:
        """Canceled: end the rendering, then say so. Lost: end only what nobody else can have taken over."""
        if canceled or not self._tools.renderer.needs_urls:
            await self._end_rendering()
        if not canceled:
            log.warning(LOST)
        elif await attempts.stop(self._tools.engine, self._held) == "canceled":
            log.info("export canceled")
            await self._tidy(keep=None)

    async def _hand_over(self) -> None:
        """This process is told to end. A rendering elsewhere goes on, and whoever claims the job next finds it."""
        remote = self._tools.renderer.needs_urls and self._handle is not None
        if not remote:
            await self._end_rendering()
        await attempts.give_back(self._tools.engine, self._held, self._kept() if remote else None)

    async def _fail(self, error: Exception) -> None:
        failure, settings = retries.failure_of(error), self._settings
        if failure.code == failures.Unforeseen.code:
            log.error("export failed unexpectedly", exc_info=error)
        await self._end_rendering()
        wait_s = retries.wait_s(self._held.attempt, base_s=settings.retry_base_s, cap_s=settings.retry_cap_s)
        state = await attempts.give_up(self._tools.engine, self._held, failure, retry_in_s=wait_s)
        if state is None:
            log.warning(LOST, code=failure.code)
        else:
            log.warning("attempt failed", code=failure.code, retryable=failure.retryable, state=state)

    async def _end_rendering(self) -> None:
        """Make sure that nothing goes on and nothing is left; what cannot be reached ends by its own deadline."""
        if self._handle is None:
            return
        renderer, handle = self._tools.renderer, self._handle
        try:
            async with asyncio.timeout(STOP_BUDGET_S):
                await renderer.cancel(handle)
                while not (await renderer.poll(handle, 1.0)).is_final:
                    pass
        except (render_errors.RenderError, TimeoutError):
            log.warning("rendering may go on", handle=str(handle))
        await self._forget(handle)

    async def _forget(self, handle: Handle) -> None:
        with contextlib.suppress(render_errors.RenderError):
            await self._tools.renderer.forget(handle)

    def _kept(self) -> dict[str, Any]:
        return {"handle": str(self._handle), "output": self._output}

    def _clear_scratch(self) -> None:
        """Ours, and what attempts before us left on this machine."""
        for folder in self._folder.parent.glob(f"{self._held.job_id}.*"):
            if int(folder.name.rpartition(".")[2]) <= self._held.attempt:
                shutil.rmtree(folder, ignore_errors=True)

    def _check(self) -> None:
        if self._pulse.ended.is_set():
            raise Stopped(self._pulse.standing)
        if self._closing.is_set():
            raise Closing

    def _report(self, phase: str, progress: float, done: int, total: int) -> None:
        self._pulse.report(Beat(phase, progress, done, total))


def records_of(state: State) -> dict[str, Any]:
    """A state as the planner reads it: the timeline's record and lists of the others, each a dict with its id."""
    lists: dict[str, Any] = {
        f"{kind}s": [{"id": record.id, **record.value} for record in state.living(kind)] for kind in _KINDS
    }
    return {"timeline": state.records[state.timeline_id].value, **lists}
