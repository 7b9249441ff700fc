"""Take clips away and close the gaps they leave (extract).

track         V1 |A|B|C|   - B   ->   V1 |A|C|
              A1 |a a|c|              A1 |a a|c|       other tracks stay
sync_locked   V1 |A|B|C|   - B   ->   V1 |A|C|
              A1 |a| |c|              A1 |a|c|         every unlocked track closes up
all           the same; a locked track on which something would have to move refuses
"""

from typing import Literal

from timeline_service.domain import errors, ripple, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import State


class RippleDelete(Gesture):
    """Remove clips and, unless `single`, their linked partners; what lies later moves left by exactly their lengths.

    `scope` track: each track closes its own gaps. sync_locked: all unlocked tracks close all gaps together (tracks have
    no sync lock of their own yet). all: locked ones as well, refused if one of them would have to move. Content of
    another clip across a gap is refused (`scope_conflict`). `ripple_markers`: the markers of the timeline move too;
    markers inside a gap go with it.
    """

    type: Literal["ripple_delete"] = "ripple_delete"
    clip_ids: RecordIds
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    single: bool = False

    example = {"clip_ids": ["intro"], "scope": "track"}
    refuses = ("clip_missing", "scope_conflict", "shift_not_invertible", "track_locked")

    def decide(self, draft: Draft) -> None:
        named = [draft.get("clip", id).id for id in self.clip_ids]
        clip_ids = named if self.single else surgery.together(draft.state, named, "link_id")
        spans: dict[str, list[ripple.Span]] = {}
        for id in clip_ids:
            clip = draft.state.records[id]
            spans.setdefault(clip.value["track_id"], []).append((clip.value["start"], ripple.end_of(clip)))
        surgery.remove(draft, *clip_ids)
        own = {track: ripple.merged(found) for track, found in spans.items()}
        gaps = ripple.merged(span for found in own.values() for span in found)
        if self.scope != "track":
            own = dict.fromkeys(own, gaps)
        elif self.ripple_markers and any(found != gaps for found in own.values()):
            raise errors.ScopeConflict(reason="the tracks close different gaps; markers can follow only one ground")
        ripple.close(draft, own, gaps, self.scope, self.ripple_markers)

    def describe(self, before: State) -> str:
        gap = "gap" if len(self.clip_ids) == 1 else "gaps"
        return f"deleted {wording.listed(before, self.clip_ids)} and closed the {gap}{ripple.TOLD[self.scope]}"
