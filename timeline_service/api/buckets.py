"""Token buckets: so many per second on average, so many at once."""

import time
from collections.abc import Callable


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
