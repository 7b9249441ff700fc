"""Trim one edge of a clip and let all that lies later follow, so that no gap grows or shrinks.

end   -2   | A A A A |B|C|   ->   | A A |B|C|
end   +1   | A A |B|C|       ->   | A A A |B|C|
start +2   | A A A A |B|C|   ->   | A A |B|C|      it begins where it began, with a later picture
"""

from typing import Any, Literal

from timeline_service.domain import errors, limits, links, ripple, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class RippleTrim(Gesture):
    """Move one edge of a clip by `delta` on the timeline, + later; what starts behind it moves by as much.

    Linked partners are trimmed with it, and their tracks close up at their own edges, unless `single`. `scope` track:
    only these tracks move. sync_locked: all unlocked tracks of the sequence. all: locked ones too, refused where one
    would have to move. What lies across the edge on another track of the scope, or in the span that closes, refuses
    (`scope_conflict`). `ripple_markers`: the markers of the timeline follow.
    """

    type: Literal["ripple_trim"] = "ripple_trim"
    clip_id: RecordId
    edge: Literal["start", "end"]
    delta: Time
    scope: ripple.Scope = "track"
    ripple_markers: bool = False
    single: bool = False

    example = {"clip_id": "beach", "edge": "end", "delta": -10, "scope": "track"}
    legal_minds_scope = True
    refuses = (
        "no_handle",
        "too_short",
        "scope_conflict",
        "in_transition",
        "off_grid",
        "clip_missing",
        "track_locked",
    )

    def decide(self, draft: Draft) -> None:
        ids = links.following(draft.state, draft.get("clip", self.clip_id).id, self.single)
        delta = draft.ticks(self.delta)
        inwards = delta if self.edge == "start" else -delta
        edges = {id: self._edge(draft, id) for id in ids}
        own: dict[str, list[int]] = {}
        for id in ids:
            own.setdefault(draft.state.records[id].value["track_id"], []).append(edges[id])
        self._check_grounds(draft.state, ids)
        if inwards > 0:
            self._trim(draft, ids, delta)
            self._close(draft, own, edges[self.clip_id], inwards)
        elif inwards < 0:
            self._open(draft, own, edges[self.clip_id], -inwards)
            self._trim(draft, ids, delta)

    def _check_grounds(self, state: State, ids: list[str]) -> None:
        tracks = [state.records[id].value["track_id"] for id in ids]
        ripple.check_grounds(state, tracks, self.scope, self.ripple_markers)
        if len(set(tracks)) < len(tracks) and (self.scope != "track" or self.ripple_markers):
            raise errors.ScopeConflict(reason="linked clips of one track would move it twice", clip_ids=ids)

    def _edge(self, draft: Draft, clip_id: str) -> int:
        clip = draft.state.records[clip_id]
        return int(clip.value["start"]) if self.edge == "start" else ripple.end_of(clip)

    def _trim(self, draft: Draft, ids: list[str], delta: int) -> None:
        move_edge = surgery.trim_start if self.edge == "start" else surgery.trim_end
        for id in ids:
            move_edge(draft, id, delta)
            if draft.state.records[id].value["duration"] <= 0:
                raise errors.TooShort(clip_id=id)

    def _close(self, draft: Draft, own: dict[str, list[int]], edge: int, by: int) -> None:
        """What the trim inwards left free: behind a start, before an end."""
        back = 0 if self.edge == "start" else by
        spans = {track: [(at - back, at - back + by) for at in sorted(places)] for track, places in own.items()}
        ripple.close(draft, spans, [(edge - back, edge - back + by)], self.scope, self.ripple_markers)

    def _open(self, draft: Draft, own: dict[str, list[int]], edge: int, by: int) -> None:
        """Room for the trim outwards. Of several edges on a track the last first: the others stay where they are."""
        while own:
            last = {track: max(places) for track, places in own.items()}
            ripple.open_at(draft, last, edge, by, self.scope, self.ripple_markers, cut=False)
            own = {track: [at for at in places if at != last[track]] for track, places in own.items()}
            own = {track: places for track, places in own.items() if places}

    def legal(self, state: State) -> dict[str, Any]:
        if state.find(self.clip_id, "clip") is None:
            return {}
        ids = links.following(state, self.clip_id, self.single)
        self._check_grounds(state, ids)
        return limits.ripple_trim(state, ids, self.edge, self.scope).as_legal()

    def describe(self, before: State) -> str:
        delta = self.delta.in_ticks(before.rate)
        length, clip = wording.frames(delta, before.rate), before.name_of(self.clip_id)
        if (delta > 0) == (self.edge == "start"):
            done = f"trimmed {length} off the {self.edge} of {clip} and closed the gap"
        else:
            done = f"extended the {self.edge} of {clip} by {length} and moved what comes later"
        return done + ripple.TOLD[self.scope]
