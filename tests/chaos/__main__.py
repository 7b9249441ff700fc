"""python -m tests.chaos SECONDS SEED    break everything while people edit, and see whether anything is lost

Real PostgreSQL, real Valkey, three API processes, twelve editors on two timelines. Without a seed one is drawn; it is
printed first. It decides what people and disasters do, not when the machine lets them.
"""

import asyncio
import random
import shutil
import sys
import tempfile

from tests.chaos.run import Plan, run


def main(seconds="300", seed=""):
    plan = Plan(float(seconds), int(seed or random.SystemRandom().randrange(1_000_000)))
    print(f"seed {plan.seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="timeline-chaos-")
    try:
        print(asyncio.run(run(plan, folder)), flush=True)
    except BaseException:
        print(f"the data and the processes' logs are in {folder}", flush=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


main(*sys.argv[1:])
