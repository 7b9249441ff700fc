"""Static looks and sounds, whole crop tracks, and crops for another aspect."""

from typing import Any

import pytest

from tests.unit.domain.examples import FILM, add, row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import refit

FULL: dict[str, Any] = {"x": 0, "y": 0, "width": 1_000_000, "height": 1_000_000}
HALF: dict[str, Any] = {"x": 250_000, "y": 0, "width": 500_000, "height": 1_000_000}


def stage() -> World:
    world = row(("a", 10, 10))
    row(("s", 0, 10), track="a1", kind="audio", world=world)
    return world


# ---------------------------------------------------------------- static values
@pytest.mark.parametrize(
    ("gesture", "told", "field", "value", "said"),
    [
        ("set_rotation", {"rotation": 90_000}, "params.rotation", 90_000, 'turned "A" to 90 degrees'),
        ("set_rotation", {"rotation": -500}, "params.rotation", -500, 'turned "A" to -0.5 degrees'),
        ("set_opacity", {"opacity": 250_000}, "params.opacity", 250_000, 'set the opacity of "A" to 25 %'),
        (
            "set_transform",
            {"x": -5},
            "params.transform",
            {"x": -5, "y": 0, "scale_x": 1_000_000, "scale_y": 1_000_000},
            'moved "A"',
        ),
        (
            "set_transform",
            {"y": 5, "scale_x": 7},
            "params.transform",
            {"x": 0, "y": 5, "scale_x": 7, "scale_y": 1_000_000},
            'moved and scaled "A"',
        ),
        ("set_volume", {"gain": -600}, "gain", -600, 'set the volume of "A" to -6 dB'),
    ],
)
def test_set(gesture: str, told: dict[str, Any], field: str, value: Any, said: str) -> None:
    world = stage()
    assert world.do(gesture, clip_id="a", **told).body.description == said
    assert world.value("a")[field] == value
    with refused("no_change"):
        world.do(gesture, clip_id="a", **told)


@pytest.mark.parametrize(
    ("gesture", "there", "back"),
    [
        ("set_rotation", {"rotation": 1}, {"rotation": 0}),
        ("set_opacity", {"opacity": 1}, {"opacity": 1_000_000}),
        ("set_transform", {"x": 1, "scale_y": 2}, {"x": 0, "scale_y": 1_000_000}),
    ],
)
def test_the_default_takes_the_key_away(gesture: str, there: dict[str, Any], back: dict[str, Any]) -> None:
    world = stage()
    before = dict(world.value("a"))
    world.do(gesture, clip_id="a", **there)
    world.do(gesture, clip_id="a", **back)
    assert world.value("a") == before


@pytest.mark.parametrize(
    ("gesture", "told", "code"),
    [
        ("set_rotation", {"clip_id": "a", "rotation": 36_000_001}, "bad_value"),
        ("set_opacity", {"clip_id": "a", "opacity": -1}, "bad_value"),
        ("set_transform", {"clip_id": "a", "scale_x": 0}, "bad_value"),
        ("set_transform", {"clip_id": "a"}, "no_change"),
        ("set_volume", {"clip_id": "a", "gain": 100_001}, "bad_value"),
        ("set_volume", {"gain": 1}, "invalid"),
        ("set_volume", {"clip_id": "a", "track_id": "v1", "gain": 1}, "invalid"),
        ("set_volume", {"track_id": "a", "gain": 1}, "track_missing"),
        ("set_rotation", {"clip_id": "s", "rotation": 1}, "kind_mismatch"),
        ("set_opacity", {"clip_id": "s", "opacity": 1}, "kind_mismatch"),
        ("set_transform", {"clip_id": "s", "x": 1}, "kind_mismatch"),
        ("set_opacity", {"clip_id": "v1", "opacity": 1}, "clip_missing"),
    ],
)
def test_what_cannot_be_set(gesture: str, told: dict[str, Any], code: str) -> None:
    with refused(code):
        stage().do(gesture, **told)


def test_the_volume_of_a_track_and_of_sound() -> None:
    world = stage()
    assert world.do("set_volume", track_id="a1", gain=300).body.description == 'set the volume of "A1" to +3 dB'
    world.do("set_volume", clip_id="s", gain=-100)
    assert (world.value("a1")["gain"], world.value("s")["gain"]) == (300, -100)


# ---------------------------------------------------------------- fades
def test_fades() -> None:
    world = stage()
    said = world.do("set_fades", clip_id="a", fade_in=4, fade_out=6).body.description
    assert said == 'faded "A" in over 4 frames and out over 6 frames'
    assert (world.value("a")["fade_in"], world.value("a")["fade_out"]) == (4 * F, 6 * F)
    gone = world.do("set_fades", clip_id="a", fade_in=0).body.description
    assert gone == 'took the fade in off "A"'
    both = world.copy().do("set_fades", clip_id="a", fade_in=2, fade_out=0).body.description
    assert both == 'faded "A" in over 2 frames and took the fade out off "A"'
    assert (world.value("a")["fade_in"], world.value("a")["fade_out"]) == (0, 6 * F)
    world.do("set_fades", clip_id="s", fade_out={"ticks": 7})


@pytest.mark.parametrize(
    ("told", "legal"),
    [
        ({"fade_in": 5}, {"fade_in": {"min": 0, "max": 4 * F}}),
        ({"fade_in": -1}, {"fade_in": {"min": 0, "max": 4 * F}}),
        ({"fade_in": 6, "fade_out": 5}, {k: {"min": 0, "max": 10 * F} for k in ("fade_in", "fade_out", "together")}),
    ],
)
def test_fades_are_together_no_longer_than_the_clip(told: dict[str, Any], legal: dict[str, Any]) -> None:
    world = stage()
    world.do("set_fades", clip_id="a", fade_out=6)
    with refused("bad_range") as caught:
        world.do("set_fades", clip_id="a", **told)
    assert caught.value.details["legal"] == legal


# ---------------------------------------------------------------- set_crop_track
def tracked() -> World:
    world = stage()
    for frame in (100, 105):
        world.do("add_crop_keyframe", keyframe_id=f"k{frame}", clip_id="a", frame=frame, **HALF)
    return world


def crops(world: World) -> dict[str, int]:
    return {k.id: k.value["time"] // F for k in world.state.inside("a", "keyframe")}


def test_a_crop_track_is_replaced_in_one_event() -> None:
    world = tracked()
    curve = {"bezier": [0, 0, 0, 0]}
    rows = [
        {"frame": 105, **FULL, "interpolation": curve},
        {"at": 17, "x": 0, "y": 0, "width": 960, "height": 1080, "unit": "px", "keyframe_id": "new"},
    ]
    decision = world.do("set_crop_track", clip_id="a", keyframes=rows)
    assert decision.body.description == 'set 2 crop keyframes of "A"'
    assert crops(world) == {"k105": 105, "new": 107}
    assert (world.value("k105")["value"], world.value("k105")["interpolation"]) == (FULL, curve)
    assert world.value("new")["value"] == {**HALF, "x": 0}
    assert decision.body.gesture["keyframes"][1]["at"] == 17 * F
    world.do("set_crop_track", clip_id="a", keyframes=[])
    assert crops(world) == {}


def test_a_crop_keyframe_that_is_named_moves() -> None:
    world = tracked()
    world.do("set_crop_track", clip_id="a", keyframes=[{"frame": 105, **FULL, "keyframe_id": "k100"}])
    assert crops(world) == {"k100": 105}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"frame": 1, **FULL}, {"frame": 1, **HALF}], "keyframe_exists"),
        ([{"frame": 105, **FULL}, {"at": 15, **HALF}], "keyframe_exists"),
        ([{"frame": 1, **FULL, "keyframe_id": "n"}, {"frame": 2, **FULL, "keyframe_id": "n"}], "invalid"),
        ([{"frame": 1, **FULL, "keyframe_id": "v1"}], "id_taken"),
        ([{"frame": 1, **FULL, "x": 1}], "bad_rectangle"),
        ([{"frame": 1000, **FULL}], "no_handle"),
        ([{"at": 20, **FULL}], "outside_clip"),
        ([{**FULL}], "invalid"),
        ([{"frame": 100, **HALF}, {"frame": 105, **HALF}], "no_change"),
    ],
)
def test_crop_tracks_that_are_refused(rows: list[dict[str, Any]], code: str) -> None:
    with refused(code):
        tracked().do("set_crop_track", clip_id="a", keyframes=rows)


def test_places_of_a_crop_track_are_carried() -> None:
    world = stage()
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    rows = [{"frame": 101, **FULL}, {"at": 15, **HALF}]
    decision = world.do("set_crop_track", clip_id="a", keyframes=rows, base_version=base)
    assert decision.rebased
    assert sorted(crops(world).values()) == [101, 105]
    assert decision.body.gesture["keyframes"][1]["at"] == 22 * F


# ---------------------------------------------------------------- refit_crops
@pytest.mark.parametrize(
    ("window", "picture", "frame", "anchor", "after"),
    [
        # 16:9 into 9:16: the height stays, 1080 * 9 / 16 = 607.5 pixels of 1920 are 316406.25 ppm
        ((0, 0, 1_000_000, 1_000_000), (1920, 1080), (1080, 1920), (500_000, 500_000), (341_797, 0, 316_406, 1_000_000)),
        # on a side: the centre would leave the picture, the window is pushed back inside
        ((0, 0, 100_000, 1_000_000), (1920, 1080), (1080, 1920), (500_000, 500_000), (0, 0, 316_406, 1_000_000)),
        ((900_000, 0, 100_000, 1_000_000), (1920, 1080), (1080, 1920), (500_000, 500_000), (683_594, 0, 316_406, 1_000_000)),
        # 9:16 of a 16:9 picture into 16:9: the whole picture again
        ((341_797, 0, 316_406, 1_000_000), (1920, 1080), (1920, 1080), (500_000, 500_000), (0, 0, 1_000_000, 1_000_000)),
        # too wide for a square picture: as wide as it is, and lower; the anchor is its top
        ((0, 0, 1_000_000, 1_000_000), (1000, 1000), (2000, 1000), (500_000, 0), (0, 0, 1_000_000, 500_000)),
        ((0, 0, 1_000_000, 1_000_000), (1000, 1000), (2000, 1000), (500_000, 500_000), (0, 250_000, 1_000_000, 500_000)),
        # half to even: 0.5 of a ppm
        ((0, 0, 1, 1), (2, 1), (1, 1), (500_000, 500_000), (0, 0, 1, 1)),
    ],
)  # fmt: skip
def test_a_window_of_another_aspect(
    window: tuple[int, ...],
    picture: tuple[int, int],
    frame: tuple[int, int],
    anchor: tuple[int, int],
    after: tuple[int, ...],
) -> None:
    sides = ("x", "y", "width", "height")
    found = refit.refitted(dict(zip(sides, window, strict=True)), picture, frame, anchor)
    assert tuple(found[side] for side in sides) == after


def test_refit_everything() -> None:
    world = tracked()
    add(world, "b", 30, 5, source_in=50)
    add(world, "unknown", 40, 5, media={"url": "x"})
    add(world, "title", 50, 5, media={"generator": "title", "width": 1920, "height": 1080}, source_in=0)
    said = world.do("refit_crops", width=1080, height=1920).body.description
    assert said == "set the picture to 1080x1920 and refitted the crop of all clips"
    timeline = world.value(world.state.timeline_id)
    assert (timeline["width"], timeline["height"]) == (1080, 1920)
    narrow = {"x": 341_797, "y": 0, "width": 316_406, "height": 1_000_000}
    assert [world.value(k)["value"] for k in ("k100", "k105")] == [narrow, narrow]
    (made,) = world.state.inside("b", "keyframe")
    assert (made.value["time"], made.value["value"]) == (50 * F, narrow)
    assert not world.state.inside("unknown", "keyframe")
    assert not world.state.inside("title", "keyframe")
    with refused("no_change"):
        world.do("refit_crops", width=1080, height=1920)


def test_refit_only_some_about_an_anchor() -> None:
    world = tracked()
    add(world, "b", 30, 5)
    world.do("refit_crops", width=1080, height=1920, clip_ids=["b"], anchor={"x": 0})
    assert world.value("k100")["value"] == HALF
    (made,) = world.state.inside("b", "keyframe")
    assert made.value["value"]["x"] == 0


def test_refits_that_are_refused() -> None:
    world = stage()
    add(world, "unknown", 40, 5, media={**FILM, "url": "x"})
    world.do("add_crop_keyframe", clip_id="unknown", frame=0, **HALF)
    world.write(lambda draft: draft.set("unknown", {"media": {"url": "x"}}))
    with refused("media_size_unknown") as caught:
        world.do("refit_crops", width=1080, height=1920)
    assert caught.value.details == {"clip_ids": ["unknown"], "clips": 1}
    with refused("kind_mismatch"):
        world.do("refit_crops", width=1080, height=1920, clip_ids=["s"])
    with refused("clip_missing"):
        world.do("refit_crops", width=1080, height=1920, clip_ids=["gone"])
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    with refused("track_locked"):
        world.do("refit_crops", width=1080, height=1920, clip_ids=["a"])
