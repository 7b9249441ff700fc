"""Put clips into a sequence of their own, and show that sequence in their place.

V2 |  | B  |            V2 |        |           nest    V2 |  | B  |
V1 | A  |      ->       V1 |  nest  |    +              V1 | A  |
A1 | a  |               A1 |        |                   A1 | a  |        starts at 0
"""

from typing import Any, Literal

from timeline_service.domain import copying, errors, nests, records, surgery, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId, RecordIds, Text
from timeline_service.domain.state import Record, State


class Nest(Gesture):
    """Move clips into the new sequence `sequence_id`, shown by the new clip `clip_id`.

    Their tracks are mirrored in it. The nest lies on the lowest of their video tracks and takes their whole extent; it
    is seen and heard through that track. Linked partners and groups come along unless `single`. Transitions to clips
    that stay outside are dropped.
    """

    type: Literal["nest"] = "nest"
    clip_ids: RecordIds
    clip_id: RecordId | None = None
    sequence_id: RecordId | None = None
    name: Text = ""
    single: bool = False

    mints = {"clip_id": "nest", "sequence_id": "sequence"}
    example = {"clip_ids": ["take1", "take2"], "clip_id": "takes", "sequence_id": "takes-inside", "name": "Takes"}
    refuses = ("overlap", "kind_mismatch", "clip_missing", "id_taken", "track_locked")

    def decide(self, draft: Draft) -> None:
        bonds = () if self.single else ("link_id", "group_id")
        named = [draft.get("clip", id).id for id in self.clip_ids]
        clips = [draft.get("clip", id) for id in surgery.together(draft.state, named, *bonds)]
        tracks = self._tracks(draft, clips)
        host = next((track for track in tracks if track.value["kind"] == "video"), tracks[0])
        frame = draft.state.rate.ticks_per_frame
        start = min(clip.value["start"] for clip in clips) // frame * frame
        end = -(-max(clip.value["start"] + clip.value["duration"] for clip in clips) // frame) * frame
        assert self.clip_id is not None
        assert self.sequence_id is not None
        draft.put("sequence", self.sequence_id, records.new("sequence", name=self.name))
        mirrors = {track.id: self._mirror(draft, track, host, start) for track in tracks}
        for clip in clips:
            draft.set(clip.id, {"track_id": mirrors[clip.value["track_id"]], "start": clip.value["start"] - start})
        self._part_bonds(draft, [clip.id for clip in clips])
        value = records.new(
            "clip",
            track_id=host.id,
            start=start,
            duration=end - start,
            media={"sequence_id": self.sequence_id},
            name=self.name,
        )
        draft.put("clip", self.clip_id, value)

    def _tracks(self, draft: Draft, clips: list[Record]) -> list[Record]:
        """The tracks of the clips, lowest first. Raises KindMismatch where they lie in several sequences."""
        found = {id: draft.get("track", id) for id in {clip.value["track_id"] for clip in clips}}
        sequences = {track.value["sequence_id"] for track in found.values()}
        if len(sequences) > 1:
            raise errors.KindMismatch(reason="clips of several sequences", track_ids=sorted(found))
        return [track for track in surgery.tracks(draft.state, sequence_id=sequences.pop()) if track.id in found]

    def _mirror(self, draft: Draft, track: Record, host: Record, start: int) -> str:
        """A track of the same kind in the sequence, with what is done to all of it; the host does its part outside."""
        id = draft.new_id("track", track.id)
        value: dict[str, Any] = {
            **track.value,
            "sequence_id": self.sequence_id,
            nests.MIRRORS: track.id,
            "locked": False,
        }
        if track.id == host.id:
            draft.put("track", id, value | nests.PLAIN)
            return id
        draft.put("track", id, value)
        rows = [row for row in copying.tree(draft.state, track.id)[1:] if row.kind in ("effect", "keyframe")]
        names = {row.id: draft.new_id("mirror", row.id) for row in rows}
        for row in rows:
            if row.kind == "keyframe":
                row.value["time"] -= start
        copying.put(draft, rows, {**names, track.id: id})
        return id

    def _part_bonds(self, draft: Draft, inside: list[str]) -> None:
        """Links and groups with clips that stay outside end at the edge of the nest."""
        rows = [copying.row(draft.state.records[id]) for id in inside]
        torn = {
            (bond, label)
            for row in rows
            for bond in records.BONDS
            if (label := row.value[bond]) is not None
            and any(clip.id not in inside for clip in draft.state.bound(bond, label))
        }
        for row in copying.relabelled(rows, draft.new_id):
            old = draft.state.records[row.id].value
            after = {bond: row.value[bond] for bond in records.BONDS if (bond, old[bond]) in torn}
            draft.set(row.id, after)

    def describe(self, before: State) -> str:
        return f"nested {wording.listed(before, self.clip_ids)} as {wording.fresh('clip', self.name, self.clip_id)}"
