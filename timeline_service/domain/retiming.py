"""Other speeds: how a clip and its linked partners change when they run faster or slower, to the tick.

keep duration   |AAAA|B|   x2   ->   |AAaa|B|     the same room; more of the source is shown (a)
keep source     |AAAA|B|   x2   ->   |AA| |B|     the same source; nothing else moves

What is shown at the anchor, the beginning of the clip that was named, is shown there afterwards. All linked partners
turn about the same anchor, so that picture and sound stay in step wherever they begin. Where a new edge falls between
two places of the grid the clip is shortened, never lengthened. A source place between two ticks is floored.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from timeline_service.domain import links, surgery, trying
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import Record, State

MOST: Final = 1_000_000
FINEST: Final = 1000
"""Limits of speeds in refusals are told as so many parts of normal speed."""

Keep = Literal["duration", "source"]
Part = Annotated[int, Field(ge=1, le=MOST)]


class Speed(BaseModel):
    """num/den times normal speed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    num: Part
    den: Part = 1

    def exact(self) -> Fraction:
        return Fraction(self.num, self.den)


def speed_of(clip: dict[str, Any]) -> Fraction:
    """0 for a frozen clip."""
    return Fraction(clip["speed"]["num"], clip["speed"]["den"])


def as_field(speed: Fraction) -> dict[str, int]:
    """As a clip keeps it, reduced."""
    return {"num": speed.numerator, "den": speed.denominator}


def told(speed: Fraction) -> str:
    """`2x`, `0.5x`"""
    return f"{float(speed):.6g}x"


def retime(draft: Draft, clip_id: str, speed: Fraction, anchor: int, keep: Keep) -> None:
    """Give a clip another speed; what it shows at the timeline tick `anchor` stays there.

    A frozen clip has no source to keep: it keeps its length.
    """
    clip = draft.get("clip", clip_id)
    start, end = clip.value["start"], clip.value["start"] + clip.value["duration"]
    old = speed_of(clip.value)
    if keep == "source" and old:
        stretch, grid = old / speed, grid_of(draft.state, clip)
        start = ceil((anchor + (start - anchor) * stretch) / grid) * grid
        end = floor((anchor + (end - anchor) * stretch) / grid) * grid
        end = max(end, start + grid)
    place(draft, clip, speed, anchor, start, end)


def place(draft: Draft, clip: Record, speed: Fraction, anchor: int, start: int, end: int) -> None:
    """Let a clip run from start to end at a speed, so that what it shows at `anchor` stays there."""
    value = clip.value
    if speed_of(value) == speed and (start, end) == (value["start"], value["start"] + value["duration"]):
        return
    there = source_place(value, anchor)
    source_in = there - ((end - anchor) if value["reversed"] else (anchor - start)) * speed
    lag = start - value["start"]
    draft.set(
        clip.id,
        {
            "start": start,
            "duration": end - start,
            "source_in": floor(source_in),
            "map_offset": 0,
            "speed": as_field(speed),
        },
    )
    surgery.lag_keyframes(draft, clip.id, lag)


def cut(draft: Draft, clip_ids: Iterable[str], at: int, names: Mapping[str, str]) -> dict[str, str]:
    """Cut those of some clips that lie across a tick, and link left halves with left and right with right.

    `names`: clip → the id of its right half, a derived one where it is not named. The same of those that were cut.
    """
    rights = {}
    for id in clip_ids:
        value = draft.get("clip", id).value
        if 0 < at - value["start"] < value["duration"]:
            rights[id] = names.get(id) or draft.new_id("right", id)
            surgery.cut(draft, id, at, rights[id])
    links.part(draft, rights.values())
    return rights


def source_place(clip: dict[str, Any], at: int) -> Fraction:
    """Where the left edge of a timeline tick lies in the source of a clip, between its ticks too."""
    t = clip["duration"] - (at - clip["start"]) if clip["reversed"] else at - clip["start"]
    place: Fraction = clip["source_in"] + (t + clip["map_offset"]) * speed_of(clip)
    return place


def legal(state: State, asked: Gesture, clip: Record, speed: Fraction) -> dict[str, Any]:
    """The speed nearest to the one that was asked for which is taken: the slowest or the fastest one that would be.

    Rounded to 1/1000 towards the speed that the clip has. Empty where none is: where partners run at other speeds.
    """
    old = speed_of(clip.value)
    faster = speed > old
    now, bound = ((ceil if faster else floor)(part * FINEST) for part in (old, speed))
    now, bound = min(max(1, now), MOST), min(bound, MOST + 1)

    def at(parts: Fraction) -> Gesture:
        return asked.model_copy(update={"speed": Speed(num=parts.numerator, den=parts.denominator)})

    found = trying.furthest(state, lambda parts: at(Fraction(parts, FINEST)), now, bound) if now != bound else None
    limit = old if found is None else Fraction(found, FINEST)
    if found is None and (not old or not trying.is_taken(state, at(old))):
        return {}
    told = as_field(limit)
    return {"speed": {"min": None, "max": told} if faster else {"min": told, "max": None}}


def grid_of(state: State, clip: Record) -> int:
    """Frames for pictures, and for sound that was cut on frames; ticks for other sound."""
    frame = state.rate.ticks_per_frame
    on_frames = not clip.value["start"] % frame and not clip.value["duration"] % frame
    video = state.records[clip.value["track_id"]].value["kind"] == "video"
    return frame if video or on_frames else 1
