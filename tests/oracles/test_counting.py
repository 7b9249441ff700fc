"""Every edit of one track beside a strip of single frames: the same layout, or refused by both."""

import json

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.oracles.questions import OPS, counted, outcome, question
from tests.oracles.strip import FOREVER, Impossible, Item, Strip


@pytest.mark.parametrize("op", OPS)
@settings(max_examples=60)
@given(data=st.data())
def test_ours_is_what_counting_frames_says(op: str, data: st.DataObject) -> None:
    asked = question(lambda first, last: data.draw(st.integers(first, last)), op)
    note(json.dumps(asked))
    ours, frames = outcome(asked), counted(asked)
    assert bool(ours.refused) == bool(frames.refused), (ours, frames)
    assert ours.layout == frames.layout


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
