"""Sources whose picture says which source, which frame and which place it is, through any crop, scale and encode.

Chroma is flat: U is the frame number modulo 100, V the source and the hundreds. Luma is a sum of sines along x and
along y with periods from fine (the position to a hundredth of a pixel) to wider than the picture (the position at all).
Sound is white noise that differs from source to source and never repeats, so that a lag shows to the sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc

SAMPLE_RATE = 48_000
LEVELS, STEP, LOWEST = 100, 2, 28
HUNDREDS = 10
FINE, AMPLITUDE = 24, 30.0
COARSE = (6, 40)
"""The other periods, as multiples of the fine one; the last is wider than any picture used."""


@dataclass(frozen=True)
class Footage:
    """A source of the instrument, as it was made."""

    path: Path
    source_id: int
    frames: int
    rate: Fraction
    width: int
    height: int

    @property
    def noise(self) -> np.ndarray:
        return noise(self.source_id, self.samples)

    @property
    def samples(self) -> int:
        return int(self.frames / self.rate * SAMPLE_RATE)


def periods() -> tuple[int, ...]:
    return (FINE, *(FINE * factor for factor in COARSE))


def luma(width: int, height: int) -> np.ndarray:
    """126 ± the sines along x and y; a position is counted from the middle of the first pixel."""
    x, y = np.arange(width), np.arange(height)
    columns = sum(AMPLITUDE / 2 * np.sin(2 * np.pi * x / period) for period in periods())
    rows = sum(AMPLITUDE / 2 * np.sin(2 * np.pi * y / period) for period in periods())
    return np.rint(126 + columns[None, :] + rows[:, None]).astype(np.uint8)


def chroma(source_id: int, frame: int) -> tuple[int, int]:
    return LOWEST + STEP * (frame % LEVELS), LOWEST + STEP * (source_id * HUNDREDS + frame // LEVELS)


def noise(source_id: int, samples: int) -> np.ndarray:
    """Two rows of float32, smooth enough that AAC keeps its shape."""
    white = np.random.default_rng(1000 + source_id).standard_normal((2, samples + 8)).astype(np.float32)
    smooth = sum(white[:, k : k + samples] for k in range(4)) / 4
    return (0.3 * smooth).astype(np.float32)


def make(
    path: Path,
    *,
    source_id: int,
    frames: int,
    rate: Fraction = Fraction(30),
    size: tuple[int, int] = (640, 360),
    gop: int = 12,
    sound: bool = True,
    audio_codec: str = "aac",
    b_frames: int = 2,
) -> Footage:
    """Write the source of that id."""
    width, height = size
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "2"})
        context = video.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.gop_size, context.max_b_frames, context.thread_count = gop, b_frames, 1
        context.time_base = 1 / rate
        context.color_range, context.colorspace = ColorRange.MPEG, 1
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        audio = None
        if sound:
            audio = container.add_stream(audio_codec, rate=SAMPLE_RATE, layout="stereo")
            audio.codec_context.bit_rate = 320_000
        for frame in _frames(source_id, frames, width, height):
            frame.time_base = 1 / rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            samples = noise(source_id, int(frames / rate * SAMPLE_RATE))
            if audio_codec.startswith("pcm"):
                block = av.AudioFrame.from_ndarray(
                    np.rint(samples.T * 32767).astype(np.int16).reshape(1, -1), format="s16", layout="stereo"
                )
            else:
                block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return Footage(path, source_id, frames, rate, width, height)


def _frames(source_id: int, frames: int, width: int, height: int) -> Iterator[av.VideoFrame]:
    base = luma(width, height)
    for n in range(frames):
        u, v = chroma(source_id, n)
        planes = np.concatenate(
            [
                base.ravel(),
                np.full(width * height // 4, u, np.uint8),
                np.full(width * height // 4, v, np.uint8),
            ]
        ).reshape(height * 3 // 2, width)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = n
        yield frame
