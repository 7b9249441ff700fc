"""add_marker and set_timeline."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import add, row
from tests.unit.domain.refused import refused
from tests.world import TIMELINE, F, World


# ---------------------------------------------------------------- markers
@pytest.mark.parametrize(
    ("parent", "said"),
    [
        (None, 'added "Here" to the timeline at 00:00:00:05'),
        (TIMELINE, 'added "Here" to the timeline at 00:00:00:05'),
        ("v1", 'added "Here" to "V1" at 00:00:00:05'),
        ("a", 'added "Here" to "A" at 00:00:00:05 of its source'),
    ],
)
def test_a_marker_belongs_to_the_timeline_a_track_or_a_clip(parent: str | None, said: str) -> None:
    world = row(("a", 0, 10))
    params = {} if parent is None else {"parent_id": parent}
    decision = world.do(
        "add_marker", marker_id="m", time=5, duration=2, name="Here", color="GREEN", comment="look", **params
    )
    assert world.value("m") == {
        "parent_id": parent or TIMELINE,
        "time": 5 * F,
        "duration": 2 * F,
        "name": "Here",
        "color": "GREEN",
        "comment": "look",
    }
    assert decision.body.description == said


def test_a_marker_without_a_name() -> None:
    assert (
        row().do("add_marker", marker_id="m", time=0).body.description
        == "added marker m to the timeline at 00:00:00:00"
    )


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"time": -1}, "bad_range"),
        ({"time": 0, "duration": -1}, "bad_range"),
        ({"time": 0, "parent_id": "gone"}, "record_missing"),
        ({"time": 0, "parent_id": "k"}, "record_missing"),
        ({"time": 0, "marker_id": "a"}, "id_taken"),
        ({"time": {"value": 0.1, "rate": 25}}, "time_not_exact"),
    ],
)
def test_refusals(params: dict[str, Any], code: str) -> None:
    world = row(("a", 0, 10))
    world.do("add_crop_keyframe", keyframe_id="k", clip_id="a", frame=1, x=0, y=0, width=1, height=1)
    with refused(code):
        world.do("add_marker", **params)


def test_a_locked_track_takes_no_marker() -> None:
    world = row(("a", 0, 10))
    world.write(lambda draft: draft.set("v1", {"locked": True}))
    for parent in ("v1", "a"):
        with refused("track_locked"):
            world.do("add_marker", parent_id=parent, time=0)
    world.do("add_marker", time=0)


def test_a_marker_on_a_track_is_carried_one_on_a_clip_is_not() -> None:
    world = row(("a", 0, 10))
    base = world.state.version
    add(world, "up", 0, 7, mode="insert")
    for parent, frame in (("v1", 12), ("a", 5), (TIMELINE, 5)):
        world.do("add_marker", marker_id=f"on-{parent}", parent_id=parent, time=5, base_version=base)
        assert world.value(f"on-{parent}")["time"] == frame * F


# ---------------------------------------------------------------- set_timeline
def test_what_is_left_out_stays() -> None:
    world = World()
    decision = world.do("set_timeline", name="Cut 2", width=1080)
    value = world.value(TIMELINE)
    assert (value["name"], value["width"], value["height"]) == ("Cut 2", 1080, 1080)
    assert decision.body.description == 'renamed the timeline "Cut 2" and set the picture to 1080x1080'


def test_metadata_is_merged_per_key() -> None:
    world = World()
    world.do("set_timeline", metadata={"scene": {"take": 1.5}, "a.b": None, "old": [1]})
    said = world.do("set_timeline", metadata={"old": None, "new": {"x": None}}).body
    metadata = {k: v for k, v in world.value(TIMELINE).items() if k.startswith("metadata.")}
    assert metadata == {"metadata.scene": {"take": 1.5}, "metadata.new": {"x": None}}
    assert said.gesture["metadata"] == {"old": None, "new": {"x": None}}
    assert said.description == "set metadata new, old"


def test_the_start_timecode_is_a_frame() -> None:
    world = World()
    world.do("set_timeline", start_timecode={"value": 86_400, "rate": 24})
    assert world.value(TIMELINE)["start_timecode"] == 86_400 * F
    with refused("off_grid"):
        world.do("set_timeline", start_timecode={"ticks": 1})
    with refused("bad_range"):
        world.do("set_timeline", start_timecode=-1)


@pytest.mark.parametrize(
    "params", [{}, {"name": "Film"}, {"metadata": {}}, {"metadata": {"gone": None}}, {"start_timecode": 0}]
)
def test_nothing_to_change(params: dict[str, Any]) -> None:
    with refused("no_change"):
        World().do("set_timeline", **params)


def test_true_is_not_one_and_minus_zero_is_not_zero() -> None:
    world = World()
    for value in (1, True, 1.0, 0.0, -0.0):
        world.do("set_timeline", metadata={"k": value})


@pytest.mark.parametrize(
    "params",
    [
        {"width": 15},
        {"width": 16_385},
        {"height": True},
        {"name": "\x00"},
        {"name": "x" * 1001},
        {"rate": 24},
        {"metadata": {"": 1}},
        {"metadata": {"k": float("nan")}},
        {"metadata": {"k": 2**53}},
        {"metadata": {"\ud800": 1}},
        {"metadata": {"k": ["\ud800"]}},
        {"metadata": {"k": {"x" * 201: 1}}},
        {"metadata": {"k": object()}},
    ],
)
def test_payloads_that_are_wrong_in_themselves(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        World().do("set_timeline", **params)


def test_metadata_is_not_deeper_than_a_reader_can_go() -> None:
    deep: Any = 1
    for _ in range(65):
        deep = [deep]
    with pytest.raises(ValidationError):
        World().do("set_timeline", metadata={"k": deep})
