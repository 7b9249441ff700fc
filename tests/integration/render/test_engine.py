"""The engine as a machine: the same bytes, cancel, errors, colour, clean folders."""

import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc

from tests.instrument import picture, reading
from tests.integration.render import edits
from workers.render import colour, engine, errors, plan_input
from workers.render import plan as plans


def simple_plan(footage, *, frames=40, **preset):
    facts = edits.facts_of(footage[0])
    per_frame = facts.rate.ticks_per_frame
    clip = plan_input.ClipInput("c", "v1", 0, frames * per_frame, facts)
    return plans.build_plan(edits.timeline_of([clip]), edits.preset(**preset))


def test_the_same_plan_gives_the_same_bytes_whatever_else_runs(footage, addresses, tmp_path):
    plan = simple_plan(footage, threads=4)
    alone = engine.render(plan, addresses, tmp_path / "alone.mp4")
    results = {}

    def work(name):
        results[name] = engine.render(plan, addresses, tmp_path / f"{name}.mp4").sha256

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results.values()) == {alone.sha256} and len(results) == 3


def test_progress_counts_every_frame_and_is_done_only_when_the_file_is_there(footage, addresses, tmp_path):
    plan, out = simple_plan(footage), tmp_path / "out.mp4"
    said = []
    engine.render(plan, addresses, out, on_progress=lambda p: said.append((p, out.exists())))
    assert [p.frames_done for p, _ in said if p.phase == "video"] == list(range(1, plan.frames + 1))
    assert [p.phase for p, _ in said[-2:]] == ["package", "done"]
    assert [there for p, there in said if p.phase != "done"] == [False] * (plan.frames + 1) and said[-1][1]


def test_cancel_stops_within_a_frame_and_leaves_nothing(footage, addresses, tmp_path):
    plan = simple_plan(footage)
    said = []
    with pytest.raises(errors.Canceled):
        engine.render(plan, addresses, tmp_path / "out.mp4", said.append, lambda: len(said) == 7)
    assert len(said) == 7
    assert list(tmp_path.iterdir()) == []


def test_an_unreadable_source_is_a_permanent_error_and_leaves_nothing(footage, tmp_path):
    rubbish = tmp_path / "rubbish.mp4"
    rubbish.write_bytes(b"not a film" * 1000)
    with pytest.raises(errors.SourceUnreadable) as refused:
        engine.render(simple_plan(footage), {"source-0": rubbish}, tmp_path / "out.mp4")
    assert not refused.value.retryable and list(tmp_path.iterdir()) == [rubbish]


def test_a_source_that_is_not_what_its_facts_say_is_refused(footage, tmp_path):
    small = picture.make(tmp_path / "small.mp4", source_id=0, frames=10, size=(320, 180))
    with pytest.raises(errors.SourceUnreadable, match="cannot be decoded"):
        engine.render(simple_plan(footage), {"source-0": small.path}, tmp_path / "out.mp4")


def test_a_source_without_a_file_is_named(footage, tmp_path):
    with pytest.raises(errors.MissingMedia) as refused:
        engine.render(simple_plan(footage), {}, tmp_path / "out.mp4")
    assert refused.value.details == {"sources": ["source-0"]}


def test_the_output_is_tagged_bt709_limited(footage, addresses, tmp_path):
    engine.render(simple_plan(footage), addresses, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert context.pix_fmt == "yuv420p"
        assert context.color_range == ColorRange.MPEG and context.colorspace == colour.MATRIX_BT709
        assert context.color_primaries == ColorPrimaries.BT709 and context.color_trc == ColorTrc.BT709


def flat(path, rgb, *, matrix, spread, pix_fmt, size=(64, 64)):
    """A one-colour source, its YUV computed here from RGB by the named matrix."""
    kr, kb = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}[matrix]
    r, g, b = (level / 255 for level in rgb)
    y = kr * r + (1 - kr - kb) * g + kb * b
    u, v = (b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))
    if spread == "full":
        levels = [round(255 * y), round(128 + 255 * u), round(128 + 255 * v)]
    else:
        levels = [round(16 + 219 * y), round(128 + 224 * u), round(128 + 224 * v)]
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "0", "preset": "ultrafast"})
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, pix_fmt
        context.colorspace = {"bt601": 6, "bt709": 1}[matrix]
        context.color_range = ColorRange.JPEG if spread == "full" else ColorRange.MPEG
        for n in range(4):
            frame = av.VideoFrame(width, height, pix_fmt)
            for plane, level in zip(frame.planes, levels, strict=True):
                np.frombuffer(memoryview(plane), np.uint8)[...] = level
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("matrix", "spread", "pix_fmt"),
    [
        ("bt709", "limited", "yuv420p"),
        ("bt601", "limited", "yuv420p"),
        ("bt709", "full", "yuv420p"),
        ("bt601", "limited", "yuv444p"),
    ],
)
def test_colours_are_kept_from_any_matrix_and_range(tmp_path, matrix, spread, pix_fmt):
    rgb = (200, 80, 40)
    flat(tmp_path / "in.mp4", rgb, matrix=matrix, spread=spread, pix_fmt=pix_fmt)
    rate = edits.rate_of(Fraction(25))
    facts = plan_input.MediaFacts("s", 64, 64, rate, 4 * rate.ticks_per_frame)
    clip = plan_input.ClipInput("c", "v1", 0, 4 * rate.ticks_per_frame, facts)
    timeline = edits.timeline_of([clip], rate=Fraction(25), size=(64, 64))
    plan = plans.build_plan(timeline, edits.preset(crf=1))
    engine.render(plan, {"s": tmp_path / "in.mp4"}, tmp_path / "out.mp4")
    planes = next(reading.pictures(tmp_path / "out.mp4"))
    y, u, v = (float(plane.mean()) for plane in (planes.y, planes.u, planes.v))
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    r, b = luma + red * 2 * (1 - 0.2126), luma + blue * 2 * (1 - 0.0722)
    g = (luma - 0.2126 * r - 0.0722 * b) / (1 - 0.2126 - 0.0722)
    assert [round(255 * level) for level in (r, g, b)] == pytest.approx(list(rgb), abs=4)


def turn_clockwise(path):
    """Mark the pictures of an MP4 as to be shown turned by 90 degrees, as a phone held upright does."""
    data = bytearray(path.read_bytes())
    # The matrix lies 44 bytes behind the name of the track header: a b u, c d v, x y w.
    at = data.index(b"tkhd") + 44
    for slot, value in ((0, 0), (1, 1 << 16), (3, -1 << 16), (4, 0)):
        data[at + 4 * slot : at + 4 * slot + 4] = value.to_bytes(4, "big", signed=True)
    path.write_bytes(data)


def test_footage_of_a_phone_held_upright_is_upright(tmp_path):
    wide = tmp_path / "wide.mp4"
    with av.open(str(wide), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1", "preset": "ultrafast"})
        stream.codec_context.width, stream.codec_context.height = 128, 64
        stream.codec_context.pix_fmt, stream.codec_context.colorspace = "yuv420p", 1
        for n in range(4):
            frame = av.VideoFrame(128, 64, "yuv420p")
            for plane, level in zip(frame.planes, (40, 128, 128), strict=True):
                np.frombuffer(memoryview(plane), np.uint8)[...] = level
            rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(64, -1)
            rows[:, 64:128] = 200
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    turn_clockwise(wide)
    rate = edits.rate_of(Fraction(25))
    facts = plan_input.MediaFacts("s", 64, 128, rate, 4 * rate.ticks_per_frame)
    clip = plan_input.ClipInput("c", "v1", 0, 4 * rate.ticks_per_frame, facts)
    plan = plans.build_plan(edits.timeline_of([clip], rate=Fraction(25), size=(64, 128)), edits.preset())
    engine.render(plan, {"s": wide}, tmp_path / "out.mp4")
    seen = next(reading.pictures(tmp_path / "out.mp4"))
    assert seen.y[10:50].mean() == pytest.approx(40, abs=3)  # what was left is on top
    assert seen.y[80:120].mean() == pytest.approx(200, abs=3)


def test_few_sources_are_open_at_once(tmp_path):
    sources = [
        picture.make(tmp_path / f"s{n}.mp4", source_id=n, frames=6, size=(160, 120), sound=False) for n in range(8)
    ]
    clips, per_frame = [], edits.rate_of(sources[0].rate).ticks_per_frame
    for n, source in enumerate(sources):
        facts = edits.facts_of(source, has_audio=False)
        clips.append(plan_input.ClipInput(f"c{n}", "v1", n * 6 * per_frame, 6 * per_frame, facts))
    plan = plans.build_plan(edits.timeline_of(clips, size=(160, 120)), edits.preset())
    paths = {str(source.path) for source in sources}
    most = 0

    def count(_):
        nonlocal most
        most = max(most, sum(path in paths for path in open_files()))

    engine.render(plan, {f"source-{s.source_id}": s.path for s in sources}, tmp_path / "out.mp4", on_progress=count)
    assert 0 < most <= 3


def test_a_report_of_very_many_notes_says_how_many_more_there_are():
    notes = [{"code": "effect_not_drawn", "clip_id": f"c{n}"} for n in range(250)]
    short = list(engine.shortened([*notes, {"code": "annotations_not_drawn", "count": 1}]))
    assert short[:100] == notes[:100] and short[100]["code"] == "annotations_not_drawn"
    assert short[101:] == [{"code": "effect_not_drawn", "more": 150}]


def open_files():
    for link in Path("/proc/self/fd").iterdir():
        try:
            yield str(link.readlink())
        except FileNotFoundError:
            continue
