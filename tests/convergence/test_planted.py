"""The machine notices what it is there for: each planted bug fails one of its first seeds."""

import pytest

from tests.convergence.__main__ import play
from tests.convergence.planted import PLANTED
from tests.convergence.seat import Trace

SEEDS = 60


@pytest.mark.parametrize("name", PLANTED)
def test_it_is_noticed(name: str) -> None:
    with PLANTED[name]():
        for seed in range(SEEDS):
            try:
                play(seed, Trace())
            except Exception as error:
                print(f"seed {seed}: {repr(error)[:300]}")
                return
    pytest.fail(f"{SEEDS} seeds and nobody noticed")
