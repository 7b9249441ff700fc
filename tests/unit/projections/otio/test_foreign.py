"""Files of other programs: every edge on the grid, nothing that is unknown lost, hostile structure refused."""

import itertools
import json
from typing import Any

import opentimelineio
import pytest

from projections.otio import read, write
from tests.unit.projections.otio.foreign_files import (
    at,
    brought,
    clip,
    exported,
    gap,
    of_kind,
    parsed,
    span,
    stack,
    timeline,
    track,
    transition,
    url,
    what,
)  # fmt: skip
from tests.world import F, values
from timeline_service.domain.time import TICKS_PER_SECOND

Json = dict[str, Any]


def places(imported: read.Imported) -> list[tuple[int, int]]:
    return sorted((value["start"], value["duration"]) for value in of_kind(imported, "clip"))


# ---------------------------------------------------------------- times
def test_gaps_become_places() -> None:
    imported = parsed(timeline(track(gap(10), clip("A", span(5, 20)), gap(3), clip("B", span(0, 7)))))
    assert places(imported) == [(10 * F, 20 * F), (33 * F, 7 * F)]
    assert [value["source_in"] for value in of_kind(imported, "clip")] == [5 * F, 0]


def test_edges_are_rounded_and_never_drift() -> None:
    """A thousand clips of 7/30 s on a grid of 1/24 s: the last one ends where it should."""
    imported = parsed(
        timeline(track(clip("first", span(0, 24)), *(clip(str(n), span(0, 7, 30)) for n in range(1000))))
        | {"global_start_time": at(0)}
    )
    assert imported.timeline["rate"] == {"num": 30, "den": 1}  # most items have it
    half = 705_600_000 // 24 // 2
    mixed = parsed(
        timeline(track(*(clip(str(n), span(0, 7, 50)) for n in range(999)), *(clip("x", span(0, 1)),) * 1000))
    )
    frame = TICKS_PER_SECOND // 24
    ends = places(mixed)
    assert mixed.timeline["rate"] == {"num": 24, "den": 1}
    assert all(start % frame == 0 and duration % frame == 0 for start, duration in ends)
    start, duration = ends[-1]
    exact = 999 * 7 * TICKS_PER_SECOND // 50 + 1000 * frame
    assert abs(start + duration - exact) <= half
    assert 0 < mixed.report["largest_shift"] <= half
    assert all(a + b == c for (a, b), (c, _) in itertools.pairwise(ends))


def test_the_original_numbers_are_kept() -> None:
    imported = parsed(timeline(track(clip("A", span(0, 24)), clip("B", span(1.5, 10.4, 24)))))
    kept = of_kind(imported, "clip")[1]["metadata.otio"]
    assert kept["raw"]["source_range"]["duration"]["value"] == 10.4


def test_rates_near_those_of_the_list_are_meant() -> None:
    imported = parsed(timeline(track(clip("A", span(0, 24, 23.976))), track(clip("B", span(0, 24, 23.98)))))
    assert imported.timeline["rate"] == {"num": 24000, "den": 1001}
    assert {duration for _, duration in places(imported)} == {24 * 29_429_400}


def test_a_rate_that_nobody_has_is_exact_in_seconds() -> None:
    imported = parsed(
        timeline(track(clip("A", span(0, 24)), kind="Audio"), track(clip("S", span(0, 44100, 44100)), kind="Audio"))
    )
    assert sorted(duration for _, duration in places(imported)) == [TICKS_PER_SECOND] * 2


def test_what_is_shorter_than_half_a_frame_is_named_as_lost() -> None:
    imported = parsed(timeline(track(clip("A", span(0, 24)), clip("flash", span(0, 0.2)), clip("B", span(0, 24)))))
    assert [value["name"] for value in of_kind(imported, "clip")] == ["A", "B"]
    assert what(imported, "lost") == {"too_short": 1}


# ---------------------------------------------------------------- older and newer schemas
def test_older_and_newer_schemas() -> None:
    color = {"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.5, "b": 0.0, "a": 1.0, "name": ""}
    markers = [
        {"OTIO_SCHEMA": "Marker.3", "name": "new", "color": color, "marked_range": span(2, 0), "comment": "c"},
        {"OTIO_SCHEMA": "Marker.1", "name": "old", "color": "GREEN", "marked_range": span(3, 1)},
    ]
    old = {
        "OTIO_SCHEMA": "Clip.1",
        "name": "A",
        "source_range": span(0, 24),
        "media_reference": url(),
        "markers": markers,
    }
    sequence = {"OTIO_SCHEMA": "Sequence.1", "kind": "Video", "children": [old, {**gap(2), "OTIO_SCHEMA": "Filler.1"}]}
    imported = parsed(timeline(sequence))
    assert [m["color"] for m in of_kind(imported, "marker")] == ["#ff8000", "GREEN"]
    assert of_kind(imported, "clip")[0]["media"] == {"url": "https://media.example/a.mov"}
    reads_as_otio(brought(timeline(sequence)))


def test_a_clip_without_a_range_has_that_of_its_media() -> None:
    imported = parsed(timeline(track(clip("A", None, url(available=span(100, 48))), clip("B", span(0, 24)))))
    first = of_kind(imported, "clip")[0]
    assert (first["source_in"], first["duration"]) == (100 * F, 48 * F)


# ---------------------------------------------------------------- media
@pytest.mark.parametrize(
    ("reference", "media"),
    [
        ({"OTIO_SCHEMA": "MissingReference.1"}, {"missing": True}),
        ({"OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "Black"}, {"generator": "black"}),
        ({"OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "SMPTEBars"}, {"missing": True}),
        ({"OTIO_SCHEMA": "StudioReference.7", "shot": "sc01"}, {"missing": True}),
        (None, {"missing": True}),
        (url("/frames/still.PNG", span(0, 1)), {"url": "/frames/still.PNG", "kind": "image"}),
        (
            {
                "OTIO_SCHEMA": "ImageSequenceReference.1",
                "target_url_base": "file:///shots",
                "name_prefix": "a.",
                "name_suffix": ".exr",
                "frame_zero_padding": 4,
            },
            {"url": "file:///shots/a.%04d.exr"},
        ),
    ],
)
def test_media(reference: Json | None, media: Json) -> None:
    shot = {**clip("A", span(0, 24)), "media_references": {"DEFAULT_MEDIA": reference}}
    world = brought(timeline(track(shot)))
    (value,) = [record.value for record in world.state.living("clip")]
    assert {name: field for name, field in value["media"].items() if name != "available"} == media
    again = reads_as_otio(world)["tracks"]["children"][0]["children"][0]["media_references"]["DEFAULT_MEDIA"]
    if reference is not None and reference["OTIO_SCHEMA"] != "StudioReference.7":
        assert {**again, **reference} == again


def test_several_references_stay_under_their_keys() -> None:
    shot = clip("A", span(0, 24)) | {
        "media_references": {"proxy": url("p.mov", note="small"), "original": url("o.mov")},
        "active_media_reference_key": "original",
    }
    world = brought(timeline(track(shot)))
    (value,) = [record.value for record in world.state.living("clip")]
    assert value["media"] == {"url": "o.mov"}
    made = reads_as_otio(world)["tracks"]["children"][0]["children"][0]
    assert made["active_media_reference_key"] == "original"
    assert made["media_references"]["proxy"]["target_url"] == "p.mov"
    assert made["media_references"]["proxy"]["note"] == "small"


def test_a_file_that_shows_more_than_its_media_is_believed() -> None:
    imported = parsed(timeline(track(clip("A", span(0, 48), url(available=span(10, 24))))))
    assert of_kind(imported, "clip")[0]["media"]["available"] == {"start": 0, "duration": 48 * F}
    assert what(imported) == {"available_range": 1}


# ---------------------------------------------------------------- speed
@pytest.mark.parametrize(
    ("scalar", "speed", "backwards"),
    [
        (2.0, {"num": 2, "den": 1}, False),
        (-1.0, {"num": 1, "den": 1}, True),
        (1 / 3, {"num": 1, "den": 3}, False),
        (24 / 23.976, {"num": 1000, "den": 999}, False),
        (0.0, {"num": 0, "den": 1}, False),
    ],
)
def test_time_warps(scalar: float, speed: Json, backwards: bool) -> None:
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "w", "effect_name": "LinearTimeWarp", "time_scalar": scalar}
    world = brought(timeline(track(clip("A", span(0, 24), effects=[warp]))))
    (value,) = [record.value for record in world.state.living("clip")]
    assert (value["speed"], value["reversed"], value["duration"]) == (speed, backwards, 24 * F)
    (again,) = reads_as_otio(world)["tracks"]["children"][0]["children"][0]["effects"]
    assert again["name"] == "w"


def test_a_freeze_frame() -> None:
    freeze = {"OTIO_SCHEMA": "FreezeFrame.1", "name": "", "effect_name": "FreezeFrame", "time_scalar": 0}
    imported = parsed(timeline(track(clip("A", span(5, 24), effects=[freeze]))))
    assert of_kind(imported, "clip")[0]["speed"] == {"num": 0, "den": 1}
    assert of_kind(imported, "clip")[0]["source_in"] == 5 * F


# ---------------------------------------------------------------- transitions
def test_transitions_lie_on_their_cuts() -> None:
    imported = parsed(
        timeline(track(clip("A", span(0, 24)), transition(4, 6), clip("B", span(24, 24)), transition(3, 0), gap(9)))
    )
    first, second = of_kind(imported, "transition")
    assert (first["in_offset"], first["out_offset"]) == (4 * F, 6 * F)
    assert second["right_id"] is None
    assert (second["in_offset"], second["out_offset"]) == (3 * F, 0)


def test_a_transition_is_cut_to_the_handles_that_there_are() -> None:
    imported = parsed(timeline(track(clip("A", span(0, 24)), transition(4, 4), clip("B", span(1, 24)))))
    (value,) = of_kind(imported, "transition")
    assert value["in_offset"] == F
    assert value["metadata.otio"]["raw"]["in_offset"]["value"] == 4
    assert what(imported)["transition"] == 1


# ---------------------------------------------------------------- nests
def test_compositions_within_compositions_become_sequences() -> None:
    inner = stack(track(clip("x", span(0, 24)), clip("y", span(0, 24))), source_range=span(12, 24), name="scene")
    world = brought(timeline(track(clip("A", span(0, 24)), inner, track(clip("z", span(0, 24)), name="row"))))
    nests = [c.value for c in world.state.living("clip") if "sequence_id" in c.value["media"]]
    assert sorted((n["start"], n["duration"], n["source_in"]) for n in nests) == [
        (24 * F, 24 * F, 12 * F),
        (48 * F, 24 * F, 0),
    ]
    reads_as_otio(world)


def test_layers_that_are_no_tracks_become_tracks() -> None:
    imported = parsed(
        {"OTIO_SCHEMA": "Timeline.1", "tracks": stack(clip("A", span(0, 24)), stack(track(clip("B", span(0, 24)))))}
    )
    assert len(of_kind(imported, "track")) == 3
    assert what(imported)["layer"] == 2


def test_only_the_range_of_a_track_comes_in() -> None:
    shown = track(clip("A", span(0, 24)), clip("B", span(100, 24)), source_range=span(12, 24))
    imported = parsed(timeline(shown))
    assert places(imported) == [(0, 12 * F), (12 * F, 12 * F)]
    assert [value["source_in"] for value in of_kind(imported, "clip")] == [12 * F, 100 * F]


def test_a_collection_of_timelines_and_one_of_clips() -> None:
    first, second = timeline(track(clip("A", span(0, 24)))), timeline(track(clip("B", span(0, 24))), name="Second")
    imported = parsed({"OTIO_SCHEMA": "SerializableCollection.1", "children": [first, second]})
    assert [value["name"] for value in of_kind(imported, "sequence")] == ["Second"]
    imported = parsed(
        {"OTIO_SCHEMA": "SerializableCollection.1", "children": [clip("A", span(0, 24)), clip("B", span(0, 4))]}
    )
    assert places(imported) == [(0, 24 * F), (24 * F, 4 * F)]


# ---------------------------------------------------------------- what is unknown is kept and comes out again
def test_what_is_unknown_comes_out_where_it_was() -> None:
    blur = {
        "OTIO_SCHEMA": "Effect.1",
        "name": "soft",
        "effect_name": "Blur",
        "metadata": {"studio": {"size": 3.25}},
        "strength": 2,
    }
    odd = {"OTIO_SCHEMA": "StudioEffect.3", "amount": [1, 2.5]}
    shot = clip(
        "A", span(0, 24), metadata={"studio": {"shot": "sc01", "at": at(3)}}, effects=[blur, odd], pipeline={"step": 7}
    )
    file = timeline(
        track(shot, gap(5, metadata={"studio": "hole"}), clip("B", span(0, 24)), metadata={"studio": 1}),
        metadata={"studio": {"job": "x"}},
        review={"by": "eve"},
    )
    world = brought(file)
    made = reads_as_otio(world)
    (row,) = made["tracks"]["children"]
    first, hole, _ = row["children"]
    assert made["metadata"]["studio"] == {"job": "x"}
    assert made["review"] == {"by": "eve"}
    assert row["metadata"]["studio"] == 1
    assert hole["metadata"]["studio"] == "hole"
    assert first["metadata"]["studio"]["shot"] == "sc01"
    assert first["pipeline"] == {"step": 7}
    assert (first["effects"][0]["strength"], first["effects"][0]["metadata"]["studio"]) == (2, {"size": 3.25})
    assert values(brought(write.to_json(world.state)).state) == values(world.state)


@pytest.mark.parametrize(
    "metadata",
    [
        {"studio": {"OTIO_SCHEMA": "Clip.2"}},  # OTIO would make a clip of it, and fail
        {"studio": {"OTIO_SCHEMA": "not a schema"}},
        {"studio": [{"$json": "1"}]},
        {"studio": {"a" * 300: 1, "": 2}},
        {"studio": {"deep": json.loads("[" * 40 + "]" * 40)}},
    ],
)
def test_metadata_that_otio_would_not_read_is_kept_as_text(metadata: Json) -> None:
    world = brought(timeline(track(clip("A", span(0, 24), metadata=metadata))))
    reads_as_otio(world)
    again = brought(write.to_json(world.state))
    assert values(again.state) == values(world.state)


def reads_as_otio(world: Any) -> Json:
    """The exported file, which OTIO's own reader takes and from which it gives the same state."""
    data = write.to_json(world.state)
    through = opentimelineio.adapters.read_from_string(data.decode(), "otio_json").to_json_string().encode()
    back = {id: value for _, id, value in read.from_json(through).records}
    assert back == {id: value for id, value in values(world.state).items() if id != "timeline"}
    return exported(world)


# ---------------------------------------------------------------- refused
@pytest.mark.parametrize(
    ("file", "code"),
    [
        (timeline(track({"OTIO_SCHEMA": "StudioShot.1"})), "otio_invalid"),
        (timeline(track(clip("A", span(0, 24, 0)))), "otio_invalid"),
        (timeline(track(clip("A", span(0, 24, -24)))), "otio_invalid"),
        (timeline(track(clip("A", span(0, -1)))), "otio_invalid"),
        (timeline(track(clip("A", span(0, 1e300)))), "otio_invalid"),
        (
            timeline(track(clip("A", span(0, 24)), children=None)) | {"tracks": {"OTIO_SCHEMA": "Track.1"}},
            "otio_invalid",
        ),
        (timeline(track(clip("A", span(0, 24), effects="none"))), "otio_invalid"),
        (timeline(track(clip("A", {"OTIO_SCHEMA": "TimeRange.1"}))), "otio_invalid"),
        (timeline(track(clip("A", span(0, 24), metadata={"OTIO_REF_ID": "a"}))), "otio_invalid"),
        (timeline(track({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "a"})), "otio_invalid"),
        (timeline(track(*[clip("A", span(0, 1))] * 20_001)), "otio_too_large"),
        ({"OTIO_SCHEMA": "SchemaDef.1"}, "otio_foreign"),
    ],
)
def test_what_is_refused(file: Json, code: str) -> None:
    with pytest.raises(read.Unreadable) as refused:
        parsed(file)
    assert refused.value.code == code


def test_no_line_of_a_file_is_repeated_in_the_report() -> None:
    imported = parsed(timeline(track(clip("cAnArY", span(0, 24.4), effects=[{"OTIO_SCHEMA": "cAnArY.1"}]))))
    assert "cAnArY" not in json.dumps(imported.report)


def test_a_null_in_our_own_block_is_no_key() -> None:
    """A stranger's `"generator": null` would make media timeless, which a trim would show much later."""
    world = brought(timeline(track(clip("a", span(0, 24), url(available=span(0, 48))))))
    file = exported(world)
    block = file["tracks"]["children"][0]["children"][0]["metadata"]["timeline_service"]
    nulls = dict.fromkeys(("generator", "sequence_id", "asset_id", "missing", "kind", "rate", "width", "params"))
    block["record"]["media"] |= nulls
    block["record"]["params.opacity"] = block["record"]["metadata.note"] = None
    (value,) = of_kind(parsed(file), "clip")
    assert value["media"] == {"url": "https://media.example/a.mov", "available": {"start": 0, "duration": 48 * F}}
    assert not [name for name, field in value.items() if "." in name and field is None]
    assert values(brought(file).state).keys() == values(world.state).keys()
    block["record"]["media"]["available"] = None
    (value,) = of_kind(parsed(file), "clip")
    assert not value["media"].keys() & nulls.keys()


def test_a_gap_at_the_end_is_told() -> None:
    imported = parsed(timeline(track(clip("a", span(0, 24)), gap(10)), track(gap(5), clip("b", span(0, 24)))))
    assert what(imported) == {"gap_at_the_end": 1}


def test_a_time_warp_that_is_switched_off_changes_no_speed() -> None:
    off = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "", "time_scalar": 2.0, "enabled": False}
    file = timeline(track(clip("a", span(0, 24), effects=[off | {"metadata": {"x": 1}}])))
    imported = parsed(file)
    (value,) = of_kind(imported, "clip")
    assert value["speed"] == {"num": 1, "den": 1}
    (effect,) = of_kind(imported, "effect")
    assert effect["enabled"] is False and what(imported) == {"effect": 1}
    (out,) = exported(brought(file))["tracks"]["children"][0]["children"][0]["effects"]
    assert out["time_scalar"] == 2.0 and not out["enabled"] and out["metadata"]["x"] == 1


def test_what_a_collection_says_beside_its_first_timeline_is_told() -> None:
    marked = {"OTIO_SCHEMA": "Marker.2", "marked_range": span(1, 2)}
    glow = {"OTIO_SCHEMA": "Effect.1", "effect_name": "glow"}
    second = timeline(track(clip("b", span(0, 24))), metadata={"k": 1}, global_start_time=at(100))
    second["tracks"] |= {"markers": [marked, marked], "effects": [glow]}
    first = timeline(track(clip("a", span(0, 24))))
    children = [first, 5, second]
    imported = parsed({"OTIO_SCHEMA": "SerializableCollection.1", "metadata": {"bin": 1}, "children": children})
    assert what(imported, "lost") == {
        **{"collection_metadata": 1, "unknown_object": 1, "timeline_metadata": 1, "start_timecode": 1},
        **{"marker": 2, "effect": 1},
    }
    assert what(imported) == {"timeline": 1}


def test_a_track_of_an_unknown_kind_and_a_start_before_zero_are_told() -> None:
    imported = parsed(timeline(track(clip("a", span(0, 24)), kind="Subtitle"), global_start_time=at(-10)))
    assert what(imported) == {"track_kind": 1, "start_timecode": 1}
    assert imported.timeline["start_timecode"] == 0
    assert of_kind(imported, "track")[0]["metadata.otio"] == {"raw": {"kind": "Subtitle"}}
