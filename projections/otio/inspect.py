"""What OTIO's own reader makes of a file that we wrote. Never for files that others send: it can be crashed."""

from dataclasses import dataclass
from pathlib import Path

import opentimelineio


@dataclass(frozen=True, slots=True)
class Contents:
    """A timeline as OTIO sees it."""

    name: str
    tracks: int
    clips: int
    seconds: float


def inspect(path: Path) -> Contents:
    """Read a file of ours with OTIO. Raises its OTIOError."""
    timeline = opentimelineio.adapters.read_from_file(str(path))
    clips = timeline.find_clips()
    return Contents(timeline.name, len(timeline.tracks), len(clips), timeline.duration().to_seconds())
