"""Seeds of the convergence machine in memory. More of them: `python -m tests.convergence 2000`."""

import pytest

from tests.convergence.__main__ import play
from tests.convergence.seat import Trace


@pytest.mark.parametrize("seed", range(1000, 1052))
def test_everybody_ends_in_one_state(seed: int) -> None:
    play(seed, Trace())


def test_a_seed_is_the_same_run_each_time() -> None:
    first, second = Trace(), Trace()
    one, other = play(5, first), play(5, second)
    assert first.digest == second.digest
    assert one.seats[0].sync.version == other.seats[0].sync.version


# ---------------------------------------------------------------- seeds that failed once
def test_seed_27_an_atomic_push_with_a_gesture_that_came_to_nothing_is_sent_again() -> None:
    """Of such a push the log knew all but that gesture; its last event names it now."""
    play(27, Trace())


def test_seed_4039_an_atomic_push_is_sent_again_when_most_of_it_would_be_without_effect_now() -> None:
    """Only the gestures that came to nothing were looked up, and the push was known in part."""
    play(4039, Trace())


def test_seed_2_what_is_turned_away_is_not_starved_by_what_follows_it() -> None:
    """Smaller pushes behind it used up the tokens, were refused because it had not run, and went again with it."""
    play(2, Trace())


def test_seed_3_a_preview_of_what_would_be_removed_is_a_message_too() -> None:
    play(3, Trace())


def test_seed_16_a_redo_writes_what_others_own_again_since_the_undo() -> None:
    """The law was wrong: an undo gives a field back to its owner, and the redo takes it again."""
    play(16, Trace())


def test_seed_2775_an_undo_that_leaves_a_group_of_one_dissolves_it() -> None:
    """The law was wrong: the split was undone after somebody had removed the third of the group."""
    play(2775, Trace())
