"""Trying: whether a gesture would be taken, for refusals that say what would be.

asked  |-------------------x|     refused
now    o                          as it is
legal  |----------->|             the furthest from now towards what was asked
"""

from collections.abc import Callable

from timeline_service.domain import errors, invariants, settle
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import State


def is_taken(state: State, gesture: Gesture) -> bool:
    """Whether a state takes a gesture that needs no facts from outside. One that changes nothing is taken."""
    draft = Draft(state, Facts(""))
    try:
        gesture.decide(draft)
        settle.settle(draft)
        invariants.check(state, draft.state, draft.changes)
    except errors.NoChange:
        return True
    except errors.Refused:
        return False
    return True


def furthest(state: State, asking: Callable[[int], Gesture], now: int, asked: int) -> int | None:
    """The furthest number from `now` towards `asked` (which is refused) that is taken; None where not even `now` is.

    Found by halving: what lies between is taken to be taken, as limits have one side.
    """
    if not is_taken(state, asking(now)):
        return None
    taken, refused = now, asked
    while abs(refused - taken) > 1:
        middle = (taken + refused) // 2
        if is_taken(state, asking(middle)):
            taken = middle
        else:
            refused = middle
    return taken
