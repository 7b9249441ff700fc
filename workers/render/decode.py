"""Exact pictures from source files: frame k of a source, by presentation time, whatever the container does.

A reader walks forward while that is cheaper than seeking, and otherwise seeks to the keyframe before. The pool holds a
few open readers, the least recently used is closed, so that memory does not grow with the number of clips; layers that
show one source at different times have a reader each.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from workers.render import errors
from workers.render.colour import Normaliser, Pixmap, has_alpha
from workers.render.plan_parts import Source

OPEN_READERS: Final = 3
"""How many are kept open beside those that the current output frame needs."""
REACH: Final = 16
"""Steps back of fewer pictures than this are a clip that runs backwards; longer ones are a cut."""
MOST_READERS: Final = 12
"""A frame of more layers than this opens and closes files for each of its pictures."""
DECODER_THREADS: Final = 2
REORDER: Final = 2
"""An index may give decoding times, which lie up to so many frames before the time of the picture."""
WALK_FRAMES: Final = 48
"""Without an index of keyframes: how far ahead it is cheaper to decode on than to seek."""
TRAIL_BYTES: Final = 32_000_000
"""What a reader that runs backwards may keep of the pictures behind it, so as not to decode a whole group for each."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A picture and its frame number; `held` if the file ends before the frame asked for, and this is its last.

    `flattened`: the film has transparency, which is not shown.
    """

    number: int
    pixmap: Pixmap
    held: bool
    flattened: bool


class VideoReader:
    """One open source. Raises SourceUnreadable when the file cannot give what its facts promise."""

    def __init__(self, source: Source, address: str) -> None:
        self._source = source
        self._rate = Fraction(source.rate_num, source.rate_den)
        self._normaliser = Normaliser()
        try:
            self._container: InputContainer = av.open(address)
        except (FFmpegError, OSError) as error:
            raise errors.SourceUnreadable(source=source.key, reason=str(error)) from error
        stream = next((s for s in self._container.streams.video if not is_cover(s)), None)
        if stream is None:
            self.close()
            raise errors.SourceUnreadable(source=source.key, reason="no video stream")
        self._stream: VideoStream = stream
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._stream.thread_type = "FRAME"
        self._time_base = self._stream.time_base or Fraction(1, 1)
        frames_per_unit = self._time_base * self._rate
        self._numerator, self._denominator = frames_per_unit.numerator, frames_per_unit.denominator
        self._start = self._stream.start_time or 0
        index = [(self._number(entry.timestamp), entry.is_keyframe) for entry in self._stream.index_entries]
        self._keyframes = [number for number, is_key in index if is_key]
        # Only where pictures are evenly spaced is every picture before the wanted one surely not the one to show.
        self._is_even = bool(index) and all(own == index[0][0] + i for i, (own, _) in enumerate(index))
        self._want = self._asked = 0
        self._trail: deque[tuple[int, av.VideoFrame]] = deque(maxlen=_trail_of(source))
        self._is_backwards = self._has_stepped_back = False
        self._frames: Iterator[av.VideoFrame] = self._decode()
        self._current: tuple[int, av.VideoFrame] | None = None
        self._next: tuple[int, av.VideoFrame] | None = None
        self._pixmap: tuple[int, Pixmap] | None = None
        self._ended = False

    def close(self) -> None:
        """Give the file and its decoder back."""
        self._current = self._next = self._pixmap = None
        self._trail.clear()
        self._container.close()

    def picture(self, number: int) -> Picked:
        """The picture shown as frame `number`: the last one whose own number is not above it."""
        try:
            found = self._behind(number) or self._ahead(number)
        except (FFmpegError, OSError) as error:
            raise errors.SourceUnreadable(source=self._source.key, frame=number, reason=str(error)) from error
        if found is None:
            raise errors.SourceUnreadable(source=self._source.key, frame=number, reason="no picture there")
        own, frame = found
        if self._pixmap is None or self._pixmap[0] != own:
            self._pixmap = (own, self._checked(frame))
        flattened = bool(self._source.duration) and has_alpha(frame)
        return Picked(own, self._pixmap[1], held=self._ended and number > own, flattened=flattened)

    def distance(self, number: int) -> int | None:
        """How many pictures lie between its own and that of frame `number`; None where it would have to seek."""
        if self._current is None or number < self._current[0] or self._is_cheaper_to_seek(number):
            return None
        return number - self._current[0]

    def _checked(self, frame: av.VideoFrame) -> Pixmap:
        pixmap = self._normaliser.pixmap(frame, with_alpha=not self._source.duration)
        height, width = pixmap.planes[0].shape
        if (width, height) != (self._source.width, self._source.height):
            raise errors.SourceUnreadable(
                source=self._source.key, reason="size differs from the facts", width=width, height=height
            )
        return pixmap

    def _number(self, pts: int) -> int:
        """Frame number of a time stamp: to the nearest, since containers round their time stamps."""
        return (2 * (pts - self._start) * self._numerator + self._denominator) // (2 * self._denominator)

    def _behind(self, number: int) -> tuple[int, av.VideoFrame] | None:
        """The picture among those that were passed on the way, if it is there."""
        if number != self._asked:
            # One step back may be a cut; pictures are kept only for a clip that goes on so.
            steps_back = self._asked - REACH < number < self._asked
            self._is_backwards, self._has_stepped_back = steps_back and self._has_stepped_back, steps_back
            self._asked = number
        if self._current is None or number >= self._current[0] or not self._trail or self._trail[0][0] > number:
            return None
        return next(passed for passed in reversed(self._trail) if passed[0] <= number)

    def _ahead(self, number: int) -> tuple[int, av.VideoFrame] | None:
        """The picture after walking or seeking there."""
        self._go_to(number)
        return self._current

    def _go_to(self, number: int) -> None:
        # Who runs backwards wants the pictures before this one next.
        self._want = number - (self._trail.maxlen or 0) if self._is_backwards else number
        if self._current is None or number < self._current[0] or self._is_cheaper_to_seek(number):
            self._seek(number)
        while self._current is None or self._current[0] < number:
            if not self._step(number):
                return

    def _step(self, number: int) -> bool:
        """One picture on, unless the next one lies beyond `number` or there is none."""
        if self._next is None:
            frame = next(self._frames, None)
            if frame is None:
                self._ended = True
                return False
            self._next = (self._number(frame.pts if frame.pts is not None else self._start), frame)
        if self._next[0] > number and self._current is not None:
            return False
        if not self._is_backwards:
            self._trail.clear()  # what lies behind it would have a gap
        elif self._current is not None:
            self._trail.append(self._current)
        self._current, self._next = self._next, None
        return True

    def _is_cheaper_to_seek(self, number: int) -> bool:
        assert self._current is not None
        reached = max(self._current[0], self._next[0] if self._next else 0)
        if number <= reached + 1:
            return False
        if len(self._keyframes) > 1:
            return any(reached + DECODER_THREADS < key <= number - REORDER for key in self._keyframes)
        return number > reached + WALK_FRAMES

    def _seek(self, number: int) -> None:
        """To a keyframe from which `number` can be decoded: one whose first picture is not after it."""
        back, first = 0, self._seek_to(number)
        while first is not None and first > number and back <= number + WALK_FRAMES:
            back = max(WALK_FRAMES, back * 4)
            # Before the first frame on purpose: some containers count seeks in decoding time, which starts earlier.
            first = self._seek_to(number - back)

    def _seek_to(self, at: int) -> int | None:
        """Start decoding at the keyframe at or before frame `at`; the number of the first picture there, if any."""
        # A quarter of a frame late: past a time stamp that the container rounded up, still before the next one.
        offset = int((at + Fraction(1, 4)) * self._denominator / self._numerator)
        self._container.seek(self._start + offset, stream=self._stream)
        self._frames, self._ended = self._decode(), False
        self._current = self._next = None
        self._trail.clear()
        self._step(max(0, at))
        return self._current[0] if self._current else None

    def _decode(self) -> Iterator[av.VideoFrame]:
        """Pictures from here on. Those before the wanted one that nothing refers to are not decoded at all."""
        context = self._stream.codec_context
        for packet in self._container.demux(self._stream):
            early = self._is_even and packet.pts is not None and self._number(packet.pts) < self._want - 1
            context.skip_frame = "NONREF" if early else "DEFAULT"
            yield from packet.decode()


def _trail_of(source: Source) -> int:
    """How many pictures of a source may be kept behind."""
    return max(4, min(WALK_FRAMES, TRAIL_BYTES // max(1, source.width * source.height * 3 // 2)))


def is_cover(stream: VideoStream) -> bool:
    """Whether this is the cover picture of a song and no film."""
    return bool(stream.disposition & Disposition.attached_pic)


@dataclass
class _Open:
    key: str
    reader: VideoReader
    used: int


class Pool:
    """The open readers of a rendering, at most `limit` at once unless one output frame needs more."""

    def __init__(self, sources: Mapping[str, Source], addresses: Mapping[str, str], limit: int = OPEN_READERS) -> None:
        self._sources = sources
        self._addresses = addresses
        self._limit = limit
        self._open: list[_Open] = []
        self._now = 0

    def next_frame(self) -> None:
        """Another output frame begins: readers that the last one used are free again."""
        self._now += 1

    def picture(self, key: str, number: int) -> Picked:
        """Frame `number` of a source, by the reader that gets there soonest. Raises SourceUnreadable."""
        chosen = self._choose(key, number)
        if chosen is None:
            self._make_room()
            chosen = _Open(key, VideoReader(self._sources[key], self._addresses[key]), self._now)
        else:
            self._open.remove(chosen)
        self._open.append(chosen)
        chosen.used = self._now
        return chosen.reader.picture(number)

    def _choose(self, key: str, number: int) -> _Open | None:
        """A reader that stands there, else the nearest that no other layer of this frame has, else any such one."""
        own = [(entry, entry.reader.distance(number)) for entry in self._open if entry.key == key]
        for entry, distance in own:
            if distance == 0:
                return entry
        free = [(distance, n, entry) for n, (entry, distance) in enumerate(own) if entry.used < self._now]
        near = [(distance, n, entry) for distance, n, entry in free if distance is not None]
        if near:
            return min(near, key=lambda found: found[:2])[2]
        return free[0][2] if free else None

    def _make_room(self) -> None:
        while len(self._open) >= self._limit:
            idle = next((entry for entry in self._open if entry.used < self._now), None)
            if idle is None and len(self._open) < MOST_READERS:
                return
            idle = idle or self._open[0]
            self._open.remove(idle)
            idle.reader.close()

    def close(self) -> None:
        """Close everything."""
        while self._open:
            self._open.pop().reader.close()
