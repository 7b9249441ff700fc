"""Spans of the timeline as requests name them: [start, end) on some tracks."""

from collections.abc import Iterable

from timeline_service.domain import errors, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State
from timeline_service.domain.time import Time


def checked(draft: Draft, track_ids: Iterable[str], start: Time, end: Time) -> tuple[int, int]:
    """The span in ticks. Raises BadRange for an empty one or one before zero, RecordMissing for a track."""
    for track_id in track_ids:
        draft.get("track", track_id)
    first, stop = draft.ticks(start), draft.ticks(end)
    if not 0 <= first < stop:
        raise errors.BadRange(start=first, end=stop)
    return first, stop


def told(before: State, start: Time, end: Time) -> str:
    """For a sentence: `00:00:01:00 to 00:00:02:12`."""
    first, stop = start.in_ticks(before.rate), end.in_ticks(before.rate)
    return f"{wording.timecode(first, before.rate)} to {wording.timecode(stop, before.rate)}"
