"""Change what a title says and how it looks; it stays where it is.

| Summer |   text "Winter"   ->   | Winter |
"""

from typing import Literal

from timeline_service.domain import style, titles, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, Text
from timeline_service.domain.state import State


class UpdateTitle(Gesture):
    """Set what is given of the text and its style. `params` is merged per key; null takes a key away."""

    type: Literal["update_title"] = "update_title"
    clip_id: RecordId
    text: Text | None = None
    params: style.Style = {}

    example = {"clip_id": "title1", "text": "Winter", "params": {"color": "#99ccff"}}
    refuses = ("clip_missing", "kind_mismatch", "no_change", "track_locked")

    def decide(self, draft: Draft) -> None:
        clip = titles.find(draft, self.clip_id)
        media = clip.value["media"]
        params = style.without_null({**media.get("params", {}), **self.params})
        if self.text is not None:
            params["text"] = self.text
        draft.set(clip.id, {"media": {**media, "params": params}})

    def describe(self, before: State) -> str:
        said = [] if self.text is None else [f"to {wording.quoted(self.text)}"]
        said += [f"in {', '.join(sorted(self.params))}"] if self.params else []
        return f"changed the title {titles.named(before, self.clip_id)} {' and '.join(said)}".rstrip()
