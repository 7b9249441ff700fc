"""Give clips what another has: crop, transform, opacity, rotation, volume, fades, effects, color.

|A: blur, 50 %| |B| |C|   A to B, C   ->   |A: blur, 50 %| |B: blur, 50 %| |C: blur, 50 %|
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from timeline_service.domain import attributes, errors, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import State


def _once(names: list[attributes.Attribute]) -> list[attributes.Attribute]:
    if len(set(names)) != len(names):
        raise ValueError("an attribute is named twice")
    return names


class PasteAttributes(Gesture):
    """Copy `attributes` of the clip `from_id`, with their keyframes, to clips, in place of what these have of them.

    Crop keyframes keep their distance from the first picture that is shown. Fades are cut to the length of the clip.
    Each clip can be undone alone.
    """

    type: Literal["paste_attributes"] = "paste_attributes"
    from_id: RecordId
    clip_ids: RecordIds
    attributes: Annotated[list[attributes.Attribute], Field(min_length=1, max_length=8), AfterValidator(_once)]

    example = {"from_id": "beach", "clip_ids": ["intro"], "attributes": ["opacity", "effects"]}
    refuses = ("clip_missing", "no_change", "bad_value", "track_locked")

    def decide(self, draft: Draft) -> None:
        source = draft.get("clip", self.from_id)
        if self.from_id in self.clip_ids:
            raise errors.Wrong(reason="a clip is given its own attributes")
        for unit, clip_id in enumerate(self.clip_ids):
            for name in self.attributes:
                attributes.give(draft, source, draft.get("clip", clip_id).id, name, unit)

    def describe(self, before: State) -> str:
        given = ", ".join(self.attributes)
        return f"gave {wording.listed(before, self.clip_ids)} the {given} of {before.name_of(self.from_id)}"
