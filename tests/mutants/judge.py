"""Run the model machine until it fails or the examples are used up. Exit status 1: the bug was noticed.

python -m tests.mutants.judge 400
"""

import sys

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import ModelMachine


def main() -> int:
    examples = int(sys.argv[1])
    hasty = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],  # what fails need not be made small: nobody will read it
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(ModelMachine, settings=hasty)
    return 0


if __name__ == "__main__":
    sys.exit(main())
