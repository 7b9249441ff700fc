"""How fast 10,000 clips go out as OTIO and come in again, beside OTIO's own objects in the same run.

Out: a state to the bytes of a file; the peer builds the same tracks, gaps and clips of OpenTimelineIO objects with the
same metadata and serialises them. In: the bytes to the event of an import, strict parsing, checks and laws included;
the peer is OTIO's own reader, which checks nothing. Once as we wrote it and once without any metadata, as a stranger's.
CPU seconds of the process, best of interleaved rounds.

    python -m tests.benchmarks.bench_otio
"""

import os
import sys
from typing import Any, Final

import opentimelineio as otio
import orjson

from projections.otio import read, write
from tests.benchmarks.bench_fold import MEDIA, seconds
from tests.world import F, World
from timeline_service.domain import importing, records
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.state import State

TRACKS, PER_TRACK, ROUNDS = 10, 1000, 5
SLOT, LENGTH = 60, 40
OUT_GOAL, IN_GOAL = 0.5, 5.0
RATE: Final = 24.0


def furnished() -> World:
    """10,000 clips with gaps between them, on ten tracks."""
    world = World()
    for track in range(TRACKS):
        world.do("add_track", kind="video", track_id=f"v{track}")
    world.write(_furnish)
    return world


def _furnish(draft: Draft) -> None:
    for track in range(TRACKS):
        for place in range(PER_TRACK):
            id = f"v{track}c{place}"
            times = {"start": place * SLOT * F, "duration": LENGTH * F, "source_in": 1000 * F}
            draft.put("clip", id, records.new("clip", track_id=f"v{track}", media=MEDIA, name=id, **times))


# ---------------------------------------------------------------- the contestants
def peer_out(state: State) -> str:
    """OTIO's objects, and their JSON."""
    timeline = otio.schema.Timeline("Film")
    for track in state.living("track"):
        made, at = otio.schema.Track(name=track.id), 0
        for clip in sorted(state.inside(track.id, "clip"), key=lambda clip: clip.value["start"]):
            value = clip.value
            if value["start"] > at:
                made.append(otio.schema.Gap(source_range=_range(0, value["start"] - at)))
            reference = otio.schema.ExternalReference(
                value["media"]["url"], _range(0, value["media"]["available"]["duration"])
            )
            made.append(
                otio.schema.Clip(
                    name=value["name"],
                    media_reference=reference,
                    source_range=_range(value["source_in"], value["duration"]),
                    metadata={"timeline_service": {"id": clip.id, "record": value}},
                )
            )
            at = value["start"] + value["duration"]
        timeline.tracks.append(made)
    return str(timeline.to_json_string())


def _range(start: int, duration: int) -> Any:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(start / F, RATE), otio.opentime.RationalTime(duration / F, RATE)
    )


def ours_in(data: bytes) -> None:
    imported = read.from_json(data)
    rows = (imported.timeline, imported.records, imported.origin)
    importing.bring_in(World().state, *rows, Facts("import"), actor="ann")


def peer_in(data: bytes) -> None:
    otio.adapters.read_from_string(data.decode(), "otio_json")


def stripped(thing: Any) -> Any:
    """The file without metadata, as a stranger's."""
    if isinstance(thing, dict):
        return {key: {} if key == "metadata" else stripped(value) for key, value in thing.items()}
    return [stripped(value) for value in thing] if isinstance(thing, list) else thing


# ---------------------------------------------------------------- the race
def main() -> int:
    """Print the figures."""
    state = furnished().state
    data = write.to_json(state)
    foreign = orjson.dumps(stripped(orjson.loads(data)))
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for label, work, subject in (
            ("out, ours", write.to_json, state),
            ("out, OTIO build + serialise", peer_out, state),
            ("in, a file of ours", ours_in, data),
            ("in, by OTIO", peer_in, data),
            ("in, a stranger's file", ours_in, foreign),
            ("in, a stranger's, by OTIO", peer_in, foreign),
        ):
            spent = seconds(work, subject)
            best[label] = min(spent, best.get(label, spent))
    print(f"{TRACKS * PER_TRACK} clips; {len(data) / 1e6:.1f} MB as we write them, {len(foreign) / 1e6:.1f} MB bare")
    for label, spent in best.items():
        print(f"  {label:32}{spent:>8.3f} s")
    slowest = max(best["in, a file of ours"], best["in, a stranger's file"])
    print(
        f"  out: ours / OTIO {best['out, ours'] / best['out, OTIO build + serialise']:.2f}"
        f"   ours / goal of {OUT_GOAL} s {best['out, ours'] / OUT_GOAL:.2f}"
        f"   in: ours / OTIO {best['in, a file of ours'] / best['in, by OTIO']:.1f}"
        f"   slowest / goal of {IN_GOAL} s {slowest / IN_GOAL:.2f}"
    )
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"  load average {load} on {os.cpu_count()} CPUs, Python {sys.version.split()[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
