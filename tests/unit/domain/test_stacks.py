"""Undo stacks as values: deep enough, shared where equal, never written by another fork."""

from hypothesis import given, settings
from hypothesis import strategies as st

from timeline_service.domain import stacks
from timeline_service.domain.stacks import DEPTH, Cause, Entry, Steps


def entry(version: int) -> Entry:
    return Entry((version,), None)


def test_the_oldest_goes_where_there_are_too_many() -> None:
    steps = Steps()
    for version in range(10 * DEPTH):
        steps = steps.push(entry(version))
    assert steps[:] == [entry(version) for version in range(9 * DEPTH, 10 * DEPTH)]
    assert len(steps.without((10 * DEPTH - 1,))) == DEPTH - 1


OPERATIONS = st.lists(st.tuples(st.sampled_from(("push", "pop", "middle", "fork")), st.integers(0, 9)), max_size=60)


@given(OPERATIONS)
@settings(max_examples=200, deadline=None)
def test_steps_are_values(operations: list[tuple[str, int]]) -> None:
    """Against plain lists: whatever is done to one, the others stay."""
    pairs: list[tuple[Steps, list[Entry]]] = [(Steps(), [])]
    for version, (operation, number) in enumerate(operations):
        steps, plain = pairs[number % len(pairs)]
        if operation in ("push", "fork"):
            pairs.append((steps.push(entry(version)), [*plain, entry(version)]))
        elif plain:
            gone = plain[-1] if operation == "pop" else plain[number % len(plain)]
            pairs.append((steps.without(gone.versions), [e for e in plain if e != gone]))
    for steps, plain in pairs:
        assert steps[:] == plain == list(steps) and len(steps) == len(plain)
        assert list(reversed(steps)) == plain[::-1]


def test_a_transaction_joins_and_my_edit_clears_my_redo() -> None:
    held: stacks.Stacks = {}
    stacks.note(held, 2, "A", None, "t")
    stacks.note(held, 3, "A", None, "t")
    stacks.note(held, 4, "B", None, "t")
    assert held["A"].undo[:] == [Entry((2, 3), "t")] and held["B"].undo[:] == [Entry((4,), "t")]
    stacks.note(held, 5, "A", Cause(kind="undo", versions=[2, 3]), None)
    assert not held["A"].undo and held["A"].redo[:] == [entry(5)]
    stacks.note(held, 6, "B", None, None)
    assert held["A"].redo[:] == [entry(5)]
    stacks.note(held, 7, "A", None, None)
    assert held["A"].undo[:] == [entry(7)] and not held["A"].redo
