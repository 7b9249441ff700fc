"""Restore: one event that makes the timeline what it was at a version; undoable like any edit.

First the ground: the reversals, newest first, of the shifts since then, as shifts that move nothing. They tell carry
that the ground lies where it lay. Then the difference, parents before children:

    parents put or set  ->  children put or set  ->  children dropped  ->  parents dropped

so that a child finds its parent when it comes, and none is left when a parent goes.
"""

from typing import Any, NamedTuple

from timeline_service.domain import carry, errors, invariants, records, stacks
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.event import Body
from timeline_service.domain.state import Record, State


class Restored(NamedTuple):
    """The body of the event and the state after it, whose values are those of the goal."""

    body: Body
    state: State


def restore(state: State, goal: State, facts: Facts, *, actor: str) -> Restored:
    """Go back to an earlier state of the same timeline. Raises NoChange, and what invariants and locks refuse."""
    draft = Draft(state, facts)
    _take_back_shifts(draft, goal.version)
    for kind in records.RESTORE_ORDER:
        for record in _sorted(goal, kind):
            _bring_back(draft, record)
    for kind in reversed(records.RESTORE_ORDER):
        for record in _sorted(state, kind):
            if goal.find(record.id) is None and draft.state.find(record.id) is not None:
                draft.drop(record.id)
    if not draft.changes:
        raise errors.NoChange()
    invariants.check(state, draft.state, draft.changes)
    cause = stacks.Cause(kind="restore", versions=[goal.version])
    body = Body(
        gesture={"type": "restore", "version": goal.version},
        changes=draft.changes,
        description=f"restored version {goal.version}",
        cause=cause,
    )
    draft.state.close(actor, cause, None)
    return Restored(body, draft.state)


def _take_back_shifts(draft: Draft, version: int) -> None:
    since = [ground.shift for ground in draft.state.shifts if ground.at.version > version]
    for shift in reversed(carry.net(since)):
        draft.shift(shift.track, shift.start + shift.by, -shift.by, id=shift.id, moves=False)


def _sorted(state: State, kind: str) -> list[Record]:
    return sorted(state.living(kind), key=lambda record: record.id)


def _bring_back(draft: Draft, wanted: Record) -> None:
    record = draft.state.records[wanted.id]
    if not record.alive:
        draft.put(wanted.kind, wanted.id, dict(wanted.value), owners={})
        return
    gone: dict[str, Any] = dict.fromkeys(record.value.keys() - wanted.value.keys())
    draft.set(wanted.id, {**wanted.value, **gone})
