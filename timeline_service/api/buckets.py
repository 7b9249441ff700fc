"""Token buckets: so many per second on average, so many at once."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from uuid import UUID

PEOPLE: Final = 10_000
"""Whoever asked longest ago is forgotten first, and starts full again."""


class Bucket:
    """Starts full; refills at `rate` per second up to `burst`."""

    def __init__(self, rate: float, burst: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._level = burst
        self._at = clock()

    def take(self, count: float = 1) -> float:
        """0 if so many were there, and they are taken; else the seconds until they will be, and none is taken."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if count <= self._level:
            self._level -= count
            return 0.0
        return (min(count, self._burst) - self._level) / self._rate


class Buckets:
    """One bucket for each person."""

    def __init__(self, rate: float, burst: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._people: OrderedDict[UUID, Bucket] = OrderedDict()

    def take(self, person: UUID) -> float:
        """See Bucket.take."""
        bucket = self._people.get(person)
        if bucket is None:
            bucket = self._people[person] = Bucket(self._rate, self._burst, clock=self._clock)
            if len(self._people) > PEOPLE:
                self._people.popitem(last=False)
        self._people.move_to_end(person)
        return bucket.take()
