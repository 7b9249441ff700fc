"""Move clips in time and over tracks; among themselves they keep their distances. They leave gaps.

refuse      |A|B| | |   A +2 frames   ->   refused: overlap
            |A|B| | |   B +1          ->   |A| |B| |
overwrite   |A|B B B|   A to 2        ->   | |B|A|B|     what they cover is cut or dropped
insert      |A|B|C| |   C to 1        ->   |A|C|B| |     what starts later moves right by the length of the group
"""

from typing import Any, Literal

from timeline_service.domain import errors, landing, limits, ripple, surgery, wording
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.gesture import Gesture, RecordIds
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Time


class Move(Gesture):
    """Move clips by `delta` and `track_offset`, or `to` a place, with all that is linked or grouped, unless `single`.

    `track_offset` counts tracks of the clip's own kind, + towards the top. `to.track_id` takes the clips of the kind of
    the first along over as many tracks; those of other kinds stay on theirs, and so does what only follows and is of
    another kind than all that is named. `insert` makes room on every track on which something lands, and on the others
    of its `scope` (see add_clip), cutting what lies across; `ripple_markers`: the timeline's markers make room too.
    """

    type: Literal["move"] = "move"
    clip_ids: RecordIds
    delta: Time | None = None
    track_offset: landing.Offset = 0
    to: landing.Destination | None = None
    on_overlap: landing.OnOverlap = "refuse"
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    single: bool = False

    example = {"clip_ids": ["beach"], "delta": 25, "on_overlap": "refuse"}
    refuses = (
        "overlap",
        "negative_time",
        "kind_mismatch",
        "off_grid",
        "scope_conflict",
        "clip_missing",
        "track_missing",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        first = state.find(self.clip_ids[0], "clip")
        if self.to is None or self.to.start is None or first is None:
            return {}
        return {"to.start": self.to.track_id or first.value["track_id"]}

    def decide(self, draft: Draft) -> None:
        clips, targets = self._landing(draft)
        delta = self._delta(draft.state, clips[0])
        landings = []
        for clip in clips:
            start = clip.value["start"] + delta
            target = targets[clip.value["track_id"]]
            landings.append(landing.Landing(clip.id, target, start, start + clip.value["duration"]))
        landing.make_way(draft, landings, self._way(), [clip.id for clip in clips])
        for one in landings:
            draft.set(one.clip_id, {"track_id": one.track_id, "start": one.start})

    def _landing(self, draft: Draft) -> tuple[list[Record], dict[str, str]]:
        """All that moves, what is named first; and from which track to which."""
        if self.to is not None and (self.delta is not None or self.track_offset):
            raise errors.Wrong(reason="give either to, or delta and track_offset")
        named = [draft.get("clip", id).id for id in self.clip_ids]
        ids = named if self.single else surgery.together(draft.state, named, "link_id", "group_id")
        clips = [draft.state.records[id] for id in ids]
        return clips, landing.targets(draft, clips, self.track_offset, self.to, len(named))

    def _delta(self, state: State, first: Record) -> int:
        if self.to is None:
            return 0 if self.delta is None else self.delta.in_ticks(state.rate)
        start: int = first.value["start"]
        return 0 if self.to.start is None else self.to.start.in_ticks(state.rate) - start

    def legal(self, state: State) -> dict[str, Any]:
        clips, targets = self._landing(Draft(state, Facts("")))
        first, ids = clips[0], [clip.id for clip in clips]
        places = [(clip.id, targets[clip.value["track_id"]]) for clip in clips]
        if self.on_overlap != "refuse":
            return limits.after_zero(state, ids, [track for _, track in places]).as_legal()
        return limits.told(limits.together(state, places, ids), self._delta(state, first), first)

    def describe(self, before: State) -> str:
        said = f"moved {wording.listed(before, self.clip_ids)}"
        if self.to is None:
            by = 0 if self.delta is None else self.delta.in_ticks(before.rate)
            if by:
                said += f" {wording.frames(by, before.rate)} {'later' if by > 0 else 'earlier'}"
            if self.track_offset:
                count = abs(self.track_offset)
                tracks = "track" if count == 1 else "tracks"
                said += f" {count} {tracks} {'up' if self.track_offset > 0 else 'down'}"
            return said + self._way().told()
        if self.to.start is not None:
            said += f" to {wording.timecode(self.to.start.in_ticks(before.rate), before.rate)}"
        if self.to.track_id is not None:
            said += f" {'on' if self.to.start is not None else 'to'} {before.name_of(self.to.track_id)}"
        return said + self._way().told()

    def _way(self) -> landing.Way:
        return landing.Way(self.on_overlap, self.scope, self.ripple_markers)
