"""Copy clips with all that is in them: effects, keyframes, notes, and the transitions between them.

|A|x|B|   |      duplicate A, B   ->   |A|x|B|A|x|B|    behind themselves, unless told where
V1 |A|           A ~ a linked          V1 |A|A'|
A1 |a|                            ->   A1 |a|a'|        the copies are linked, and grouped, among themselves
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import copying, errors, landing, limits, ripple, surgery, wording
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time


class Duplicate(Gesture):
    """Copy clips `delta` later and `track_offset` tracks up, or `to` a place; behind all of them if neither is given.

    Linked partners and groups come along unless `single`. `new_ids` names copies, {clip id: new id}; the others get
    derived ids. `insert` makes room as in move, `scope` and `ripple_markers` too.
    """

    type: Literal["duplicate"] = "duplicate"
    clip_ids: RecordIds
    delta: Time | None = None
    track_offset: landing.Offset = 0
    to: landing.Destination | None = None
    new_ids: Annotated[dict[RecordId, RecordId], Field(max_length=1000)] = {}
    on_overlap: landing.OnOverlap = "refuse"
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    single: bool = False

    mints_each = {"new_ids": "copy"}
    example = {"clip_ids": ["beach"], "to": {"start": 200}, "new_ids": {"beach": "beach-again"}}
    refuses = (
        "overlap",
        "negative_time",
        "off_grid",
        "scope_conflict",
        "id_taken",
        "clip_missing",
        "track_missing",
        "kind_mismatch",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        first = state.find(self.clip_ids[0], "clip")
        if self.to is None or self.to.start is None or first is None:
            return {}
        return {"to.start": self.to.track_id or first.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        clips = self._clips(draft)
        delta = self._delta(draft, clips)
        tracks = landing.targets(draft, clips, self.track_offset, self.to)
        names = {clip.id: self.new_ids.get(clip.id) or draft.new_id("copy", clip.id) for clip in clips}
        rows = [row for clip in clips for row in copying.tree(draft.state, clip.id)]
        rows += copying.transitions_among(draft.state, list(names))
        for row in rows:
            names.setdefault(row.id, draft.new_id("copy", row.id))
            if row.kind == "clip":
                row.value.update(track_id=tracks[row.value["track_id"]], start=row.value["start"] + delta)
        landing.make_way(draft, self._landings(rows), self._way())
        copying.put(draft, copying.relabelled(rows, draft.new_id), names)

    def _clips(self, draft: Draft) -> list[Record]:
        bonds = () if self.single else ("link_id", "group_id")
        named = [draft.get("clip", id).id for id in self.clip_ids]
        return [draft.get("clip", id) for id in surgery.together(draft.state, named, *bonds)]

    def legal(self, state: State) -> dict[str, Any]:
        draft = Draft(state, Facts(""))
        clips = self._clips(draft)
        tracks = landing.targets(draft, clips, self.track_offset, self.to)
        places = [(clip.id, tracks[clip.value["track_id"]]) for clip in clips]
        if self.on_overlap != "refuse":
            return limits.after_zero(state, [clip.id for clip in clips], tracks.values()).as_legal()
        return limits.told(limits.together(state, places, ()), self._delta(draft, clips), clips[0])

    def _delta(self, draft: Draft, clips: list[Record]) -> int:
        if self.to is not None and (self.delta is not None or self.track_offset):
            raise errors.Wrong(reason="give either to, or delta and track_offset")
        if self.delta is not None:
            return draft.ticks(self.delta)
        first: int = clips[0].value["start"]
        if self.to is not None:
            return 0 if self.to.start is None else draft.ticks(self.to.start) - first
        if self.track_offset:
            return 0
        start = min(clip.value["start"] for clip in clips)
        end = max(clip.value["start"] + clip.value["duration"] for clip in clips)
        frame = draft.state.rate.ticks_per_frame
        return int(-(-(end - start) // frame) * frame)

    def _landings(self, rows: list[copying.Row]) -> list[landing.Landing]:
        return [
            landing.Landing(id, value["track_id"], value["start"], value["start"] + value["duration"])
            for kind, id, value in rows
            if kind == "clip"
        ]

    def describe(self, before: State) -> str:
        said = f"duplicated {wording.listed(before, self.clip_ids)}"
        if self.to is not None and self.to.start is not None:
            said += f" to {wording.timecode(self.to.start.in_ticks(before.rate), before.rate)}"
        if self.to is not None and self.to.track_id is not None:
            said += f" on {before.name_of(self.to.track_id)}"
        if self.delta is not None and (by := self.delta.in_ticks(before.rate)):
            said += f" {wording.frames(by, before.rate)} {'later' if by > 0 else 'earlier'}"
        if self.track_offset:
            count = abs(self.track_offset)
            said += f" {count} track{'s' * (count > 1)} {'up' if self.track_offset > 0 else 'down'}"
        return said + self._way().told()

    def _way(self) -> landing.Way:
        return landing.Way(self.on_overlap, self.scope, self.ripple_markers)
