"""What clips are beside their place: enabled, coloured, named, shown media, own sound, what they are given by another."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, add, row
from tests.unit.domain.refused import refused
from tests.world import F, World, values
from timeline_service.domain.draft import Draft

KEYS = (
    ("crop", 100, {"x": 0, "y": 0, "width": 500_000, "height": 500_000}),
    ("opacity", 2, 250_000),
    ("volume", 1, -600),
)


def two() -> World:
    """a and b show source from frame 100 on; a has keyframes, a static look and an effect with a keyframe."""
    world = row(("a", 0, 10), ("b", 10, 4))
    world.do("add_effect", effect_id="e", parent_id="a", kind="blur", params={"radius": 3})

    def fill(draft: Draft) -> None:
        draft.set("a", {"params.opacity": 500_000, "params.rotation": 90_000, "gain": -300, "fade_in": 3 * F})
        draft.set("a", {"fade_out": 2 * F})
        for name, time, value in KEYS:
            _key(draft, f"k-{name}", "a", name, time, value)
        _key(draft, "k-effect", "e", "params.radius", 1, 7)

    world.write(fill)
    return world


def _key(draft: Draft, id: str, parent: str, name: str, frame: int, value: Any) -> None:
    fields = {"parent_id": parent, "property": name, "time": frame * F, "value": value, "interpolation": "linear"}
    draft.put("keyframe", id, fields)


# ---------------------------------------------------------------- one field of several clips
@pytest.mark.parametrize(
    ("gesture", "params", "field", "value", "said"),
    [
        ("enable", {"enabled": False}, "enabled", False, 'switched "A" and "B" off'),
        ("set_color", {"color": "teal"}, "color", "teal", 'colored "A" and "B" teal'),
    ],
)
def test_clips_change_together_and_can_be_undone_alone(
    gesture: str, params: dict[str, Any], field: str, value: Any, said: str
) -> None:
    world = two()
    decision = world.do(gesture, clip_ids=["a", "b"], **params)
    assert [world.value(id)[field] for id in ("a", "b")] == [value, value]
    assert [change.unit for change in decision.body.changes] == [0, 1]
    assert decision.body.description == said
    with refused("no_change"):
        world.do(gesture, clip_ids=["b"], **params)
    with refused("clip_missing"):
        world.do(gesture, clip_ids=["gone"], **params)


def test_a_colour_can_be_taken_off() -> None:
    world = two()
    world.do("set_color", clip_ids=["a"], color="teal")
    assert world.do("set_color", clip_ids=["a"]).body.description == 'took the color off "A"'
    assert world.value("a")["color"] is None


# ---------------------------------------------------------------- names and metadata
def test_anything_with_a_name_can_be_renamed() -> None:
    world = two()
    assert world.do("rename", id="a", name="Take 1").body.description == 'renamed "A" to "Take 1"'
    world.do("rename", id="e", name="Haze")
    assert world.do("rename", id="timeline", name="Cut").body.description == 'renamed the timeline to "Cut"'
    assert [world.value(id)["name"] for id in ("a", "e", "timeline")] == ["Take 1", "Haze", "Cut"]
    for id, code in (("k-crop", "bad_value"), ("gone", "record_missing"), ("a", "no_change")):
        with refused(code):
            world.do("rename", id=id, name="Take 1")


def test_metadata_is_merged_per_key() -> None:
    world = two()
    world.do("set_metadata", id="a", metadata={"scene": 4, "take": 2})
    decision = world.do("set_metadata", id="a", metadata={"scene": None, "take": 2.5})
    assert {k: v for k, v in world.value("a").items() if k.startswith("metadata")} == {"metadata.take": 2.5}
    assert decision.body.description == 'set scene, take metadata of "A"'
    world.do("set_metadata", id="v1", metadata={"camera": "B"})
    for id, code in (("k-crop", "bad_value"), ("gone", "record_missing"), ("b", "no_change")):
        with refused(code):
            world.do("set_metadata", id=id, metadata={} if id == "b" else {"x": 1})


# ---------------------------------------------------------------- media
def test_other_media_in_the_same_place() -> None:
    world = two()
    decision = world.do("replace_media", clip_id="a", media={"asset_id": "film"}, source_in=20)
    assert world.value("a")["media"]["asset_id"] == "film"
    assert (world.value("a")["source_in"], world.value("k-crop")["time"]) == (20 * F, 100 * F)
    assert decision.body.description == 'replaced the media of "A"'


def test_media_that_is_too_short_says_from_where_it_would_fit() -> None:
    world = two()
    short = {"url": "https://media.example/b.mov", "available": {"start": 2 * F, "duration": 30 * F}}
    with refused("no_handle") as caught:
        world.do("replace_media", clip_id="a", media=short)
    assert caught.value.details["legal"] == {"source_in": {"min": 2 * F, "max": 22 * F}}
    for frame in (1, 23):
        with refused("no_handle"):
            world.do("replace_media", clip_id="a", media=short, source_in=frame)
    world.do("replace_media", clip_id="a", media=short, source_in=22)
    shorter = {**short, "available": {"start": 0, "duration": 9 * F}}
    with refused("no_handle") as caught:
        world.do("replace_media", clip_id="a", media=shorter)
    assert (caught.value.details["legal"], caught.value.details["needed"]) == ({}, 10 * F)


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ({"asset_id": "gone"}, "media_missing"),
        ({"asset_id": "sound"}, "kind_mismatch"),
        ({}, "invalid"),
        (FILM, "no_change"),
    ],
)
def test_media_that_does_not_go_there(media: dict[str, Any], code: str) -> None:
    with refused(code):
        two().do("replace_media", clip_id="a", media=media)


# ---------------------------------------------------------------- sound
def test_sound_gets_a_clip_of_its_own() -> None:
    world = two()
    world.do("add_track", track_id="a1", kind="audio", name="A1")
    decision = world.do("detach_audio", clip_id="a", track_id="a1", new_id="s")
    sound, picture = world.value("s"), world.value("a")
    same = ("start", "duration", "source_in", "speed", "media", "gain", "fade_in", "fade_out", "name")
    assert {name: sound[name] for name in same} == {name: picture[name] for name in same}
    assert picture["params.sound"] is False
    assert not [name for name in sound if name.startswith("params.")]
    assert sound["link_id"] == picture["link_id"] is not None
    volumes = [k.value["time"] for k in world.state.inside("s", "keyframe")]
    assert volumes == [1 * F]
    assert decision.body.description == 'detached the sound of "A" to "A1"'
    with refused("no_change"):
        world.do("detach_audio", clip_id="a", track_id="a1")
    world.do("detach_audio", clip_id="b", track_id="a1", new_id="t", linked=False)
    assert (world.value("t")["link_id"], world.value("b")["link_id"]) == (None, None)


def test_sound_joins_the_link_that_is_there() -> None:
    world = two()
    world.do("add_track", track_id="a1", kind="audio")
    world.do("link", clip_ids=["a", "b"], link_id="l")
    world.do("detach_audio", clip_id="a", track_id="a1", new_id="s")
    assert [world.value(id)["link_id"] for id in ("a", "b", "s")] == ["l", "l", "l"]


def test_sound_comes_back() -> None:
    world = two()
    world.do("add_track", track_id="a1", kind="audio")
    world.do("detach_audio", clip_id="a", track_id="a1", new_id="s")
    with refused("kind_mismatch"):
        world.do("attach_audio", clip_id="a", audio_id="b")
    decision = world.do("attach_audio", clip_id="a", audio_id="s")
    assert "params.sound" not in world.value("a")
    assert world.value("a")["link_id"] is None
    assert not world.alive("s")
    assert decision.body.description == 'let "A" sound by itself in place of "A"'
    with refused("no_change"):
        world.do("attach_audio", clip_id="a")
    world.do("detach_audio", clip_id="a", track_id="a1", new_id="s2")
    assert world.do("attach_audio", clip_id="a").body.description == 'let "A" sound by itself'
    assert world.alive("s2")


def test_where_sound_cannot_go() -> None:
    world = two()
    row(("x", 5, 2), track="a1", kind="audio", world=world)
    add(world, "still", 20, 4, media={"generator": "black"}, source_in=0)
    with refused("overlap") as caught:
        world.do("detach_audio", clip_id="a", track_id="a1")
    assert caught.value.details["legal"]["free"][0] == {"start": 0, "end": 5 * F}
    for clip, track in (("a", "v1"), ("x", "a1"), ("still", "a1")):
        with refused("kind_mismatch"):
            world.do("detach_audio", clip_id=clip, track_id=track)


# ---------------------------------------------------------------- attributes
def test_a_clip_is_given_what_another_has() -> None:
    world = two()
    world.do("trim", clip_id="b", edge="start", delta=1)
    world.do("add_effect", effect_id="own", parent_id="b", kind="tint")
    world.write(lambda draft: _key(draft, "own-k", "b", "opacity", 0, 1))
    names = ["crop", "opacity", "rotation", "volume", "fades", "effects"]
    decision = world.do("paste_attributes", from_id="a", clip_ids=["b"], attributes=names)
    b = world.value("b")
    assert (b["params.opacity"], b["params.rotation"], b["gain"]) == (500_000, 90_000, -300)
    assert (b["fade_in"], b["fade_out"]) == (3 * F, 0), "three frames have no room for more"
    assert not world.alive("own") and not world.alive("own-k")
    keys = sorted((k.value["property"], k.value["time"] / F) for k in world.state.inside("b", "keyframe"))
    assert keys == [("crop", 101), ("opacity", 2), ("volume", 1)], "crop counts from the first picture, now 101"
    (effect,) = world.state.inside("b", "effect")
    (keyframe,) = world.state.inside(effect.id, "keyframe")
    assert (effect.value["params.radius"], keyframe.value["value"]) == (3, 7)
    said = 'gave "B" the crop, opacity, rotation, volume, fades, effects of "A"'
    assert decision.body.description == said
    a = {id: value for id, value in values(world.state).items() if id in ("a", "e", "k-crop", "k-effect")}
    assert a["e"]["parent_id"] == "a"


def test_what_the_other_does_not_have_is_taken_away() -> None:
    world = two()
    world.do("paste_attributes", from_id="b", clip_ids=["a"], attributes=["opacity", "effects", "transform"])
    assert "params.opacity" not in world.value("a")
    assert world.value("a")["params.rotation"] == 90_000
    assert not world.alive("e") and not world.alive("k-opacity")
    with refused("no_change"):
        world.do("paste_attributes", from_id="b", clip_ids=["a"], attributes=["opacity", "transform"])
    with refused("invalid"):
        world.do("paste_attributes", from_id="b", clip_ids=["a", "b"], attributes=["opacity"])
    with refused("clip_missing"):
        world.do("paste_attributes", from_id="b", clip_ids=["gone"], attributes=["opacity"])
