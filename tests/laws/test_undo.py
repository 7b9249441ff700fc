"""The laws of undo, on the real core. `python -m tests.laws.test_undo 12000` runs them long."""

from tests.laws import soak
from tests.laws.undo_machine import UndoMachine


def test_the_laws_of_undo_hold_for_several_people_at_once() -> None:
    soak.short(UndoMachine)


if __name__ == "__main__":
    soak.long(UndoMachine)
