"""Crop keyframes: where in the source one lies, and which one a request means.

Their times are source ticks, so that they stay on their picture through trim, slip, split and move.
"""

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from timeline_service.domain import clip_time, easing, errors, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import RecordId
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import MAX_TICKS, Rate, Time

PROPERTY: Final = "crop"

Frame = Annotated[int, Field(ge=0, le=MAX_TICKS)]
Side = Annotated[int, Field(ge=-MAX_TICKS, le=MAX_TICKS)]
Interpolation = easing.Interpolation


class Spot(BaseModel):
    """A place in the source of a clip: `frame`, counted from media time zero at the media's rate, or the one that is
    shown `at` a timeline time. Exactly one of the two.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    frame: Frame | None = None
    at: Time | None = None


class Address(Spot):
    """An existing keyframe: by its id (the clip may stand beside it), or by its clip and its place."""

    keyframe_id: RecordId | None = None
    clip_id: RecordId | None = None


def _spelled_out(data: Any) -> Any:
    return {"frame": data} if isinstance(data, int) and not isinstance(data, bool) else data


Target = Annotated[Spot, BeforeValidator(_spelled_out, json_schema_input_type=Frame | Spot)]
"""Where a keyframe goes: a frame number, or a Spot."""


def source_tick(state: State, clip: Record, spot: Spot) -> int:
    """The source tick of a place in a clip; a frame may lie in the handles.

    Raises Wrong, TimeNotExact, BadRange, OutsideClip, NoHandle.
    """
    value = clip.value
    if spot.at is not None and spot.frame is None:
        offset = spot.at.in_ticks(state.rate) - value["start"]
        if not 0 <= offset < value["duration"]:
            raise errors.OutsideClip(clip_id=clip.id, start=value["start"], duration=value["duration"])
        return clip_time.source_at(value, offset)
    if spot.frame is None or spot.at is not None:
        raise errors.Wrong(reason="give either frame or at")
    tick = spot.frame * rate_of_source(state, value).ticks_per_frame
    if tick > MAX_TICKS:
        raise errors.BadRange(reason="further than 147 days")
    available = value["media"].get("available")
    if available and not 0 <= tick - available["start"] < available["duration"]:
        raise errors.NoHandle(clip_id=clip.id, frame=spot.frame, available=available)
    return tick


def rate_of_source(state: State, clip: dict[str, Any]) -> Rate:
    """The rate that numbers the frames of a clip's source: the media's, or the timeline's where that is unknown."""
    rate = clip["media"].get("rate")
    return Rate(rate["num"], rate["den"]) if rate else state.rate


def find(draft: Draft, address: Address) -> Record:
    """The keyframe meant. Raises Wrong for half an address or two, RecordMissing where there is none."""
    if address.keyframe_id is not None:
        if address.frame is not None or address.at is not None:
            raise errors.Wrong(reason="give either keyframe_id, or clip_id with frame or at")
        keyframe = draft.get("keyframe", address.keyframe_id)
        if keyframe.value["property"] != PROPERTY or address.clip_id not in (None, keyframe.value["parent_id"]):
            raise errors.RecordMissing(kind="keyframe", id=address.keyframe_id)
        return keyframe
    if address.clip_id is None:
        raise errors.Wrong(reason="give either keyframe_id, or clip_id with frame or at")
    clip = draft.get("clip", address.clip_id)
    found = at_tick(draft.state, clip.id, source_tick(draft.state, clip, address))
    if found is None:
        raise errors.RecordMissing(kind="keyframe", clip_id=clip.id)
    return found


def at_tick(state: State, clip_id: str, tick: int) -> Record | None:
    """The crop keyframe of a clip at a source tick."""
    for keyframe in state.inside(clip_id, "keyframe"):
        if keyframe.value["time"] == tick and keyframe.value["property"] == PROPERTY:
            return keyframe
    return None


def grounds(state: State, clip_id: str | None, at: Time | None, name: str = "at") -> dict[str, str | None]:
    """The ground of an `at`: the track of the clip (see Gesture.grounds)."""
    clip = state.find(clip_id or "", "clip")
    return {} if clip is None or at is None else {name: clip.value["track_id"]}


def clip_of(state: State, address: Address) -> str | None:
    """The clip whose keyframe is meant."""
    keyframe = state.find(address.keyframe_id or "", "keyframe")
    return keyframe.value["parent_id"] if keyframe is not None else address.clip_id


def told(before: State, spot: Spot) -> str:
    """A place for a sentence: `at frame 100 of the source`, `at 00:00:04:12`."""
    if spot.at is not None:
        return f"at {wording.timecode(spot.at.in_ticks(before.rate), before.rate)}"
    return f"at frame {spot.frame} of the source"


def told_address(before: State, address: Address) -> str:
    """A keyframe for a sentence: `the crop keyframe at frame 100 of the source of "Intro"`."""
    clip = before.find(clip_of(before, address) or "", "clip")
    if clip is None:
        return "a crop keyframe"
    place: Spot = address
    if address.keyframe_id is not None:
        tick = before.records[address.keyframe_id].value["time"]
        place = Spot(frame=tick // rate_of_source(before, clip.value).ticks_per_frame)
    return f"the crop keyframe {told(before, place)} in {before.name_of(clip.id)}"
