"""The cases of OpenTimelineIO's own edit tests, as data, three ways: theirs, by single frames (strip.py), and ours."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.oracles.ours import TRACK, Ours, Source
from tests.oracles.strip import FOREVER, Impossible, Item, Strip
from timeline_service.domain import registry
from timeline_service.domain.time import Rate

DATA = json.loads(Path(__file__).with_name("otio_edit_cases.json").read_text())
Case = dict[str, Any]
Step = dict[str, Any]

REASONS: Final = {
    "nothing_to_cut": {"at_edge"},
    "inside_a_transition": {"in_transition"},
    "before_zero": {"negative_time"},
    "clamped": {"no_handle"},
}
"""Why we refuse where OpenTimelineIO goes on, and the code of the refusal.

- nothing_to_cut: a slice at an edge does nothing there, and tells success; here it is refused, and nothing changes.
- inside_a_transition: there the transition is removed along the way; here nobody loses one without asking.
- before_zero: there all that lies later is pushed to the right, or the time is taken for zero; here nothing starts
  before zero.
- clamped: there the edit is cut to what the source has, and tells nobody; here it is refused, and the refusal says how
  far one may go. That far, the results are the same.
"""


def name_of(case: Case) -> str:
    return f"{case['test'].removeprefix('test_edit_')} {case.get('part', '')}".strip()


CASES = pytest.mark.parametrize("case", DATA["cases"], ids=name_of)
EXCLUDED = pytest.mark.parametrize("case", DATA["excluded"], ids=name_of)


# ---------------------------------------------------------------- the data
def laid(case: Case) -> list[Item]:
    """The items before the edit, with their starts; gaps left out."""
    found, at = [], 0
    for name, source, length in case["items"]:
        if name is not None:
            found.append(Item(name, at, length, source + case.get("moved", 0)))
        at += length
    return found


def bounds(case: Case) -> dict[str, tuple[int, int]]:
    moved = case.get("moved", 0)
    return {name: (first + moved, end + moved) for name, (first, end) in case.get("media", {}).items()}


def theirs(step: Step, moved: int) -> list[tuple[int, int, int | None]]:
    """(start, length, source or None where their test does not say) of each clip after a step; gaps left out.

    Where the sources are not told, gaps are: a gap starts the track of the cases of trim, follows in overwrite_0/1.
    """
    sources = step.get("source")
    if sources is None:
        return [(start, length, None) for start, length in step["track"]]
    assert len(sources) == len(step["track"])
    found: list[tuple[int, int, int | None]] = []
    for (start, length), source in zip(step["track"], sources, strict=True):
        if source is not None:
            assert source[1] == length, "a clip at speed 1 is as long as its piece of the source"
            found.append((start, length, source[0] + moved))
    return found


def same(items: list[Item], step: Step, moved: int) -> bool:
    """Whether a track is as their test says. Without sources the gaps count too: they lie between the clips."""
    told = theirs(step, moved)
    if "names" in step and [item.name for item in items] != step["names"]:
        return False
    if "source" in step:
        return [(item.start, item.length, item.source) for item in items] == told
    return with_gaps(items) == [tuple(pair) for pair in step["track"]]


def with_gaps(items: list[Item]) -> list[tuple[int, int]]:
    found, at = [], 0
    for item in items:
        if item.start > at:
            found.append((at, item.start - at))
        found.append((item.start, item.length))
        at = item.start + item.length
    return found


# ---------------------------------------------------------------- by single frames
def edit_strip(strip: Strip, step: Step, moved: int) -> None:
    """The step on a strip of frames. Raises Impossible."""
    at: int = step["at"]
    delta: int = step.get("clamped", step.get("delta", 0))
    name, source, length = step.get("clip", ("", 0, 0))
    match step["op"]:
        case "slice":
            strip.slice(at)
        case "overwrite":
            strip.overwrite(name, at, length, source + moved)
        case "insert":
            strip.insert(name, at, length, source + moved)
        case "fill":
            gap = step.get("gap")
            strip.fill(name, at, [source + moved, length], gap and [gap[0] + moved, gap[1]])
        case "lift" | "extract":
            item = next(item for item in strip.items() if item.start <= at < item.start + item.length)
            (strip.lift if step["op"] == "lift" else strip.extract)(item.start, item.start + item.length)
        case "replace_gap":
            strip.overwrite(name, at, length, source + moved)
            strip.extract(at + length, at + step["length"])
        case "slip":
            strip.slip(at, delta)
        case "trim":
            strip.trim(at, step["edge"], delta)
        case "ripple_trim":
            strip.ripple_trim(at, step["edge"], delta)
        case "roll":
            strip.roll(at, delta)
        case "slide":
            strip.slide(at, delta)
        case "fit":  # at another speed: what counts is where it lies
            strip.overwrite(name, at, step["length"], source + moved)
        case other:
            raise AssertionError(other)


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
            assert code in REASONS[reason]
            assert ours.items() == before, "a refusal changes nothing"
        if reason == "clamped":
            assert allowed(details, step["delta"]) == step["clamped"] * ours.frame
            code, _ = edit_ours(ours, {**step, "delta": step["clamped"]}, case.get("moved", 0), number)
            assert not code
        if reason in (None, "clamped", "nothing_to_cut"):
            assert same(ours.items(), step, case.get("moved", 0))


def allowed(details: dict[str, Any], delta: int) -> int:
    """The largest delta in the direction asked for, in ticks, as the refusal tells it."""
    value = details["largest"] if delta > 0 else details["smallest"]
    assert isinstance(value, int)
    return value


def edit_ours(ours: Ours, step: Step, moved: int, number: int) -> tuple[str, dict[str, Any]]:
    """The step as gestures of ours; the refusal's code and details, empty where there is none."""
    at, op = step["at"], step["op"]
    name, source, length = step.get("clip", ("", 0, 0))
    fresh = f"{name}.{number}".replace(".", "-")
    if op == "slice":
        cut = next((c for c in ours.clips() if c.value["start"] < at * ours.frame < _end(c)), ours.clips()[0])
        return ours.ask("split", clip_id=cut.id, at=at)
    if op in ("overwrite", "insert"):
        return ours.add(name, at, length, source + moved, mode=op, id=fresh), {}
    if op == "fill":
        first, end = source, source + length
        if "gap" in step:
            first, end = max(first, step["gap"][0]), min(end, sum(step["gap"]))
        return ours.add(name, at, end - first, first + moved, mode="overwrite", id=fresh), {}
    if op == "replace_gap":
        code = ours.add(name, at, length, source + moved, id=fresh)
        end = at + step["length"]
        return code or ours.do("extract_range", track_ids=[TRACK], start=at + length, end=end), {}
    clip_id = ours.at(at).id
    if op == "lift":
        return ours.ask("remove_clip", clip_id=clip_id)
    if op == "extract":
        return ours.ask("ripple_delete", clip_ids=[clip_id])
    edge = {"edge": step["edge"]} if "edge" in step else {}
    return ours.ask(op, clip_id=clip_id, delta=step["delta"], **edge)


def _end(clip: Any) -> int:
    return int(clip.value["start"] + clip.value["duration"])


def test_the_sources_of_a_strip_end() -> None:
    """The model refuses what is not there; else its word would be worth nothing."""
    strip = Strip([Item("a", 0, 4, 2)], {"a": (1, 7)})
    with pytest.raises(Impossible, match="no_handle"):
        strip.trim(0, "end", 2)
    strip = Strip([Item("a", 2, 4, 2)], {"a": (1, FOREVER)})
    with pytest.raises(Impossible, match="no_handle"):
        strip.trim(2, "start", -2)
    strip.trim(2, "start", -1)
    assert strip.items() == [Item("a", 1, 5, 1)]


def test_every_gesture_used_here_exists() -> None:
    assert set(NEEDS.values()) <= set(registry.GESTURES)
