"""Run a state machine: short and repeatable in the tests, long and random from the command line.

    python -m tests.laws.soak                   20 000 examples of 40 steps of each of MACHINES, on all cores
    python -m tests.laws.soak 500 scenes        so many, of one of them
    python -m tests.laws.soak 500 scenes 17     from this seed on: the same examples again

A run is cut into batches, each with a seed of its own that is told when the batch fails. A failure ends the run.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections.abc import Iterator
from importlib import import_module
from typing import Final, NamedTuple

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

BATCH: Final = 250
EXAMPLES: Final = 20_000
STEPS: Final = 40
MACHINES: Final = {
    "base": ("tests.laws.undo_agreement", "BaseMachine"),
    "scenes": ("tests.laws.undo_scenes", "SceneMachine"),
    "vocabulary": ("tests.laws.undo_vocabulary", "VocabularyMachine"),
    "laws": ("tests.laws.undo_machine", "UndoMachine"),
}
"""The core beside the model of undo: clips, whole scenes, all gestures; and the laws of undo on the core alone."""
DEFAULT: Final = ("base", "scenes", "vocabulary")


class Batch(NamedTuple):
    machine: str
    seed: int
    examples: int


def short(machine: type[RuleBasedStateMachine], examples: int = 40) -> None:
    """The same few examples every time."""
    run_state_machine_as_test(machine, settings=_settings(examples, 30, derandomize=True))


def long(machine: type[RuleBasedStateMachine]) -> None:
    """As many random examples as the first argument says, 40 steps each, told in batches."""
    wanted, done, began = int(sys.argv[1]), 0, time.monotonic()
    while done < wanted:
        batch = min(BATCH, wanted - done)
        run_state_machine_as_test(machine, settings=_settings(batch, STEPS, derandomize=False))
        done += batch
        print(f"ok: {done} examples x {STEPS} steps in {time.monotonic() - began:.0f} s", flush=True)


def run_batch(batch: Batch) -> tuple[Batch, str | None]:
    """None, or what went wrong."""
    module, name = MACHINES[batch.machine]
    machine = seed(batch.seed)(getattr(import_module(module), name))
    try:
        run_state_machine_as_test(machine, settings=_settings(batch.examples, STEPS, derandomize=False))
    except Exception:
        return batch, traceback.format_exc()
    return batch, None


def main() -> int:
    """0 where all agreed."""
    parser = argparse.ArgumentParser(prog="python -m tests.laws.soak")
    parser.add_argument("examples", nargs="?", type=int, default=EXAMPLES)
    parser.add_argument("machine", nargs="?", choices=sorted(MACHINES))
    parser.add_argument("seed", nargs="?", type=int, default=random.randrange(10**9))
    given = parser.parse_args()
    machines = [given.machine] if given.machine else list(DEFAULT)
    waiting = list(_batches(machines, given.examples, given.seed))
    done, began, told = dict.fromkeys(machines, 0), time.monotonic(), 0.0
    with multiprocessing.Pool(os.cpu_count(), initializer=os.nice, initargs=(5,)) as pool:
        for batch, failure in pool.imap_unordered(run_batch, waiting):
            if failure is not None:
                print(failure, f"\nagain: python -m tests.laws.soak {batch.examples} {batch.machine} {batch.seed}")
                return 1
            done[batch.machine] += batch.examples
            seconds = time.monotonic() - began
            if seconds - told > 10 or sum(done.values()) == given.examples * len(machines):
                told = seconds
                print(f"{seconds:5.0f} s  " + "  ".join(f"{name} {n}" for name, n in done.items()), flush=True)
    seconds = time.monotonic() - began
    for name, n in done.items():
        print(f"ok: {name}: {n} examples x {STEPS} steps, seed {given.seed}")
    print(f"{seconds:.0f} s on {os.cpu_count()} cores")
    return 0


def _batches(machines: list[str], examples: int, first: int) -> Iterator[Batch]:
    """Batches of all machines in turn, so that each of them has come far wherever a run is stopped."""
    for number, start in enumerate(range(0, examples, BATCH)):
        for machine in machines:
            yield Batch(machine, first + number, min(BATCH, examples - start))


def _settings(examples: int, steps: int, *, derandomize: bool) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=derandomize,
    )


if __name__ == "__main__":
    sys.exit(main())
