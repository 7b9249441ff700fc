"""Rank strings: always room above, and between any two that this service made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline_service.domain import rank


def test_ranks_rise() -> None:
    assert rank.after("") == "V"
    assert rank.after("V") == "W"
    assert rank.after("z") == "zV"
    made = [""]
    for _ in range(200):
        made.append(rank.after(made[-1]))
    assert made == sorted(set(made))
    assert len(made[-1]) < 10


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60))
def test_there_is_room_between_any_two_for_ever(places: list[int]) -> None:
    ranks = [rank.after("")]
    for place in places:
        at = place % (len(ranks) + 1)
        low, high = ranks[at - 1] if at else "", ranks[at] if at < len(ranks) else ""
        ranks.insert(at, rank.between(low, high))
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize(("low", "high"), [("V", "V"), ("W", "V"), ("a", "a0"), ("", "0")])
def test_no_room(low: str, high: str) -> None:
    with pytest.raises(ValueError, match="no room"):
        rank.between(low, high)
