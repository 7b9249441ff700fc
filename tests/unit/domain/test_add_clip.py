"""add_clip and add_track: refuse, overwrite, insert; kinds, grids, ids."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import FILM, add, linked, row, source
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain.draft import derive_id


@pytest.mark.parametrize(
    ("mode", "start", "duration", "picture"),
    [
        ("refuse", 10, 4, "a[0,10) n[10,14) b[14,20)"),
        ("overwrite", 8, 8, "a[0,8) n[8,16) b[16,20)"),
        ("overwrite", 0, 20, "n[0,20)"),
        ("overwrite", 10, 10, "a[0,10) n[10,20)"),
        ("insert", 10, 4, "a[0,10) n[10,14) b[18,24)"),
        ("insert", 0, 4, "n[0,4) a[4,14) b[18,24)"),
    ],
)
def test_modes(mode: str, start: int, duration: int, picture: str) -> None:
    world = row(("a", 0, 10), ("b", 14, 6))
    add(world, "n", start, duration, mode=mode)
    assert world.picture("v1") == picture


def test_overwriting_the_middle_cuts_a_clip_in_two() -> None:
    world = row(("a", 0, 10))
    decision = world.do("add_clip", clip_id="n", track_id="v1", media=FILM, start=4, duration=2, mode="overwrite")
    right = derive_id("g4", "clear", "a")
    assert world.picture("v1") == f"a[0,4) n[4,6) {right}[6,10)"
    assert (source(world, "a"), source(world, right)) == ((100, 104), (106, 110))
    assert decision.body.description == 'added clip n to "V1" at 00:00:00:04 over what lay there'


def test_inserting_into_a_clip_cuts_it_and_loses_nothing() -> None:
    world = row(("a", 0, 10), ("b", 10, 5))
    add(world, "n", 4, 3, mode="insert")
    right = derive_id("g5", "insert", "a")
    assert world.picture("v1") == f"a[0,4) n[4,7) {right}[7,13) b[13,18)"
    assert (source(world, "a"), source(world, right)) == ((100, 104), (104, 110))


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"start": 9}, "overlap"),
        ({"start": -1}, "negative_time"),
        ({"duration": 0}, "too_short"),
        ({"duration": -5, "mode": "insert"}, "too_short"),
        ({"start": {"ticks": F + 1}}, "off_grid"),
        ({"start": 20, "source_in": 999}, "no_handle"),
        ({"start": 20, "source_in": -1}, "no_handle"),
        ({"clip_id": "a", "start": 20}, "id_taken"),
        ({"clip_id": "v1", "start": 20}, "id_taken"),
        ({"clip_id": "timeline", "start": 20}, "id_taken"),
        ({"track_id": "a"}, "track_missing"),
        ({"media": {"asset_id": "sound"}, "start": 20}, "kind_mismatch"),
        ({"media": {"asset_id": "gone"}, "start": 20}, "media_missing"),
        ({"media": {}, "start": 20}, "invalid"),
    ],
)
def test_refusals(params: dict[str, object], code: str) -> None:
    world = row(("a", 0, 10))
    given = {"clip_id": "n", "track_id": "v1", "media": FILM, "start": 10, "duration": 2, **params}
    with refused(code):
        world.do("add_clip", **given)


def test_a_locked_track_is_not_rippled() -> None:
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    for mode in ("refuse", "overwrite", "insert"):
        with refused("track_locked"):
            add(world, "n", 20, 2, mode=mode)


def test_insert_off_the_grid_moves_no_picture_off_the_grid() -> None:
    world = row(("a", 0, 10))
    with refused("off_grid"):
        add(world, "n", 0, {"ticks": F + 1}, mode="insert")


def test_captions_take_no_media() -> None:
    world = row(track="s1", kind="caption")
    with refused("kind_mismatch"):
        add(world, "n", 0, 2, track="s1")


def test_ids_that_nobody_gave_are_derived() -> None:
    world = row()
    decision = world.do("add_clip", track_id="v1", media=FILM, start=0, duration=1)
    assert decision.body.gesture["clip_id"] == derive_id("g3", "clip") in world.state.records


@pytest.mark.parametrize("id", ["", "a b", "a/b", "ä", "x" * 65, "a\n", 7, None])
def test_ids_are_short_plain_text(id: object) -> None:
    world = row()
    with pytest.raises(ValidationError):
        world.do("add_clip", clip_id=id or "", track_id="v1", media=FILM, start=0, duration=1)


def test_an_insert_is_carried_through_what_others_rippled() -> None:
    world = row(("a", 0, 10), ("b", 10, 5))
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    decision = world.do(
        "add_clip", clip_id="n", track_id="v1", media=FILM, start=10, duration=2, mode="insert", base_version=base
    )
    assert world.picture("v1") == "up[0,7) a[7,17) n[17,19) b[19,24)"
    assert decision.rebased
    assert decision.body.gesture["start"] == 17 * F


# ---------------------------------------------------------------- tracks
def test_tracks_are_stacked_upwards() -> None:
    world = World()
    for number in range(40):
        world.do("add_track", track_id=f"t{number}", kind="video")
    world.do("add_track", track_id="low", kind="video", order="0")
    order = sorted(world.state.living("track"), key=lambda t: (t.value["order"], t.id))
    assert [t.id for t in order] == ["low", *(f"t{n}" for n in range(40))]


def test_a_track_says_what_it_is() -> None:
    world = World()
    assert (
        world.do("add_track", track_id="m", kind="audio", name="Music").body.description
        == 'added the audio track "Music"'
    )
    assert world.do("add_track", track_id="n", kind="video").body.description == "added the video track n"
    with refused("id_taken"):
        world.do("add_track", track_id="m", kind="audio")
    with pytest.raises(ValidationError):
        world.do("add_track", kind="smell")


# ---------------------------------------------------------------- append, scopes, free room
def test_append_goes_behind_the_last() -> None:
    world = row(("a", 0, 4), ("b", 10, 4))
    decision = world.do("add_clip", clip_id="c", track_id="v1", media=FILM, duration=5, mode="append", name="C")
    assert world.picture("v1") == "a[0,4) b[10,14) c[14,19)"
    assert decision.body.description == 'added "C" to "V1" at 00:00:00:14'
    world.do("add_track", track_id="v2", kind="video")
    world.do("add_clip", clip_id="d", track_id="v2", media=FILM, duration=5, mode="append")
    assert world.picture("v2") == "d[0,5)"


@pytest.mark.parametrize("params", [{"mode": "append", "start": 3}, {"mode": "refuse"}, {"mode": "insert"}])
def test_a_start_is_given_unless_it_is_found(params: dict[str, Any]) -> None:
    world = row(("a", 0, 4))
    with refused("invalid"):
        world.do("add_clip", track_id="v1", media=FILM, duration=5, **params)


def test_insert_makes_room_on_the_tracks_of_its_scope() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    row(("s", 2, 6), ("t", 8, 4), track="a1", kind="audio", world=world)
    linked(world, "b", "s")
    world.do("add_marker", marker_id="m", time=9)
    alone = world.copy()
    add(alone, "n", 4, 3, mode="insert")
    assert (alone.picture("v1"), alone.picture("a1")) == ("a[0,4) n[4,7) b[7,11)", "s[2,8) t[8,12)")
    add(world, "n", 4, 3, mode="insert", scope="sync_locked", ripple_markers=True)
    right = derive_id(f"g{world.state.version}", "insert", "s")
    assert world.picture("v1") == "a[0,4) n[4,7) b[7,11)"
    assert world.picture("a1") == f"s[2,4) {right}[7,11) t[11,15)"
    assert world.value("m")["time"] == 12 * F
    assert (world.value("b")["link_id"], world.value(right)["link_id"], world.value("s")["link_id"]) == (
        "l1",
        "l1",
        None,
    )


def test_a_refusal_names_the_free_spans_that_are_long_enough() -> None:
    world = row(("a", 2, 4), ("b", 9, 4), ("c", 20, 4))
    with refused("overlap") as caught:
        add(world, "n", 8, 3)
    spans = [(6, 9), (13, 20), (24, None)]
    free = [{"start": start * F, "end": None if end is None else end * F} for start, end in spans]
    assert caught.value.details["legal"] == {"free": free}
