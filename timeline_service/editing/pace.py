"""How often the sessions of a timeline are told what was committed.

    frame ──► nothing went lately: at once
        └───► else it is held ──► a moment after the one before: all that is held, as one frame

Eyes do not see more than so many pictures a second, and to write to a socket costs as much for one event as for ten.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from timeline_service.eventstore.items import join_events_frames

LARGEST: Final = 64 * 1024
"""Bytes of frames that are put together; who has a slow line is not to wait for more at once."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The encoded `events` frame of the versions [from_version, to_version] of a timeline.

    `parts`: what it was put together from, for those who have the first of them already.
    """

    timeline_id: UUID
    from_version: int
    to_version: int
    data: bytes
    parts: "tuple[Frame, ...]" = ()


def joined(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same events in the same order in as few frames as fit: of one timeline, without a gap, `LARGEST` at most."""
    run: list[Frame] = []
    size = 0
    for frame in frames:
        follows = run and (run[-1].timeline_id, run[-1].to_version + 1) == (frame.timeline_id, frame.from_version)
        if run and not (follows and size + len(frame.data) <= LARGEST):
            yield _as_one(run)
            run, size = [], 0
        run.append(frame)
        size += len(frame.data)
    if run:
        yield _as_one(run)


def _as_one(run: list[Frame]) -> Frame:
    if len(run) == 1:
        return run[0]
    first, last = run[0].from_version, run[-1].to_version
    return Frame(
        run[0].timeline_id, first, last, join_events_frames([frame.data for frame in run], first, last), tuple(run)
    )


class Pace:
    """Frames of one timeline, without a gap, on their way to `deliver`: every `apart_s` seconds at most.

    Above `LARGEST` held bytes go earlier. With `apart_s` 0 every frame goes at once, and no event loop is needed.
    """

    def __init__(self, apart_s: float, deliver: Callable[[Frame], None]) -> None:
        self._apart_s = apart_s
        self._deliver = deliver
        self._held: list[Frame] = []
        self._bytes = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, frame: Frame) -> None:
        """The next frame."""
        if not self._apart_s:
            self._deliver(frame)
            return
        if self._held and self._bytes + len(frame.data) > LARGEST:
            self.flush()
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self._held and now >= self._due:
            self._due = now + self._apart_s
            self._deliver(frame)
            return
        self._held.append(frame)
        self._bytes += len(frame.data)
        if self._timer is None:
            self._timer = loop.call_at(self._due, self.flush)

    def flush(self) -> None:
        """What is held goes now."""
        held = self.close()
        if held:
            self._due = asyncio.get_running_loop().time() + self._apart_s
            for frame in joined(held):
                self._deliver(frame)

    def close(self) -> list[Frame]:
        """Hold nothing any more; answers what was held."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held, self._held, self._bytes = self._held, [], 0
        return held
