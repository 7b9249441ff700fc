"""Plant every bug in a copy of the code and see whether the model machine notices: `make mutants`.

python -m tests.mutants [name …]        EXAMPLES=400 per bug; the sound code is run first and must pass
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.planted import PLANTED, Mutant

ROOT = Path(__file__).parents[2]
COPIED = ("timeline_service", "projections", "workers", "tests", "pyproject.toml")
EXAMPLES = int(os.environ.get("EXAMPLES", "400"))
LIMIT_S = 300


def judge(mutant: Mutant | None) -> tuple[bool, float, str]:
    """Whether the machine passes on the code with this bug (None: as it is), in how many seconds, and its last words."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            else:
                shutil.copy(source, copy / name)
        if mutant is not None:
            plant(mutant, copy)
        began = time.monotonic()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.mutants.judge", str(EXAMPLES)],
                cwd=copy,
                env={**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False, time.monotonic() - began, f"still running after {LIMIT_S} s"
        words = [line for line in (done.stdout + done.stderr).splitlines() if "Error" in line or "assert" in line]
        return done.returncode == 0, time.monotonic() - began, words[-1].strip()[:100] if words else ""


def plant(mutant: Mutant, root: Path) -> None:
    """Write the bug into a copy. Raises ValueError where its text is not there exactly once."""
    file = root / mutant.file
    text = file.read_text()
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: the text to replace is in {mutant.file} {text.count(mutant.old)} times")
    file.write_text(text.replace(mutant.old, mutant.new))


def main() -> int:
    """Exit status 1 if the sound code fails or a bug goes unnoticed."""
    chosen = [mutant for mutant in PLANTED if not sys.argv[1:] or mutant.name in sys.argv[1:]]
    print(f"{len(chosen)} planted bugs, up to {EXAMPLES} examples of 40 steps each", flush=True)
    unnoticed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        sound = pool.submit(judge, None)
        for mutant, (passed, seconds, words) in zip(chosen, pool.map(judge, chosen), strict=True):
            print(f"  {'NOT NOTICED' if passed else 'noticed':12}{mutant.name:42}{seconds:6.0f} s  {words}", flush=True)
            unnoticed += [mutant.name] if passed else []
        passed, seconds, words = sound.result()
    print(f"  {'passes' if passed else 'FAILS':12}{'the code as it is':42}{seconds:6.0f} s  {words}")
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} noticed")
    return 0 if passed and not unnoticed else 1


if __name__ == "__main__":
    sys.exit(main())
