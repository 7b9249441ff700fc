"""Chance and the clock held still while a file is written: the same timeline is the same file, byte by byte.

The writer of AAF makes ids of chance, stamps them with the time of day and shuffles its folders; no option
turns that off.
Whoever imports the file twice is to meet the same ids twice.
"""

import contextlib
import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Final

import aaf2.file  # type: ignore[import-untyped]
import aaf2.mobs  # type: ignore[import-untyped]

WHEN: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - as the writer takes it
"""What stands for the time of writing."""


class _Then(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> "_Then":
        return cls(*WHEN.timetuple()[:6], tzinfo=tz)


class _Clock:
    """The module `datetime`, as far as the writer looks into it."""

    datetime = _Then


@contextlib.contextmanager
def held(seed: bytes) -> Iterator[None]:
    """Ids of chance come of `seed`. For the whole process: it is that of one file."""
    chance = random.Random(seed)  # noqa: S311 - names, no secrets
    state = random.getstate()

    def drawn() -> uuid.UUID:
        return uuid.UUID(int=chance.getrandbits(128), version=4)

    places = ((uuid, "uuid4", drawn), (aaf2.file, "uuid4", drawn), (aaf2.file, "datetime", _Clock))
    replaced = (*places, (aaf2.mobs, "datetime", _Then))
    before = [(module, name, getattr(module, name)) for module, name, _ in replaced]
    try:
        random.seed(seed)
        for module, name, value in replaced:
            setattr(module, name, value)
        yield
    finally:
        random.setstate(state)
        for module, name, value in before:
            setattr(module, name, value)
