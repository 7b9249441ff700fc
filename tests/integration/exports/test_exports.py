"""Exports from the request to the file, with real worker processes."""

import asyncio
import contextlib
import hashlib
from urllib.parse import unquote

import av
import pytest

from tests import media
from tests.integration.exports.stage import FRAME, Stage, clip
from timeline_service.exports import presets
from timeline_service.exports.job import Job
from timeline_service.kit import clock, errors


async def test_a_timeline_becomes_a_film(stage: Stage) -> None:
    place = await stage.place()
    version = await stage.film(place, frames=30)
    asked = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    assert (asked.state, asked.version, asked.artifact) == ("queued", version, None)
    assert await stage.exports.download(asked) is None
    stage.start_worker()
    done = await stage.until(place, asked)
    assert (done.state, done.error) == ("completed", None), stage.logs()
    assert (done.progress, done.frames_done, done.frames_total, done.attempt) == (1.0, 30, 30, 1)
    artifact = done.artifact
    assert artifact is not None
    assert (artifact.frames, artifact.duration, artifact.content_type) == (30, 30 * FRAME, "video/mp4")
    path = stage.data / "result.mp4"
    await stage.objects.fetch(artifact.key, path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == artifact.sha256
    assert path.stat().st_size == artifact.size
    with av.open(str(path)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (96, 64)
        assert sum(1 for _ in film.decode(video=0)) == 30
    with av.open(str(path)) as film:
        assert sum(frame.samples for frame in film.decode(audio=0)) >= 30 * 2000
    url = await stage.exports.download(done)
    assert url is not None and f"Film v{version} source.mp4" in unquote(url.url.replace("+", " "))
    assert await stage.cleared(), stage.scratch()
    assert await stage.keys(done) == [artifact.key]


async def test_the_same_request_is_rendered_once(stage: Stage) -> None:
    place = await stage.place()
    version = await stage.film(place)
    stage.start_worker()
    jobs = await asyncio.gather(
        *(stage.exports.request(place.actor, place.timeline_id, preset="source") for _ in range(8))
    )
    assert len({job.id for job in jobs}) == 1
    done = await stage.until(place, jobs[0])
    again = await stage.exports.request(place.actor, place.timeline_id, version=version, preset="source")
    assert (again.id, again.state, again.artifact) == (done.id, "completed", done.artifact)
    assert await stage.claims(done) == 1
    other = await stage.exports.request(place.actor, place.timeline_id, version=version, preset="square_720p")
    assert other.id != done.id


async def test_an_older_version_and_another_size(stage: Stage) -> None:
    place = await stage.place()
    version = await stage.film(place, frames=24)
    await stage.edit(place, {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -12})
    stage.start_worker()
    now = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    then = await stage.exports.request(place.actor, place.timeline_id, version=version, preset="vertical_720p")
    done = [await stage.until(place, job) for job in (now, then)]
    assert [job.artifact and job.artifact.frames for job in done] == [12, 24]


async def test_a_reader_sees_it_move(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place, frames=96)
    job = await stage.exports.request(place.actor, place.timeline_id, preset="landscape_720p")
    seen: list[Job] = []
    async with asyncio.timeout(90), contextlib.aclosing(stage.exports.events(place.actor, job.id)) as events:
        async for now in events:
            if not seen:
                stage.start_worker()
            seen.append(now)
    assert [state for state, last in zip(states(seen), [None, *states(seen)], strict=False) if state != last] == [
        "queued", "running", "completed",
    ]  # fmt: skip
    assert len({now.progress for now in seen}) > 3
    assert [now.progress for now in seen] == sorted(now.progress for now in seen)
    assert [now.revision for now in seen] == sorted({now.revision for now in seen})
    assert all(now.progress < 1 for now in seen[:-1])
    assert {"queued", "video", "done"} <= {now.phase for now in seen}
    late = [now async for now in stage.exports.events(place.actor, job.id, after=seen[-2].revision)]
    assert late == seen[-1:]
    assert [now async for now in stage.exports.events(place.actor, job.id, after=seen[-1].revision)] == []


async def test_clips_without_media_are_named_before_any_work(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place)
    far = {"available": {"start": 0, "duration": 48 * FRAME}, "rate": {"num": 24, "den": 1}}
    await stage.edit(
        place,
        clip("gone", 100, 24, {"missing": True, **far}),
        clip("web", 200, 24, {"url": "https://example.com/film.mp4", **far}),
    )
    stage.start_worker()
    failed = await stage.until(place, await stage.exports.request(place.actor, place.timeline_id, preset="source"))
    assert failed.state == "failed" and failed.error is not None
    assert (failed.error.code, failed.error.retryable, failed.attempt) == ("media_unavailable", False, 1)
    assert {(lack["clip_id"], lack["reason"]) for lack in failed.error.details["clips"]} == {
        ("gone", "missing"),
        ("web", "url_not_fetched"),
    }
    assert await stage.cleared(), stage.scratch()


async def test_a_timeline_without_any_file_is_black(stage: Stage) -> None:
    place = await stage.place()
    await stage.edit(place, {"type": "add_track", "track_id": "v1", "kind": "video"})
    await stage.edit(place, clip("dark", 3, 9, {"generator": "black"}))
    stage.start_worker()
    job = await stage.exports.request(place.actor, place.timeline_id, preset="square_720p")
    done = await stage.until(place, job)
    assert (done.state, done.frames_done, done.error) == ("completed", 12, None)


async def test_the_whole_vocabulary_is_drawn_or_named(stage: Stage) -> None:
    """A still, a nest, a dissolve, a title, a caption, half opacity, a tone: nothing fails, and the report is short."""
    place = await stage.place()
    await stage.film(place, frames=48)
    still = await stage.asset(place, media.still(stage.data / "still.png"))
    await stage.edit(
        place,
        {"type": "add_track", "track_id": "v2", "kind": "video", "name": "V2"},
        {"type": "add_track", "track_id": "a1", "kind": "audio", "name": "A1"},
        {"type": "add_track", "track_id": "cc", "kind": "caption", "name": "CC"},
        {"type": "split", "clip_id": "c1", "at": 24, "new_id": "c2"},
        {"type": "add_transition", "left_id": "c1", "right_id": "c2", "in_offset": 4, "out_offset": 4},
        {"type": "nest", "clip_ids": ["c1", "c2"], "clip_id": "inside", "sequence_id": "s1"},
        clip("logo", 0, 12, {"asset_id": str(still)}, track_id="v2"),
        {"type": "set_opacity", "clip_id": "logo", "opacity": 500_000},
        {"type": "add_title", "track_id": "v2", "start": 12, "duration": 12, "text": "Grüße 漢字"},
        {"type": "add_caption", "caption_id": "said", "track_id": "cc", "start": 0, "duration": 24, "text": "The beach"},
        clip("beep", 0, 24, {"generator": "tone", "params": {"hertz": 440}}, track_id="a1"),
        {"type": "add_effect", "parent_id": "logo", "kind": "vignette"},
        {
            "type": "add_annotation", "parent_id": "logo", "time": 0, "color": "#ff0000",
            "shape": {"type": "line", "points": [[0, 0], [500_000, 500_000]], "width": 4_000},
        },
    )  # fmt: skip
    stage.start_worker()
    done = await stage.until(place, await stage.exports.request(place.actor, place.timeline_id, preset="source"))
    assert (done.state, done.error) == ("completed", None), stage.logs()
    assert done.artifact is not None and done.artifact.frames == 48
    report = {entry["code"]: entry for entry in done.artifact.report}
    assert set(report) == {"effect_not_drawn", "annotations_not_drawn", "glyphs_missing"}
    assert report["effect_not_drawn"] == {"code": "effect_not_drawn", "clip_id": "logo", "kind": "vignette"}
    assert report["glyphs_missing"]["characters"] == "字漢"


async def test_an_empty_timeline_fails_for_good(stage: Stage) -> None:
    place = await stage.place()
    stage.start_worker()
    failed = await stage.until(place, await stage.exports.request(place.actor, place.timeline_id, preset="source"))
    assert (failed.state, failed.attempt, failed.error and failed.error.code) == ("failed", 1, "empty_timeline")
    # What failed may be asked for again.
    again = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    assert again.id != failed.id


async def test_damaged_sources_fail_for_good(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place)
    async for key in stage.objects.list(f"ws/{place.workspace_id}/uploads/"):
        await stage.objects.delete(key)
    stage.start_worker()
    failed = await stage.until(place, await stage.exports.request(place.actor, place.timeline_id, preset="source"))
    assert (failed.state, failed.attempt, failed.error and failed.error.code) == ("failed", 1, "object_not_found")


async def test_canceling_what_runs(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place, frames=400)
    worker = stage.start_worker()
    job = await stage.exports.request(place.actor, place.timeline_id, preset="landscape_1080p")
    await stage.until(place, job, lambda now: now.phase == "video" and now.progress > 0.1)
    assert (await stage.exports.cancel(place.actor, job.id)).cancel_requested
    canceled = await stage.until(place, job)
    assert (canceled.state, canceled.artifact) == ("canceled", None)
    assert canceled.progress < 0.9
    assert await stage.keys(job) == []
    # The next job of the same request is another one, and the worker is free for it.
    again = await stage.exports.request(place.actor, place.timeline_id, preset="landscape_1080p")
    assert again.id != job.id
    await stage.until(place, again, lambda now: now.state == "running")
    assert {folder.name for folder in (stage.data / "exports" / "jobs").glob("*")} <= {f"{again.id}.1"}
    assert worker.process.poll() is None


async def test_canceling_what_waits(stage: Stage) -> None:
    place = await stage.place()
    await stage.film(place)
    job = await stage.exports.request(place.actor, place.timeline_id, preset="source")
    assert (await stage.exports.cancel(place.actor, job.id)).state == "canceled"
    assert (await stage.exports.cancel(place.actor, job.id)).state == "canceled"
    assert await stage.claims(job) == 0


async def test_who_may(stage: Stage) -> None:
    mine, theirs = await stage.place(), await stage.place()
    job = await stage.exports.request(mine.actor, mine.timeline_id, preset="source")
    for attempt in (
        stage.exports.get(theirs.actor, job.id),
        stage.exports.cancel(theirs.actor, job.id),
        stage.exports.get(mine.actor, clock.new_id()),
        stage.exports.request(theirs.actor, mine.timeline_id, preset="source"),
        stage.exports.request(mine.actor, mine.timeline_id, version=99, preset="source"),
        anext(stage.exports.events(theirs.actor, job.id)),
    ):
        with pytest.raises(errors.NotFound):
            await attempt
    with pytest.raises(presets.PresetUnknown):
        await stage.exports.request(mine.actor, mine.timeline_id, preset="vhs")
    assert [found.id for found in await stage.exports.list(mine.actor, mine.timeline_id)] == [job.id]


def states(jobs: list[Job]) -> list[str]:
    return [job.state for job in jobs]
