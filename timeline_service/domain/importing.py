"""Import: all records of a file into an empty timeline, as one event that can be undone like any edit."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from timeline_service.domain import errors, invariants, record_shapes, stacks
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.event import Body
from timeline_service.domain.state import State

CONTENT = ("track", "clip", "keyframe", "marker")


class Brought(NamedTuple):
    """The body of the event and the state after it."""

    body: Body
    state: State


def bring_in(
    state: State,
    timeline: dict[str, Any],
    rows: Iterable[tuple[str, str, dict[str, Any]]],
    origin: dict[str, Any],
    facts: Facts,
    *,
    actor: str,
) -> Brought:
    """Put the records (kind, id, value; parents first) and set the timeline's own fields.

    `origin` says where they come from; markers of the timeline that they were written by become markers of this one.
    Raises TimelineNotEmpty, IdTaken, Wrong for records that no gesture could have made, and what invariants refuse.
    """
    if any(record.alive and record.kind in CONTENT for record in state.records.values()):
        raise errors.TimelineNotEmpty
    record_shapes.check("timeline", state.timeline_id, timeline)
    draft = Draft(state, facts)
    draft.set(state.timeline_id, {**dict.fromkeys(_gone(state, timeline)), **timeline})
    counts = dict.fromkeys(CONTENT, 0)
    for kind, id, value in rows:
        record_shapes.check(kind, id, value)
        of_timeline = kind == "marker" and value["parent_id"] == origin.get("id")
        draft.put(kind, id, {**value, "parent_id": state.timeline_id} if of_timeline else value)
        counts[kind] += 1
    if not draft.changes:
        raise errors.NoChange
    _check_locked_content(draft)
    cause = stacks.Cause(kind="import")
    body = Body(
        gesture={"type": "import", "format": "otio", "origin": origin},
        changes=draft.changes,
        description=f"imported {counts['clip']} clips on {counts['track']} tracks",
        cause=cause,
    )
    draft.state.close(actor, cause, None)
    return Brought(body, draft.state)


def _gone(state: State, timeline: dict[str, Any]) -> list[str]:
    """Keys of maps that this timeline has and the file has not."""
    return [field for field in state.records[state.timeline_id].value if "." in field and field not in timeline]


def _check_locked_content(draft: Draft) -> None:
    """All invariants but locks: a track that was exported locked comes in with its clips, and locked."""
    locked = [track.id for track in draft.state.living("track") if track.value["locked"]]
    trial = draft.copy()
    for track in locked:
        trial.set(track, {"locked": False})
    invariants.check(trial.state, trial.state, draft.changes)
