"""Every edit of one track beside a strip of single frames: the same layout, or refused by both."""

import json

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.oracles.questions import FEW, OPS, WITHIN, Question, counted, limits, outcome, question
from tests.oracles.strip import FOREVER, Impossible, Item, Strip


@pytest.mark.parametrize("op", OPS)
@FEW
@given(data=st.data())
def test_ours_is_what_counting_frames_says(op: str, data: st.DataObject) -> None:
    asked = question(lambda first, last: data.draw(st.integers(first, last)), op)
    note(json.dumps(asked))
    ours, frames = outcome(asked), counted(asked)
    assert bool(ours.refused) == bool(frames.refused), (ours, frames)
    assert ours.layout == frames.layout


@pytest.mark.parametrize("op", WITHIN)
@FEW
@given(data=st.data())
def test_what_is_said_to_be_legal_is_all_that_is_possible(op: str, data: st.DataObject) -> None:
    """A refusal tells the smallest and the largest delta: up to there the frames are there, one further they are not."""
    asked = question(lambda first, last: data.draw(st.integers(first, last)), op)
    note(json.dumps(asked))
    if counted(with_delta(asked, 0)).refused:
        return  # there is no such cut, or no neighbour: no delta is legal
    smallest, largest = limits(asked)
    for limit, step in ((smallest, -1), (largest, 1)):
        if limit is None:
            limit, step = 1000 * step, 0
        assert not counted(with_delta(asked, limit)).refused
        assert not step or counted(with_delta(asked, limit + step)).refused


def with_delta(asked: Question, delta: int) -> Question:
    return {**asked, "op": {**asked["op"], "delta": delta}}


def test_the_sources_of_a_strip_end() -> None:
    """The model refuses what is not there; else its word would be worth nothing."""
    strip = Strip([Item("a", 0, 4, 2)], {"a": (1, 7)})
    with pytest.raises(Impossible, match="no_handle"):
        strip.trim(0, "end", 2)
    strip = Strip([Item("a", 2, 4, 2)], {"a": (1, FOREVER)})
    with pytest.raises(Impossible, match="no_handle"):
        strip.trim(2, "start", -2)
    strip.trim(2, "start", -1)
    assert strip.items() == [Item("a", 1, 5, 1)]
