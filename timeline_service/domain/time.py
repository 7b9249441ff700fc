"""Time: the integer tick, and the closed list of frame rates on which it is exact.

One tick is 1/705 600 000 s. It divides every frame of the rates below and every sample from 8 to 192 kHz, and stays
within 2^53 for 147 days, so that JSON clients lose nothing.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from timeline_service.domain import errors

TICKS_PER_SECOND: Final = 705_600_000
MAX_TICKS: Final = 2**53 - 1
SNAP: Final = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Rate:
    """A frame rate of the closed list, frames per second as num/den."""

    num: int
    den: int

    @property
    def ticks_per_frame(self) -> int:
        return TICKS_PER_SECOND * self.den // self.num

    def as_dict(self) -> dict[str, int]:
        return {"num": self.num, "den": self.den}


RATES: Final = tuple(
    Rate(num, den)
    for num, den in (
        (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48000, 1001), (48, 1),
        (50, 1), (60000, 1001), (60, 1), (90, 1), (100, 1), (120000, 1001), (120, 1),
    )
)  # fmt: skip


def rate_of(num: int, den: int) -> Rate:
    """The listed rate equal to num/den. Raises RateUnknown."""
    for rate in RATES:
        if num * rate.den == rate.num * den:
            return rate
    raise errors.RateUnknown(num=num, den=den)


def snap_rate(value: float | Fraction) -> Rate:
    """The listed rate nearest to a measured or rounded one, within 1e-3 relative. Raises RateUnknown."""
    if not value > 0 or value == float("inf"):
        raise errors.RateUnknown()
    exact = Fraction(value)
    nearest = min(RATES, key=lambda rate: abs(Fraction(rate.num, rate.den) - exact))
    if abs(Fraction(nearest.num, nearest.den) - exact) > exact * SNAP:
        raise errors.RateUnknown(rate=float(exact))
    return nearest


def floor_ticks(seconds: Fraction) -> int:
    """Measured media facts floor to ticks."""
    return int(seconds * TICKS_PER_SECOND // 1)


@dataclass(frozen=True, slots=True)
class Time:
    """A time or a distance as a request gives it: frames at the timeline's rate, ticks, or value/rate.

    Wire forms: `48` | `{"ticks": 1411200000}` | `{"value": 48, "rate": 24}` where rate is an integer, {num, den}
    or a float that snaps to the closed list.
    """

    frames: int | None = None
    ticks: int | None = None
    value: Fraction | None = None
    rate: Rate | None = None

    def in_ticks(self, timeline_rate: Rate) -> int:
        """Ticks, exactly. Raises TimeNotExact."""
        if self.ticks is not None:
            return self.ticks
        if self.frames is not None:
            return _bounded(self.frames * timeline_rate.ticks_per_frame)
        assert self.value is not None and self.rate is not None
        ticks = self.value * self.rate.ticks_per_frame
        if ticks.denominator != 1:
            raise errors.TimeNotExact(value=str(self.value))
        return _bounded(int(ticks))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            parse_time, serialization=core_schema.plain_serializer_function_ser_schema(_dump)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        whole = {"type": "integer", "minimum": -MAX_TICKS, "maximum": MAX_TICKS}
        rate = {
            "type": "object",
            "properties": {"num": {"type": "integer"}, "den": {"type": "integer"}},
            "required": ["num", "den"],
            "additionalProperties": False,
        }
        return {
            "title": "Time",
            "description": "Frames at the timeline's rate, exact ticks, or value at a rate.",
            "anyOf": [
                whole,
                {
                    "type": "object",
                    "properties": {"ticks": whole},
                    "required": ["ticks"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"value": {"type": "number"}, "rate": {"anyOf": [{"type": "number"}, rate]}},
                    "required": ["value", "rate"],
                    "additionalProperties": False,
                },
            ],
        }


def ticks(n: int) -> Time:
    """A Time that is already exact."""
    return Time(ticks=n)


def parse_time(data: Any) -> Time:
    """A wire form to a Time. Raises PydanticCustomError, which the API turns into a 422."""
    if isinstance(data, Time):
        return data
    if _whole(data):
        return Time(frames=data)
    if isinstance(data, dict) and set(data) == {"ticks"} and _whole(data["ticks"]):
        return Time(ticks=data["ticks"])
    if isinstance(data, dict) and set(data) == {"value", "rate"}:
        return Time(value=_number(data["value"]), rate=_rate(data["rate"]))
    raise PydanticCustomError("time", 'a time is a whole number of frames, {"ticks": n} or {"value": v, "rate": r}')


def _dump(time: Time) -> Any:
    if time.ticks is not None:
        return {"ticks": time.ticks}
    if time.frames is not None:
        return time.frames
    assert time.value is not None and time.rate is not None
    value = int(time.value) if time.value.denominator == 1 else float(time.value)
    return {"value": value, "rate": time.rate.as_dict()}


def _bounded(ticks: int) -> int:
    if abs(ticks) > MAX_TICKS:
        raise errors.BadRange(reason="further than 147 days")
    return ticks


def _whole(data: Any) -> bool:
    return isinstance(data, int) and not isinstance(data, bool) and abs(data) <= MAX_TICKS


def _number(data: Any) -> Fraction:
    if _whole(data):
        return Fraction(data)
    if isinstance(data, float) and abs(data) <= MAX_TICKS:
        return Fraction(data)
    raise PydanticCustomError("time", "the value of a time is a finite number")


def _rate(data: Any) -> Rate:
    try:
        if isinstance(data, dict) and set(data) == {"num", "den"} and all(_whole(n) and n > 0 for n in data.values()):
            return rate_of(data["num"], data["den"])
        if _whole(data) or isinstance(data, float):
            return snap_rate(data)
    except errors.RateUnknown:
        pass
    raise PydanticCustomError("rate_unknown", "this frame rate is not one of the rates the service knows")
