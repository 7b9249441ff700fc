"""freeze_frame: a picture that stands, inserted or up to the end of its clip."""

from typing import Any

import pytest

from tests.unit.domain.examples import add, linked, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import animation, clip_time, records
from timeline_service.domain.draft import Draft

HALF: dict[str, Any] = {"x": 250_000, "y": 0, "width": 500_000, "height": 1_000_000}
NAMES: dict[str, Any] = {"freeze_id": "held", "new_id": "right"}


def shown(world: World, id: str) -> set[float]:
    """The source frames of a frozen clip."""
    value = world.value(id)
    return {clip_time.source_at(value, t) / F for t in (0, value["duration"] // 2, value["duration"] - 1)}


def pair() -> World:
    """v at [10, 30) and b at [30, 35), linked sound s at [10, 30) and t at [30, 35)."""
    world = row(("v", 10, 20), ("b", 30, 5))
    row(("s", 10, 20), ("t", 30, 5), track="a1", kind="audio", world=world)
    linked(world, "v", "s")
    return world


def test_a_picture_is_inserted_and_sound_stays_in_step() -> None:
    world = pair()
    told: dict[str, Any] = {"at": 15, "duration": 8, "new_ids": {"s": "s2"}}
    said = world.do("freeze_frame", clip_id="v", **told, **NAMES).body.description
    assert said == 'froze "V" at 00:00:00:15 for 8 frames'
    assert world.picture("v1") == "v[10,15) held[15,23) right[23,38) b[38,43)"
    assert world.picture("a1") == "s[10,15) s2[23,38) t[38,43)"
    assert shown(world, "held") == {105}
    assert world.value("held")["speed"] == {"num": 0, "den": 1}
    links = {id: world.value(id)["link_id"] for id in ("v", "s", "right", "s2", "held")}
    assert links["v"] == links["s"] != links["right"] == links["s2"]
    assert links["held"] is None


def test_alone_it_leaves_the_sound_as_it_is() -> None:
    world = pair()
    world.do("freeze_frame", clip_id="v", at=15, duration=8, single=True, **NAMES)
    assert world.picture("v1") == "v[10,15) held[15,23) right[23,38) b[38,43)"
    assert world.picture("a1") == "s[10,30) t[30,35)"


def test_before_the_first_picture_nothing_is_cut() -> None:
    world = pair()
    world.do("freeze_frame", clip_id="v", at=10, duration=8, **NAMES)
    assert world.picture("v1") == "held[10,18) v[18,38) b[38,43)"
    assert world.picture("a1") == "s[18,38) t[38,43)"
    assert shown(world, "held") == {100}
    assert not world.alive("right")


def test_all_tracks_may_come_along() -> None:
    world = pair()
    row(("c", 40, 5), track="v2", world=world)
    world.do("add_marker", marker_id="m", time=20)
    world.do("freeze_frame", clip_id="v", at=15, duration=8, scope="all", ripple_markers=True, **NAMES)
    assert world.picture("v2") == "c[48,53)"
    assert world.value("m")["time"] == 28 * F
    row(("d", 0, 60), track="v3", world=world)
    with refused("scope_conflict"):
        world.do("freeze_frame", clip_id="v", at=12, duration=8, scope="sync_locked")


def test_the_rest_of_a_clip() -> None:
    world = pair()
    said = world.do("freeze_frame", clip_id="v", at=15, **NAMES).body.description
    assert said == 'froze "V" at 00:00:00:15 up to its end'
    assert world.picture("v1") == "v[10,15) held[15,30) b[30,35)"
    assert world.picture("a1") == "s[10,30) t[30,35)"
    assert shown(world, "held") == {105}
    assert (world.value("v")["link_id"], world.value("held")["link_id"]) == ("l1", None)


def test_a_whole_clip() -> None:
    world = pair()
    world.do("freeze_frame", clip_id="v", at=10, **NAMES)
    assert world.picture("v1") == "v[10,30) b[30,35)"
    assert shown(world, "v") == {100}
    assert world.value("s")["link_id"] is None
    assert not world.alive("held")


def test_a_reversed_and_fast_clip_is_held_where_it_stands() -> None:
    world = row(("a", 0, 10))
    world.do("set_speed", clip_id="a", speed={"num": 2, "den": 1}, keep="duration")
    world.do("reverse", clip_id="a")
    before = clip_time.source_at(world.value("a"), 4 * F)
    world.do("freeze_frame", clip_id="a", at=4, duration=3, **NAMES)
    assert shown(world, "held") == {before / F}
    assert not world.value("held")["reversed"]


def test_the_look_of_the_moment_is_held() -> None:
    world = row(("a", 0, 10))

    def put(draft: Draft) -> None:
        draft.put("effect", "fx", records.new("effect", parent_id="a", kind="blur", order="V", **{"params.amount": 4}))
        draft.set("a", {"params.rotation": 500, "fade_in": 2 * F, "fade_out": 2 * F, "group_id": None})

    world.write(put)
    world.do("add_crop_keyframe", keyframe_id="c1", clip_id="a", frame=100, **HALF)
    for time, value in ((0, 0), (8, 1001)):
        world.do("add_keyframe", parent_id="a", property="opacity", time=time, value=value)
        world.do("add_keyframe", parent_id="fx", property="params.radius", time=time, value=[value, 7])
    world.do("freeze_frame", clip_id="a", at=4, duration=3, **NAMES)
    held = world.value("held")
    assert (held["params.rotation"], held["fade_in"], held["fade_out"]) == (500, 0, 0)
    assert animation.value_at(world.state, "held", "opacity", 0) == 500  # 500.5, half to even
    assert animation.value_at(world.state, "held", "crop", held["source_in"]) == HALF
    (effect,) = world.state.inside("held", "effect")
    assert effect.value["params.amount"] == 4
    assert animation.value_at(world.state, effect.id, "params.radius", F) == [500, 7]
    kinds = sorted(k.value["property"] for k in world.state.inside("held", "keyframe"))
    assert kinds == ["crop", "opacity"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"at": 9}, "outside_clip"),
        ({"at": 30}, "outside_clip"),
        ({"at": 15, "duration": 0}, "too_short"),
        ({"at": {"ticks": 15 * F + 1}}, "off_grid"),
        ({"at": 15, "duration": {"ticks": 1}}, "off_grid"),
        ({"at": 15, "freeze_id": "b"}, "id_taken"),
        ({"at": 15, "ripple_markers": True}, "invalid"),
        ({"at": 15, "clip_id": "s"}, "kind_mismatch"),
        ({"at": 15, "clip_id": "gone"}, "clip_missing"),
        ({"at": 29}, "in_transition"),
    ],
)
def test_refusals(told: dict[str, Any], code: str) -> None:
    world = pair()
    world.do("add_transition", transition_id="x", left_id="v", right_id="b", in_offset=2, out_offset=2)
    with refused(code):
        world.do("freeze_frame", **{"clip_id": "v", **told})


def test_locked_tracks() -> None:
    world = pair()
    world.write(lambda draft: draft.set("a1", {"locked": True}))
    with refused("track_locked"):
        world.do("freeze_frame", clip_id="v", at=15, duration=8)
    world.do("freeze_frame", clip_id="v", at=15)


def test_a_still_can_be_drawn_out_for_ever() -> None:
    world = row(("a", 10, 10))
    world.do("freeze_frame", clip_id="a", at=10)
    world.do("trim", clip_id="a", edge="start", delta=-10)
    world.do("trim", clip_id="a", edge="end", delta=5000)
    assert world.picture("v1") == "a[0,5020)"
    assert shown(world, "a") == {100}
    world.do("set_speed", clip_id="a", speed={"num": 1, "den": 100}, keep="source")  # keeps its length
    assert world.picture("v1") == "a[0,5020)"


def test_the_place_is_carried() -> None:
    world = pair()
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    assert world.do("freeze_frame", clip_id="v", at=15, base_version=base, single=True, **NAMES).rebased
    assert world.value("held")["start"] == 22 * F
