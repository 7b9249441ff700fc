"""How long `timeline-service up` takes until it serves: cold (empty data directory) and warm.

Peer and limit, in the same minute: importing the API alone, the part of a start that no launcher can save.

    python -m tests.benchmarks.bench_up
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3


def ready_after(data_dir: str) -> float:
    """Seconds from the command to its `ready` line; the service is stopped again."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "timeline_service", "up", "--port", "0", "--data-dir", data_dir]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - began
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    if not line.startswith("ready "):
        raise RuntimeError(f"up said {line!r}")
    return took


def import_alone() -> float:
    """Seconds to import what the API needs, in a process of its own."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import timeline_service.main"], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Medians, interleaved."""
    cold, warm, imports = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="timeline-bench-") as folder:
            imports.append(import_alone())
            cold.append(ready_after(folder))
            warm.append(ready_after(folder))
    base = statistics.median(imports)
    print(f"`up` until it serves (load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)")
    for name, values in (("cold", cold), ("warm", warm), ("import of the API alone", imports)):
        middle = statistics.median(values)
        print(f"  {name:24} {middle:5.2f} s   {middle / base:.1f} imports")


if __name__ == "__main__":
    main()
