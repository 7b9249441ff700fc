"""Keyframes of any property: from where their time counts, where one lies, and what it may hold.

crop                       source ticks     stays on its picture
of a clip, of its effects  clip ticks       t since the clip's start; may lie in the handles
of a track, of its effects timeline ticks
"""

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from timeline_service.domain import animation, crop, errors, json_value, properties, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import MAX_TICKS, Time, ticks

PICTURE: Final = frozenset({"crop", "transform", "opacity", "rotation"})
"""Properties of what is seen; a clip on a track of sound has none of them."""

Number = Annotated[int, Field(ge=-MAX_TICKS, le=MAX_TICKS)]
Value = (
    Number
    | Annotated[list[Number], Field(min_length=1, max_length=properties.MOST_VALUES)]
    | Annotated[dict[str, Number], Field(max_length=8)]
)
"""Of opacity, rotation and volume a number; of crop {x, y, width, height}; of transform {x, y, scale_x, scale_y}; of a
parameter of an effect a number or a list of numbers."""
PropertyName = Annotated[
    str,
    StringConstraints(pattern=r"^(crop|transform|opacity|rotation|volume|params\..{1,192})$"),
    AfterValidator(json_value.storable_text),
]


class Moment(BaseModel):
    """Where a keyframe lies: `time` in the time base of its property, or `at` a timeline time. Exactly one of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    time: Time | None = None
    at: Time | None = None


def _spelled_out(data: Any) -> Any:
    known = isinstance(data, Moment) or (isinstance(data, dict) and data.keys() <= {"time", "at"})
    return data if known else {"time": data}


Target = Annotated[Moment, BeforeValidator(_spelled_out, json_schema_input_type=Time | Moment)]
"""Where a keyframe goes: a time of its property's time base, or a Moment."""


def clip_of(state: State, parent: Record) -> Record | None:
    """The clip that a keyframe's parent is, or lies in; None for a track and its effects."""
    holder = state.find(parent.value["parent_id"]) if parent.kind == "effect" else parent
    return holder if holder is not None and holder.kind == "clip" else None


def parent_of(draft: Draft, id: str) -> Record:
    """The clip, effect or track of that id. Raises RecordMissing."""
    found = draft.state.find(id)
    if found is None or found.kind not in ("clip", "effect", "track"):
        raise errors.RecordMissing(id=id)
    return found


def tick(draft: Draft, parent: Record, name: str, moment: Moment) -> int:
    """A place in ticks of the property's time base.

    Raises Wrong, TimeNotExact, OutsideClip, NegativeTime (on tracks), NoHandle (of the crop).
    """
    if (moment.time is None) == (moment.at is None):
        raise errors.Wrong(reason="give either time or at")
    clip = clip_of(draft.state, parent)
    if moment.at is not None:
        return _from_timeline(draft, clip, name, moment.at)
    assert moment.time is not None
    found = draft.ticks(moment.time)
    if clip is None:
        _check_not_negative(found, parent)
    elif name in properties.SOURCE_TIMED:
        _check_source(found, clip)
    return found


def _from_timeline(draft: Draft, clip: Record | None, name: str, at: Time) -> int:
    if clip is None:
        found = draft.ticks(at)
        if found < 0:
            raise errors.NegativeTime()
        return found
    if name in properties.SOURCE_TIMED:
        return crop.source_tick(draft.state, clip, crop.Spot(at=at))
    start: int = clip.value["start"]
    offset = draft.ticks(at) - start
    if not 0 <= offset < clip.value["duration"]:
        raise errors.OutsideClip(clip_id=clip.id, start=start, duration=clip.value["duration"])
    return offset


def _check_not_negative(found: int, parent: Record) -> None:
    if found < 0:
        raise errors.NegativeTime(**{f"{parent.kind}_id": parent.id})


def _check_source(found: int, clip: Record) -> None:
    available = clip.value["media"].get("available")
    low, end = (available["start"], available["start"] + available["duration"]) if available else (0, MAX_TICKS)
    if not low <= found < end:
        raise errors.NoHandle(clip_id=clip.id, time=found, available=available)


def check_shown(state: State, clip: Record) -> None:
    """Refuse (KindMismatch) a clip that has no picture, because its track is one of sound."""
    track = state.records[clip.value["track_id"]]
    if track.value["kind"] != "video":
        raise errors.KindMismatch(clip_id=clip.id, track_id=track.id, kind=track.value["kind"])


def check_value(draft: Draft, parent: Record, name: str, value: Any, own: str | None = None) -> None:
    """Refuse (BadValue) what a property does not take, or what no way leads to.

    Keyframes of one parameter are all numbers, or all lists of one length; `own` is the keyframe that is changed.
    """
    properties.check(name, parent.kind, value)
    others = [k for k in animation.keyframes_of(draft.state, parent.id, name) if k.id != own]
    if any(animation.shape(k.value["value"]) != animation.shape(value) for k in others):
        raise errors.BadValue(reason="the other keyframes of this property hold values of another shape")


def grounds(state: State, parent_id: str, moment: Moment | None, prefix: str = "") -> dict[str, str | None]:
    """Which of time and at are positions on the timeline, and on which track (see Gesture.grounds)."""
    parent = state.find(parent_id)
    if parent is None or moment is None or parent.kind not in ("clip", "effect", "track"):
        return {}
    clip = clip_of(state, parent)
    holder = clip if clip is not None else parent
    track = {"clip": "track_id", "effect": "parent_id"}.get(holder.kind)
    track_id = holder.id if track is None else holder.value[track]
    named = {"at": moment.at, "time": moment.time if clip is None else None}
    return {f"{prefix}{name}": track_id for name, time in named.items() if time is not None}


def told(before: State, parent_id: str, name: str, moment: Moment) -> str:
    """A place for a sentence: `at 00:00:04:12 to "Intro"`, `12 frames into "Intro"`."""
    parent, rate = before.records[parent_id], before.rate
    holder = before.name_of(parent_id)
    if moment.at is not None:
        return f"at {wording.timecode(moment.at.in_ticks(rate), rate)} of {holder}"
    assert moment.time is not None
    time = moment.time.in_ticks(rate)
    clip = clip_of(before, parent)
    if clip is None:
        return f"at {wording.timecode(time, rate)} of {holder}"
    if name in properties.SOURCE_TIMED:
        frame = time / crop.rate_of_source(before, clip.value).ticks_per_frame
        return f"at frame {frame:.6g} of the source of {holder}"
    return f"{wording.frames(time, rate)} {'before' if time < 0 else 'into'} {holder}"


def told_keyframe(before: State, id: str) -> str:
    """A keyframe for a sentence: `the keyframe of opacity 12 frames into "Intro"`."""
    value = before.records[id].value
    moment = Moment(time=ticks(value["time"]))
    return f"the keyframe of {value['property']} {told(before, value['parent_id'], value['property'], moment)}"
