"""Run a state machine: short and repeatable in the tests, long and random from the command line."""

import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

BATCH = 500


def short(machine: type[RuleBasedStateMachine]) -> None:
    """The same few examples every time."""
    run_state_machine_as_test(machine, settings=_settings(40, 30, derandomize=True))


def long(machine: type[RuleBasedStateMachine]) -> None:
    """As many random examples as the first argument says, 40 steps each, told in batches."""
    wanted, done, began = int(sys.argv[1]), 0, time.monotonic()
    while done < wanted:
        batch = min(BATCH, wanted - done)
        run_state_machine_as_test(machine, settings=_settings(batch, 40, derandomize=False))
        done += batch
        print(f"ok: {done} examples x 40 steps in {time.monotonic() - began:.0f} s", flush=True)


def _settings(examples: int, steps: int, *, derandomize: bool) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=derandomize,
    )
