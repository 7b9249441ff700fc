"""OpenTimelineIO's edit cases: the data, the same edits on a strip of single frames, and as gestures of ours."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.oracles.ours import TRACK, Ours
from tests.oracles.strip import Item, Strip

DATA = json.loads(Path(__file__).with_name("otio_edit_cases.json").read_text())
Case = dict[str, Any]
Step = dict[str, Any]


class Reason(NamedTuple):
    """Why we refuse where OpenTimelineIO goes on, and with which codes."""

    codes: frozenset[str]
    text: str


REASONS: Final = {
    "nothing_to_cut": Reason(
        frozenset({"at_edge"}),
        "A slice at an edge does nothing there and tells success. Here it is refused, and nothing changes.",
    ),
    "inside_a_transition": Reason(
        frozenset({"in_transition"}),
        "There the transition is removed along the way. Here nobody loses one unasked.",
    ),
    "before_zero": Reason(
        frozenset({"negative_time"}),
        "There all that lies later is pushed to the right, or the time is taken for zero. Here nothing starts before "
        "zero.",
    ),
    "clamped": Reason(
        frozenset({"no_handle"}),
        "There the edit is cut down to what the source has, and nobody is told. Here it is refused, and the refusal "
        "says how far one may go; that far, the results are the same.",
    ),
}


def name_of(case: Case) -> str:
    return f"{case['test'].removeprefix('test_edit_')} {case.get('part', '')}".strip()


def cases_with(reason: str) -> list[str]:
    """The cases in which we refuse for a reason."""
    return [name_of(case) for case in DATA["cases"] if any(step.get("reason") == reason for step in case["steps"])]


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
    at, edge = int(step["at"]), step.get("edge", "")
    delta: int = step.get("clamped") or step.get("delta") or 0
    name, source, length = step.get("clip", ("", 0, 0))
    gap = step.get("gap")
    place = next(((i.start, i.start + i.length) for i in strip.items() if i.start <= at < i.start + i.length), (at, at))
    edits: dict[str, Callable[[], None]] = {
        "slice": lambda: strip.slice(at),
        "overwrite": lambda: strip.overwrite(name, at, length, source + moved),
        "insert": lambda: strip.insert(name, at, length, source + moved),
        "fill": lambda: strip.fill(name, at, (source + moved, length), gap and (gap[0] + moved, gap[1])),
        "lift": lambda: strip.lift(*place),
        "extract": lambda: strip.extract(*place),
        "replace_gap": lambda: strip.replace(at, at + step["length"], name, length, source + moved),
        "slip": lambda: strip.slip(at, delta),
        "trim": lambda: strip.trim(at, edge, delta),
        "ripple_trim": lambda: strip.ripple_trim(at, edge, delta),
        "roll": lambda: strip.roll(at, delta),
        "slide": lambda: strip.slide(at, delta),
        "fit": lambda: strip.overwrite(name, at, step["length"], source + moved),  # what counts is where it lies
    }
    edits[step["op"]]()


def allowed(details: dict[str, Any], delta: int) -> int:
    """The largest delta in the direction asked for, in ticks, as the refusal tells it."""
    limits: dict[str, int] = details["legal"]["delta"]
    return limits["max" if delta > 0 else "min"]


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
