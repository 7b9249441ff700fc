"""OTIO's times as exact ticks, and the grid on which their edges come to lie.

An edge is rounded, never a duration: two items that touched touch still, and nothing drifts.
"""

from fractions import Fraction
from typing import Any, Final

from projections.otio.report import Report
from projections.otio.schema import Json
from timeline_service.domain import errors
from timeline_service.domain.time import MAX_TICKS, TICKS_PER_SECOND, Rate, snap_rate

Ticks = int | Fraction

NOISE: Final = 64
"""Ticks (90 ns) by which doubles may miss a time of ours: OTIO's reader loses the last bit of each."""


class OutOfTime(ValueError):
    """A time is no time: its rate is not positive, a duration is negative, or it lies beyond 147 days."""


class Clock:
    """Reads times; `rate` is the grid of pictures. Notes in the report how far an edge was moved."""

    def __init__(self, rate: Rate, report: Report) -> None:
        self.rate = rate
        self.report = report
        self._per_unit: dict[float, Ticks] = {}

    def ticks(self, time: Json) -> Ticks:
        """A RationalTime, exactly. Raises OutOfTime."""
        value, rate = time["value"], time["rate"]
        per_unit = self._per_unit.get(rate)
        if per_unit is None:
            per_unit = self._per_unit[rate] = _ticks_per_unit(rate)
        whole = int(value)
        ticks = whole * per_unit if whole == value else Fraction(value) * per_unit
        if not -MAX_TICKS <= ticks <= MAX_TICKS:
            raise OutOfTime("a time lies further than 147 days from zero")
        return ticks

    def duration(self, time: Json) -> Ticks:
        """A RationalTime that is no less than zero. Raises OutOfTime."""
        ticks = self.ticks(time)
        if ticks < 0:
            raise OutOfTime("a duration is negative")
        return ticks

    def edge(self, at: Ticks, frame: int, where: str = "") -> int:
        """The nearest multiple of `frame` ticks, half up."""
        rounded = int((at + Fraction(frame, 2)) // frame) * frame
        off = max(rounded - at, at - rounded)
        if off > NOISE:
            self.report.shifted(off, where)
        return rounded


def _ticks_per_unit(rate: float) -> Ticks:
    """Of a rate that we know, of its doubles to a thousandth too; else of exactly what is said."""
    if not rate > 0:
        raise OutOfTime("a rate is not positive")
    try:
        return snap_rate(rate).ticks_per_frame
    except errors.RateUnknown:
        return Fraction(TICKS_PER_SECOND) / Fraction(rate)


def listed(rate: float) -> Rate | None:
    """The rate of our list that is meant, if one is."""
    try:
        return snap_rate(rate)
    except errors.RateUnknown:
        return None


def is_range(value: Any) -> bool:
    """Whether a JSON value has the parts of a TimeRange with numbers in them."""
    times = [value.get(end) for end in ("start_time", "duration")] if isinstance(value, dict) else [None]
    parts = [time.get(part) if isinstance(time, dict) else None for time in times for part in ("value", "rate")]
    return all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts)
