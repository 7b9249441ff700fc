"""The cases of OpenTimelineIO's own edit tests, as data, three ways: theirs, by single frames (strip.py), and ours."""

from typing import Final

import pytest

from tests.oracles.otio_edits import DATA, REASONS, Case, allowed, bounds, edit_ours, edit_strip, laid, name_of, same
from tests.oracles.ours import Ours, Source
from tests.oracles.strip import Impossible, Strip
from timeline_service.domain import registry
from timeline_service.domain.time import Rate

CASES = pytest.mark.parametrize("case", DATA["cases"], ids=name_of)
EXCLUDED = pytest.mark.parametrize("case", DATA["excluded"], ids=name_of)


@CASES
def test_their_result_is_sound(case: Case) -> None:
    """Nothing is believed: each result that we take over follows from counting frames."""
    moved = case.get("moved", 0)
    strip = Strip(laid(case), bounds(case))
    for step in case["steps"]:
        if step.get("reason") in (None, "clamped"):
            edit_strip(strip, step, moved)
        elif step["reason"] == "inside_a_transition":
            strip.slice(step["at"])
        else:
            with pytest.raises(Impossible):
                edit_strip(strip, step, moved)
        if step.get("reason") != "before_zero":
            assert same(strip.items(), step, moved)


@CASES
def test_the_clamped_ones_had_to_be_clamped(case: Case) -> None:
    for step in case["steps"]:
        if step.get("reason") == "clamped":
            with pytest.raises(Impossible, match="no_handle"):
                edit_strip(Strip(laid(case), bounds(case)), {**step, "clamped": step["delta"]}, case.get("moved", 0))


@EXCLUDED
def test_what_is_left_out_is_wrong(case: Case) -> None:
    """Counted by frames, their result cannot be; or the edit cannot be made, and theirs tells success."""
    strip = Strip(laid(case), bounds(case))
    if case["test"] in ("test_edit_overwrite_9", "test_edit_trim_2"):
        with pytest.raises(Impossible, match=r"negative_time|overlap"):
            edit_strip(strip, case["step"], case.get("moved", 0))
        return
    edit_strip(strip, case["step"], case.get("moved", 0))
    assert not same(strip.items(), case["step"], case.get("moved", 0))


# ---------------------------------------------------------------- ours
NEEDS: Final = {"slip": "slip", "ripple_trim": "ripple_trim", "replace_gap": "extract_range"}


@CASES
def test_ours_is_the_same_or_refused_for_a_reason(case: Case) -> None:
    rate = {24: Rate(24, 1), 30: Rate(30, 1)}[case["rate"]]
    sources = {name: Source(first, end) for name, (first, end) in bounds(case).items()}
    ours = Ours(rate, laid(case), sources)
    for transition in case.get("transitions", ()):
        ours.cross_fade(*transition)
    for number, step in enumerate(case["steps"]):
        reason = step.get("reason")
        before = ours.items()
        code, details = edit_ours(ours, step, case.get("moved", 0), number)
        if reason is None:
            assert not code
        else:
            assert code in REASONS[reason].codes
            assert ours.items() == before, "a refusal changes nothing"
        if reason == "clamped":
            assert allowed(details, step["delta"]) == step["clamped"] * ours.frame
            code, _ = edit_ours(ours, {**step, "delta": step["clamped"]}, case.get("moved", 0), number)
            assert not code
        if reason in (None, "clamped", "nothing_to_cut"):
            assert same(ours.items(), step, case.get("moved", 0))


def test_every_gesture_used_here_exists() -> None:
    assert set(NEEDS.values()) <= set(registry.GESTURES)
