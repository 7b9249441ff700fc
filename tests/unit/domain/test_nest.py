"""nest and unnest: clips move into a sequence of their own, and come back."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, add, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import nests, surgery


def film() -> World:
    """a b on V1 with a dissolve, t over both on V2, s under a on A1, linked to a; c later on V1."""
    world = row(("a", 10, 4), ("b", 14, 4), ("c", 30, 4))
    row(("t", 12, 4), track="v2", world=world)
    row(("s", 10, 4), track="a1", kind="audio", world=world)
    linked(world, "a", "s")
    world.do("add_transition", transition_id="x", left_id="a", right_id="b", in_offset=1, out_offset=1)
    return world


def inner(world: World, sequence: str = "q") -> dict[str, str]:
    return {
        track.value["name"]: world.picture(track.id)
        for track in surgery.tracks(world.state, sequence_id=sequence)
    }  # fmt: skip


def nest(world: World, *ids: str, **more: Any) -> None:
    world.do("nest", clip_ids=list(ids), clip_id="n", sequence_id="q", **more)


def test_tracks_are_mirrored_and_positions_start_at_zero() -> None:
    world = film()
    world.write(lambda draft: draft.set("v2", {"gain": -300, "muted": True}))
    decision = world.do("nest", clip_ids=["a", "b", "t"], clip_id="n", sequence_id="q", name="Scene")
    assert (world.picture("v1"), world.picture("v2"), world.picture("a1")) == ("n[10,18) c[30,34)", "", "")
    assert inner(world) == {"V1": "a[0,4) b[4,8)", "V2": "t[2,6)", "A1": "s[0,4)"}
    assert world.value("n")["media"] == {"sequence_id": "q"}
    assert world.alive("x")
    assert world.value("a")["link_id"] == world.value("s")["link_id"] == "l1"
    mirrors = {t.value[nests.MIRRORS]: t.value for t in world.state.inside("q", "track")}
    assert (mirrors["v2"]["gain"], mirrors["v2"]["muted"]) == (-300, True)
    assert decision.body.description == 'nested "A", "B" and "T" as "Scene"'
    assert {change.unit for change in decision.body.changes} == {0}


def test_what_stays_outside_is_parted_from_what_goes_in() -> None:
    world = film()
    nest(world, "a", single=True)
    assert world.picture("v1") == "n[10,14) b[14,18) c[30,34)"
    assert not world.alive("x")
    assert (world.value("a")["link_id"], world.value("s")["link_id"]) == (None, None)


def test_automation_of_a_track_comes_along_but_not_that_of_the_host() -> None:
    world = film()
    for track in ("v1", "v2"):
        world.do("add_effect", effect_id=f"e-{track}", parent_id=track, kind="blur")
    value = {"parent_id": "v2", "property": "volume", "time": 15 * F, "value": -600, "interpolation": "linear"}
    world.write(lambda draft: draft.put("keyframe", "k", value))
    nest(world, "a", "b", "t", single=True)
    mirrors = {t.value[nests.MIRRORS]: t.id for t in world.state.inside("q", "track")}
    assert not world.state.inside(mirrors["v1"], "effect")
    assert [e.value["kind"] for e in world.state.inside(mirrors["v2"], "effect")] == ["blur"]
    assert [k.value["time"] for k in world.state.inside(mirrors["v2"], "keyframe")] == [5 * F]


def test_sound_alone_nests_on_a_sound_track() -> None:
    world = film()
    nest(world, "s", single=True)
    assert world.picture("a1") == "n[10,14)"
    world.do("unnest", clip_id="n")
    assert world.picture("a1") == "s[10,14)"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"clip_ids": ["a", "c"]}, "overlap"),
        ({"clip_ids": ["a", "gone"]}, "clip_missing"),
        ({"clip_ids": ["a", "b"], "clip_id": "c"}, "id_taken"),
        ({"clip_ids": ["a", "b"], "clip_id": "n", "sequence_id": "n"}, "id_taken"),
    ],
)
def test_refusals(params: dict[str, Any], code: str) -> None:
    with refused(code):
        film().do("nest", **params)


def test_clips_of_two_sequences_do_not_nest_together() -> None:
    world = film()
    nest(world, "a", "b")
    with refused("kind_mismatch"):
        world.do("nest", clip_ids=["b", "c"])
    world.do("lock_track", track_id="v1", locked=True)
    with refused("track_locked"):
        world.do("unnest", clip_id="n")


def test_no_sequence_contains_itself() -> None:
    world = film()
    nest(world, "a", "b")
    (track, *_) = surgery.tracks(world.state, sequence_id="q")
    with refused("circular_nest"):
        world.do("add_clip", track_id=track.id, media={"sequence_id": "q"}, start=20, duration=4)
    with refused("sequence_missing"):
        world.do("add_clip", track_id="v1", media={"sequence_id": "gone"}, start=50, duration=4)


def test_unnest_is_the_way_back() -> None:
    world = film()
    pictures = [world.picture(track) for track in ("v1", "v2", "a1")]
    nest(world, "a", "b", "t")
    decision = world.do("unnest", clip_id="n")
    assert [world.picture(track) for track in ("v1", "v2", "a1")] == pictures
    assert world.alive("x")
    assert not world.alive("q") and not list(world.state.inside("q", "track"))
    assert decision.body.description == "opened the nest clip n"


def test_a_trimmed_nest_gives_what_it_shows() -> None:
    world = film()
    nest(world, "a", "b", "t")
    world.do("trim", clip_id="n", edge="start", delta=3)
    world.do("trim", clip_id="n", edge="end", delta=-3)
    world.do("move", clip_ids=["n"], delta=40)
    world.do("unnest", clip_id="n")
    assert world.picture("v1") == "c[30,34) a[53,54) b[54,55)"
    assert (world.picture("v2"), world.picture("a1")) == ("t[53,55)", "s[53,54)")
    assert world.value("a")["source_in"] == 103 * F
    assert world.alive("x"), "the dissolve lies in what is shown: one frame to both sides of the cut"


def test_of_two_nests_each_gives_copies() -> None:
    world = film()
    nest(world, "a", "b", "t")
    world.do("duplicate", clip_ids=["n"], to={"start": 50}, new_ids={"n": "n2"})
    world.do("unnest", clip_id="n2")
    assert world.alive("q")
    assert inner(world)["V1"] == "a[0,4) b[4,8)"
    copies = sorted((c.value["start"] / F, c.value["duration"] / F) for c in world.state.inside("v1", "clip"))
    assert copies == [(10, 8), (30, 4), (50, 4), (54, 4)]
    links = {clip.value["link_id"] for clip in world.state.living("clip") if clip.value["start"] == 50 * F}
    assert len(links) == 1 and not links & {None, "l1"}
    assert len(list(world.state.living("transition"))) == 2


def test_taken_tracks_are_left_alone() -> None:
    world = film()
    nest(world, "a", "b", "t")
    add(world, "over", 10, 8, track="v2")
    add(world, "noise", 10, 8, track="a1")
    world.do("unnest", clip_id="n")
    stack = [(t.value["name"], world.picture(t.id)) for t in surgery.tracks(world.state)]
    assert stack == [
        ("V1", "a[10,14) b[14,18) c[30,34)"),
        ("V2", "t[12,16)"),
        ("V2", "over[10,18)"),
        ("A1", "noise[10,18)"),
        ("A1", "s[10,14)"),
    ]


def test_nothing_rises_above_what_lay_on_top() -> None:
    world = film()
    nest(world, "a", "b", "t")
    world.do("add_track", track_id="v3", kind="video", name="V3")
    add(world, "over", 10, 8, track="v2")
    world.do("unnest", clip_id="n")
    stack = [world.picture(t.id) for t in surgery.tracks(world.state, "video")]
    assert stack == ["a[10,14) b[14,18) c[30,34)", "t[12,16)", "over[10,18)", ""]


def test_what_was_off_stays_off() -> None:
    world = film()
    nest(world, "a", "b", "t")
    world.do("enable", clip_ids=["n"], enabled=False)
    world.do("unnest", clip_id="n")
    assert [world.value(id)["enabled"] for id in ("a", "b", "t", "s")] == [False] * 4


def test_the_silent_picture_of_a_nest_opens_silent() -> None:
    world = film()
    nest(world, "a", "b", "t")
    world.do("add_track", track_id="a2", kind="audio")
    world.do("detach_audio", clip_id="n", track_id="a2", new_id="sound")
    with refused("kind_mismatch"):
        world.do("unnest", clip_id="sound")
    world.do("unlink", clip_ids=["n"])
    world.do("remove_clip", clip_id="sound")
    world.do("unnest", clip_id="n")
    assert world.value("a")["params.sound"] is False
    assert world.value("s")["enabled"] is False


def test_only_a_nest_at_its_own_speed_opens() -> None:
    world = film()
    with refused("kind_mismatch"):
        world.do("unnest", clip_id="c")
    nest(world, "a", "b")
    world.write(lambda draft: draft.set("n", {"reversed": True}))
    with refused("retimed"):
        world.do("unnest", clip_id="n")
    world.write(lambda draft: draft.set("n", {"reversed": False, "speed": {"num": 2, "den": 1}}))
    with refused("retimed"):
        world.do("unnest", clip_id="n")


def test_captions_of_a_sequence_are_cut_to_what_is_shown() -> None:
    world = row(("a", 0, 10))
    nest(world, "a")
    world.do("add_track", track_id="cc", kind="caption", sequence_id="q")
    world.do("add_caption", caption_id="c", track_id="cc", start=0, duration=6, text="Hi")
    world.do("add_caption", caption_id="d", track_id="cc", start=8, duration=2, text="Bye")
    world.do("trim", clip_id="n", edge="start", delta=2)
    world.do("trim", clip_id="n", edge="end", delta=-4)
    world.do("unnest", clip_id="n")
    assert (world.value("c")["start"], world.value("c")["duration"]) == (2 * F, 4 * F)
    assert not world.alive("d")
    assert world.value(world.value("c")["track_id"])["sequence_id"] is None


def test_a_nest_can_lie_in_a_nest() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    add(world, "z", 8, 4, media=FILM)
    nest(world, "a", "b")
    world.do("nest", clip_ids=["n", "z"], clip_id="outer", sequence_id="q2")
    assert inner(world, "q2") == {"V1": "n[0,8) z[8,12)"}
    world.do("unnest", clip_id="outer")
    world.do("unnest", clip_id="n")
    assert world.picture("v1") == "a[0,4) b[4,8) z[8,12)"
