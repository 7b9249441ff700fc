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
    for id in separated(draft.state, written):
        draft.drop(id)
    dissolve(draft, written)


def separated(after: State, written: list[changes.Change]) -> list[str]:
    """The transitions, by id, whose clips the changes have parted: such a one cannot stay."""
    found = ((id, after.find(id, "transition")) for id in sorted(_touched(after, written)))
    return [id for id, record in found if record is not None and not transitions.adjacent(after, record.value)]


def dissolve(draft: Draft, written: list[changes.Change], *, unit: int = 0) -> None:
    """Take the label from a clip that the changes have left, or put, alone in a link or a group."""
    for bond, label in sorted(_bonds(written)):
        left = draft.state.bound(bond, label)
        if len(left) == 1:
            draft.set(left[0].id, {bond: None}, unit=unit)


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


def _bonds(written: list[changes.Change]) -> set[tuple[str, str]]:
    """Bonds that a clip has left, or has come into."""
    found: set[tuple[str, str]] = set()
    for change in written:
        if isinstance(change, changes.Shift) or change.kind != "clip":
            continue
        if isinstance(change, changes.Set):
            told = ((bond, change.fields[bond]) for bond in records.BONDS if bond in change.fields)
            found.update((bond, label) for bond, was in told for label in was[:2] if label is not None)
        else:
            labels = ((bond, change.value[bond]) for bond in records.BONDS)
            found.update((bond, label) for bond, label in labels if label is not None)
    return found
