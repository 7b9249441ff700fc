"""Laws of the render plan, without any media: whole frames, whole samples, what is on top, what is heard."""

import json
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline_service.domain import clip_time, time
from workers.render import errors, interpolate, plan_input, plan_parts, scenes, windows
from workers.render import plan as plans

PRESET = plan_input.Preset("law")
RATES = st.sampled_from(time.RATES)


@st.composite
def media(draw, key: str = "m", rate: time.Rate | None = None) -> plan_input.MediaFacts:
    return plan_input.MediaFacts(
        key=key,
        width=draw(st.integers(16, 4096)),
        height=draw(st.integers(16, 4096)),
        rate=rate or draw(RATES),
        duration=draw(st.integers(1, 600)) * time.TICKS_PER_SECOND,
        has_audio=draw(st.booleans()),
        start=draw(st.sampled_from([0, 3600 * time.TICKS_PER_SECOND])),
    )


@st.composite
def crops(draw) -> tuple[interpolate.CropKey, ...]:
    times = sorted(draw(st.sets(st.integers(0, 10 * time.TICKS_PER_SECOND), max_size=4)))
    return tuple(
        interpolate.CropKey(
            at,
            draw(st.integers(0, 900_000)),
            draw(st.integers(0, 900_000)),
            draw(st.integers(1000, 1_000_000)),
            draw(st.integers(1000, 1_000_000)),
            draw(st.sampled_from(interpolate.INTERPOLATIONS)),
        )
        for at in times
    )


@st.composite
def timelines(draw) -> plan_input.PlanInput:
    rate = draw(RATES)
    tracks, clips = [], []
    for t in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["video", "video", "audio"]))
        tracks.append(
            plan_input.TrackInput(
                f"t{t}", kind, draw(st.sampled_from([True, True, False])), draw(st.booleans()), draw(st.booleans())
            )
        )
        at = 0
        for c in range(draw(st.integers(0, 4))):
            facts = draw(media(f"m{t}{c}"))
            gap, length = draw(st.integers(0, 20)), draw(st.integers(1, 40))
            start, duration = (at + gap) * rate.ticks_per_frame, length * rate.ticks_per_frame
            at += gap + length
            clips.append(
                plan_input.ClipInput(
                    f"c{t}{c}",
                    f"t{t}",
                    start,
                    duration,
                    facts,
                    source_in=facts.start + draw(st.integers(0, facts.duration - 1)),
                    enabled=draw(st.sampled_from([True, True, True, False])),
                    gain=draw(st.integers(-6000, 1200)),
                    crop=draw(crops()),
                )
            )
    return plan_input.PlanInput(rate, 1080, 1920, tuple(tracks), tuple(clips))


def planned(timeline: plan_input.PlanInput) -> plans.RenderPlan | None:
    try:
        return plans.build_plan(timeline, PRESET)
    except errors.EmptyTimeline:
        return None


def stack(timeline: plan_input.PlanInput, tick: int) -> list[plan_input.ClipInput]:
    """The clips that lie at a tick, the top one first, found the slow way."""
    return [
        clip
        for track in reversed(timeline.tracks)
        if track.kind == "video" and track.enabled
        for clip in timeline.clips
        if clip.track_id == track.id and clip.enabled and clip.start <= tick < clip.start + clip.duration
    ]


def layers(plan: plans.RenderPlan) -> Iterator[tuple[int, plan_parts.Layer]]:
    """Every layer of every frame."""
    shown = scenes.Scenes(plan)
    for n in range(plan.frames):
        for item in shown.at(n):
            assert isinstance(item, plan_parts.Layer)
            yield n, item


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_every_output_frame_shows_all_clips_there_from_the_top_down_to_one_that_hides_the_rest(timeline):
    plan = planned(timeline)
    if plan is None:
        return
    end = max(clip.start + clip.duration for clip in timeline.clips)
    assert plan.frames * plan.ticks_per_frame == end
    for n in range(plan.frames):
        scene = scenes.Scenes(plan).at(n)
        there = [clip.id for clip in stack(timeline, n * plan.ticks_per_frame)]
        shown = [item.clip_id for item in reversed(scene)]
        assert shown == there[: len(shown)]
        assert len(shown) == len(there) or scene[0].covers
        assert not any(item.covers for item in scene[1:])
        for item in scene:
            assert item.covers == (item.place == (0, 0, plan.width, plan.height))


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_shots_of_a_lane_follow_each_other_without_overlap(timeline):
    plan = planned(timeline)
    if plan is None:
        return
    for lane in plan.root.lanes:
        at = 0
        for shot in lane.shots:
            assert shot.start >= at and shot.duration > 0
            at = shot.start + shot.duration
        assert at <= plan.frames * plan.ticks_per_frame


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_the_source_frame_is_the_one_of_the_clips_time_map(timeline):
    plan = planned(timeline)
    if plan is None:
        return
    clips = {clip.id: clip for clip in timeline.clips}
    for n, frame in layers(plan):
        clip = clips[frame.clip_id]
        record = {
            "source_in": clip.source_in,
            "map_offset": clip.map_offset,
            "speed": {"num": clip.speed_num, "den": clip.speed_den},
            "reversed": clip.reversed,
            "duration": clip.duration,
        }
        tick = clip_time.source_at(record, n * plan.ticks_per_frame - clip.start)
        assert frame.source_frame == (tick - clip.media.start) // clip.media.rate.ticks_per_frame


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_places_are_even_inside_and_as_wide_or_as_high_as_the_picture(timeline):
    plan = planned(timeline)
    if plan is None:
        return
    for _, frame in layers(plan):
        x, y, width, height = frame.place
        assert not any(edge % 2 for edge in frame.place)
        assert min(x, y) >= 0 and x + width <= plan.width and y + height <= plan.height
        assert width == plan.width or height == plan.height
        assert frame.window[2] > 0 and frame.window[3] > 0


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_a_plan_survives_json_and_its_hash_ignores_ids(timeline):
    plan = planned(timeline)
    if plan is None:
        return
    again = plans.from_dict(json.loads(json.dumps(plan.as_dict())))
    assert again == plan and again.digest() == plan.digest()
    renamed = json.loads(json.dumps(plan.as_dict()))
    for part in (*(shot for lane in renamed["root"]["lanes"] for shot in lane["shots"]), *renamed["root"]["sounds"]):
        part["clip_id"] = "other"
    assert plans.from_dict(renamed).digest() == plan.digest()


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_sounds_cover_exactly_the_samples_of_their_clips(timeline):
    plan = planned(timeline)
    if plan is None:
        return
    solo = any(track.solo and track.enabled for track in timeline.tracks)
    tracks = {track.id: track for track in timeline.tracks if track.enabled}
    heard = {
        clip.id
        for clip in timeline.clips
        if clip.enabled
        and clip.media.has_audio
        and clip.track_id in tracks
        and (tracks[clip.track_id].solo if solo else not tracks[clip.track_id].muted)
    }
    assert {sound.clip_id for sound in plan.sounds} == heard
    clips = {clip.id: clip for clip in timeline.clips}
    for sound in plan.sounds:
        clip = clips[sound.clip_id]
        assert 0 <= sound.offset < plan_parts.TICKS_PER_SAMPLE
        assert abs(sound.samples * plan_parts.TICKS_PER_SAMPLE - clip.duration) < plan_parts.TICKS_PER_SAMPLE
    assert [sound.first for sound in plan.sounds] == sorted(sound.first for sound in plan.sounds)


@given(st.integers(0, 10**6), RATES)
@settings(max_examples=200, deadline=None)
def test_a_tick_shows_the_frame_whose_time_it_has_reached(frame, rate):
    source = plan_parts.Source("m", 2, 2, rate.num, rate.den, 0, 1, has_audio=False)
    at = frame * rate.ticks_per_frame
    assert source.frame_of(at) == frame and source.frame_of(at - 1) == frame - 1


@given(st.integers(1, 500), st.integers(1, 120), st.integers(0, 10**5))
@settings(max_examples=200, deadline=None)
def test_rates_off_the_list_floor_frame_times_to_ticks(num, den, frame):
    source = plan_parts.Source("m", 2, 2, num, den, 0, 1, has_audio=False)
    at = int(Fraction(frame * den, num) * time.TICKS_PER_SECOND)
    assert source.frame_of(at) >= frame
    assert source.frame_of(at - 1) < frame


@given(crops(), st.integers(-10, 11 * time.TICKS_PER_SECOND))
@settings(max_examples=200, deadline=None)
def test_a_window_lies_between_its_neighbours_and_on_its_keyframes(keys, tick):
    at = interpolate.rectangle_at(keys, tick)
    if not keys:
        assert at == (0, 0, interpolate.PPM, interpolate.PPM)
        return
    before = [key for key in keys if key.time <= tick] or keys[:1]
    after = [key for key in keys if key.time > tick] or keys[-1:]
    for part, a, b in zip(at, before[-1].rectangle, after[0].rectangle, strict=True):
        assert min(a, b) <= part <= max(a, b)
    for key in keys:
        assert interpolate.rectangle_at(keys, key.time) == key.rectangle


@given(
    st.integers(0, 10**8), st.integers(0, 10**8), st.integers(65536, 10**9), st.integers(65536, 10**9),
    st.integers(1, 2000), st.integers(1, 2000),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_fitting_keeps_centre_and_scale(x, y, width, height, half_w, half_h):
    window, place = windows.fit((x, y, width, height), 2 * half_w, 2 * half_h)
    assert abs((2 * window[0] + window[2]) - (2 * x + width)) <= 2
    assert abs((2 * window[1] + window[3]) - (2 * y + height)) <= 2
    across, down = Fraction(window[2], place[2]), Fraction(window[3], place[3])
    assert abs(across - down) <= Fraction(1, min(place[2], place[3]))


def clip(**given) -> plan_input.ClipInput:
    facts = plan_input.MediaFacts("m", 64, 64, time.Rate(25, 1), time.TICKS_PER_SECOND)
    return plan_input.ClipInput(
        **{"id": "c", "track_id": "v", "start": 0, "duration": 28224000, "media": facts, **given}
    )


def plan_of(*clips: plan_input.ClipInput, **given) -> plans.RenderPlan:
    track = plan_input.TrackInput("v", "video")
    return plans.build_plan(
        plan_input.PlanInput(**{"rate": time.Rate(25, 1), "width": 64, "height": 64, **given},
                             tracks=(track,), clips=clips), PRESET
    )  # fmt: skip


def test_an_empty_timeline_is_refused():
    with pytest.raises(errors.EmptyTimeline):
        plan_of()


def test_a_clip_that_begins_after_its_media_is_refused():
    with pytest.raises(errors.SourceOutOfRange):
        plan_of(clip(source_in=time.TICKS_PER_SECOND))


def test_a_crop_without_area_is_refused():
    with pytest.raises(errors.BadCrop):
        interpolate.CropKey(0, 0, 0, 0, 5)


def test_odd_sizes_round_down_and_absurd_ones_are_refused():
    assert plan_of(clip(), width=65).width == 64
    with pytest.raises(errors.BadOutput):
        plan_of(clip(), width=1)


def test_the_digest_depends_on_the_place_of_a_shot():
    assert plan_of(clip(start=28224000 * 3)).digest() != plan_of(clip()).digest()


def test_a_reversed_clip_shows_its_frames_backwards():
    ten = clip(duration=10 * 28224000, reversed=True)
    assert [frame.source_frame for _, frame in layers(plan_of(ten))] == list(range(9, -1, -1))
