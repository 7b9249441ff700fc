"""Work on a large state leaves the loop to others."""

import threading

import pytest

from tests.stage import stage
from timeline_service.api import aside


@pytest.mark.parametrize("large", [False, True])
async def test_only_large_states_are_worked_on_aside(monkeypatch: pytest.MonkeyPatch, *, large: bool) -> None:
    state = stage().state
    monkeypatch.setattr(aside, "LARGE", len(state.records) + (0 if large else 1))
    here = threading.get_ident()
    assert (await aside.on(state, threading.get_ident) == here) is not large


async def test_what_goes_wrong_aside_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "LARGE", 0)
    with pytest.raises(ZeroDivisionError):
        await aside.on(stage().state, divmod, 1, 0)
