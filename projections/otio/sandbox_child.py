"""The process in which strangers' files are read and other formats are written: `python -I -m … TASK < FILE > ANSWER`.

It gives up what the work does not need before it looks at the file, and answers one line of JSON that says how it went,
followed by the bytes of a file if one was made. `sandbox.py` starts and bounds it and believes nothing it says.
"""

import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from projections.otio import read, sandbox_walls, times
from projections.otio.formats import adapters, bundle, inventory, picture
from projections.otio.formats.catalogue import FORMATS, Format
from projections.otio.formats.refusal import Unfit

LADDER: Final = ((), ("fades",), ("fades", "transitions"), ("fades", "transitions", "speeds"))
"""What is left out, more each time, where the writer fails or its own reader cannot read the file."""
UNREAD: Final = "The format's reader cannot read what its writer wrote."


def main(task: dict[str, Any], file: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Do one task: `read` a file into records, `write` one and look at what a reader finds in it, or say `walls`."""
    walls = sandbox_walls.confine(task["limits"], [Path(path) for path in task["code"]])
    if task["do"] == "walls":
        return {"walls": walls}, b""
    try:
        work = {"read": read_file, "write": write_file}[task["do"]]
        return work(file.read(), FORMATS[task["format"]], float(task["rate"]))
    except (Unfit, read.Unreadable) as refused:
        return {"refused": [refused.code, refused.reason]}, b""
    except (MemoryError, RecursionError):
        return {"refused": ["import_too_heavy", "Reading the file takes more memory than it is given."]}, b""


def read_file(data: bytes, format: Format, rate: float) -> tuple[dict[str, Any], bytes]:
    """The records of a file, parents first."""
    if format.name == "otioz":
        data = bundle.content(data)
    elif format.name == "edl":
        return _read_edl(data, format, rate), b""
    elif format.adapter is not None:
        data = adapters.to_otio(data, format, rate)
    return read.from_json(data, times.listed(rate))._asdict(), b""


def _read_edl(data: bytes, format: Format, rate: float) -> dict[str, Any]:
    """Many EDLs contradict themselves by a frame; then their record times are guessed from the cuts, and it is said."""
    usual = times.listed(rate)
    try:
        return read.from_json(adapters.to_otio(data, format, rate), usual)._asdict()
    except Unfit:
        found = read.from_json(adapters.to_otio(data, format, rate, lenient=True), usual)._asdict()
        found["report"]["approximated"].append({"what": "record_times", "count": 1, "examples": []})
        return found


def write_file(data: bytes, format: Format, rate: float) -> tuple[dict[str, Any], bytes]:
    """The file and its inventory: what a reader finds in it (`unread` says why it could not), else what was put in."""
    if format.name == "svg":
        found = inventory.take(orjson.loads(data))
        return {"found": picture.shown(found)}, picture.draw(found)
    if format.adapter is None:
        return {"found": inventory.take(orjson.loads(adapters.to_otio(data, format, rate)))}, data
    tried: tuple[dict[str, Any], bytes] | None = None
    for last, without in enumerate(LADDER, 1):
        try:
            made = adapters.from_otio(orjson.loads(data), format, rate, without)
            tried = {"unread": UNREAD}, made
            return {"found": inventory.take(orjson.loads(adapters.to_otio(made, format, rate)))}, made
        except Unfit as refused:
            if refused.code == "interchange_empty" or (last == len(LADDER) and tried is None):
                raise
    assert tried is not None
    return tried


if __name__ == "__main__":
    said, made = main(orjson.loads(sys.argv[1]), sys.stdin.buffer)
    sys.stdout.buffer.write(orjson.dumps(said) + b"\n" + made)
