"""Undo, redo and revert: events that invert events. Nothing is ever removed from the log.

    undo     inverts the newest entry of my undo stack      what I wrote and nobody has written since
    redo     inverts the newest undo of my redo stack       computed when it runs
    revert   inverts events that somebody chose             mine or another's; undone like a plain edit

An entry may hold several versions (a batch, a transaction): one event inverts them all, newest first. Values come back
with their owners. A unit whose inverse meets a conflict is left out (`skip`), gone through with (`force`, as far as
anything can), or stops everything (`fail`). Whether the actor may do this at all is the caller's question.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from timeline_service.domain import errors, inverse, stacks
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.event import Body, Event
from timeline_service.domain.state import State

Kind = Literal["undo", "redo"]
Policy = Literal["skip", "fail", "force"]
OnBlocked = Literal["stop", "next"]
Conflict = inverse.Conflict

CREATION: Final = 1
"""The version that made the timeline; nothing takes it back."""


class Reversal(NamedTuple):
    """What an undo came to: the body of its event and the state after it, and what stood in the way.

    `body` is None, and `state` the one that was given, where nothing could be inverted.
    """

    body: Body | None
    state: State
    conflicts: tuple[Conflict, ...]


def entries_needed(state: State, actor: str, kind: Kind, on_blocked: OnBlocked) -> list[int]:
    """The versions whose events `flip` may look at, newest entry first."""
    entries = _entries(state, actor, kind)
    wanted = entries[-1:] if on_blocked == "stop" else entries[:]
    return [version for entry in reversed(wanted) for version in entry.versions]


def flip(
    state: State,
    actor: str,
    kind: Kind,
    policy: Policy,
    on_blocked: OnBlocked,
    events: Mapping[int, Event],
    facts: Facts,
) -> Reversal:
    """Undo or redo the newest entry of an actor's stack; with `next` the newest that is not blocked.

    Raises UndoConflict (with the conflicts of every entry tried) and NothingToUndo.
    """
    entries = _entries(state, actor, kind)
    if not entries:
        raise errors.NothingToUndo(code=f"nothing_to_{kind}")
    conflicts: list[Conflict] = []
    for entry in reversed(entries):
        reversal = undo(state, entry, events, kind, policy, facts, actor=actor)
        conflicts += reversal.conflicts
        if reversal.body is not None:
            return reversal._replace(conflicts=tuple(conflicts))
        if on_blocked == "stop":
            break
    raise _refusal(conflicts)


def undo(
    state: State,
    entry: stacks.Entry,
    events: Mapping[int, Event],
    kind: Kind,
    policy: Policy,
    facts: Facts,
    *,
    actor: str,
) -> Reversal:
    """One event that inverts all versions of an entry, newest first."""
    undone = [events[version] for version in sorted(entry.versions, reverse=True)]
    taken_back = any(_is_revert(event) for event in undone)
    mine = {event.version: None if kind == "redo" or _is_revert(event) else actor for event in undone}
    draft, conflicts = _invert(Draft(state, facts), undone, mine, policy)
    if not draft.changes:
        return Reversal(None, state, tuple(conflicts))
    cause = stacks.Cause(kind=kind, versions=list(entry.versions), revert=taken_back)
    return _close(draft, cause, actor, conflicts, policy, _describe(kind, undone))


def revert(
    state: State,
    versions: Iterable[int],
    events: Mapping[int, Event],
    policy: Policy,
    facts: Facts,
    *,
    actor: str,
) -> Reversal:
    """One event that inverts chosen versions, newest first; each must still be what its own author left.

    Raises UndoConflict where nothing could be inverted or the policy is `fail`, NothingToUndo without versions.
    """
    chosen = sorted(set(versions), reverse=True)
    if not chosen:
        raise errors.NothingToUndo()
    undone = [events[version] for version in chosen if version != CREATION]
    mine = {event.version: None if _is_revert(event) or _is_undo(event) else event.actor for event in undone}
    draft, conflicts = _invert(Draft(state, facts), undone, mine, policy)
    if CREATION in chosen:
        conflicts.append(Conflict(CREATION, 0, "not_undoable", state.timeline_id))
    if not draft.changes or (policy == "fail" and conflicts):
        raise _refusal(conflicts)
    cause = stacks.Cause(kind="revert", versions=chosen[::-1])
    return _close(draft, cause, actor, conflicts, policy, _describe("revert", undone))


def _entries(state: State, actor: str, kind: Kind) -> stacks.Steps:
    mine = state.stacks.get(actor, stacks.Pair())
    return mine.undo if kind == "undo" else mine.redo


def _invert(
    draft: Draft, undone: Iterable[Event], mine: Mapping[int, str | None], policy: Policy
) -> tuple[Draft, list[Conflict]]:
    """The inverses of all units that have no conflict. Each (version, unit) becomes a unit of its own.

    Units are numbered in the order in which they are written, so that a redo takes them back in exactly the other
    order: what one version made is there again before a later one works on it.
    """
    clean, conflicts, into = draft.copy(), [], 0
    for event in undone:
        terms = inverse.Terms(mine=mine[event.version], force=policy == "force")
        for unit in inverse.units(event):
            saved = draft.copy()
            found = inverse.invert(draft, saved.state, unit, into, terms)
            conflicts += found.conflicts or found.left_out
            if found.conflicts:
                draft = saved
            else:
                into += 1
    return (clean if policy == "fail" and conflicts else draft), conflicts


def _close(
    draft: Draft, cause: stacks.Cause, actor: str, conflicts: list[Conflict], policy: Policy, description: str
) -> Reversal:
    gesture = {"type": cause.kind, "versions": cause.versions, "policy": policy}
    body = Body(gesture=gesture, changes=draft.changes, description=description, cause=cause)
    draft.state.close(actor, cause, None)
    return Reversal(body, draft.state, tuple(conflicts))


def _refusal(conflicts: Iterable[Conflict]) -> errors.UndoConflict:
    return errors.UndoConflict(conflicts=[conflict.as_dict() for conflict in conflicts])


def _is_revert(event: Event) -> bool:
    """It brought back what others own, on purpose, or took that back: owners need not be the actor's."""
    return event.cause is not None and (event.cause.kind == "revert" or event.cause.revert)


def _is_undo(event: Event) -> bool:
    return event.cause is not None and event.cause.kind == "undo"


def _describe(verb: str, undone: Iterable[Event]) -> str:
    past = {"undo": "undid", "redo": "redid", "revert": "reverted"}[verb]
    return f"{past} {', '.join(_name(event) for event in reversed(list(undone)))}"


def _name(event: Event) -> str:
    if event.cause is not None and event.cause.kind in ("undo", "redo"):
        of = ", ".join(str(version) for version in event.cause.versions)
        return f"the {event.cause.kind} (version {event.version}) of version {of}"
    return f"{event.type or 'event'} (version {event.version})"
