"""Laws of what a frame shows and plays: nests change nothing, transitions lie on their cuts, mixing loses nothing."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline_service.domain import time
from workers.render import canvas, colour, interpolate, mixer, placing, plan_input, plan_parts, plan_records, scenes
from workers.render import plan as plans

PRESET = plan_input.Preset("law")
RATE = time.Rate(25, 1)
FRAME = RATE.ticks_per_frame
FILM = plan_input.MediaFacts("film", 64, 64, RATE, 10_000 * FRAME, has_audio=True)
WIDE = plan_input.MediaFacts("wide", 128, 64, RATE, 10_000 * FRAME)
STILL = plan_input.MediaFacts("still", 64, 64)
PICTURES = (FILM, WIDE, STILL, plan_records.generated(plan_input.Generator(color="#123456"), 64, 64))
TONES = tuple(plan_records.generated(plan_input.Generator(hertz=hertz), 0, 0) for hertz in (220, 440, 1000))
PPM = 1_000_000


@st.composite
def curves(draw, *bounds: tuple[int, int]) -> interpolate.Curve:
    value = st.tuples(*(st.integers(*bound) for bound in bounds))
    times = sorted(draw(st.sets(st.integers(-5 * FRAME, 30 * FRAME), max_size=3)))
    way = st.sampled_from(["hold", "linear", "bezier", {"bezier": [250_000, 100_000, 250_000, PPM]}])
    return interpolate.Curve(draw(value), tuple(interpolate.Key(at, draw(value), draw(way)) for at in times))


@st.composite
def timelines(draw) -> plan_input.PlanInput:
    """Video tracks of clips that meet or not, with looks, fades, speeds, and transitions on some of their cuts."""
    tracks, clips, transitions = [], [], []
    for t in range(draw(st.integers(1, 3))):
        tracks.append(plan_input.TrackInput(f"v{t}", "video", enabled=draw(st.sampled_from([True, True, True, False]))))
        at, before = draw(st.integers(0, 4)), None
        for c in range(draw(st.integers(1, 4))):
            length = draw(st.integers(4, 12))
            clip = plan_input.ClipInput(
                f"c{t}{c}", f"v{t}", at * FRAME, length * FRAME, draw(st.sampled_from(PICTURES)),
                source_in=draw(st.integers(50, 90)) * FRAME,
                speed_num=draw(st.sampled_from([1, 1, 2, 0])), speed_den=draw(st.sampled_from([1, 1, 3])),
                reversed=draw(st.booleans()), enabled=draw(st.sampled_from([True, True, True, False])),
                fade_in=draw(st.sampled_from([0, 0, 2 * FRAME])), fade_out=draw(st.sampled_from([0, 0, 3 * FRAME])),
                opacity=draw(st.one_of(st.just(plan_input.FULL), curves((0, PPM)))),
                rotation=draw(st.one_of(st.just(plan_input.UNTURNED), curves((-400_000, 400_000)))),
                transform=draw(st.one_of(st.just(plan_input.UNMOVED), curves(*[(-PPM, PPM)] * 2, *[(1, 3 * PPM)] * 2))),
            )  # fmt: skip
            if draw(st.booleans()):
                offsets = draw(st.integers(0, 2)), draw(st.integers(0, 2))
                transitions.append(plan_input.TransitionInput(
                    f"t{t}{c}", before, clip.id, draw(st.sampled_from(["dissolve", "wipe", "odd"])),
                    (offsets[0] if before else 0) * FRAME, offsets[1] * FRAME,
                ))  # fmt: skip
            clips.append(clip)
            gap = draw(st.sampled_from([0, 0, 3]))
            before, at = (None if gap else clip.id), at + length + gap
    return plan_input.PlanInput(RATE, 64, 64, tuple(tracks), tuple(clips), transitions=tuple(transitions))


def nested(timeline: plan_input.PlanInput) -> plan_input.PlanInput:
    """The same, one sequence down: a nest at speed 1 over the whole."""
    end = max(clip.start + clip.duration for clip in timeline.clips)
    tracks = [dataclasses.replace(track, sequence_id="s") for track in timeline.tracks]
    outer = plan_input.ClipInput("nest", "outer", 0, end, None, sequence_id="s")
    return dataclasses.replace(
        timeline, tracks=(plan_input.TrackInput("outer", "video"), *tracks), clips=(outer, *timeline.clips)
    )


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_a_nest_of_everything_shows_everything_as_it_was(timeline):
    plan, inside = plans.build_plan(timeline, PRESET), plans.build_plan(nested(timeline), PRESET)
    assert inside.frames == plan.frames and inside.sources == plan.sources
    for n in range(plan.frames):
        (outer,) = scenes.Scenes(inside).at(n)
        due = scenes.Scenes(plan).at(n)
        assert outer.inner == due and outer.covers == any(item.covers for item in due)


@given(timelines())
@settings(max_examples=60, deadline=None)
def test_a_transition_is_shown_over_its_span_and_nowhere_else(timeline):
    plan = plans.build_plan(timeline, PRESET)
    shown = {track.id for track in timeline.tracks if track.enabled}
    clips = {clip.id: clip for clip in timeline.clips if clip.enabled and clip.track_id in shown}
    spans = []
    for one in timeline.transitions:
        left, right = clips.get(one.left_id), clips.get(one.right_id)
        if (left or right) and one.in_offset + one.out_offset:
            cut = left.start + left.duration if left else right.start
            spans.append((cut - one.in_offset, cut + one.out_offset))
    blends = [(blend.start, blend.start + blend.duration) for lane in plan.root.lanes for blend in lane.blends]
    assert sorted(blends) == sorted(spans)
    for lane in plan.root.lanes:
        for blend, later in zip(lane.blends, lane.blends[1:], strict=False):
            assert blend.start + blend.duration <= later.start


@given(timelines(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_a_plan_does_not_depend_on_ids_or_on_the_order_of_its_lists(timeline, dice):
    plan = plans.build_plan(nested(timeline), PRESET)
    again = nested(timeline)
    clips, transitions = list(again.clips), list(again.transitions)
    dice.shuffle(clips)
    dice.shuffle(transitions)
    shuffled = dataclasses.replace(again, clips=tuple(clips), transitions=tuple(transitions))
    assert plans.build_plan(shuffled, PRESET).digest() == plan.digest()


@given(timelines())
@settings(max_examples=40, deadline=None)
def test_every_layer_is_within_what_can_be_painted(timeline):
    plan = plans.build_plan(timeline, PRESET)
    for n in range(plan.frames):
        for item in scenes.Scenes(plan).at(n):
            sides = (item.left, item.right) if isinstance(item, plan_parts.Mix) else (item,)
            if isinstance(item, plan_parts.Mix):
                assert 0 <= item.part < PPM
            for layer in filter(None, sides):
                assert 0 < layer.opacity <= PPM and layer.source_frame >= 0
                assert layer.motion is None or min(layer.motion.scale_x, layer.motion.scale_y) > 0


@st.composite
def scores(draw) -> plan_input.PlanInput:
    tracks, clips = [], []
    for t in range(draw(st.integers(1, 2))):
        tracks.append(plan_input.TrackInput(f"a{t}", "audio", gain=draw(st.integers(-1000, 0))))
        at = 0
        for c in range(draw(st.integers(1, 3))):
            length = draw(st.integers(1, 4))
            keys = tuple(
                interpolate.Key(n * FRAME, (draw(st.integers(-3000, 0)),)) for n in range(draw(st.integers(0, 2)))
            )
            clips.append(
                plan_input.ClipInput(
                    f"c{t}{c}", f"a{t}", at * FRAME, length * FRAME, draw(st.sampled_from(TONES)),
                    reversed=draw(st.booleans()), volume=keys, fade_in=draw(st.sampled_from([0, FRAME])),
                )
            )  # fmt: skip
            at += length
    return plan_input.PlanInput(RATE, 64, 64, tuple(tracks), tuple(clips))


@given(scores(), st.integers(1, 3000))
@settings(max_examples=25, deadline=None)
def test_sound_is_the_same_through_a_nest_and_in_blocks_of_any_length(timeline, length):
    plan, inside = plans.build_plan(timeline, PRESET), plans.build_plan(nested(timeline), PRESET)
    whole = mixer.Mixer(plan, {}).block(0, plan.samples)
    through = mixer.Mixer(inside, {}).block(0, inside.samples)
    assert np.abs(whole - through).max() < 1e-6
    player = mixer.Mixer(plan, {})
    parts = [player.block(at, min(length, plan.samples - at)) for at in range(0, plan.samples, length)]
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() < 1e-6


def planes(dice, low: int = 0, high: int = 256) -> colour.Planes:
    y, u, v = (dice.integers(low, high, shape, np.uint8) for shape in ((8, 8), (4, 4), (4, 4)))
    return y, u, v


@given(st.integers(0, 2**32 - 1), st.integers(0, PPM))
@settings(max_examples=100, deadline=None)
def test_laying_a_picture_over_another_is_right_to_a_code(seed, opacity):
    dice = np.random.default_rng(seed)
    ground, top = planes(dice), planes(dice)
    alpha = dice.integers(0, 256, (8, 8), np.uint8)
    share = placing.opacity_of(opacity)
    for pixmap in (colour.Pixmap(top), colour.multiplied(top, alpha)):
        target = canvas.Canvas(ground).copy()
        target.lay((0, 0, 8, 8), pixmap, (share, share))
        cover = (alpha / 255 if pixmap.alpha else 1.0) * share / 256
        due = ground[0] * (1 - cover) + top[0] * cover
        assert np.abs(target.planes[0] - due).max() <= 2


@given(st.integers(0, 2**32 - 1), st.integers(0, PPM))
@settings(max_examples=100, deadline=None)
def test_layers_in_a_nest_are_as_if_they_were_not_in_one(seed, opacity):
    """Over is associative: (a over b) over ground = a over (b over ground), to what rounding takes."""
    dice = np.random.default_rng(seed)
    ground = canvas.Canvas(planes(dice, 16, 236))
    share = placing.opacity_of(opacity)
    layers = [colour.multiplied(planes(dice, 16, 236), dice.integers(0, 256, (8, 8), np.uint8)) for _ in range(2)]
    direct = ground.copy()
    nest = canvas.blank(8, 8, alpha=True)
    for layer in layers:
        direct.lay((0, 0, 8, 8), layer, (share, share))
        nest.lay((0, 0, 8, 8), layer, (share, share))
    through = ground.copy()
    through.lay((0, 0, 8, 8), colour.Pixmap(nest.planes, nest.alpha), (canvas.ONE, canvas.ONE))
    for one, other in zip(direct.planes, through.planes, strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).max() <= 3


@pytest.mark.parametrize("part", [0, 1, 333_333, 999_999, PPM])
def test_a_wipe_uncovers_its_part(part):
    full, half = placing.wiped(part, 640)
    assert full.sum() / 256 == pytest.approx(640 * part / PPM, abs=0.01)
    assert half.sum() / 256 == pytest.approx(320 * part / PPM, abs=0.6)
