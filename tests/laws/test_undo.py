"""The laws of undo, on the real core. `python -m tests.laws.test_undo 12000` runs them long."""

import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.laws.undo_machine import UndoMachine

CHECKS = list(HealthCheck)
UndoMachine.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=CHECKS,
    database=None,
    derandomize=True,
)
TestLaws = UndoMachine.TestCase


if __name__ == "__main__":
    examples, began = int(sys.argv[1]), time.monotonic()
    run_state_machine_as_test(
        UndoMachine,
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=CHECKS, database=None
        ),
    )
    print(f"ok: {examples} examples x 40 steps in {time.monotonic() - began:.0f} s")
