"""Sampling a window of a picture at any position and scale, exact to 1/65536 pixel and the same on every machine.

    source rows      window          place
    ░░░░░░░░░░░░     ┌──────┐        ┌──────────┐     horizontal pass: each output column is a weighted sum of the
    ░░░┏━━━━━┓░░ ->  │      │   ->   │          │     source columns under it; then the same for rows
    ░░░┗━━━━━┛░░     └──────┘        └──────────┘

One separable Catmull-Rom filter (stretched when it shrinks the picture) for pans, zooms and plain scaling, so a move
that starts or ends on whole pixels does not change sharpness. The passes are banded matrix products in float32 whose
every product and sum is a whole number below 2^24 (8-bit or 12-bit pixels, 10-bit weights): exact in any order, so
neither the CPU, its vector units nor the number of threads can change a bit.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from workers.render.windows import FIX, Window

BLOCK: Final = 32
"""Output columns per matrix product; wide enough for the matrix kernels, narrow enough to waste few products."""
ROWS: Final = 128
"""Rows worked on at a time, so that the scratch stays in the second-level cache."""
WEIGHT_BITS: Final = 10
EXTRA_BITS: Final = 4
"""Bits kept below the pixel's between the two passes."""
CACHED: Final = 64

Bytes = NDArray[np.uint8]
Words = NDArray[np.int16]
Floats = NDArray[np.float32]
Siting = Literal["luma", "left", "centre"]
"""Where the samples of a plane lie in the picture: on every pixel; on even pixels; between two pixels."""
LUMA: Final[tuple[Siting, Siting]] = ("luma", "luma")
CHROMA: Final[tuple[Siting, Siting]] = ("left", "centre")
SITINGS: Final = (LUMA, CHROMA, CHROMA, LUMA, CHROMA)
"""Of Y, U, V and the two planes of alpha: across and down."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a window: which source position each of `size` output samples looks at."""

    origin: int
    length: int
    size: int
    source: int
    siting: Siting

    @property
    def scale(self) -> float:
        """Source samples per output sample."""
        whole = self.size if self.siting == "luma" else 2 * self.size
        return self.length / (FIX * whole)

    def positions(self) -> NDArray[np.float64]:
        """Source sample positions; 0 is the middle of the first sample of the plane."""
        origin, scale = self.origin / FIX, self.scale
        if self.siting == "luma":
            shift = origin + scale / 2 - 0.5
        elif self.siting == "left":
            shift = origin / 2 + (scale - 1) / 4
        else:
            shift = origin / 2 + (scale - 1) / 2
        positions: NDArray[np.float64] = np.arange(self.size, dtype=np.float64) * scale + shift
        return positions


@dataclass(frozen=True, slots=True)
class Band:
    """The weights of an axis: output block b is source samples first[b] .. first[b]+K times matrix b."""

    first: tuple[int, ...]
    weights: Floats
    low: int
    high: int


def band_of(axis: Axis) -> Band | int:
    """The weights of an axis; a whole number where it only copies, from that sample on."""
    positions = axis.positions()
    start = int(positions[0])
    if axis.scale == 1.0 and positions[0] == start and start >= 0 and start + axis.size <= axis.source:
        return start
    stretch = max(1.0, axis.scale)
    reach = int(np.ceil(2 * stretch))
    index = np.floor(positions).astype(np.int64)[:, None] + np.arange(1 - reach, 1 + reach)[None, :]
    weights = _whole(_cubic((positions[:, None] - index) / stretch))
    return _banded(np.clip(index, 0, axis.source - 1), weights, axis.source)


def _cubic(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Catmull-Rom: reproduces straight and parabolic brightness exactly, so nothing drifts between phases."""
    t = np.abs(t)
    near = (1.5 * t - 2.5) * t * t + 1.0
    far = ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    weights: NDArray[np.float64] = np.where(t <= 1.0, near, np.where(t < 2.0, far, 0.0))
    return weights


def _whole(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights as whole numbers that sum to 2^WEIGHT_BITS; the heaviest takes what rounding left."""
    one = float(1 << WEIGHT_BITS)
    whole: NDArray[np.float64] = np.rint(weights * (one / weights.sum(axis=1, keepdims=True)))
    whole[np.arange(len(whole)), whole.argmax(axis=1)] += one - whole.sum(axis=1)
    return whole


def _banded(index: NDArray[np.int64], weights: NDArray[np.float64], source: int) -> Band:
    size = len(index)
    blocks = -(-size // BLOCK)
    ends = np.minimum(np.arange(1, blocks + 1) * BLOCK, size) - 1
    low = index[::BLOCK].min(axis=1)
    width = min(source, int((index[ends].max(axis=1) - low).max()) + 1)
    first = np.minimum(low, source - width)
    block = np.arange(size) // BLOCK
    flat = (block[:, None] * width + index - first[block][:, None]) * BLOCK + (np.arange(size) % BLOCK)[:, None]
    dense = np.bincount(flat.ravel(), weights=weights.ravel(), minlength=blocks * width * BLOCK)
    return Band(
        first=tuple(int(n) for n in first),
        weights=dense.astype(np.float32).reshape(blocks, width, BLOCK),
        low=int(first.min()),
        high=int(first.max()) + width,
    )


class Sampler:
    """Samples windows of planes. Keeps scratch memory and the weights of recent axes; not for use by two threads."""

    def __init__(self) -> None:
        self._bands: OrderedDict[Axis, Band | int] = OrderedDict()
        self._scratch: dict[str, Any] = {}

    def sample(self, planes: Sequence[Bytes], window: Window, targets: Sequence[Bytes]) -> None:
        """Write the window (x, y, width, height in 1/65536 px) of a yuv420p picture into three target planes.

        With alpha, at the size of luma and at that of chroma, there are five.

        The targets' size is the size of the place; what the window shows beyond the picture repeats its edge.
        """
        x, y, width, height = window
        for (plane, target), (across, down) in zip(zip(planes, targets, strict=True), SITINGS, strict=False):
            rows, columns = target.shape
            self._resample(
                plane,
                target,
                self._band(Axis(x, width, columns, plane.shape[1], across)),
                self._band(Axis(y, height, rows, plane.shape[0], down)),
            )

    def _band(self, axis: Axis) -> Band | int:
        band = self._bands.pop(axis, None)
        if band is None:
            band = band_of(axis)
        self._bands[axis] = band
        if len(self._bands) > CACHED:
            self._bands.popitem(last=False)
        return band

    def _resample(self, plane: Bytes, target: Bytes, across: Band | int, down: Band | int) -> None:
        columns = target.shape[1]
        low, high = (down, down + len(target)) if isinstance(down, int) else (down.low, down.high)
        rows = plane[low:high]
        if isinstance(across, int):
            rows = rows[:, across : across + columns]
            if isinstance(down, int):
                target[...] = rows
            else:
                self._vertical(rows, target, down, bits=WEIGHT_BITS)
        elif isinstance(down, int):
            self._horizontal(rows, target, across, bits=WEIGHT_BITS)
        else:
            between: Words = self._array("between", (len(rows), columns), np.int16)
            self._horizontal(rows, between, across, bits=WEIGHT_BITS - EXTRA_BITS)
            self._vertical(between, target, down, bits=WEIGHT_BITS + EXTRA_BITS)

    def _horizontal(self, rows: Bytes, target: Bytes | Words, band: Band, *, bits: int) -> None:
        width, columns = band.weights.shape[1], target.shape[1]
        source: Floats = self._array("source", (ROWS, band.high - band.low), np.float32)
        result: Floats = self._array("result", (ROWS, columns), np.float32)
        for top in range(0, len(rows), ROWS):
            part = rows[top : top + ROWS, band.low : band.high]
            floats, sums = source[: len(part)], result[: len(part)]
            floats[...] = part
            for block, first in enumerate(band.first):
                left = first - band.low
                out = sums[:, block * BLOCK : (block + 1) * BLOCK]
                np.matmul(floats[:, left : left + width], band.weights[block, :, : out.shape[1]], out=out)
            _store(sums, target[top : top + ROWS], bits)

    def _vertical(self, rows: Bytes | Words, target: Bytes, band: Band, *, bits: int) -> None:
        width, columns = band.weights.shape[1], target.shape[1]
        source: Floats = self._array("source", (width, columns), np.float32)
        result: Floats = self._array("result", (BLOCK, columns), np.float32)
        for block, first in enumerate(band.first):
            out = target[block * BLOCK : (block + 1) * BLOCK]
            sums = result[: len(out)]
            source[...] = rows[first - band.low : first - band.low + width]
            np.matmul(band.weights[block, :, : len(out)].T, source, out=sums)
            _store(sums, out, bits)

    def _array(self, name: str, shape: tuple[int, int], kind: type[np.float32] | type[np.int16]) -> Any:
        """Scratch of that shape, reused between calls while it is large enough."""
        needed = shape[0] * shape[1]
        held = self._scratch.get(name)
        if held is None or len(held) < needed:
            held = self._scratch[name] = np.empty(needed, kind)
        return held[:needed].reshape(shape)


def _store(sums: Floats, target: Bytes | Words, bits: int) -> None:
    """Weighted sums to whole values: divided by 2^bits, rounded, and limited to a byte where the target holds bytes."""
    sums *= np.float32(1.0 / (1 << bits))
    if target.dtype == np.uint8:
        np.maximum(sums, np.float32(0.0), out=sums)
        np.minimum(sums, np.float32(255.0), out=sums)
        sums += np.float32(0.5)
        target[...] = sums
    else:
        np.rint(sums, out=sums)
        target[...] = sums
