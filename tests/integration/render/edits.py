"""Edits for the render tests: timelines built from instrument footage, and the comparison of what came out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.instrument import picture, reading
from timeline_service.domain import time
from workers.render import plan as plans
from workers.render import plan_input, plan_parts, scenes, windows


def rate_of(rate: Fraction) -> time.Rate:
    return time.rate_of(rate.numerator, rate.denominator)


def facts_of(footage: picture.Footage, *, has_audio: bool = True) -> plan_input.MediaFacts:
    rate = rate_of(footage.rate)
    return plan_input.MediaFacts(
        key=f"source-{footage.source_id}",
        width=footage.width,
        height=footage.height,
        rate=rate,
        duration=footage.frames * rate.ticks_per_frame,
        has_audio=has_audio,
    )


def timeline_of(
    clips: Sequence[plan_input.ClipInput],
    *,
    rate: Fraction = Fraction(30),
    size: tuple[int, int] = (180, 320),
    tracks: Sequence[plan_input.TrackInput] = (plan_input.TrackInput("v1", "video"),),
) -> plan_input.PlanInput:
    return plan_input.PlanInput(rate_of(rate), *size, tuple(tracks), tuple(clips))


def top(plan: plans.RenderPlan, n: int) -> plan_parts.Layer | None:
    """What an output frame shows on top, where that is a clip and no transition; None for black."""
    scene = scenes.Scenes(plan).at(n)
    return scene[-1] if scene else None


def preset(**given: object) -> plan_input.Preset:
    return plan_input.Preset(name="test", **{"speed": "ultrafast", "crf": 2, "threads": 2, **given})


@dataclass
class Findings:
    """What a comparison of a rendered file with its plan found."""

    wrong: list[tuple[int, object, object]] = field(default_factory=list)
    frames: int = 0
    x_errors: list[float] = field(default_factory=list)
    y_errors: list[float] = field(default_factory=list)
    bars_black: bool = True
    by_clip: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def worst(self) -> float:
        return max((abs(error) for error in (*self.x_errors, *self.y_errors)), default=0.0)

    @property
    def worst_step(self) -> float:
        """The largest difference between a step seen and the step planned, from one frame of a clip to the next."""
        steps = [abs((b[1] - a[1]) - (b[0] - a[0])) for pairs in self.by_clip.values() for a, b in pairwise(pairs)]
        return max(steps, default=0.0)


def compare(path: Path, plan: plans.RenderPlan, ids: dict[str, int]) -> Findings:
    """Every output picture against the plan. `ids`: instrument source id of each source key."""
    found = Findings()
    for n, planes in enumerate(reading.pictures(path)):
        found.frames += 1
        expected = top(plan, n) if n < plan.frames else None
        if expected is None:
            if not reading.is_black(planes):
                found.wrong.append((n, "not black", None))
            continue
        part = planes.part(expected.place)
        seen = reading.identify(part)
        due = reading.Seen(ids[expected.source], expected.source_frame)
        if seen != due:
            found.wrong.append((n, seen, due))
            continue
        x, y, width, height = (edge / windows.FIX for edge in expected.window)
        seen_x, seen_y = reading.window_origin(part, width, height)
        found.x_errors.append(seen_x - x)
        found.y_errors.append(seen_y - y)
        found.by_clip.setdefault(expected.clip_id, []).append((x, seen_x))
        found.bars_black = found.bars_black and _bars_black(planes, expected.place)
    return found


def _bars_black(planes: reading.Planes, place: tuple[int, int, int, int]) -> bool:
    x, y, width, height = place
    outside = np.ones(planes.y.shape, bool)
    outside[max(0, y - 4) : y + height + 4, max(0, x - 4) : x + width + 4] = False
    return bool(np.abs(planes.y[outside] - reading.BLACK_LUMA).max(initial=0) <= 4)


def expected_sound(plan: plans.RenderPlan, noises: dict[str, np.ndarray]) -> np.ndarray:
    """The mix that the plan asks for, from the noise as it was made (speed 1 only, no fades)."""
    out = np.zeros((2, plan.samples), np.float64)
    for sound in plan.sounds:
        start = round(Fraction(sound.map.source_at(sound.offset), plan_parts.TICKS_PER_SAMPLE))
        piece = noises[sound.source][:, start : start + sound.samples]
        out[:, sound.first : sound.first + piece.shape[1]] += piece * (sound.gain / plan_parts.GAIN_ONE)
    return out
