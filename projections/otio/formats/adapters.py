"""OTIO's adapters for other formats. Only ever called in the sandbox: they were not written for files of strangers."""

import contextlib
import hashlib
import io
import tempfile
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

import opentimelineio
import orjson

from projections.otio.formats import markup, record_times, reproducible, tailor
from projections.otio.formats.catalogue import Format
from projections.otio.formats.refusal import Unfit
from projections.otio.schema import Json

_FCPX_RATES: Final = (24.0, 25.0, 30.0, 50.0, 60.0)
"""The adapter writes no other rate exactly: of 30000/1001 it makes a decimal fraction, which is no frame any more."""
_TIMECODED: Final = frozenset({"edl", "fcp7", "ale"})
_MARKUP: Final = frozenset({"fcp7", "fcpx"})


def to_otio(data: bytes, format: Format, rate: float, *, lenient: bool = False) -> bytes:
    """A file of another format as OTIO JSON. `rate` is for formats that do not say theirs (edl, ale).

    `lenient`: an EDL whose record times contradict its source times is read by the latter.

    Raises Unfit: `import_unreadable`, `import_too_large`.
    """
    try:
        with _quiet():
            found = _read(data, format, rate, lenient=lenient)
            clips = format.name == "otio" or next(iter(found.find_clips()), None) is not None
            read = str(found.to_json_string(indent=-1)).encode()
    except (Unfit, MemoryError):
        raise
    except Exception as problem:
        timed = f" at {rate:.6g} frames per second, the rate of the timeline" if format.name == "edl" else ""
        raise Unfit("import_unreadable", f"The file cannot be read as {format.title}{timed}.") from problem
    if not clips:
        raise Unfit("import_unreadable", "There is no clip in the file.")
    return orjson.dumps(record_times.settled(orjson.loads(read))) if format.name == "edl" else read


def _read(data: bytes, format: Format, rate: float, *, lenient: bool) -> Any:
    options: dict[str, Any] = {}
    if format.name == "otio":
        text = data.decode()
    elif format.name in _MARKUP:
        text = markup.checked(data)
    elif format.name == "aaf":
        return _read_file(data, format)
    else:
        text = _text(data)
        options = {"rate": rate, "ignore_timecode_mismatch": lenient} if format.name == "edl" else {"fps": rate}
    return opentimelineio.adapters.read_from_string(text, adapter_name=format.adapter or "otio_json", **options)


def _text(data: bytes) -> str:
    """EDLs come in whatever the program's machine spoke; Latin-1 reads every byte."""
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return data.decode("latin-1")


def _read_file(data: bytes, format: Format) -> Any:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder, f"file{format.suffix}")
        path.write_bytes(data)
        return opentimelineio.adapters.read_from_file(str(path), adapter_name=format.adapter)


def from_otio(timeline: Json, format: Format, rate: float, without: Collection[str] = ()) -> bytes:
    """Our OTIO as another format (`without`: see tailor). Raises Unfit: `interchange_empty`, `interchange_failed`."""
    if (format.name in _TIMECODED and not _has_timecode(rate)) or (format.name == "fcpx" and rate not in _FCPX_RATES):
        raise Unfit("interchange_failed", f"{format.title} cannot be written at this frame rate.")
    fitting = tailor.tailored(timeline, format, rate, without)
    try:
        with _quiet():
            said = orjson.dumps(fitting)
            found = opentimelineio.adapters.read_from_string(said.decode(), "otio_json")
            return _write(found, format, rate, hashlib.sha256(said).digest())
    except (Unfit, MemoryError):
        raise
    except Exception as problem:
        raise Unfit("interchange_failed", f"The timeline cannot be written as {format.title}.") from problem


def _has_timecode(rate: float) -> bool:
    try:
        opentimelineio.opentime.to_timecode(opentimelineio.opentime.RationalTime(0, rate), rate)
    except ValueError:
        return False
    return True


def _write(found: Any, format: Format, rate: float, seed: bytes) -> bytes:
    if format.name == "aaf":
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, reproducible.held(seed):
            path = Path(folder, f"file{format.suffix}")
            opentimelineio.adapters.write_to_file(found, str(path), adapter_name=format.adapter)
            return path.read_bytes()
    options = {"edl": {"rate": rate}, "ale": {"fps": rate}}.get(format.name, {})
    text: str = opentimelineio.adapters.write_to_string(found, adapter_name=format.adapter, **options)
    return text.encode()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Adapters print, and our output is the answer; they warn, and no filter of warnings may make a failure of it.

    From Python 3.12 on, that of Final Cut X warns of every clip, for it asks of an XML element whether it is true.
    """
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
