"""What the fields of a record may hold, for records that come from outside as they are: from an imported file.

Gestures make sound records by themselves; here a stranger hands us finished ones.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from timeline_service.domain import errors, json_value
from timeline_service.domain.gesture import RecordId, Text
from timeline_service.domain.media import Available, Pixels, RateValue, Ticks
from timeline_service.domain.time import MAX_TICKS

Signed = Annotated[int, Field(ge=-MAX_TICKS, le=MAX_TICKS)]
Gain = Annotated[int, Field(ge=-100_000, le=100_000)]
Part = Annotated[int, Field(ge=0, le=1_000_000)]
Ratio = Annotated[int, Field(ge=1, le=1_000_000)]


class Shape(BaseModel):
    """A record without its `map.key` fields, which are free JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Speed(Shape):
    num: Ratio
    den: Ratio


class Window(Shape):
    x: Part
    y: Part
    width: Annotated[int, Field(ge=1, le=1_000_000)]
    height: Annotated[int, Field(ge=1, le=1_000_000)]


class Media(Shape):
    """As a clip keeps it (see media.MediaReference.known)."""

    asset_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    url: Annotated[str, StringConstraints(max_length=2048)] | None = None
    generator: Literal["black", "color", "tone", "title"] | None = None
    missing: Literal[True] | None = None
    kind: Literal["video", "audio", "image"] | None = None
    has_audio: bool | None = None
    available: Available | None = None
    rate: RateValue | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    params: json_value.Params | None = None


class Timeline(Shape):
    name: Text
    rate: RateValue
    width: Annotated[int, Field(ge=16, le=16_384)]
    height: Annotated[int, Field(ge=16, le=16_384)]
    start_timecode: Ticks


class Track(Shape):
    kind: Literal["video", "audio", "caption"]
    name: Text
    order: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,1000}$")]
    """Longer than a request may name: a track on top of a long rank gets a longer one."""
    enabled: bool
    locked: bool
    muted: bool
    solo: bool
    gain: Gain
    sequence_id: None


class Clip(Shape):
    track_id: RecordId
    start: Ticks
    duration: Annotated[int, Field(ge=1, le=MAX_TICKS)]
    media: Media
    source_in: Signed
    map_offset: Signed
    speed: Speed
    reversed: bool
    name: Text
    enabled: bool
    color: Text | None
    gain: Gain
    fade_in: Ticks
    fade_out: Ticks
    link_id: RecordId | None
    group_id: RecordId | None


class Keyframe(Shape):
    parent_id: RecordId
    property: Literal["crop"]
    time: Signed
    value: Window
    interpolation: Literal["hold", "linear", "bezier"]


class Marker(Shape):
    parent_id: RecordId
    time: Signed
    duration: Ticks
    name: Text
    color: Text
    comment: Annotated[str, StringConstraints(max_length=10_000)]


SHAPES: Final[dict[str, type[Shape]]] = {
    "timeline": Timeline,
    "track": Track,
    "clip": Clip,
    "keyframe": Keyframe,
    "marker": Marker,
}
MAPS: Final = {"timeline": "metadata.", "clip": "metadata."}


def check(kind: str, id: str, value: dict[str, Any]) -> None:
    """Refuse (invalid) a record that no gesture could have made."""
    prefix = MAPS.get(kind)
    free = {name: value[name] for name in value if prefix is not None and name.startswith(prefix)}
    try:
        SHAPES[kind].model_validate({name: field for name, field in value.items() if name not in free})
        json_value.check({name.removeprefix(str(prefix)): field for name, field in free.items()})
        if kind == "keyframe":
            _check_inside(value["value"])
        if value.get("rate") is not None:
            RateValue.model_validate(value["rate"]).rate()
    except (ValidationError, ValueError):
        raise errors.Wrong(reason=f"a {kind} record is not as the service writes it", id=id) from None


def _check_inside(window: dict[str, int]) -> None:
    if window["x"] + window["width"] > 1_000_000 or window["y"] + window["height"] > 1_000_000:
        raise ValueError("the window lies outside the picture")
