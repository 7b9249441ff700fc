"""What every renderer promises, run on the local one and on Modal's through the real SDK."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.fakes.modal_plane import GenericResult, ModalPlane
from tests.instrument import picture
from tests.integration.render import edits
from timeline_service.settings import Modal, Settings
from workers.render import engine, errors, plan_input
from workers.render import plan as plans
from workers.render.job import Handle, RenderJob, RenderStatus
from workers.render.local import LocalRenderer
from workers.render.modal import ModalRenderer
from workers.render.renderer import Renderer, choose

WAIT_S = 60.0


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> picture.Footage:
    return picture.make(tmp_path_factory.mktemp("source") / "s.mp4", source_id=0, frames=30, size=(320, 180))


def plan_of(source: picture.Footage, frames: int) -> plans.RenderPlan:
    """`frames` of output; more than the source has holds its last picture, which is a job that takes a while."""
    facts = edits.facts_of(source)
    clip = plan_input.ClipInput("c", "v1", 0, frames * facts.rate.ticks_per_frame, facts)
    return plans.build_plan(edits.timeline_of([clip]), edits.preset())


@pytest.fixture
def job(source, tmp_path) -> RenderJob:
    return RenderJob("job-1", plan_of(source, 20).as_dict(), {"source-0": str(source.path)}, str(tmp_path / "out.mp4"))


@pytest.fixture
def long_job(source, tmp_path) -> RenderJob:
    """Minutes of work, to be interrupted."""
    plan = plan_of(source, 100_000)
    return RenderJob("job-long", plan.as_dict(), {"source-0": str(source.path)}, str(tmp_path / "long.mp4"))


@pytest.fixture
async def plane(monkeypatch) -> AsyncIterator[ModalPlane]:
    plane = ModalPlane()
    monkeypatch.setenv("MODAL_SERVER_URL", await plane.start())
    yield plane
    await plane.stop()


def modal_renderer(**given) -> ModalRenderer:
    return ModalRenderer(
        **{
            "app_name": "timeline-render",
            "token_id": "ak-test",
            "token_secret": "as-test",
            "call_timeout_s": 20.0,
            **given,
        }
    )


class Bench:
    """A way to make renderers of one kind, all over the same ground, as processes of one service are."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        self._made: list[Renderer] = []

    def renderer(self) -> Renderer:
        made = LocalRenderer(self._folder) if self._kind == "local" else modal_renderer()
        self._made.append(made)
        return made

    async def close(self) -> None:
        for renderer in self._made:
            await renderer.close()


@pytest.fixture(params=["local", "modal"])
async def bench(request, tmp_path, plane) -> AsyncIterator[Bench]:
    bench = Bench(request.param, tmp_path / "jobs")
    yield bench
    await bench.close()


async def ended(renderer: Renderer, handle: Handle) -> RenderStatus:
    status = await renderer.poll(handle, WAIT_S)
    assert status.is_final, status
    return status


async def begun(renderer: Renderer, handle: Handle) -> RenderStatus:
    """Its status once it has shown progress."""
    async with asyncio.timeout(WAIT_S):
        while True:
            status = await renderer.poll(handle, 0.05)
            assert status.state == "running", status
            if status.frames_done:
                return status


class TestContract:
    async def test_a_job_ends_with_the_file_that_the_engine_makes(self, bench, job, source, tmp_path):
        renderer = bench.renderer()
        status = await ended(renderer, await renderer.submit(job))
        direct = engine.render(plan_of(source, 20), job.sources, tmp_path / "direct.mp4")
        assert status.state == "completed" and status.error is None
        assert status.result["sha256"] == direct.sha256
        assert (status.frames_done, status.frames_total, status.phase) == (20, 20, "done")
        assert Path(job.output).read_bytes() == (tmp_path / "direct.mp4").read_bytes()

    async def test_progress_moves_forward_and_never_claims_the_end(self, bench, long_job):
        renderer = bench.renderer()
        handle = await renderer.submit(long_job)
        first = await begun(renderer, handle)
        second = await renderer.poll(handle, 0.5)
        assert first.frames_done <= second.frames_done < second.frames_total == 100_000
        await renderer.cancel(handle)
        await ended(renderer, handle)

    async def test_cancel_ends_it_and_leaves_no_file(self, bench, long_job):
        renderer = bench.renderer()
        handle = await renderer.submit(long_job)
        await begun(renderer, handle)
        await renderer.cancel(handle)
        assert (await ended(renderer, handle)).state == "canceled"
        assert not [path for path in Path(long_job.output).parent.iterdir() if "long" in path.name]

    async def test_cancel_of_an_ended_job_changes_nothing(self, bench, job):
        renderer = bench.renderer()
        handle = await renderer.submit(job)
        await ended(renderer, handle)
        await renderer.cancel(handle)
        assert (await renderer.poll(handle)).state == "completed"

    async def test_the_same_job_twice_is_one_rendering(self, bench, job, plane):
        renderer = bench.renderer()
        first, second = await renderer.submit(job), await renderer.submit(job)
        assert first == second
        await ended(renderer, first)
        stamp = Path(job.output).stat().st_mtime_ns
        assert await renderer.submit(job) == first
        assert (await ended(renderer, first)).state == "completed"
        assert Path(job.output).stat().st_mtime_ns == stamp and plane.runs <= 1

    async def test_answers_may_be_asked_for_again(self, bench, job):
        renderer = bench.renderer()
        handle = await renderer.submit(job)
        assert await ended(renderer, handle) == await ended(renderer, handle)

    async def test_a_stored_handle_finds_the_result_after_a_restart(self, bench, job):
        renderer = bench.renderer()
        handle = await renderer.submit(job)
        before = await ended(renderer, handle)
        after = await ended(bench.renderer(), Handle.parse(str(handle)))
        assert after.state == "completed" and after.result == before.result

    async def test_an_unknown_handle_is_lost_and_not_an_error(self, bench):
        renderer = bench.renderer()
        handle = Handle("any", "no-such-job", "fc-nothing")
        assert (await renderer.poll(handle)).state == "lost"
        await renderer.cancel(handle)
        await renderer.forget(handle)

    async def test_a_broken_source_is_a_permanent_failure(self, bench, job, tmp_path):
        rubbish = tmp_path / "rubbish.mp4"
        rubbish.write_bytes(b"\0" * 4096)
        renderer = bench.renderer()
        broken = RenderJob("job-2", job.plan, {"source-0": str(rubbish)}, job.output)
        status = await ended(renderer, await renderer.submit(broken))
        assert status.state == "failed" and status.error["code"] == "source_unreadable"
        assert status.error["retryable"] is False

    async def test_a_defect_of_the_engine_is_a_failure_that_shows_no_data(self, bench, job):
        renderer = bench.renderer()
        broken = RenderJob("job-3", {**job.plan, "sources": "secret"}, job.sources, job.output)
        status = await ended(renderer, await renderer.submit(broken))
        assert status.state == "failed" and status.error["code"] == "render_failed"
        assert "secret" not in str(status.error)

    async def test_a_job_that_takes_too_long_is_ended(self, bench, long_job):
        renderer = bench.renderer()
        hurried = RenderJob("job-4", long_job.plan, long_job.sources, long_job.output, timeout_s=1)
        status = await ended(renderer, await renderer.submit(hurried))
        assert status.state == "failed" and status.error["code"] == "render_timed_out" and status.error["retryable"]

    async def test_a_failed_job_can_be_submitted_again(self, bench, job, tmp_path):
        renderer = bench.renderer()
        missing = RenderJob("job-5", job.plan, {"source-0": str(tmp_path / "later.mp4")}, job.output)
        assert (await ended(renderer, await renderer.submit(missing))).state == "failed"
        (tmp_path / "later.mp4").write_bytes(Path(job.sources["source-0"]).read_bytes())
        assert (await ended(renderer, await renderer.submit(missing))).state == "completed"

    async def test_forgetting_drops_an_ended_job(self, bench, job):
        renderer = bench.renderer()
        handle = await renderer.submit(job)
        await ended(renderer, handle)
        await renderer.forget(handle)
        assert Path(job.output).exists()


class TestModal:
    """What only a renderer far away can meet."""

    async def test_the_call_is_pinned_to_the_deployed_version(self, plane, job):
        renderer = modal_renderer(app_version=7)
        await ended(renderer, await renderer.submit(job))
        await renderer.close()
        assert plane.versions_asked == [7]

    async def test_an_exception_of_the_function_is_a_permanent_failure(self, plane, job):
        plane.raises = ValueError("a secret")
        renderer = modal_renderer()
        status = await ended(renderer, await renderer.submit(job))
        await renderer.close()
        assert status.state == "failed" and status.error["code"] == "render_failed"
        assert not status.error["retryable"] and "secret" not in str(status.error)

    @pytest.mark.parametrize(
        ("result", "code"),
        [
            (GenericResult.GENERIC_STATUS_TIMEOUT, "render_timed_out"),
            (GenericResult.GENERIC_STATUS_INTERNAL_FAILURE, "engine_crashed"),
            (GenericResult.GENERIC_STATUS_TERMINATED, "engine_crashed"),
        ],
    )
    async def test_ends_from_outside_may_be_tried_again(self, plane, job, result, code):
        plane.fails_with = result
        renderer = modal_renderer()
        status = await ended(renderer, await renderer.submit(job))
        await renderer.close()
        assert status.state == "failed" and status.error["code"] == code and status.error["retryable"]

    async def test_a_control_plane_that_never_answers_is_given_up(self, plane, job):
        renderer = modal_renderer(call_timeout_s=1.0)
        handle = await renderer.submit(job)
        plane.mute.set()
        with pytest.raises(errors.RendererUnavailable):
            await renderer.poll(handle)
        await renderer.close()

    async def test_wrong_credentials_are_permanent(self, plane, job):
        renderer = modal_renderer(token_secret="wrong")
        with pytest.raises(errors.RendererMisconfigured):
            await renderer.submit(job)
        await renderer.close()

    async def test_an_app_that_is_not_deployed_is_permanent(self, plane, job):
        renderer = modal_renderer(app_name="nobody")
        with pytest.raises(errors.RendererMisconfigured):
            await renderer.submit(job)
        await renderer.close()

    async def test_nothing_listening_is_retryable(self, monkeypatch, job):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            monkeypatch.setenv("MODAL_SERVER_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        renderer = modal_renderer(call_timeout_s=2.0)
        with pytest.raises(errors.RendererUnavailable):
            await renderer.submit(job)
        await renderer.close()


def process_of(renderer, job):
    """Of this job: the tests' servers may be children of this process too."""
    return psutil.Process(renderer._jobs[job.id].process.pid)


class TestLocal:
    """What only a child process can meet."""

    async def test_a_killed_child_is_a_retryable_failure(self, long_job, tmp_path):
        renderer = LocalRenderer(tmp_path / "jobs")
        handle = await renderer.submit(long_job)
        await begun(renderer, handle)
        child = process_of(renderer, long_job)
        child.send_signal(signal.SIGKILL)
        status = await ended(renderer, handle)
        assert status.state == "failed" and status.error["code"] == "engine_crashed" and status.error["retryable"]

    async def test_after_a_restart_an_unfinished_job_is_lost_and_can_be_submitted(self, job, long_job, tmp_path):
        renderer = LocalRenderer(tmp_path / "jobs")
        handle = await renderer.submit(long_job)
        await begun(renderer, handle)
        await renderer.close()
        assert (await LocalRenderer(tmp_path / "jobs").poll(handle)).state == "lost"

    async def test_a_child_dies_with_its_parent(self, long_job, tmp_path):
        """The parent's end closes the child's standard input, whatever killed the parent."""
        renderer = LocalRenderer(tmp_path / "jobs")
        handle = await renderer.submit(long_job)
        await begun(renderer, handle)
        child = process_of(renderer, long_job)
        running = renderer._jobs[long_job.id]
        running.process.stdin.close()
        await asyncio.to_thread(child.wait, 30)
        await ended(renderer, handle)

    async def test_a_child_gets_no_secrets(self, long_job, tmp_path, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", "postgresql://app:password@db/x")
        renderer = LocalRenderer(tmp_path / "jobs")
        handle = await renderer.submit(long_job)
        await begun(renderer, handle)
        child = process_of(renderer, long_job)
        assert "DATABASE_URL" in os.environ and "DATABASE_URL" not in child.environ()
        await renderer.close()


def test_the_settings_choose(tmp_path):
    local = Settings(data_dir=tmp_path, renderer="auto", modal=Modal(token_id=""))
    named = Settings(data_dir=tmp_path, renderer="local", modal=Modal(token_id="ak-1"))
    modal = Settings(data_dir=tmp_path, renderer="auto", modal=Modal(token_id="ak-1"))
    assert isinstance(choose(local), LocalRenderer) and isinstance(choose(named), LocalRenderer)
    assert isinstance(choose(modal), ModalRenderer)
    assert not choose(local).needs_urls and choose(modal).needs_urls
