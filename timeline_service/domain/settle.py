"""Settle: what every gesture owes to the bonds of what it touched, done once for all of them, in the same event.

|A|x|B|   B moves away   ->   |A|    |B|      a transition whose clips are apart is dropped
A ~ a     a is removed   ->   A               a link or a group of one is dissolved
"""

from timeline_service.domain import changes, records, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State


def settle(draft: Draft) -> None:
    """Drop transitions that were separated and bonds of one. Only what the changes so far touched is looked at."""
    written = list(draft.changes)
    for id in sorted(_touched(draft.state, written)):
        transition = draft.state.find(id, "transition")
        if transition is not None and not transitions.adjacent(draft.state, transition.value):
            draft.drop(id)
    for bond, label in sorted(_loosened(written)):
        left = draft.state.bound(bond, label)
        if len(left) == 1:
            draft.set(left[0].id, {bond: None})


def _touched(after: State, written: list[changes.Change]) -> set[str]:
    """Transitions that were written, whose clips were, or whose track was shifted."""
    found: set[str] = set()
    for change in written:
        if isinstance(change, changes.Shift):
            if change.moves and change.track is not None:
                found.update(transition.id for transition in after.transitions_of(change.track))
        elif change.kind == "transition":
            found.add(change.id)
        elif change.kind == "clip" and isinstance(change, changes.Set) and transitions.EXTENT & change.fields.keys():
            found.update(transition.id for transition in after.inside(change.id, "transition"))
    return found


def _loosened(written: list[changes.Change]) -> set[tuple[str, str]]:
    """Bonds that a clip has left."""
    found: set[tuple[str, str]] = set()
    for change in written:
        if isinstance(change, changes.Drop) and change.kind == "clip":
            found.update((bond, change.value[bond]) for bond in records.BONDS if change.value[bond] is not None)
        elif isinstance(change, changes.Set) and change.kind == "clip":
            told = ((bond, change.fields[bond]) for bond in records.BONDS if bond in change.fields)
            found.update((bond, was[0]) for bond, was in told if was[0] is not None and was[0] != was[1])
    return found
