"""Free room on a track: the spans that no item covers, for refusals that say where there is room.

|A|    |B|   |        ->   [end of A, start of B), [end of B, for ever)
"""

from collections.abc import Collection
from typing import Any

from timeline_service.domain.state import State


def spans(state: State, track_id: str, besides: Collection[str] = ()) -> list[dict[str, Any]]:
    """[{"start", "end"}] in ticks, in the order of time; `end` None: for ever. Items in `besides` count as room."""
    items = (item for kind in ("clip", "caption") for item in state.inside(track_id, kind) if item.id not in besides)
    found: list[dict[str, Any]] = []
    at = 0
    for start, end in sorted((i.value["start"], i.value["start"] + i.value["duration"]) for i in items):
        if start > at:
            found.append({"start": at, "end": start})
        at = max(at, end)
    return [*found, {"start": at, "end": None}]
