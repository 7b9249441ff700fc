"""Where an EDL lies in time, said as everybody else says it.

The adapter leaves a track at zero and keeps the record time of its first edit as a negative start of the track's range,
a range that shows nothing of what is on the track. Here the earliest becomes the start timecode, the rest becomes gaps.
"""

from projections.otio import schema
from projections.otio.schema import Json


def settled(timeline: Json) -> Json:
    """The timeline, changed in place."""
    tracks = timeline["tracks"]["children"]
    starts = [_start(track) for track in tracks]
    rates = [track["source_range"]["start_time"]["rate"] for track in tracks if track.get("source_range")]
    if not rates:
        return timeline
    earliest = min(starts)
    for track, start in zip(tracks, starts, strict=True):
        track["source_range"] = None
        if start > earliest:
            track["children"].insert(0, _gap(start - earliest, rates[0]))
    if earliest:
        timeline["global_start_time"] = _time(earliest, rates[0])
    return timeline


def _start(track: Json) -> float:
    ranged = track.get("source_range")
    return max(0.0, -float(ranged["start_time"]["value"])) if ranged else 0.0


def _gap(frames: float, rate: float) -> Json:
    shown = schema.time_range(_time(0.0, rate), _time(frames, rate))
    return schema.item("Gap.1", "", metadata={}, source_range=shown)


def _time(frames: float, rate: float) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": frames}
