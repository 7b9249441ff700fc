"""Markers change and go; annotations are drawn, changed and wiped off."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import row
from tests.unit.domain.refused import refused
from tests.world import TIMELINE, F, World

ARROW = {"type": "arrow", "points": [[0, 0], [500_000, 1_000_000]], "width": 3_000}


def noted() -> World:
    world = row(("a", 0, 10))
    world.do("add_marker", marker_id="m", time=5, name="Here", comment="look")
    world.do("add_annotation", annotation_id="n", parent_id="a", time=105, duration=2, shape=ARROW, comment="boom")
    return world


def test_update_marker_sets_what_is_given() -> None:
    world = noted()
    decision = world.do("update_marker", marker_id="m", time=7, duration=3, color="BLUE", comment="")
    assert world.value("m") == {
        "parent_id": TIMELINE,
        "time": 7 * F,
        "duration": 3 * F,
        "name": "Here",
        "color": "BLUE",
        "comment": "",
    }
    assert decision.body.description == (
        'changed the marker "Here" of the timeline: moved it to 00:00:00:07, made it 3 frames long, '
        'set its color to "BLUE", changed its comment'
    )
    assert world.do("remove_marker", marker_id="m").body.description == 'removed the marker "Here" from the timeline'
    assert not world.alive("m")


def test_a_marker_of_the_timeline_is_carried_through_what_others_did() -> None:
    world = row(("a", 0, 4), ("b", 4, 4))
    world.do("add_marker", marker_id="m", time=6)
    base = world.state.version
    world.do("ripple_delete", clip_ids=["a"], ripple_markers=True, actor="bob")
    world.do("update_marker", marker_id="m", time=7, base_version=base)
    assert world.value("m")["time"] == 3 * F


def test_annotations() -> None:
    world = noted()
    assert world.value("n") == {
        "parent_id": "a",
        "time": 105 * F,
        "duration": 2 * F,
        "shape": ARROW,
        "color": "#ff0000",
        "comment": "boom",
    }
    text = {"type": "text", "points": [[10, 10]], "width": 0, "text": "too dark"}
    decision = world.do("update_annotation", annotation_id="n", shape=text, color="#00ff00", time=106)
    assert world.value("n")["shape"] == text
    assert (world.value("n")["time"], world.value("n")["color"]) == (106 * F, "#00ff00")
    assert decision.body.description == 'changed the time, shape, color of a drawing on "A"'
    assert world.do("remove_annotation", annotation_id="n").body.description == 'removed a drawing from "A"'
    decision = world.do("add_annotation", time=3, shape=ARROW, comment="wow")
    assert decision.body.description == 'drew on the timeline at 00:00:00:03: "wow"'


@pytest.mark.parametrize(
    ("gesture", "params", "code"),
    [
        ("update_marker", {"marker_id": "gone", "name": "x"}, "marker_missing"),
        ("update_marker", {"marker_id": "m", "time": -1}, "bad_range"),
        ("update_marker", {"marker_id": "m", "duration": -1}, "bad_range"),
        ("update_marker", {"marker_id": "m", "name": "Here"}, "no_change"),
        ("remove_marker", {"marker_id": "n"}, "marker_missing"),
        ("add_annotation", {"time": -1, "shape": ARROW}, "bad_range"),
        ("add_annotation", {"time": 1, "shape": ARROW, "parent_id": "m"}, "record_missing"),
        ("add_annotation", {"time": 1, "shape": ARROW, "annotation_id": "a"}, "id_taken"),
        ("update_annotation", {"annotation_id": "m", "comment": "x"}, "annotation_missing"),
        ("update_annotation", {"annotation_id": "n", "duration": -1}, "bad_range"),
        ("remove_annotation", {"annotation_id": "gone"}, "annotation_missing"),
    ],
)
def test_refusals(gesture: str, params: dict[str, Any], code: str) -> None:
    with refused(code):
        noted().do(gesture, **params)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "arrow", "points": []},
        {"type": "arrow", "points": [[0, 0, 0]]},
        {"type": "arrow", "points": [[0.5, 0]]},
        {"type": "arrow", "points": [[0, 9_000_000]]},
        {"type": "cloud", "points": [[0, 0]]},
        {"type": "line", "points": [[0, 0]], "dash": 3},
    ],
)
def test_shapes_are_points_in_ppm(shape: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        noted().do("add_annotation", time=1, shape=shape)
