"""Rendered files read back with the instrument: the right frame, the right window, the right sound, everywhere."""

import random
from fractions import Fraction

import av
import numpy as np
import pytest

from tests.instrument import picture, reading
from tests.integration.render import edits
from workers.render import engine, interpolate, plan_input, plan_parts
from workers.render import plan as plans

CROP_ERROR_PX = 0.1
KINDS = ("none", "pan", "zoom", "hold", "bezier")


def crop_of(kind, dice, first, last):
    def key(tick, x, y, width, interpolation):
        # 9:16 windows of a 16:9 picture: in ppm the height is width * (16/9)^2.
        return interpolate.CropKey(tick, x, y, width, width * 256 // 81, interpolation)

    if kind == "none":
        return ()
    width = dice.randrange(180_000, 316_000)
    other = dice.randrange(180_000, 316_000) if kind == "zoom" else width
    interpolation = kind if kind in {"hold", "bezier"} else "linear"
    return (
        key(first, dice.randrange(0, 600_000), dice.randrange(0, 40_000), width, interpolation),
        key(last, dice.randrange(0, 600_000), dice.randrange(0, 40_000), other, interpolation),
    )


def random_edit(footage, seed, *, rate=Fraction(30), size=(180, 320)):
    """Cuts of all sources with all kinds of windows, gaps between some of them."""
    dice = random.Random(seed)
    per_frame = edits.rate_of(rate).ticks_per_frame
    clips, at = [], 0
    for n in range(7):
        facts = edits.facts_of(dice.choice(footage))
        length = dice.randrange(4, 14)
        frame = dice.randrange(0, 30)
        source_in = frame * facts.rate.ticks_per_frame
        crop = crop_of(dice.choice(KINDS), dice, source_in, source_in + length * per_frame)
        clips.append(
            plan_input.ClipInput(
                f"c{n}", "v1", at * per_frame, length * per_frame, facts, source_in=source_in, crop=crop
            )
        )
        at += length + dice.choice((0, 0, 3))
    return plans.build_plan(edits.timeline_of(clips, rate=rate, size=size), edits.preset())


def lags(path, plan, noises):
    """The lag of every sound of a plan, in samples, and how alike it is; for its front half and for its end."""
    heard, expected = reading.sound(path), edits.expected_sound(plan, noises)
    for sound in plan.sounds:
        middle = sound.first + sound.samples // 2
        for part in (slice(sound.first, middle), slice(middle, sound.first + sound.samples)):
            yield reading.lag(heard[0, part], expected[0, part])


@pytest.mark.parametrize(
    ("seed", "rate"),
    [(1, Fraction(30)), (2, Fraction(24)), (3, Fraction(30000, 1001)), (4, Fraction(25)), (5, Fraction(60))],
)
def test_random_edits_are_exact_in_picture_and_sound(footage, addresses, ids, noises, tmp_path, seed, rate):
    plan = random_edit(footage, seed, rate=rate)
    out = tmp_path / "out.mp4"
    done = engine.render(plan, addresses, out)
    found = edits.compare(out, plan, ids)
    assert found.wrong == [] and found.frames == plan.frames == done.frames
    assert found.worst <= CROP_ERROR_PX
    assert found.bars_black
    for lag, alike in lags(out, plan, noises):
        assert abs(lag) <= picture.SAMPLE_RATE // 1000 and alike > 0.6


def test_a_slow_pan_moves_evenly(footage, addresses, ids, tmp_path):
    """A third of a pixel per frame: a sampler that rounds to pixels would move 0, 0, 1."""
    facts = edits.facts_of(footage[0])
    per_frame = facts.rate.ticks_per_frame
    pan = (
        interpolate.CropKey(0, 100_000, 0, 316_406, 1_000_000),
        interpolate.CropKey(60 * per_frame, 131_250, 0, 316_406, 1_000_000),
    )
    clip = plan_input.ClipInput("c", "v1", 0, 60 * per_frame, facts, crop=pan)
    plan = plans.build_plan(edits.timeline_of([clip], size=(360, 640)), edits.preset())
    engine.render(plan, addresses, tmp_path / "out.mp4")
    found = edits.compare(tmp_path / "out.mp4", plan, ids)
    assert found.wrong == []
    assert found.worst <= CROP_ERROR_PX and found.worst_step <= CROP_ERROR_PX


def test_gaps_are_black_and_silent(footage, addresses, ids, tmp_path):
    facts = edits.facts_of(footage[0])
    per_frame = facts.rate.ticks_per_frame
    clips = [
        plan_input.ClipInput("a", "v1", 10 * per_frame, 10 * per_frame, facts),
        plan_input.ClipInput("b", "v1", 30 * per_frame, 10 * per_frame, facts, source_in=40 * per_frame),
    ]
    plan = plans.build_plan(edits.timeline_of(clips), edits.preset())
    engine.render(plan, addresses, tmp_path / "out.mp4")
    pictures = list(reading.pictures(tmp_path / "out.mp4"))
    assert [n for n, planes in enumerate(pictures) if reading.is_black(planes)] == [*range(10), *range(20, 30)]
    heard = reading.sound(tmp_path / "out.mp4")
    edge = 2048  # what a lossy codec may smear over a cut
    for first, last in ((0, 16_000), (32_000, 48_000)):
        quiet = heard[:, first + edge * (first > 0) : last - edge]
        assert np.abs(quiet).max() < 0.003


def test_the_upper_track_covers_the_lower_and_both_are_heard(footage, addresses, ids, noises, tmp_path):
    low, high = edits.facts_of(footage[0]), edits.facts_of(footage[3])
    per_frame = low.rate.ticks_per_frame
    clips = [
        plan_input.ClipInput("low", "v1", 0, 40 * per_frame, low, gain=-600),
        plan_input.ClipInput("high", "v2", 10 * per_frame, 10 * per_frame, high, gain=-600),
    ]
    tracks = [plan_input.TrackInput("v1", "video"), plan_input.TrackInput("v2", "video")]
    plan = plans.build_plan(edits.timeline_of(clips, tracks=tracks), edits.preset())
    engine.render(plan, addresses, tmp_path / "out.mp4")
    found = edits.compare(tmp_path / "out.mp4", plan, ids)
    assert found.wrong == [] and [edits.top(plan, n).clip_id for n in (9, 10, 19, 20)] == ["low", "high", "high", "low"]
    heard, due = reading.sound(tmp_path / "out.mp4"), edits.expected_sound(plan, noises)
    lag, alike = reading.lag(heard[0, 16_000:32_000], due[0, 16_000:32_000])
    assert lag == 0 and alike > 0.8


def test_muted_is_silent_and_solo_is_alone(footage, addresses, noises, tmp_path):
    a, b = edits.facts_of(footage[0]), edits.facts_of(footage[3])
    per_frame = a.rate.ticks_per_frame
    clips = [
        plan_input.ClipInput("a", "v1", 0, 30 * per_frame, a),
        plan_input.ClipInput("b", "a1", 0, 30 * per_frame, b),
    ]
    for video, audio, heard in (
        ({"muted": True}, {}, "source-3"),
        ({"solo": True}, {}, "source-0"),
        ({}, {"muted": True}, "source-0"),
    ):
        tracks = [plan_input.TrackInput("v1", "video", **video), plan_input.TrackInput("a1", "audio", **audio)]
        plan = plans.build_plan(edits.timeline_of(clips, tracks=tracks), edits.preset())
        engine.render(plan, addresses, tmp_path / "out.mp4")
        mix = reading.sound(tmp_path / "out.mp4")[0, :48_000]
        for key in ("source-0", "source-3"):
            _, alike = reading.lag(mix, noises[key][0, :48_000])
            assert (alike > 0.8) == (key == heard)


def test_reversed_and_faster_clips_show_the_planned_frames(footage, addresses, ids, tmp_path):
    facts = edits.facts_of(footage[0])
    per_frame = facts.rate.ticks_per_frame
    clips = [
        plan_input.ClipInput("back", "v1", 0, 20 * per_frame, facts, reversed=True),
        plan_input.ClipInput("fast", "v1", 20 * per_frame, 20 * per_frame, facts, speed_num=5, speed_den=2),
        plan_input.ClipInput("slow", "v1", 40 * per_frame, 20 * per_frame, facts, speed_num=1, speed_den=3),
    ]
    plan = plans.build_plan(edits.timeline_of(clips), edits.preset())
    engine.render(plan, addresses, tmp_path / "out.mp4")
    assert edits.compare(tmp_path / "out.mp4", plan, ids).wrong == []


def test_reversed_sound_is_the_source_backwards(footage, addresses, noises, tmp_path):
    facts = edits.facts_of(footage[0])
    length = 30 * facts.rate.ticks_per_frame
    clip = plan_input.ClipInput("back", "v1", 0, length, facts, reversed=True)
    plan = plans.build_plan(edits.timeline_of([clip]), edits.preset())
    engine.render(plan, addresses, tmp_path / "out.mp4")
    heard = reading.sound(tmp_path / "out.mp4")[0, :48_000]
    lag, alike = reading.lag(heard, noises["source-0"][0, :48_000][::-1])
    assert abs(lag) <= 1 and alike > 0.8


def test_fades_and_gain_shape_the_sound(footage, addresses, tmp_path):
    facts = edits.facts_of(footage[0])
    per_frame = facts.rate.ticks_per_frame
    clip = plan_input.ClipInput(
        "c", "v1", 0, 60 * per_frame, facts, gain=-600, fade_in=20 * per_frame, fade_out=20 * per_frame
    )
    plan = plans.build_plan(edits.timeline_of([clip]), edits.preset())
    engine.render(plan, addresses, tmp_path / "out.mp4")
    heard = reading.sound(tmp_path / "out.mp4")[0]
    level = [float(np.sqrt((part**2).mean())) for part in np.array_split(heard[:96_000], 60)]
    full = 0.15 * 10 ** (-600 / 2000)
    assert level[0] < 0.3 * full and level[59] < 0.3 * full
    assert level[30] == pytest.approx(full, rel=0.1)
    assert level[10] == pytest.approx(full * 0.5**0.5, rel=0.15)  # equal power: half of it half way


@pytest.mark.parametrize(("codec", "suffix"), [("pcm_s16le", "mov"), ("aac", "mkv"), ("aac", "ts")])
def test_other_containers_give_the_same_frames_and_keep_in_step(tmp_path, codec, suffix):
    source = picture.make(tmp_path / f"s.{suffix}", source_id=0, frames=60, audio_codec=codec)
    facts = edits.facts_of(source)
    per_frame = facts.rate.ticks_per_frame
    starts = [40, 7, 23]
    clips = [
        plan_input.ClipInput(f"c{n}", "v1", n * 12 * per_frame, 12 * per_frame, facts, source_in=at * per_frame)
        for n, at in enumerate(starts)
    ]
    plan = plans.build_plan(edits.timeline_of(clips), edits.preset())
    out = tmp_path / "out.mp4"
    engine.render(plan, {"source-0": source.path}, out)
    assert edits.compare(out, plan, {"source-0": 0}).wrong == []
    for lag, alike in lags(out, plan, {"source-0": source.noise}):
        assert abs(lag) <= picture.SAMPLE_RATE // 1000 and alike > 0.6


def test_the_file_starts_at_zero_and_lasts_exactly_its_frames(footage, addresses, tmp_path):
    plan = random_edit(footage, 11, rate=Fraction(30000, 1001))
    engine.render(plan, addresses, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.start_time == 0 and audio.start_time == 0
        assert video.frames == plan.frames
        assert video.duration * video.time_base == Fraction(plan.frames * plan.rate_den, plan.rate_num)
        assert abs(audio.duration * audio.time_base * plan_parts.SAMPLE_RATE - plan.samples) <= 1
    head = (tmp_path / "out.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_a_source_that_ends_early_holds_its_last_picture_and_says_so(footage, addresses, ids, tmp_path):
    facts = edits.facts_of(footage[0])
    per_frame = facts.rate.ticks_per_frame
    clip = plan_input.ClipInput("c", "v1", 0, 20 * per_frame, facts, source_in=80 * per_frame)
    plan = plans.build_plan(edits.timeline_of([clip]), edits.preset())
    done = engine.render(plan, addresses, tmp_path / "out.mp4")
    seen = [
        reading.identify(planes.part(edits.top(plan, 0).place)).frame
        for planes in reading.pictures(tmp_path / "out.mp4")
    ]
    assert seen == [*range(80, 90), *[89] * 10]
    assert done.report == ({"code": "source_ended", "clip_id": "c", "frames": 10},)


def test_a_still_lasts_as_long_as_it_is_shown(tmp_path):
    with av.open(str(tmp_path / "still.png"), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 65, 33, "rgb24"
        frame = av.VideoFrame.from_ndarray(np.full((33, 65, 3), (200, 80, 40), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    facts = plan_input.MediaFacts("still", 65, 33)
    clip = plan_input.ClipInput("c", "v1", 0, 12 * edits.rate_of(Fraction(30)).ticks_per_frame, facts)
    plan = plans.build_plan(edits.timeline_of([clip], size=(64, 32)), edits.preset())
    done = engine.render(plan, {"still": tmp_path / "still.png"}, tmp_path / "out.mp4")
    seen = list(reading.pictures(tmp_path / "out.mp4"))
    assert len(seen) == 12 and done.report == ()
    # (200, 80, 40) in BT.709, limited range.
    assert [round(float(np.median(plane))) for plane in (seen[11].y, seen[11].u, seen[11].v)] == [104, 98, 182]


def test_pictures_at_no_known_rate_are_shown_by_their_times(tmp_path, ids):
    """15 pictures per second, as a screen recorder may give, on a timeline of 30: each is held for two frames."""
    source = picture.make(tmp_path / "s.mp4", source_id=0, frames=30, rate=Fraction(15))
    facts = plan_input.MediaFacts("source-0", source.width, source.height, None, 2 * 705_600_000)
    per_frame = edits.rate_of(Fraction(30)).ticks_per_frame
    clip = plan_input.ClipInput("c", "v1", 0, 20 * per_frame, facts, source_in=11 * per_frame)
    plan = plans.build_plan(edits.timeline_of([clip]), edits.preset())
    engine.render(plan, {"source-0": source.path}, tmp_path / "out.mp4")
    place = edits.top(plan, 0).place
    seen = [reading.identify(planes.part(place)).frame for planes in reading.pictures(tmp_path / "out.mp4")]
    assert seen == [(11 + n) // 2 for n in range(20)]
