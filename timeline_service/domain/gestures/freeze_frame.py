"""Hold one picture of a clip.

duration   | A A A A |B|   hold 2   ->   | A A |A|A| A A |B|   the rest and all later clips move right
none       | A A A A |B|            ->   | A A |A|A|A|B|       the picture stays up to the end of the clip
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import errors, freezing, keyframes, limits, links, retiming, ripple, segments, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class FreezeFrame(Gesture):
    """Freeze the picture that a clip shows `at` a timeline time. The frozen clip is `freeze_id`; it is not linked.

    With a `duration` the clip is cut there and the held picture inserted; the right half is `new_id`. Linked partners
    are cut at the same time (`new_ids` names their right halves), and the ripple takes what follows on their tracks
    along, so that sound stays in step and is silent under the picture; `single` leaves them as they are. The held
    picture looks as it did: what is animated in clip time holds its value, rounded half to even.

    Without a duration the rest of the clip is frozen and nothing moves; linked sound plays on, and animation goes on
    over the picture. At the very beginning the clip itself is frozen and `freeze_id` is not used.
    """

    type: Literal["freeze_frame"] = "freeze_frame"
    clip_id: RecordId
    at: Time
    duration: Time | None = None
    freeze_id: RecordId | None = None
    new_id: RecordId | None = None
    new_ids: Annotated[dict[RecordId, RecordId], Field(max_length=100)] = {}
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    single: bool = False

    mints = {"freeze_id": "freeze", "new_id": "right"}
    mints_each = {"new_ids": "right"}
    example = {"clip_id": "beach", "at": 150, "duration": 50, "freeze_id": "still", "new_id": "beach-2"}
    refuses = (
        "outside_clip",
        "in_transition",
        "too_short",
        "kind_mismatch",
        "scope_conflict",
        "off_grid",
        "clip_missing",
        "id_taken",
        "overlap",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        clip = state.find(self.clip_id, "clip")
        return {} if clip is None else {"at": clip.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        clip, at = draft.get("clip", self.clip_id), draft.ticks(self.at)
        keyframes.check_shown(draft.state, clip)
        start, length = clip.value["start"], clip.value["duration"]
        if not 0 <= at - start < length:
            raise errors.OutsideClip(clip_id=clip.id, start=start, duration=length)
        if self.duration is None:
            self._hold_the_rest(draft, at, at - start)
        else:
            self._insert(draft, at, draft.ticks(self.duration))

    def _hold_the_rest(self, draft: Draft, at: int, offset: int) -> None:
        segments.check_scope(draft, [self.clip_id], None, self.ripple_markers)
        assert self.freeze_id is not None
        held = self.clip_id
        frozen = freezing.frozen(draft.get("clip", held).value, offset)
        if offset:
            held = self.freeze_id
            retiming.cut(draft, [self.clip_id], at, {self.clip_id: held})
        draft.set(held, frozen)

    def _insert(self, draft: Draft, at: int, duration: int) -> None:
        assert self.freeze_id is not None and self.new_id is not None
        if duration <= 0:
            raise errors.TooShort(clip_id=self.freeze_id)
        clip_ids = links.following(draft.state, self.clip_id, self.single)
        still = freezing.still(draft, self.clip_id, at, duration, self.freeze_id)
        retiming.cut(draft, clip_ids, at, {**self.new_ids, self.clip_id: self.new_id})
        own = dict.fromkeys((draft.get("clip", id).value["track_id"] for id in clip_ids), at)
        ripple.open_at(draft, own, at, duration, self.scope, self.ripple_markers, cut=False)
        for kind, id, value in still:
            draft.put(kind, id, value)

    def legal(self, state: State) -> dict[str, Any]:
        single = self.single or self.duration is None
        return limits.cuttable(state, self.clip_id, links.following(state, self.clip_id, single))

    def describe(self, before: State) -> str:
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        said = f"froze {before.name_of(self.clip_id)} at {at}"
        if self.duration is None:
            return f"{said} up to its end"
        held = wording.frames(self.duration.in_ticks(before.rate), before.rate)
        return f"{said} for {held}{ripple.TOLD[self.scope]}"
