"""Paste records that were copied from this timeline, or from another one of the workspace.

clipboard |A|x|B|   at 100   ->   |C|   |A|x|B|      new ids, new links and groups; the earliest lands `at`
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from timeline_service.domain import copying, landing, limits, pasting, ripple, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.gesture import Gesture, RecordId
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


class Paste(Gesture):
    """Put copies of `records` on the timeline, all that is in them included; among themselves they keep their places.

    `id_map` names copies, {id in the records: new id}; the others get derived ids. `track_map` says where the items of
    a track go, {track in the records: track here}; else to the track of that id, or to the one at the same place among
    its kind (then the records must hold the tracks). Transitions come along with all their clips only; tracks, but for
    those of nested sequences, do not. `insert` makes room as in move, `scope` and `ripple_markers` too.
    """

    type: Literal["paste"] = "paste"
    records: pasting.Clipboard
    at: Time
    id_map: Annotated[dict[RecordId, RecordId], Field(max_length=5000)] = {}
    track_map: Annotated[dict[str, RecordId], Field(max_length=1000)] = {}
    on_overlap: landing.OnOverlap = "refuse"
    scope: ripple.Scope = "track"
    ripple_markers: bool = False

    mints_each = {"id_map": "paste"}
    example = {
        "records": {
            "clips": [
                {
                    "id": "sky",
                    "track_id": "v1",
                    "start": 0,
                    "duration": 1_411_200_000,
                    "media": {
                        "url": "https://media.example.com/sky.mp4",
                        "available": {"start": 0, "duration": 7_056_000_000},
                    },
                    "name": "Sky",
                    "metadata": {"scene": "4"},
                }
            ],
            "markers": [{"id": "sun", "parent_id": "sky", "time": 0, "name": "Sunrise"}],
        },
        "at": 200,
        "id_map": {"sky": "sky-again"},
        "track_map": {"v1": "v1"},
    }
    refuses = (
        "overlap",
        "media_missing",
        "track_missing",
        "record_missing",
        "kind_mismatch",
        "off_grid",
        "no_handle",
        "scope_conflict",
        "id_taken",
        "negative_time",
        "track_locked",
    )

    def grounds(self, state: State) -> dict[str, str | None]:
        track = next(iter(self.track_map.values()), None)
        return {"at": track if track is not None and state.find(track, "track") is not None else None}

    def decide(self, draft: Draft) -> None:
        rows = pasting.paste(draft, self.records, draft.ticks(self.at), self.track_map, self.id_map)
        items = [row for row in rows if row.kind in pasting.ITEMS]
        outermost = [row for row in items if draft.state.find(row.value["track_id"]) is not None]
        if outermost:
            landing.make_way(draft, [_landing(row) for row in outermost], self._way())
        for kind, id, value in rows:
            draft.put(kind, id, value)

    def legal(self, state: State) -> dict[str, Any]:
        if self.on_overlap != "refuse":
            return {"at": {"min": 0, "max": None}} if self.at.in_ticks(state.rate) < 0 else {}
        extents = pasting.extents(state, self.records, self.track_map)
        first = min((extent.start for extent in extents), default=0)
        length = max((extent.end for extent in extents), default=0) - first
        asked = self.at.in_ticks(state.rate) - first
        found = limits.nearest(limits.fitting(state, extents), asked)
        return limits.starting(found, first, length) if extents else {}

    def describe(self, before: State) -> str:
        counted = [
            f"{len(given)} {name.removesuffix('s') if len(given) == 1 else name}"
            for name in ("clips", "captions", "markers", "annotations")
            if (given := getattr(self.records, name))
        ]
        at = wording.timecode(self.at.in_ticks(before.rate), before.rate)
        return f"pasted {' and '.join(counted) or 'nothing'} at {at}{self._way().told()}"

    def _way(self) -> landing.Way:
        return landing.Way(self.on_overlap, self.scope, self.ripple_markers)


def _landing(row: copying.Row) -> landing.Landing:
    start, duration = row.value["start"], row.value["duration"]
    return landing.Landing(row.id, row.value["track_id"], start, start + duration)
