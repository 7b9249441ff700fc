"""duplicate: copies of clips with all that is in them, bound among themselves as the originals are."""

from typing import Any

import pytest

from tests.unit.domain.examples import add, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain.draft import Draft, derive_id


def pair() -> World:
    """A picture and its sound, linked, and a second picture that dissolves in."""
    world = row(("a", 0, 4), ("b", 4, 4))
    row(track="v2", world=world)
    row(("s", 0, 4), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=1, out_offset=1)
    world.do("add_effect", effect_id="e", parent_id="a", kind="blur", params={"radius": 3})
    world.do("add_marker", marker_id="m", parent_id="a", time=101)
    return world


def test_behind_themselves_unless_told_where() -> None:
    world = pair()
    world.do("remove_clip", clip_id="b")
    decision = world.do("duplicate", clip_ids=["a"], new_ids={"a": "a2", "s": "s2"})
    assert (world.picture("v1"), world.picture("a1")) == ("a[0,4) a2[4,8)", "s[0,4) s2[4,8)")
    assert world.value("a2")["link_id"] == world.value("s2")["link_id"] == derive_id("g13", "link_id", "l1")
    assert world.value("a")["link_id"] == "l1"
    (effect,), (marker,) = world.state.inside("a2", "effect"), world.state.inside("a2", "marker")
    assert effect.id == derive_id("g13", "copy", "e")
    assert (effect.value["params.radius"], marker.value["time"]) == (3, 101 * F)
    assert decision.body.description == 'duplicated "A"'
    assert {change.unit for change in decision.body.changes} == {0}


def test_alone_a_copy_is_bound_to_nothing() -> None:
    world = pair()
    world.do("duplicate", clip_ids=["a"], to={"start": 20}, new_ids={"a": "a2"}, single=True)
    assert world.picture("v1") == "a[0,4) b[4,8) a2[20,24)"
    assert world.value("a2")["link_id"] is None
    assert not world.state.inside("a2", "transition")


def test_the_transition_between_copies_is_copied() -> None:
    world = pair()
    world.do("duplicate", clip_ids=["a", "b"], delta=10, new_ids={"a": "a2", "b": "b2"})
    assert world.picture("v1") == "a[0,4) b[4,8) a2[10,14) b2[14,18)"
    (transition,) = world.state.inside("a2", "transition")
    assert transition.value == {**world.value("x"), "left_id": "a2", "right_id": "b2"}


def test_groups_come_along() -> None:
    world = pair()
    add(world, "logo", 6, 2, track="v2")
    world.do("group", clip_ids=["b", "logo"], group_id="g")
    world.do("duplicate", clip_ids=["b"], delta=10, new_ids={"b": "b2", "logo": "logo2"})
    assert world.picture("v2") == "logo[6,8) logo2[16,18)"
    label = world.value("b2")["group_id"]
    assert label not in (None, "g")
    assert world.value("logo2")["group_id"] == label


@pytest.mark.parametrize(
    ("on_overlap", "picture"),
    [("overwrite", "a[0,2) {copy}[2,6) b[6,8)"), ("insert", "a[0,2) {copy}[2,6) {right}[6,8) b[8,12)")],
)
def test_what_is_in_the_way_is_cut_or_moved(on_overlap: str, picture: str) -> None:
    world = pair()
    world.do("duplicate", clip_ids=["a"], delta=2, on_overlap=on_overlap, single=True)
    version = world.state.version
    ids = {"copy": derive_id(f"g{version}", "copy", "a"), "right": derive_id(f"g{version}", "insert", "a")}
    assert world.picture("v1") == picture.format(**ids)
    assert world.value(ids["copy"])["duration"] == 4 * F, "what is copied is the clip as it was"


def test_onto_another_track() -> None:
    world = pair()
    decision = world.do("duplicate", clip_ids=["b"], to={"track_id": "v2"}, new_ids={"b": "b2"})
    assert world.picture("v2") == "b2[4,8)"
    assert decision.body.description == 'duplicated "B" on "V2"'
    world.do("duplicate", clip_ids=["a"], track_offset=1, single=True, new_ids={"a": "a2"})
    assert world.picture("v2") == "a2[0,4) b2[4,8)"


def test_segments_of_a_copy_are_segments_among_themselves() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))

    def share(draft: Draft) -> None:
        for id in ("a", "b"):
            draft.set(id, {"params.segments": "s"})

    world.write(share)
    world.do("duplicate", clip_ids=["a", "b"], new_ids={"a": "a2", "b": "b2"})
    assert world.value("a2")["params.segments"] == world.value("b2")["params.segments"] != "s"
    world.do("duplicate", clip_ids=["a"], to={"start": 30}, new_ids={"a": "a3"})
    assert "params.segments" not in world.value("a3")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"clip_ids": ["a"], "delta": 2}, "overlap"),
        ({"clip_ids": ["b"], "delta": -5}, "negative_time"),
        ({"clip_ids": ["b"], "delta": {"ticks": 30 * F + 1}}, "off_grid"),
        ({"clip_ids": ["b"], "delta": 30, "new_ids": {"b": "a"}}, "id_taken"),
        ({"clip_ids": ["b"], "track_offset": 5}, "track_missing"),
        ({"clip_ids": ["b"], "to": {"track_id": "a1"}}, "kind_mismatch"),
        ({"clip_ids": ["b"], "to": {"start": 30}, "delta": 1}, "invalid"),
        ({"clip_ids": ["b", "gone"]}, "clip_missing"),
    ],
)
def test_refusals(params: dict[str, Any], code: str) -> None:
    with refused(code):
        pair().do("duplicate", **params)
