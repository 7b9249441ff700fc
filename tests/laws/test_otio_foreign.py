"""Any sound OTIO file, of any rates, nested as it likes: it comes in where OTIO itself sees it, and goes out whole."""

import json
from pathlib import Path
from typing import Any

import opentimelineio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.otio import read, write
from tests.unit.projections.otio.foreign_files import at, brought, clip, gap, span, stack, timeline, track, url
from tests.world import World, values
from timeline_service.domain import errors, importing
from timeline_service.domain.draft import Facts
from timeline_service.domain.time import TICKS_PER_SECOND

Json = dict[str, Any]
RATES = (24, 25, 30, 29.97, 23.976, 12, 48000)
SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "otio"


# ---------------------------------------------------------------- files
def lengths() -> st.SearchStrategy[tuple[float, float]]:
    """A length and its rate, now and then not a whole number; a tenth of a second at least."""

    def length(draw: tuple[float, int, bool]) -> tuple[float, float]:
        rate, tenths, whole = draw
        value = max(1.0, tenths * rate / 10)
        return (float(round(value)) if whole else value, rate)

    return st.tuples(st.sampled_from(RATES), st.integers(1, 40), st.booleans()).map(length)


@st.composite
def clips(draw: st.DrawFn) -> Json:
    value, rate = draw(lengths())
    start = draw(st.sampled_from((0, 0, 7, 86_400, -3)))
    available = draw(st.sampled_from((None, None, span(0, 1000, 24), span(start, value, rate))))
    made = clip(draw(st.sampled_from(("", "A", "B"))), span(start, value, rate), url(available=available))
    scalar = draw(st.sampled_from((None, None, None, 2.0, -1.0, 0.5, 0.0)))
    if scalar is not None:
        made["effects"] = [{"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "w", "time_scalar": scalar}]
    if draw(st.booleans()):
        made["metadata"] = {"studio": {"number": draw(st.integers(0, 9)), "at": at(2, rate)}}
    if draw(st.integers(0, 5)) == 5:
        made["markers"] = [{"OTIO_SCHEMA": "Marker.2", "name": "m", "color": "RED", "marked_range": span(5, 1, rate)}]
    return made


@st.composite
def gaps(draw: st.DrawFn) -> Json:
    return gap(*draw(lengths()))


@st.composite
def transitions(draw: st.DrawFn) -> Json:
    offsets = {
        name: at(draw(st.integers(0, 6)), draw(st.sampled_from((24, 30)))) for name in ("in_offset", "out_offset")
    }
    kind = draw(st.sampled_from(("SMPTE_Dissolve", "Custom_Transition")))
    return {"OTIO_SCHEMA": "Transition.1", "name": "x", "transition_type": kind, **offsets}


@st.composite
def tracks(draw: st.DrawFn, depth: int = 0) -> Json:
    children: list[Json] = []
    for _ in range(draw(st.integers(0, 5))):
        choice = draw(st.integers(0, 9))
        if choice == 9 and depth < 2:
            children.append(stack(*draw(st.lists(tracks(depth + 1), min_size=1, max_size=2)), name="nest"))
        elif choice in (7, 8):
            children.append(draw(gaps()))
        elif choice == 6 and children and children[-1]["OTIO_SCHEMA"] != "Transition.1":
            children.append(draw(transitions()))
        else:
            children.append(draw(clips()))
    return track(*children, kind=draw(st.sampled_from(("Video", "Video", "Audio"))))


def files() -> st.SearchStrategy[Json]:
    return st.lists(tracks(), min_size=1, max_size=3).map(lambda found: timeline(*found, metadata={"studio": {"x": 1}}))


# ---------------------------------------------------------------- laws
def through_otio(data: bytes) -> bytes:
    return opentimelineio.adapters.read_from_string(data.decode(), "otio_json").to_json_string().encode()


def check(data: bytes) -> None:
    imported = read.from_json(data)
    rows = (imported.timeline, imported.records, imported.origin)
    if not imported.records:
        return
    world = brought(data)
    check_places(data, imported)
    out = write.to_json(world.state)
    for file in (out, through_otio(out)):
        assert alike(values(brought(file).state), values(world.state))
        comes_in_again_and_changes_nothing(world, read.from_json(file))
    comes_in_again_and_changes_nothing(world, imported)
    del rows


def comes_in_again_and_changes_nothing(world: World, imported: read.Imported) -> None:
    with pytest.raises(errors.NoChange):
        importing.bring_in(
            world.state, imported.timeline, imported.records, imported.origin, Facts("again"), actor="ann"
        )


def alike(one: Any, other: Any) -> bool:
    return importing.alike(one, other)


def check_places(data: bytes, imported: read.Imported) -> None:
    """Clips of the root lie where OTIO sees them, to half a frame."""
    theirs = opentimelineio.adapters.read_from_string(through_otio(data).decode(), "otio_json")
    if not isinstance(theirs, opentimelineio.schema.Timeline) or theirs.tracks.source_range is not None:
        return
    rate = imported.timeline["rate"]
    half = TICKS_PER_SECOND * rate["den"] / rate["num"] / 2 + 1000
    ours = {id: value for kind, id, value in imported.records if kind == "clip"}
    for number, row in enumerate(theirs.tracks):
        if not isinstance(row, opentimelineio.schema.Track) or row.source_range is not None:
            continue
        for place, child in enumerate(row):
            value = ours.get(f"/{number}/{place}")
            if value is not None:
                seen = row.range_of_child_at_index(place)
                ends = [seen.start_time.to_seconds(), seen.end_time_exclusive().to_seconds()]
                known = [value["start"], value["start"] + value["duration"]]
                assert all(abs(s * TICKS_PER_SECOND - k) <= half for s, k in zip(ends, known, strict=True)), child


@given(files())
def test_a_file_comes_in_where_otio_sees_it_and_goes_out_whole(file: Json) -> None:
    check(json.dumps(file).encode())


@pytest.mark.parametrize(
    "name",
    [
        "clip_example", "effects", "generator_reference_test", "multitrack", "nested_example", "premiere_example",
        "simple_cut", "transition",
    ],
)  # fmt: skip
def test_files_of_other_programs(name: str) -> None:
    path = SAMPLES / f"{name}.otio"
    if not path.exists():
        pytest.skip("the samples are not on this machine")
    check(path.read_bytes())
