"""Reading a rendered file with the instrument: source, frame and window per output frame, and the lag of the sound."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from tests.instrument import picture

BLACK_LUMA, NEUTRAL = 16, 128


@dataclass(frozen=True)
class Seen:
    """What an output picture is known to show; None: black."""

    source_id: int
    frame: int


@dataclass(frozen=True)
class Planes:
    """An output picture as float planes."""

    y: np.ndarray
    u: np.ndarray
    v: np.ndarray

    def part(self, place: tuple[int, int, int, int]) -> "Planes":
        x, y, width, height = place
        half = (slice(y // 2, (y + height) // 2), slice(x // 2, (x + width) // 2))
        return Planes(self.y[y : y + height, x : x + width], self.u[half], self.v[half])


def pictures(path: Path) -> Iterator[Planes]:
    """All pictures of a file in order of presentation."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            planes = [
                np.frombuffer(memoryview(plane), np.uint8)
                .reshape(plane.height, plane.line_size)[:, : plane.width]
                .astype(np.float64)
                for plane in frame.planes
            ]
            yield Planes(*planes)


def identify(planes: Planes) -> Seen | None:
    """Source and frame of a picture (the placed part of it)."""
    u, v = (float(np.median(plane)) for plane in (planes.u, planes.v))
    if abs(u - NEUTRAL) < 2 and abs(v - NEUTRAL) < 2 and float(planes.y.mean()) < BLACK_LUMA + 4:
        return None
    low, high = (round((level - picture.LOWEST) / picture.STEP) for level in (u, v))
    source_id, hundreds = divmod(high, picture.HUNDREDS)
    return Seen(source_id, hundreds * picture.LEVELS + low)


def is_black(planes: Planes) -> bool:
    return bool(
        np.abs(planes.y - BLACK_LUMA).max() <= 2
        and np.abs(planes.u - NEUTRAL).max() <= 2
        and np.abs(planes.v - NEUTRAL).max() <= 2
    )


def origin(profile: np.ndarray, length: float) -> float:
    """Where a window of `length` source pixels begins, from the mean brightness along one direction of what it shows.

    Fits all sines at once; the widest one gives the neighbourhood, each finer one the digits below.
    """
    size = len(profile)
    at = (np.arange(size) + 0.5) * length / size - 0.5
    columns = [np.ones(size)]
    for period in picture.periods():
        columns += [np.cos(2 * np.pi * at / period), np.sin(2 * np.pi * at / period)]
    weights, *_ = np.linalg.lstsq(np.stack(columns, axis=1), profile, rcond=None)
    phases = [
        float(np.arctan2(weights[1 + 2 * k], weights[2 + 2 * k])) / (2 * np.pi) * period
        for k, period in enumerate(picture.periods())
    ]
    widest = picture.periods()[-1]
    found = (phases[-1] + widest / 8) % widest - widest / 8
    for phase, period in reversed(list(zip(phases, picture.periods(), strict=True))[:-1]):
        found = phase + period * round((found - phase) / period)
    return found


def window_origin(planes: Planes, width: float, height: float) -> tuple[float, float]:
    """x and y, in source pixels, of the window of that size which a picture (the placed part of it) shows."""
    return origin(planes.y.mean(axis=0), width), origin(planes.y.mean(axis=1), height)


def sound(path: Path) -> np.ndarray:
    """All of a file's sound, two rows, from its time zero on, as a player plays it."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        blocks = [frame.to_ndarray() for frame in container.decode(stream)]
        assert stream.start_time == 0
    return np.concatenate(blocks, axis=1)


def lag(heard: np.ndarray, expected: np.ndarray, reach: int = 4800) -> tuple[int, float]:
    """(how many samples later `heard` runs than `expected`, how alike they then are, 0..1), by cross-correlation."""
    a, b = heard - heard.mean(), expected - expected.mean()
    size = 1 << (len(a) + len(b)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    shifts = np.concatenate([np.arange(0, reach + 1), np.arange(-reach, 0)])
    values = cross[shifts]
    best = int(values.argmax())
    alike = float(values[best] / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-12))
    return int(shifts[best]), alike
