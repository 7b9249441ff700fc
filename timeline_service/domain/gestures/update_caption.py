"""Change a caption: when it is shown, what it says, how it looks.

CC |Hello|   |Bye|   duration +2   ->   CC |Hello  |  |Bye|
"""

from typing import Any, Literal

from timeline_service.domain import free, style, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class UpdateCaption(Gesture):
    """Set what is given; the rest stays. `params` is merged per key; null takes a key away."""

    type: Literal["update_caption"] = "update_caption"
    caption_id: RecordId
    track_id: RecordId | None = None
    start: Time | None = None
    duration: Time | None = None
    text: Text | None = None
    params: style.Style = {}
    name: Text | None = None
    enabled: bool | None = None

    example = {"caption_id": "cap1", "start": 10, "text": "Welcome back", "params": {"size": 60_000}}
    refuses = ("caption_missing", "overlap", "too_short", "negative_time", "kind_mismatch", "no_change", "track_locked")

    def grounds(self, state: State) -> dict[str, str | None]:
        caption = state.find(self.caption_id, "caption")
        if caption is None or self.start is None:
            return {}
        return {"start": self.track_id or caption.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        caption = draft.get("caption", self.caption_id)
        after: dict[str, Any] = {}
        if self.track_id is not None:
            after["track_id"] = draft.get("track", self.track_id).id
        for name, time in (("start", self.start), ("duration", self.duration)):
            if time is not None:
                after[name] = draft.ticks(time)
        plain = (("text", self.text), ("name", self.name), ("enabled", self.enabled))
        after |= {name: value for name, value in plain if value is not None}
        draft.set(caption.id, after | style.fields(self.params))

    def legal(self, state: State) -> dict[str, Any]:
        caption = state.find(self.caption_id, "caption")
        track = self.track_id or ("" if caption is None else caption.value["track_id"])
        return {"free": free.spans(state, track, {self.caption_id})}

    def describe(self, before: State) -> str:
        old = before.records[self.caption_id].value
        said = []
        if self.text is not None:
            said.append(f"to {wording.quoted(self.text)}")
        if self.start is not None:
            said.append(f"to {wording.timecode(self.start.in_ticks(before.rate), before.rate)}")
        if self.duration is not None:
            said.append(f"to {wording.frames(self.duration.in_ticks(before.rate), before.rate)}")
        if self.params:
            said.append(f"in {', '.join(sorted(self.params))}")
        return f"changed the caption {wording.quoted(old['text'])} {' and '.join(said)}".rstrip()
