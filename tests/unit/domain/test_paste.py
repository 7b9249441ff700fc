"""paste: what a client copied from the answer of GET comes to lie here, under new names."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from projections import view
from tests.unit.domain.examples import add, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain.draft import derive_id


def shown(world: World, *ids: str) -> dict[str, list[dict[str, Any]]]:
    """Records as GET shows them, in their lists."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for id in ids:
        record = world.state.records[id]
        lists.setdefault(view.LISTS[record.kind], []).append(copy.deepcopy(view.nested(record)))
    return lists


def source() -> World:
    world = row(("a", 10, 4), ("b", 14, 4), track="v1")
    row(("s", 12, 4), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=1, out_offset=1)
    world.do("set_metadata", id="a", metadata={"scene": {"take": 1.5}})
    world.do("add_effect", effect_id="e", parent_id="a", kind="blur", params={"radius": 3})
    world.do("add_marker", marker_id="m", parent_id="a", time=101)
    world.do("add_marker", marker_id="mt", time=11)
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="a", frame=100, x=0, y=0, width=1000, height=1000)
    return world


ALL = ("v1", "a1", "a", "b", "s", "x", "e", "m", "k")
NAMES = {"a": "a2", "b": "b2", "s": "s2"}


def target() -> World:
    """Another timeline, with other names for its tracks."""
    world = World()
    for id, kind in (("p", "video"), ("q", "video"), ("t", "audio")):
        world.do("add_track", track_id=id, kind=kind)
    return world


def test_the_earliest_lands_there_and_the_rest_keeps_its_distance() -> None:
    world = target()
    decision = world.do("paste", records=shown(source(), *ALL, "mt"), at=50, id_map=NAMES)
    assert (world.picture("p"), world.picture("t")) == ("a2[50,54) b2[54,58)", "s2[52,56)")
    assert world.value("a2")["metadata.scene"] == {"take": 1.5}
    assert world.value("a2")["link_id"] == world.value("s2")["link_id"] != "l1"
    (transition,) = world.state.inside("a2", "transition")
    assert (transition.value["left_id"], transition.value["right_id"]) == ("a2", "b2")
    assert world.value(derive_id("g5", "paste", "m"))["parent_id"] == "a2"
    assert world.value(derive_id("g5", "paste", "m"))["time"] == 101 * F
    assert world.value(derive_id("g5", "paste", "k"))["time"] == 100 * F
    assert world.value(derive_id("g5", "paste", "e"))["params.radius"] == 3
    marker = world.value(derive_id("g5", "paste", "mt"))
    assert (marker["parent_id"], marker["time"]) == ("timeline", 51 * F)
    assert decision.body.description == "pasted 3 clips and 2 markers at 00:00:02:02"


def test_within_a_timeline_clips_stay_on_their_tracks() -> None:
    world = source()
    world.do("paste", records=shown(world, "a", "b"), at=30, id_map=NAMES)
    assert world.picture("v1") == "a[10,14) b[14,18) a2[30,34) b2[34,38)"
    world.do("paste", records=shown(world, "a"), at=40, track_map={"v1": "v1"}, id_map={"a": "a3"})
    assert world.value("a3")["link_id"] is None
    assert not world.state.inside("a3", "transition")


def test_the_request_says_where_tracks_go() -> None:
    world = target()
    world.do("paste", records=shown(source(), "a", "b"), at=0, track_map={"v1": "q"}, id_map=NAMES)
    assert world.picture("q") == "a2[0,4) b2[4,8)"


@pytest.mark.parametrize(
    ("on_overlap", "picture"), [("overwrite", "old[0,2) a2[2,6) old2[6,9)"), ("insert", "old[0,2) a2[2,6) old2[6,13)")]
)
def test_what_is_in_the_way(on_overlap: str, picture: str) -> None:
    world = target()
    add(world, "old", 0, 9, track="p")
    records = shown(source(), "v1", "a")
    with refused("overlap"):
        world.do("paste", records=records, at=2)
    world.do("paste", records=records, at=2, id_map=NAMES, on_overlap=on_overlap)
    right = next(clip.id for clip in world.state.inside("p", "clip") if clip.id not in ("old", "a2"))
    assert world.picture("p") == picture.replace("old2", right)


def test_assets_are_asked_for_again() -> None:
    world = source()
    world.do("add_clip", clip_id="f", track_id="v1", start=40, duration=4, media={"asset_id": "film"})
    records = shown(world, "v1", "f")
    records["clips"][0]["media"]["available"]["duration"] = 1
    other = target()
    other.do("paste", records=records, at=0, id_map={"f": "f2"})
    assert other.value("f2")["media"] == world.value("f")["media"]
    records["clips"][0]["media"]["asset_id"] = "foreign"
    with refused("media_missing"):
        other.do("paste", records=records, at=20)


def test_a_nest_comes_with_its_sequence() -> None:
    world = source()
    world.do("nest", clip_ids=["a", "b"], clip_id="n", sequence_id="q", single=True)
    inner = [track.id for track in world.state.inside("q", "track")]
    records = shown(world, "v1", "n", "q", *inner, "a", "b", "x", "e")
    other = target()
    other.do("paste", records=records, at=0, id_map={"n": "n2", "q": "q2", "a": "a2"})
    assert other.picture("p") == "n2[0,8)"
    assert other.value("n2")["media"]["sequence_id"] == "q2"
    (track,) = other.state.inside("q2", "track")
    assert other.value("a2")["track_id"] == track.id
    assert other.value("a2")["start"] == 0
    world.do("paste", records=shown(world, "n"), at=40, id_map={"n": "n3"})
    assert world.value("n3")["media"]["sequence_id"] == "q", "without its sequence it shows the one that is there"
    with refused("sequence_missing"):
        other.do("paste", records=shown(world, "v1", "n"), at=40)


def test_captions_and_notes() -> None:
    world = source()
    world.do("add_track", track_id="cc", kind="caption")
    world.do("add_caption", caption_id="c", track_id="cc", start=5, duration=2, text="Hi", params={"size": 9})
    decision = world.do("paste", records=shown(world, "c"), at=9, id_map={"c": "c2"})
    assert (world.value("c2")["start"], world.value("c2")["params.size"]) == (9 * F, 9)
    assert decision.body.description == "pasted 1 caption at 00:00:00:09"
    world.do("paste", records=shown(world, "mt"), at=30, id_map={"mt": "mt2"})
    assert world.value("mt2")["time"] == 30 * F


def changed(**fields: Any) -> dict[str, list[dict[str, Any]]]:
    records = shown(source(), "v1", "a")
    records["clips"][0].update(fields)
    return records


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ({}, "invalid"),
        (shown(source(), "v1"), "invalid"),
        (shown(source(), "a"), "track_missing"),
        (shown(source(), "v1", "a", "a"), "invalid"),
        (shown(source(), "v1", "a", "k", "m", "e") | {"clips": []}, "record_missing"),
        (changed(duration=0), "invalid"),
        (changed(duration=1.5), "invalid"),
        (changed(id="not an id"), "invalid"),
        (changed(surprise=1), "invalid"),
        (changed(start=1, duration=7), "off_grid"),
        (changed(media={"timeline_id": "t", "version": 3}), "invalid"),
        (changed(media={"generator": "tone"}), "kind_mismatch"),
        (changed(source_in=-5), "no_handle"),
        (changed(source_in=-5, media={"url": "https://media.example/film.mov", "generator": None}), "no_handle"),
        (changed(media={"url": "https://media.example/film.mov", "available": {"duration": 9}}), "invalid"),
        ({"clips": [{"id": "z"}]}, "invalid"),
        (shown(source(), "v1", "a", "b", "x") | {"clips": [*changed(start=0)["clips"], *shown(source(), "b")["clips"]]}, "not_adjacent"),
    ],
)  # fmt: skip
def test_strangers_are_looked_at_closely(records: dict[str, Any], code: str) -> None:
    with refused(code):
        target().do("paste", records=records, at=0)


def test_a_marker_of_a_clip_needs_its_clip() -> None:
    world = source()
    with refused("record_missing"):
        world.do("paste", records=shown(world, "m"), at=0)
    with refused("id_taken"):
        world.do("paste", records=shown(world, "a"), at=60, id_map={"a": "b"})
    with refused("track_missing"):
        world.do("paste", records=shown(world, "a"), at=60, track_map={"v1": "gone"})


@pytest.mark.parametrize("records", [{"clips": [1]}, {"layers": []}, {"clips": [{"id": float("nan")}]}, []])
def test_what_is_no_clipboard(records: Any) -> None:
    with pytest.raises(ValidationError):
        target().do("paste", records=records, at=0)
