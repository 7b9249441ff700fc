"""The sounds of a composition: where each begins, how it fades, where transitions cross-fade it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from workers.render.plan_input import ClipInput, TrackInput, TransitionInput
from workers.render.plan_parts import GAIN_ONE, TICKS_PER_SAMPLE, Ramp, Sound, TimeMap

LOUDEST = 12_000
"""Millibel above which a level says nothing more."""


def sounds(
    clip: ClipInput,
    track: TrackInput,
    source: str,
    nest: int,
    time_map: TimeMap,
    transitions: Iterable[TransitionInput],
) -> Iterator[Sound]:
    """The sound of a clip, with the handles that its transitions use; none where it is never heard."""
    head = tail = 0
    fades = [(0, clip.fade_in, True), (clip.duration - clip.fade_out, clip.fade_out, False)]
    for transition in transitions:
        length = transition.in_offset + transition.out_offset
        if transition.right_id == clip.id:
            head = transition.in_offset
            fades.append((-head, length, True))
        else:
            tail = transition.out_offset
            fades.append((clip.duration - transition.in_offset, length, False))
    first = _sample(clip.start - head)
    samples = _sample(clip.start + clip.duration + tail) - first
    gain = linear_gain((0 if clip.volume else clip.gain) + (0 if track.volume else track.gain))
    if samples <= 0 or not gain:
        return
    yield Sound(
        first=first,
        samples=samples,
        offset=first * TICKS_PER_SAMPLE - clip.start,
        clip_id=clip.id,
        source=source,
        map=time_map,
        gain=gain,
        ramps=tuple(_ramp(clip.start, first, *fade) for fade in fades if fade[1] >= TICKS_PER_SAMPLE),
        nest=nest,
        volume=clip.volume,
        track_volume=track.volume,
    )


def in_order(found: Iterable[Sound]) -> tuple[Sound, ...]:
    """Sounds in the order in which they are added up, which does not depend on ids."""
    return tuple(sorted(found, key=lambda sound: (sound.first, msgspec.json.encode(replace(sound, clip_id="")))))


def linear_gain(millibel: float) -> int:
    """A level in millibel as a factor in 1/2^20: whole, so that no two machines differ in its last digit."""
    return round(float(10 ** (min(millibel, LOUDEST) / 2000)) * GAIN_ONE)


def _ramp(start: int, first: int, at: int, ticks: int, rises: bool) -> Ramp:
    """A fade of `ticks` from tick `at` of the clip on; one that falls is placed by its end, as the clip is."""
    samples = ticks // TICKS_PER_SAMPLE
    if rises:
        return Ramp(_sample(start + at) - first, samples, rises)
    return Ramp(_sample(start + at + ticks) - first - samples, samples, rises)


def _sample(tick: int) -> int:
    """The first sample at or after a tick."""
    return -(-tick // TICKS_PER_SAMPLE)
