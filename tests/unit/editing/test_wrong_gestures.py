"""A gesture that cannot be read is told where, by which rule, and what would be right; never what it held."""

from typing import Any

import pytest

from timeline_service.domain import registry
from timeline_service.editing import payloads
from timeline_service.editing.errors import EditRefused

HELD = "cAnArY"


def problems(**gesture: Any) -> list[dict[str, str]]:
    (payload,) = payloads.read((gesture,))
    with pytest.raises(EditRefused) as refused:
        payloads.parse(payload, {})
    assert HELD not in str(refused.value.details)
    found: list[dict[str, str]] = refused.value.details["problems"]
    return found


@pytest.mark.parametrize(
    ("gesture", "path", "rule", "right"),
    [
        ({"type": "split", "clip_id": "c", "at": HELD}, "at", "time", '{"ticks": n}'),
        ({"type": "split", "clip_id": 7, "at": 5}, "clip_id", "string_type", "text"),
        ({"type": "split", "clip_id": f"{HELD}/", "at": 5}, "clip_id", "string_pattern_mismatch", "{1,64}"),
        ({"type": "set_fades", "clip_id": "c", HELD: 1}, "", "extra_forbidden", "one of clip_id, fade_in, fade_out"),
        ({"type": "set_speed", "clip_id": "c", "speed": 2, "keep": "source"}, "speed", "model_type", "an object"),
        ({"type": "add_marker", "time": 1, "color": HELD}, "color", "literal_error", "'GREEN'"),
        ({"type": "set_timeline", "width": 1}, "width", "greater_than_equal", "at least 16"),
        ({"type": "enable", "clip_ids": []}, "clip_ids", "too_short", "at least 1 of them"),
        ({"type": "update_title", "clip_id": "c", "params": {HELD: 1}}, "params", "text_style", "size"),
        ({"type": "update_title", "clip_id": "c", "params": {"color": HELD}}, "params", "text_style", "#rrggbb"),
        ({"type": "add_effect", "parent_id": "c", "kind": "blur", "params": {HELD: 1.5}}, "params", "json", "whole"),
        ({"type": "set_metadata", "id": "c", "metadata": {HELD * 100: 1}}, "metadata", "json", "1 to 200 characters"),
    ],
)
def test_what_would_be_right(gesture: dict[str, Any], path: str, rule: str, right: str) -> None:
    (found,) = problems(**gesture)
    assert (found["path"], found["problem"]) == (path, rule)
    assert right in found["expected"]


def test_what_is_plain_is_left_at_that() -> None:
    assert problems(type="remove_clip") == [{"path": "clip_id", "problem": "missing"}]


def unknown(kind: Any) -> dict[str, Any]:
    with pytest.raises(EditRefused) as refused:
        payloads.read(({"type": kind},))
    assert refused.value.stable_code == "unknown_gesture"
    return refused.value.details


def test_what_a_slip_of_the_pen_may_have_meant() -> None:
    assert unknown("spilt")["near"][0] == "split"
    assert set(unknown("riple_trim")["near"]) <= set(registry.GESTURES)
    assert unknown(HELD * 100_000) == {"index": 0, "near": []}
    assert unknown(None) == {"index": 0}


@pytest.mark.parametrize("kind", payloads.NO_GESTURES)
def test_what_is_a_request_of_its_own(kind: str) -> None:
    assert kind not in registry.GESTURES
    assert "requests of their own" in unknown(kind)["reason"]
