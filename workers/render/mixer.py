"""The mix of a plan, by sample index: files, tones and nests, each at its speed, with its fades and its levels.

A clip at another speed is read at other positions, so its pitch follows its speed. A nest is a mix of its own, read
like a file. Levels that change are worked out every STEP samples and are straight in between.
"""

import math
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workers.render import interpolate
from workers.render.audio import AudioReader, Samples
from workers.render.plan import RenderPlan
from workers.render.plan_parts import FILE, GAIN_ONE, SAMPLE_RATE, TICKS_PER_SAMPLE, Composition, Ramp, Sound, Source
from workers.render.plan_sound import linear_gain

OPEN_READERS: Final = 4
STEP: Final = 256
MOST: Final = 1 << 21
"""Samples of a source that are held at once."""
TONE: Final = 0.1
"""The level of a tone generator: -20 dB, as test tones have."""
WHOLE: Final = 1 << 20


class Mixer:
    """The sound of a plan, block by block."""

    def __init__(self, plan: RenderPlan, addresses: Mapping[str, str], limit: int = OPEN_READERS) -> None:
        self._sources = {source.key: source for source in plan.sources}
        self._addresses = addresses
        self._limit = limit
        self._open: OrderedDict[str, AudioReader] = OrderedDict()
        self._nests = [_Score(nest) for nest in plan.nests]
        self._root = _Score(plan.root)

    def block(self, first: int, count: int) -> Samples:
        """Output samples `first` to `first + count`, limited to full scale."""
        limited: Samples = np.clip(self._mixed(self._root, first, count), -1.0, 1.0)
        return limited

    def close(self) -> None:
        """Close all sources."""
        while self._open:
            self._open.popitem()[1].close()

    def _mixed(self, score: "_Score", first: int, count: int) -> Samples:
        out = np.zeros((2, count), np.float32)
        for sound in score.between(first, first + count):
            low, high = max(first, sound.first), min(first + count, sound.first + sound.samples)
            out[:, low - first : high - first] += self._voice(sound, low, high)
        return out

    def _voice(self, sound: Sound, low: int, high: int) -> Samples:
        """One clip's share of samples low..high."""
        samples = self._at_speed(sound, low, high)
        index = np.arange(low - sound.first, high - sound.first, dtype=np.float64)
        gain = _level(sound, low - sound.first, high - sound.first)
        for ramp in sound.ramps:
            gain *= _ramped(ramp, index)
        voice: Samples = (samples * gain).astype(np.float32)
        return voice

    def _at_speed(self, sound: Sound, low: int, high: int) -> Samples:
        if high - low > 1 and (high - low) * sound.map.speed_num > MOST * sound.map.speed_den:
            middle = (low + high) // 2  # a nest in a nest at a hundred times the speed would take gigabytes
            return np.concatenate([self._at_speed(sound, low, middle), self._at_speed(sound, middle, high)], axis=1)
        source = self._sources.get(sound.source)
        offset = sound.offset + (low - sound.first) * TICKS_PER_SAMPLE
        ticks = sound.map.source_at(offset) - (source.start if source else 0)
        if sound.map.speed_num == sound.map.speed_den:
            at = round(Fraction(ticks, TICKS_PER_SAMPLE))
            if not sound.map.reversed:
                return self._read(sound, source, at, high - low)
            return self._read(sound, source, at - (high - low) + 1, high - low)[:, ::-1]
        step = sound.map.speed_num / sound.map.speed_den * (-1 if sound.map.reversed else 1)
        positions = ticks / TICKS_PER_SAMPLE + np.arange(high - low) * step
        first = int(np.floor(positions.min()))
        held = self._read(sound, source, first, int(np.floor(positions.max())) - first + 2)
        index = np.floor(positions).astype(np.int64)
        part = (positions - index).astype(np.float32)
        left = held[:, index - first]
        spread: Samples = left + (held[:, index - first + 1] - left) * part
        return spread

    def _read(self, sound: Sound, source: Source | None, first: int, count: int) -> Samples:
        """Samples of what a clip plays: a nest, a tone, a file."""
        if sound.nest != FILE or source is None:
            return self._mixed(self._nests[sound.nest], first, count)
        if source.hertz:
            return _tone(source.hertz, first, count)
        return self._reader(sound.source).read(first, count)

    def _reader(self, key: str) -> AudioReader:
        reader = self._open.pop(key, None)
        if reader is None:
            while len(self._open) >= self._limit:
                self._open.popitem(last=False)[1].close()
            reader = AudioReader(self._sources[key], self._addresses[key])
        self._open[key] = reader
        return reader


class _Score:
    """The sounds of a composition, found by time."""

    def __init__(self, composition: Composition) -> None:
        self._sounds = composition.sounds
        self._firsts = [sound.first for sound in self._sounds]
        self._reached = list(accumulate((sound.first + sound.samples for sound in self._sounds), max))

    def between(self, low: int, high: int) -> list[Sound]:
        """Those that are heard in [low, high), in order."""
        begin = bisect_right(self._reached, low)
        some = self._sounds[begin : bisect_left(self._firsts, high)]
        return [sound for sound in some if sound.first + sound.samples > low]


def _level(sound: Sound, low: int, high: int) -> NDArray[np.float64]:
    """The gain of each of its samples low..high: what stays, times what its and its track's keyframes say."""
    gain = np.full(high - low, sound.gain / GAIN_ONE)
    if not sound.volume and not sound.track_volume:
        return gain
    begin, end = low // STEP, -(-high // STEP) + 1
    points = np.array([_automated(sound, n * STEP) for n in range(begin, end)])
    index = np.arange(low, high)
    knot, part = index // STEP - begin, (index % STEP) / STEP
    gain *= points[knot] + (points[knot + 1] - points[knot]) * part
    return gain


def _automated(sound: Sound, sample: int) -> float:
    """The factor that the keyframes give a sample of a sound."""
    millibel = Fraction(0)
    if sound.volume:
        millibel += interpolate.values_at(sound.volume, sound.offset + sample * TICKS_PER_SAMPLE)[0]
    if sound.track_volume:
        millibel += interpolate.values_at(sound.track_volume, (sound.first + sample) * TICKS_PER_SAMPLE)[0]
    return linear_gain(float(millibel)) / GAIN_ONE


def _ramped(ramp: Ramp, index: NDArray[np.float64]) -> NDArray[np.float64]:
    way = index - ramp.at + 0.5
    return fade((way if ramp.rises else ramp.samples - way) / ramp.samples)


def _tone(hertz: int, first: int, count: int) -> Samples:
    """A sine whose phase is 0 at source sample 0, the same on both sides."""
    phase = np.arange(first, first + count, dtype=np.int64) * hertz % SAMPLE_RATE
    both: Samples = np.repeat(_sine()[phase][None, :], 2, axis=0)
    return both


@lru_cache(maxsize=1)
def _sine() -> NDArray[np.float32]:
    """A second of one hertz, rounded so that no two machines differ."""
    turn = 2 * math.pi / SAMPLE_RATE
    return np.array([round(TONE * math.sin(n * turn) * WHOLE) / WHOLE for n in range(SAMPLE_RATE)], np.float32)


def fade(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """The equal-power curve: 0 at 0, 1 at 1, and the squares at t and 1-t add up to 1.

    t·√(3-2t) is the root of the smooth step: unlike a sine, every operation in it is rounded alike on all machines.
    """
    t = np.clip(part, 0.0, 1.0)
    shape: NDArray[np.float64] = t * np.sqrt(3.0 - 2.0 * t)
    return shape
