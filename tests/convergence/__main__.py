"""Runs seeds of the convergence machine, or one again with all that was said.

python -m tests.convergence 2000            seeds 0 … 1999; the failing ones are named at the end
python -m tests.convergence 2000 --from 500
python -m tests.convergence --seed 17       seed 17 alone, frame by frame
"""

import argparse
import logging
import sys
import time
import traceback

import structlog

from tests.convergence import virtual_time
from tests.convergence.play import Play
from tests.convergence.seat import Trace
from timeline_service.eventstore.memory import MemoryStore

WIDTH = 400


def play(seed: int, trace: Trace) -> Play:
    """One seed in memory, in virtual time."""

    async def work() -> Play:
        one = Play(seed, MemoryStore(), trace=trace)
        await one.run()
        return one

    return virtual_time.run(seed, work)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.convergence")
    parser.add_argument("count", nargs="?", type=int, default=200)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seeds = range(asked.first, asked.first + asked.count) if asked.seed is None else [asked.seed]
    failed, began, events, killed = [], time.perf_counter(), 0, 0
    for seed in seeds:
        trace = Trace(keep=asked.seed is not None)
        try:
            done = play(seed, trace)
            events += done.seats[0].sync.version
            killed += done.killed
        except Exception as error:
            failed.append(seed)
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:WIDTH]}")
            if asked.seed is not None:
                traceback.print_exc()
        for line in trace.lines:
            print(line[:WIDTH])
    seconds = time.perf_counter() - began
    print(
        f"{len(seeds)} seeds, {len(failed)} failed {failed}; {events} events, {killed} processes killed, {seconds:.0f} s"
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
