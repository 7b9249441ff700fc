"""`.otioz` (and a zipped `.otiod`): only the timeline in it is read, and only after all sizes were added up.

Nothing is unpacked to a disk, and no media are opened: not those in the bundle, not those that its timeline names.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from projections.otio.formats.refusal import Unfit

CONTENT: Final = "content.otio"
MAX_ENTRIES: Final = 10_000
MAX_UNPACKED: Final = 1024 * 1024 * 1024
MAX_CONTENT: Final = 64 * 1024 * 1024
MAX_RATIO: Final = 200
"""OTIO JSON packs 30 to 60 to 1, a bomb 1000 to 1."""


def content(data: bytes) -> bytes:
    """The timeline of a bundle. Raises Unfit: `import_unreadable`, `import_too_large`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            entry = _entry(bundle.infolist(), len(data))
            with bundle.open(entry) as file:
                unpacked = file.read(MAX_CONTENT + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise Unfit("import_unreadable", "The bundle is not a zip archive that can be read.") from None
    if len(unpacked) > MAX_CONTENT:
        raise _too_large()
    return unpacked


def _entry(entries: list[zipfile.ZipInfo], packed: int) -> zipfile.ZipInfo:
    """The one timeline of the bundle, at its top or in its only folder."""
    if len(entries) > MAX_ENTRIES:
        raise _too_large()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * packed:
        raise _too_large()
    found = []
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise Unfit("import_unreadable", "The bundle names a file outside itself.")
        if path.name == CONTENT and len(path.parts) <= 2:
            found.append(entry)
    if len(found) != 1:
        raise Unfit("import_unreadable", f"The bundle does not hold one {CONTENT}.")
    if found[0].file_size > MAX_CONTENT:
        raise _too_large()
    return found[0]


def _too_large() -> Unfit:
    return Unfit("import_too_large", "What is packed in the bundle is larger than the service unpacks.")
