"""Levels that change, tones, and what of several tracks is heard."""

import numpy as np
import pytest

from tests.instrument import reading
from tests.integration.render import edits
from workers.render import engine, interpolate, plan_input, plan_records
from workers.render import plan as plans

SECOND = 48_000
TICKS = 705_600_000


def tone(hertz: int = 1000, **given) -> plan_input.ClipInput:
    facts = plan_records.generated(plan_input.Generator(hertz=hertz), 0, 0)
    return plan_input.ClipInput(**{"id": "c", "track_id": "a1", "start": 0, "duration": TICKS, "media": facts, **given})


def heard(tmp_path, *clips: plan_input.ClipInput, **track) -> np.ndarray:
    tracks = [plan_input.TrackInput("a1", "audio", **track)]
    plan = plans.build_plan(edits.timeline_of(clips, tracks=tracks, size=(32, 32)), edits.preset())
    engine.render(plan, {}, tmp_path / "out.mp4")
    return reading.sound(tmp_path / "out.mp4")


def level(sound: np.ndarray, at: float, length: float = 0.02) -> float:
    """The amplitude of a sine around a moment, in seconds."""
    part = sound[0, round((at - length / 2) * SECOND) : round((at + length / 2) * SECOND)]
    return float(np.sqrt(2 * (part**2).mean()))


def keys(*points: tuple[float, int], way="linear") -> tuple[interpolate.Key, ...]:
    return tuple(interpolate.Key(round(at * TICKS), (millibel,), way) for at, millibel in points)


@pytest.mark.parametrize(("hertz", "due"), [(1000, 1000), (440, 440)])
def test_a_tone_has_its_pitch_and_its_level(tmp_path, hertz, due):
    sound = heard(tmp_path, tone(hertz))
    spectrum = np.abs(np.fft.rfft(sound[0, 4096 : 4096 + 40_000] * np.hanning(40_000)))
    assert spectrum.argmax() * SECOND / 40_000 == pytest.approx(due, abs=2)
    assert level(sound, 0.5) == pytest.approx(0.1, rel=0.03)
    assert level(sound, 0.25) == pytest.approx(0.1, rel=0.03)


def test_a_tone_at_double_speed_is_an_octave_higher(tmp_path):
    sound = heard(tmp_path, tone(500, speed_num=2))
    spectrum = np.abs(np.fft.rfft(sound[0, 4096 : 4096 + 40_000] * np.hanning(40_000)))
    assert spectrum.argmax() * SECOND / 40_000 == pytest.approx(1000, abs=2)


def test_volume_keyframes_override_the_gain_of_the_clip(tmp_path):
    sound = heard(tmp_path, tone(gain=-5000, volume=keys((0.2, 0), (0.8, -1200))))
    for at, millibel in ((0.1, 0), (0.35, -300), (0.5, -600), (0.65, -900), (0.9, -1200)):
        assert level(sound, at) == pytest.approx(0.1 * 10 ** (millibel / 2000), rel=0.04)


def test_a_held_level_jumps(tmp_path):
    sound = heard(tmp_path, tone(volume=keys((0, 0), (0.5, -2000), way="hold")))
    assert level(sound, 0.47) == pytest.approx(0.1, rel=0.04) and level(sound, 0.53) == pytest.approx(0.01, rel=0.1)


def test_the_volume_of_a_track_counts_from_the_timelines_start_and_multiplies(tmp_path):
    clip = tone(start=TICKS // 2, duration=TICKS // 2, gain=-600)
    sound = heard(tmp_path, clip, gain=-9000, volume=keys((0.5, 0), (1.0, -1200)))
    assert np.abs(sound[:, : SECOND // 2 - 2048]).max() < 0.003
    for at, millibel in ((0.6, -240), (0.75, -600), (0.9, -960)):
        assert level(sound, at) == pytest.approx(0.1 * 10 ** ((millibel - 600) / 2000), rel=0.05)


def test_the_level_does_not_depend_on_where_blocks_begin(tmp_path):
    """A clip that is longer than a block of the engine, with a level that rises all the way."""
    sound = heard(tmp_path, tone(duration=3 * TICKS, volume=keys((0, -2000), (3, 0))))
    seen = [level(sound, at) for at in np.arange(0.1, 2.9, 0.1)]
    due = [0.1 * 10 ** ((-2000 + 2000 * at / 3) / 2000) for at in np.arange(0.1, 2.9, 0.1)]
    assert seen == pytest.approx(due, rel=0.04)
