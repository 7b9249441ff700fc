"""How long to wait before connecting again, and at which address."""

import random
from collections.abc import Sequence
from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 15.0
STEADY_S: Final = 5.0
"""A connection that held so long was a good one: the next wait is the first one again."""


class Backoff:
    """Twice as long after each failure, never the same for two clients: all of them lost the same server at once."""

    def __init__(self, chance: random.Random, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._chance = chance
        self._first_s = first_s
        self._longest_s = longest_s
        self._failures = 0

    def lasted(self, seconds: float) -> None:
        """A connection was open for so long."""
        if seconds >= STEADY_S:
            self._failures = 0

    def wait_s(self) -> float:
        """Seconds to wait now: between half and all of 0.5, 1, 2, … 15."""
        longest: float = min(self._longest_s, self._first_s * 2 ** min(self._failures, 16))
        self._failures += 1
        return longest * (0.5 + self._chance.random() / 2)

    def tire(self) -> None:
        """The service asked for fewer messages: wait as long as there is."""
        self._failures = 16


class Addresses:
    """The processes of one service, tried in turn. `http://host:port` each."""

    def __init__(self, urls: str | Sequence[str]) -> None:
        self._urls = [urls] if isinstance(urls, str) else [*urls]
        if not self._urls:
            raise ValueError("a client needs an address")
        self._at = 0

    @property
    def current(self) -> str:
        return self._urls[self._at % len(self._urls)].rstrip("/")

    def move_on(self) -> None:
        """This one failed: the next, please."""
        self._at += 1

    def stream(self, timeline_id: str) -> str:
        """Where the stream of a timeline is."""
        return f"{self.current.replace('http', 'ws', 1)}/api/v1/timelines/{timeline_id}/stream"
