"""Words of the audit log: lengths, positions and lists of records, as a person says them."""

from collections.abc import Sequence
from typing import Final

from timeline_service.domain.state import State
from timeline_service.domain.time import Rate

NAMED: Final = 3
"""So many records of a list are named; the others are counted."""
QUOTED: Final = 40
"""So many characters of a text are told."""


def frames(ticks: int, rate: Rate) -> str:
    """A length without its sign: `12 frames`, `1 frame`, `0.5 frames`."""
    count = abs(ticks) / rate.ticks_per_frame
    return "1 frame" if count == 1 else f"{count:.6g} frames"


def timecode(ticks: int, rate: Rate) -> str:
    """A position as hours:minutes:seconds:frames, counted without dropping: `00:00:04:12`."""
    base = -(-rate.num // rate.den)
    seconds, frame = divmod(abs(ticks) // rate.ticks_per_frame, base)
    sign = "-" if ticks < 0 else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frame:02}"


def listed(state: State, ids: Sequence[str]) -> str:
    """`"Intro"` | `"Intro" and "Beach"` | `"Intro", "Beach", "Sea" and 4 more`."""
    names = [state.name_of(id) for id in ids]
    if len(names) == 1:
        return names[0]
    if len(names) <= NAMED:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def fresh(kind: str, name: str, id: str | None) -> str:
    """A record that is not there yet: its quoted name, or its kind and id."""
    return f'"{name}"' if name else f"{kind} {id}"


def quoted(text: str) -> str:
    """The beginning of a text, on one line, in quotation marks."""
    line = " ".join(text.split())
    return f'"{line[:QUOTED]}…"' if len(line) > QUOTED else f'"{line}"'
