"""The build of the TypeScript client: types from OpenAPI, JavaScript from TypeScript, the copy that /play serves.

python -m tests.house.client        builds it anew (needs Node and npm, which fetch the compiler)

The output is committed, so that nobody needs Node to run or to test the service.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "typescript"
PLAY = ROOT / "timeline_service" / "api" / "play" / "client"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "openapi.json", "stream.json", "src", "test")
GENERATED = ("src/wire.ts", "test/messages.ts")


def install(folder: Path) -> None:
    """Fetch the compiler. Raises CalledProcessError, with what npm said, where its registry cannot be reached."""
    _npm(folder, "ci")


def build(folder: Path) -> None:
    """GENERATED and `dist` from the sources in a folder in which `install` was."""
    shutil.rmtree(folder / "dist", ignore_errors=True)
    _npm(folder, "run", "wire")
    _npm(folder, "run", "build")


def copy_sources(folder: Path) -> None:
    """What a build needs, into a folder of its own."""
    for name in SOURCES:
        source = CLIENT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)


def outputs(folder: Path) -> dict[str, bytes]:
    """Name → content of what a build leaves in `dist`, and of the types that it makes."""
    built = {
        str(path.relative_to(folder)): path.read_bytes() for path in (folder / "dist").rglob("*") if path.is_file()
    }
    return built | {name: (folder / name).read_bytes() for name in GENERATED}


def served() -> dict[str, bytes]:
    """What /play serves of the client: its modules."""
    return {str(path.relative_to(PLAY)): path.read_bytes() for path in PLAY.rglob("*") if path.is_file()}


def modules(folder: Path) -> dict[str, bytes]:
    """The modules of a build, without the types."""
    dist = folder / "dist"
    return {str(path.relative_to(dist)): path.read_bytes() for path in dist.rglob("*.js")}


def copy_to_play() -> None:
    """Put the modules where /play serves them."""
    shutil.rmtree(PLAY, ignore_errors=True)
    for name, content in modules(CLIENT).items():
        path = PLAY / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _npm(folder: Path, *arguments: str) -> None:
    command = ["npm", "--no-update-notifier", "--silent", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)


def main() -> int:
    """Build in place, and copy."""
    try:
        install(CLIENT)
        build(CLIENT)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{error.stdout}{error.stderr}")
        return 1
    copy_to_play()
    return 0


if __name__ == "__main__":
    sys.exit(main())
