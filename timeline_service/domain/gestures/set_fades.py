"""Let a clip fade in at its beginning and out at its end: picture and sound.

|AAAAAAAA|   in 2, out 3   ->   |╱AAAA╲╲|
"""

from typing import Any, Literal

from timeline_service.domain import errors, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class SetFades(Gesture):
    """Set the length of the fade at the beginning, at the end, or both; 0 is none. Together no longer than the clip.

    A clip that becomes shorter afterwards keeps them: of a fade is shown what there is of the clip, and all of it again
    when it is extended. A cut leaves the fade in to the left half and the fade out to the right one.
    """

    type: Literal["set_fades"] = "set_fades"
    clip_id: RecordId
    fade_in: Time | None = None
    fade_out: Time | None = None

    example = {"clip_id": "intro", "fade_in": 12, "fade_out": 25}
    refuses = ("bad_range", "clip_missing", "no_change", "track_locked", "time_not_exact")

    def decide(self, draft: Draft) -> None:
        clip = draft.get("clip", self.clip_id)
        given = {"fade_in": self.fade_in, "fade_out": self.fade_out}
        after = {name: draft.ticks(time) for name, time in given.items() if time is not None}
        fade_in, fade_out = (after.get(name, clip.value[name]) for name in ("fade_in", "fade_out"))
        if min(fade_in, fade_out) < 0 or fade_in + fade_out > clip.value["duration"]:
            raise errors.BadRange(clip_id=clip.id, fade_in=fade_in, fade_out=fade_out)
        draft.set(clip.id, after)

    def legal(self, state: State) -> dict[str, Any]:
        clip = state.records[self.clip_id].value
        given = {"fade_in": (self.fade_in, "fade_out"), "fade_out": (self.fade_out, "fade_in")}
        limits: dict[str, Any] = {
            name: {"min": 0, "max": max(0, clip["duration"] - (0 if given[other][0] else clip[other]))}
            for name, (time, other) in given.items()
            if time is not None
        }
        return limits | ({"together": {"min": 0, "max": clip["duration"]}} if len(limits) > 1 else {})

    def describe(self, before: State) -> str:
        given = (("in", self.fade_in), ("out", self.fade_out))
        ticks = [(way, time.in_ticks(before.rate)) for way, time in given if time is not None]
        clip = before.name_of(self.clip_id)
        lengths = " and ".join(f"{way} over {wording.frames(length, before.rate)}" for way, length in ticks if length)
        gone = " and ".join(way for way, length in ticks if not length)
        said = [f"faded {clip} {lengths}"] if lengths else []
        return " and ".join([*said, f"took the fade {gone} off {clip}"] if gone else said)
