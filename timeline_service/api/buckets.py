"""Token buckets: so many per second on average, so many at once."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

KEPT: Final = 10_000
"""The bucket that was asked longest ago is forgotten first, and starts full again."""


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
    """One bucket for each key: a person, a person on a timeline."""

    def __init__(self, rate: float, burst: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._known: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, key: Hashable, count: float = 1) -> float:
        """See Bucket.take."""
        bucket = self._known.get(key)
        if bucket is None:
            bucket = self._known[key] = Bucket(self._rate, self._burst, clock=self._clock)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return bucket.take(count)
