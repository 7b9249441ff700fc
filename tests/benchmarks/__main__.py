"""All benchmarks, one after the other, each in a process of its own: `make bench`.

python -m tests.benchmarks [name …]        names without `bench_`
"""

import os
import platform
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run the named ones, or all; exit status 1 if one could not be run."""
    found = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    wanted = sys.argv[1:] or found
    unknown = set(wanted) - set(found)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(found)}")
        return 2
    cores, load = os.cpu_count(), os.getloadavg()
    print(f"Python {platform.python_version()}, {cores} cores, load {load[0]:.1f} {load[1]:.1f} {load[2]:.1f}")
    print("Figures are medians of interleaved rounds; ratios hold on a busy machine, absolute figures do not.\n")
    failed = False
    for name in wanted:
        failed |= subprocess.run([sys.executable, "-m", f"tests.benchmarks.bench_{name}"], check=False).returncode != 0
        print(flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
