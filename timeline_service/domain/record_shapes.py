"""What the fields of a record may hold, for records that come from outside as they are: from an imported file.

Gestures make sound records by themselves; here a stranger hands us finished ones.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from timeline_service.domain import errors, json_value, notes, properties, records, style
from timeline_service.domain.easing import Interpolation
from timeline_service.domain.gesture import RecordId, Text
from timeline_service.domain.media import SOURCES, Pixels, RateValue, Ticks
from timeline_service.domain.time import MAX_TICKS

Signed = Annotated[int, Field(ge=-MAX_TICKS, le=MAX_TICKS)]
Gain = Annotated[int, Field(ge=-100_000, le=100_000)]
Ratio = Annotated[int, Field(ge=1, le=1_000_000)]
Order = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,1000}$")]
"""Longer than a request may name: what goes on top of a long rank gets a longer one."""
Kind = Annotated[Text, StringConstraints(min_length=1)]
Comment = Annotated[str, StringConstraints(max_length=10_000)]


class Shape(BaseModel):
    """A record without its `map.key` fields, which are free JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Speed(Shape):
    num: Annotated[int, Field(ge=0, le=1_000_000)]
    den: Ratio


class Available(Shape):
    """Both ends: a gesture that names none of them has been filled in by then."""

    start: Ticks
    duration: Ticks


class Media(Shape):
    """As a clip keeps it (see media.MediaReference.known)."""

    asset_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    url: Annotated[str, StringConstraints(max_length=2048)] | None = None
    generator: Literal["black", "color", "tone", "title"] | None = None
    missing: Literal[True] | None = None
    sequence_id: RecordId | None = None
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
    order: Order
    enabled: bool
    locked: bool
    muted: bool
    solo: bool
    gain: Gain
    sequence_id: RecordId | None


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


class Sequence(Shape):
    name: Text


class Transition(Shape):
    left_id: RecordId | None
    right_id: RecordId | None
    kind: Kind
    in_offset: Ticks
    out_offset: Ticks
    name: Text


class Effect(Shape):
    parent_id: RecordId
    kind: Kind
    order: Order
    name: Text
    enabled: bool


class Caption(Shape):
    track_id: RecordId
    start: Ticks
    duration: Annotated[int, Field(ge=1, le=MAX_TICKS)]
    text: Comment
    name: Text
    enabled: bool


class Keyframe(Shape):
    parent_id: RecordId
    property: Text
    time: Signed
    value: Any
    interpolation: Interpolation


class Marker(Shape):
    parent_id: RecordId
    time: Signed
    duration: Ticks
    name: Text
    color: Text
    comment: Comment


class Annotation(Shape):
    parent_id: RecordId
    time: Signed
    duration: Ticks
    shape: notes.Shape
    color: Text
    comment: Comment


SHAPES: Final[dict[str, type[Shape]]] = {
    "timeline": Timeline,
    "sequence": Sequence,
    "track": Track,
    "clip": Clip,
    "transition": Transition,
    "effect": Effect,
    "caption": Caption,
    "keyframe": Keyframe,
    "marker": Marker,
    "annotation": Annotation,
}
LOOKS: Final = ("opacity", "rotation", "transform")
"""Properties of clips that have a static value among the parameters."""


def check(kind: str, id: str, value: dict[str, Any]) -> None:
    """Refuse (invalid) a record that no gesture could have made."""
    maps = tuple(f"{name}." for name in records.KINDS[kind].maps)
    free = {name: field for name, field in value.items() if maps and name.startswith(maps)}
    try:
        SHAPES[kind].model_validate({name: field for name, field in value.items() if name not in free})
        for name, field in free.items():
            of, _, key = name.partition(".")
            _check_free(kind, of, key, field)
        if kind == "keyframe":
            _check_property(value["property"], value["value"])
        elif kind == "clip":
            _check_source(value["media"])
        rate = value.get("rate") or value.get("media", {}).get("rate")
        if rate is not None:
            RateValue.model_validate(rate).rate()
    except (ValidationError, ValueError, errors.Wrong):
        raise errors.Wrong(reason=f"a {kind} record is not as the service writes it", id=id) from None


def _check_free(kind: str, of: str, name: str, value: Any) -> None:
    json_value.check({name: value}, floats=of == "metadata")
    if kind == "caption" and of == "params":
        style.check({name: value})
    if kind == "clip" and of == "params" and name in LOOKS:
        properties.check(name, "clip", value)


def _check_property(name: str, value: Any) -> None:
    """Some kind of record has this property, and it takes this value."""
    found = properties.PARAM if name.startswith("params.") else properties.PROPERTIES.get(name)
    if found is None or not found.holds(value):
        raise ValueError("no such property, or not its value")


def _check_source(media: dict[str, Any]) -> None:
    if sum(media.get(name) is not None for name in SOURCES) != 1:
        raise ValueError("media is exactly one thing")
