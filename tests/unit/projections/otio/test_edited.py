"""A file of ours after another program had it: what that changed is taken over, by the fewest changes; nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from projections.otio import read
from tests.unit.projections.otio.foreign_files import brought, clip, exported, span, timeline, track
from tests.world import F, World, values
from timeline_service.domain import changes, errors, importing, records
from timeline_service.domain.draft import Draft, Facts

Json = dict[str, Any]
WINDOW = {"x": 0, "y": 0, "width": 500_000, "height": 1_000_000}
WITH_METADATA, WITHOUT = False, True
both = pytest.mark.parametrize("strip", [WITH_METADATA, WITHOUT], ids=["with our metadata", "without"])


@pytest.fixture
def world() -> World:
    """Four clips of one film on two tracks, a crop, an effect, a caption, a transition and a marker."""
    world = World()
    for id in ("v1", "v2"):
        world.do("add_track", track_id=id, kind="video")

    def fill(draft: Draft) -> None:
        film = {"url": "https://media.example/film.mov", "width": 1920, "height": 1080}
        for id, home, start, source in (
            ("a", "v1", 0, 0),
            ("b", "v1", 24, 100),
            ("c", "v1", 60, 200),
            ("d", "v2", 0, 300),
        ):
            place = {"track_id": home, "start": start * F, "duration": 24 * F, "source_in": source * F}
            draft.put("clip", id, records.new("clip", media=film, name=id, **place))
        draft.put("keyframe", "k", records.new("keyframe", parent_id="b", property="crop", time=101 * F, value=WINDOW))
        draft.put("effect", "e", records.new("effect", parent_id="a", kind="blur", order="V"))
        draft.put("transition", "t", records.new("transition", left_id="a", right_id="b", out_offset=4 * F))
        draft.put("marker", "m", records.new("marker", parent_id="timeline", time=5 * F, name="look"))

    world.write(fill)
    return world


def stripped(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: {} if key == "metadata" else stripped(value) for key, value in thing.items()}
    return [stripped(value) for value in thing] if isinstance(thing, list) else thing


def again(world: World, edit: Callable[[Json], object], strip: bool) -> tuple[importing.Brought, read.Imported]:
    """What comes of a file that a program edited."""
    file = exported(world)
    edit(file)
    imported = read.from_json(orjson.dumps(stripped(file) if strip else file))
    rows = (imported.timeline, imported.records, imported.origin)
    return importing.bring_in(world.state, *rows, Facts("again"), actor="ann"), imported


def row(file: Json, track: int) -> list[Json]:
    children: list[Json] = file["tracks"]["children"][track]["children"]
    return children


@both
def test_a_trimmed_clip_is_one_set(world: World, strip: bool) -> None:
    brought_back, _ = again(world, lambda file: row(file, 1)[0]["source_range"]["duration"].update(value=20), strip)
    (change,) = brought_back.body.changes
    assert isinstance(change, changes.Set)
    assert change.id == "d"
    assert change.fields["duration"][:2] == [24 * F, 20 * F]
    assert brought_back.report["changed"] == {"clip": 1}
    assert brought_back.report["added"] == brought_back.report["removed"] == {}


@both
def test_a_clip_whose_head_was_trimmed_is_the_same_clip(world: World, strip: bool) -> None:
    def trim_head(file: Json) -> None:
        row(file, 1)[0]["source_range"] = span(304, 20)

    brought_back, _ = again(world, trim_head, strip)
    (change,) = brought_back.body.changes
    assert brought_back.state.records["d"].value["source_in"] == 304 * F
    assert change.id == "d"


@both
def test_a_clip_that_was_taken_out_goes_with_what_lay_in_it(world: World, strip: bool) -> None:
    def take_out(file: Json) -> None:
        children = row(file, 0)
        children[:] = [
            child for child in children if child.get("name") != "b" and child["OTIO_SCHEMA"] != "Transition.1"
        ]

    brought_back, _ = again(world, take_out, strip)
    there = values(brought_back.state)
    assert there.keys() == values(world.state).keys() - {"b", "k", "t"}
    assert there["c"]["start"] == 36 * F  # what lay behind it has moved up


@both
def test_a_new_clip_comes_in_between(world: World, strip: bool) -> None:
    brought_back, _ = again(world, lambda file: row(file, 1).append(clip("new", span(7, 12))), strip)
    assert brought_back.report["added"] == {"clip": 1}
    (added,) = [change for change in brought_back.body.changes if isinstance(change, changes.Put)]
    assert (added.value["start"], added.value["source_in"]) == (24 * F, 7 * F)
    assert len(brought_back.body.changes) == 1


@both
def test_a_clip_that_was_moved_to_another_track_keeps_its_id(world: World, strip: bool) -> None:
    def move(file: Json) -> None:
        moved = row(file, 0).pop()
        row(file, 0).pop()  # the gap before it
        row(file, 1).append(moved)

    brought_back, _ = again(world, move, strip)
    value = values(brought_back.state)["c"]
    assert (value["track_id"], value["start"]) == ("v2", 24 * F)
    assert brought_back.report["added"] == brought_back.report["removed"] == {}


def test_a_copy_that_another_program_made_is_a_clip_of_its_own(world: World) -> None:
    brought_back, _ = again(world, lambda file: row(file, 1).append(copy.deepcopy(row(file, 0)[2])), WITH_METADATA)
    assert brought_back.report["added"] == {"clip": 1, "keyframe": 1}
    (made,) = [r for r in brought_back.state.living("clip") if r.value["name"] == "b" and r.id != "b"]
    assert [key.value["value"] for key in brought_back.state.inside(made.id, "keyframe")] == [WINDOW]


@both
def test_what_another_program_adds_to_metadata_stays(world: World, strip: bool) -> None:
    def add(file: Json) -> None:
        row(file, 1)[0]["pipeline"] = {"step": 7}

    brought_back, _ = again(world, add, strip)
    assert values(brought_back.state)["d"]["metadata.otio"] == {"fields": {"pipeline": {"step": 7}}}
    assert len(brought_back.body.changes) == 1


def test_tracks_in_another_order(world: World) -> None:
    brought_back, _ = again(world, lambda file: file["tracks"]["children"].reverse(), WITH_METADATA)
    orders = {id: value["order"] for id, value in values(brought_back.state).items() if id in ("v1", "v2")}
    assert orders["v2"] < orders["v1"]
    assert brought_back.report["changed"] == {"track": 1}


def test_a_speed_that_another_program_set(world: World) -> None:
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "time_scalar": -2.0}
    brought_back, _ = again(world, lambda file: row(file, 1)[0]["effects"].append(warp), WITH_METADATA)
    value = values(brought_back.state)["d"]
    assert (value["speed"], value["reversed"], value["source_in"]) == ({"num": 2, "den": 1}, True, 300 * F)


def test_a_locked_track_stays_as_it_is(world: World) -> None:
    world.write(lambda draft: draft.set("v2", {"locked": True}))
    with pytest.raises(errors.TrackLocked):
        again(world, lambda file: row(file, 1)[0]["source_range"]["duration"].update(value=20), WITH_METADATA)


def test_what_was_dropped_here_since_comes_back_under_a_new_id(world: World) -> None:
    file = orjson.dumps(exported(world))
    world.write(lambda draft: draft.drop("d"))
    back = brought(file, world)
    (value,) = [v for v in values(back.state).values() if v.get("name") == "d"]
    assert value["source_in"] == 300 * F
    assert not back.alive("d")


def test_metadata_that_a_program_has_lost_stays(world: World) -> None:
    reference = {
        "media": {"references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "X.1", "metadata": {"reel": "A1"}}}, "active": "D"},
        "metadata": {"fcp_xml": {"label": "Iris", "log": {"note": 1}}, "studio": {"job": 7}},
    }
    world.write(lambda draft: draft.set("d", {"metadata.otio": reference}))

    def lose(file: Json) -> None:
        clip = row(file, 1)[0]
        clip["metadata"] = {"fcp_xml": {"log": {"good": True}}}
        clip["source_range"]["duration"]["value"] = 20
        for thing in (file, file["tracks"], *file["tracks"]["children"]):
            thing["metadata"] = {}
        for other in [*row(file, 0), *row(file, 1)[1:]]:
            other["metadata"] = {}

    brought_back, _ = again(world, lose, WITH_METADATA)
    value = values(brought_back.state)["d"]
    kept = value["metadata.otio"]
    assert value["duration"] == 20 * F
    assert kept["metadata"] == {
        "fcp_xml": {"label": "Iris", "log": {"note": 1, "good": True}},
        "studio": {"job": 7},
    }
    assert kept["media"] == reference["media"]
    assert brought_back.report["changed"] == {"clip": 1}


def test_a_foreign_file_that_lost_its_metadata_changes_nothing() -> None:
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "a.mov", "name": "A001", "metadata": {"reel": 1}}
    media["available_range"] = span(0, 100)
    lost = {"fcp_xml": {"label": "Iris"}}
    file = timeline(track(clip("a", span(0, 24), media, metadata=lost), clip("b", span(30, 24), media, metadata=lost)))
    world = brought(file)
    with pytest.raises(errors.NoChange):
        again(world, lambda _: None, WITHOUT)


def test_a_program_that_loses_only_what_is_ours_changes_nothing(world: World) -> None:
    """The number of a link that we wrote for Resolve is then still there."""
    world.do("link", clip_ids=["a", "d"], link_id="pair")
    file = exported(world)
    assert row(file, 1)[0]["metadata"]["Resolve_OTIO"] == {"Link Group ID": 1}

    def lose(thing: Any) -> Any:
        if isinstance(thing, dict):
            return {name: lose(field) for name, field in thing.items() if name != "timeline_service"}
        return [lose(field) for field in thing] if isinstance(thing, list) else thing

    with pytest.raises(errors.NoChange):
        again(world, lambda file: file.update(lose(file)), WITH_METADATA)
    edited = lose(file)
    row(edited, 1)[0]["metadata"]["Resolve_OTIO"]["Flag"] = "Blue"
    brought_back, _ = again(world, lambda file: file.update(edited), WITH_METADATA)
    kept = values(brought_back.state)["d"]["metadata.otio"]
    assert kept == {"metadata": {"Resolve_OTIO": {"Flag": "Blue"}}}
