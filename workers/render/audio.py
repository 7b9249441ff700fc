"""Sound of files, decoded to 48 kHz stereo float.

Source sample 0 lies at the first picture of the source (its first sound where it has none), so what was in step in the
source stays in step.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.error import FFmpegError
from numpy.typing import NDArray

from workers.render import errors
from workers.render.decode import is_cover
from workers.render.plan_parts import SAMPLE_RATE, Source

PREROLL: Final = 8192
"""Samples decoded ahead of the first one used: lossy codecs need the packets before it."""
WALK: Final = 2 * SAMPLE_RATE
JUMP: Final = SAMPLE_RATE // 100
"""A gap between time stamps longer than this is a gap in the sound; a shorter one is the container's rounding."""

Samples = NDArray[np.float32]
"""Two rows: left and right."""


class AudioReader:
    """One open source: any run of its samples, silent where it has none."""

    def __init__(self, source: Source, address: str) -> None:
        self._key = source.key
        try:
            self._container: InputContainer = av.open(address)
        except (FFmpegError, OSError) as error:
            raise errors.SourceUnreadable(source=source.key, reason=str(error)) from error
        if not self._container.streams.audio:
            self.close()
            raise errors.SourceUnreadable(source=source.key, reason="no audio stream")
        self._stream = self._container.streams.audio[0]
        self._time_base = self._stream.time_base or Fraction(1, SAMPLE_RATE)
        self._origin = self._find_origin()
        self._at = 0
        self._held: list[Samples] = []
        self._blocks: Iterator[tuple[int, Samples]] | None = None

    def close(self) -> None:
        """Give the file and its decoder back."""
        self._container.close()

    def read(self, first: int, count: int) -> Samples:
        """`count` samples from source sample `first` on. Raises SourceUnreadable."""
        try:
            return self._read(first, count)
        except (FFmpegError, OSError) as error:
            raise errors.SourceUnreadable(source=self._key, sample=first, reason=str(error)) from error

    def _find_origin(self) -> Fraction:
        films = (s for s in self._container.streams.video if s.start_time is not None and not is_cover(s))
        lead = next(films, self._stream)
        return Fraction(lead.start_time or 0) * (lead.time_base or 1)

    @property
    def _reached(self) -> int:
        return self._at + sum(len(part[0]) for part in self._held)

    def _read(self, first: int, count: int) -> Samples:
        if self._blocks is None or first < self._at or first > self._reached + WALK:
            self._seek(first)
        while self._reached < first + count and self._take():
            self._forget(first)
        out = np.zeros((2, count), np.float32)
        at = self._at
        for part in self._held:
            low, high = max(first, at), min(first + count, at + part.shape[1])
            if low < high:
                out[:, low - first : high - first] = part[:, low - at : high - at]
            at += part.shape[1]
        self._forget(first + count)
        return out

    def _forget(self, before: int) -> None:
        while self._held and self._at + self._held[0].shape[1] <= before:
            self._at += self._held.pop(0).shape[1]

    def _take(self) -> bool:
        """Decode one more block to the end of what is held; False at the end of the file."""
        assert self._blocks is not None
        at, block = next(self._blocks, (0, None))
        if block is None:
            return False
        if not self._held:
            self._at = at
        elif at > self._reached:
            self._held.append(np.zeros((2, at - self._reached), np.float32))
        elif at < self._reached:
            block = block[:, self._reached - at :]
        self._held.append(block)
        return True

    def _seek(self, first: int) -> None:
        seconds = Fraction(max(0, first - PREROLL), SAMPLE_RATE) + self._origin
        self._container.seek(int(seconds / self._time_base), stream=self._stream)
        self._held, self._at = [], first
        self._blocks = self._decode()

    def _decode(self) -> Iterator[tuple[int, Samples]]:
        """Blocks and their source sample numbers. Numbers count on from block to block; only a real gap sets them."""
        resampler = self._resampler()
        at: int | None = None
        for packet in self._container.demux(self._stream):
            for frame in packet.decode():
                stamp = self._sample_of(frame)
                if at is None or (stamp is not None and abs(stamp - at) > JUMP + resampler_delay(frame)):
                    resampler = self._resampler()
                    at = stamp or 0
                for block in _blocks(resampler, frame):
                    yield at, block
                    at += block.shape[1]
        if at is not None:
            for block in _blocks(resampler, None):
                yield at, block
                at += block.shape[1]

    def _sample_of(self, frame: av.AudioFrame) -> int | None:
        if frame.pts is None:
            return None
        seconds = frame.pts * (frame.time_base or self._time_base) - self._origin
        return round(seconds * SAMPLE_RATE)

    def _resampler(self) -> AudioResampler:
        mono = self._stream.codec_context.layout.nb_channels == 1
        return AudioResampler(format="fltp", layout="mono" if mono else "stereo", rate=SAMPLE_RATE)


def resampler_delay(frame: av.AudioFrame) -> int:
    """How far the count of resampled samples may lag behind the time stamps."""
    return 0 if frame.sample_rate == SAMPLE_RATE else SAMPLE_RATE // 50


def _blocks(resampler: AudioResampler, frame: av.AudioFrame | None) -> Iterator[Samples]:
    for part in resampler.resample(frame):
        block = part.to_ndarray().astype(np.float32, copy=False)
        if block.shape[1]:
            yield np.repeat(block, 2, axis=0) if block.shape[0] == 1 else block
