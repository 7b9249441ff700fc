"""Questions for oracles: a track of some clips and one edit; what the service makes of it, and what counting frames says.

    {"clips": [["a", start, length, source, end of the source | null], …], "op": {"op": "trim", "clip": "a", …}}

in frames of 25 fps. Layouts name the pieces by their clip: both halves of a split bear one name.
"""

import itertools
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from hypothesis import HealthCheck, settings

from tests.oracles.ours import TRACK, Ours, Source
from tests.oracles.strip import FOREVER, Impossible, Item, Strip
from timeline_service.domain import registry
from timeline_service.domain.time import Rate

R25: Final = Rate(25, 1)
FEW: Final = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How often the tests ask."""
GES_OPS: Final = ("trim", "ripple_trim", "roll", "split", "move", "move_tail")
"""What GStreamer Editing Services can be asked."""
WITHIN: Final = ("trim", "ripple_trim", "roll", "slip", "slide")
"""Where all deltas from a smallest to a largest are legal."""
IN_SOURCE: Final = ("slip", "set_trim_range")
"""What counts frames of the source, not of the clip."""
OPS: Final = (
    *GES_OPS, *IN_SOURCE, "slide", "insert", "overwrite", "lift", "extract", "lift_range", "extract_range",
    "add_gap", "cut_gap", "close_gap", "move_over", "move_in",
)  # fmt: skip

Clip = tuple[str, int, int, int, int | None]
Question = dict[str, Any]
Pick = Callable[[int, int], int]
"""Chooses a number from the first to the last, both included."""


class Outcome(NamedTuple):
    """What an edit came to: the code of the refusal (empty: done), and the layout after it."""

    refused: str
    layout: list[Item]


def question(pick: Pick, op: str) -> Question:
    """A layer of some clips, about half of them touching, and one edit that makes sense to ask, legal or not."""
    clips: list[Clip] = []
    at = pick(0, 8)
    touching = op in ("roll", "slide")
    for name in "abcde"[: pick({"roll": 2, "slide": 3}.get(op, 1), 5)]:
        length, source = pick(1, 12), pick(0, 12)
        end = source + length + pick(0, 12) if pick(0, 3) else None
        clips.append((name, at, length, source, end))
        at += length + (pick(1, 8) if pick(0, 9 if touching else 1) == 1 else 0)
    return {"clips": clips, "op": {"op": op, **_params(pick, op, clips)}}


def _params(pick: Pick, op: str, clips: list[Clip]) -> dict[str, Any]:
    end = clips[-1][1] + clips[-1][2]
    if op in ("lift_range", "extract_range"):
        start = pick(0, end + 2)
        return {"start": start, "end": start + pick(1, 20)}
    if op in ("insert", "overwrite"):
        return {"at": pick(0, end + 3), "length": pick(1, 20), "source": pick(0, 12)}
    if op in ("add_gap", "cut_gap", "close_gap"):
        return {"at": pick(0, end + 2), **({} if op == "close_gap" else {"length": pick(1, 20)})}
    if op == "roll":
        pairs = [(left[0], right[0]) for left, right in itertools.pairwise(clips) if _touch(left, right)]
        left, right = pairs[pick(0, len(pairs) - 1)] if pairs else (clips[0][0], clips[1][0])
        return {"left": left, "right": right, "delta": _delta(pick)}
    inner = 1 if op == "slide" else 0
    name, start, length, *_ = clips[pick(inner, len(clips) - 1 - inner)]
    if op == "split":
        return {"clip": name, "at": max(0, start + pick(-1, length + 1))}
    if op == "set_trim_range":
        first = pick(0, 20)
        return {"clip": name, "start": first, "end": first + pick(1, 15)}
    edge = {"edge": ("start", "end")[pick(0, 1)]} if op in ("trim", "ripple_trim") else {}
    return {"clip": name, **edge, **({} if op in ("lift", "extract") else {"delta": _delta(pick)})}


def _delta(pick: Pick) -> int:
    return pick(-14, 14) if pick(0, 1) else pick(-3, 3)


def _touch(left: Clip, right: Clip) -> bool:
    return left[1] + left[2] == right[1]


# ---------------------------------------------------------------- the service
def outcome(question: Question) -> Outcome:
    """What the service makes of a question."""
    ours, told = _ours(question), question["op"]
    if told["op"] in ("insert", "overwrite"):
        code = ours.add("new", told["at"], told["length"], told["source"], mode=told["op"])
    else:
        gesture = payload(clips=question["clips"], **told)
        code = ours.do(gesture.pop("type"), **gesture)
    return Outcome(code, ours.items())


def limits(question: Question) -> tuple[int | None, int | None]:
    """The smallest and the largest delta that the service tells to be legal, in frames; None: without bound."""
    ours = _ours(question)
    gesture = registry.parse(payload(clips=question["clips"], **question["op"]))
    told = gesture.legal(ours.world.state)["delta"]
    smallest, largest = (None if told[end] is None else told[end] // ours.frame for end in ("min", "max"))
    return smallest, largest


def _ours(question: Question) -> Ours:
    clips: list[Clip] = question["clips"]
    sources = {name: Source(0, end) for name, _, _, _, end in clips}
    return Ours(R25, [Item(name, start, length, source) for name, start, length, source, _ in clips], sources)


def payload(*, op: str, clips: list[Clip], **told: Any) -> dict[str, Any]:
    """The payload of the gesture that says what was asked."""
    named: dict[str, Callable[[], dict[str, Any]]] = {
        "roll": lambda: {"left_id": told["left"], "right_id": told["right"], "delta": told["delta"]},
        "split": lambda: {"clip_id": told["clip"], "at": told["at"]},
        "move": lambda: {"clip_ids": [told["clip"]], "delta": told["delta"]},
        "move_tail": lambda: {"type": "move", "clip_ids": _from(clips, told["clip"]), "delta": told["delta"]},
        "move_over": lambda: _moved(told, "overwrite"),
        "move_in": lambda: _moved(told, "insert"),
        "add_gap": lambda: {"track_id": TRACK, "at": told["at"], "duration": told["length"]},
        "cut_gap": lambda: {**named["add_gap"](), "type": "add_gap", "split": True},
        "close_gap": lambda: {"track_id": TRACK, "at": told["at"]},
        "lift": lambda: {"type": "remove_clip", "clip_id": told["clip"]},
        "extract": lambda: {"type": "ripple_delete", "clip_ids": [told["clip"]]},
        "lift_range": lambda: {"track_ids": [TRACK], **told},
        "extract_range": lambda: {"track_ids": [TRACK], **told},
    }
    plain = {("clip_id" if name == "clip" else name): value for name, value in told.items()}
    return {"type": op, **(named[op]() if op in named else plain)}


def _moved(told: dict[str, Any], on_overlap: str) -> dict[str, Any]:
    return {"type": "move", "clip_ids": [told["clip"]], "delta": told["delta"], "on_overlap": on_overlap}


def _from(clips: list[Clip], name: str) -> list[str]:
    names = [clip[0] for clip in clips]
    return names[names.index(name) :]


# ---------------------------------------------------------------- counting frames
def counted(question: Question) -> Outcome:
    """The same on a strip of single frames."""
    clips: list[Clip] = question["clips"]
    sources = {name: (0, FOREVER if end is None else end) for name, _, _, _, end in clips}
    strip = Strip([Item(name, start, length, source) for name, start, length, source, _ in clips], sources)
    before = strip.items()
    try:
        count(strip, clips=clips, **question["op"])
    except Impossible as impossible:
        return Outcome(str(impossible), before)
    return Outcome("", strip.items())


def count(strip: Strip, *, op: str, clips: list[Clip], **told: Any) -> None:
    places = {name: (start, start + length) for name, start, length, *_ in clips}
    start, end = places.get(told.get("clip", ""), (0, 0))
    delta: int = told.get("delta", 0)
    tail = sorted((places[name][0] for name in _from(clips, told["clip"])), reverse=delta > 0) if "clip" in told else []
    edits: dict[str, Callable[[], None]] = {
        "trim": lambda: strip.trim(start, told["edge"], delta),
        "ripple_trim": lambda: strip.ripple_trim(start, told["edge"], delta),
        "roll": lambda: strip.roll(places[told["right"]][0], delta),
        "split": lambda: strip.slice(told["at"] if start < told["at"] < end else start),
        "move": lambda: strip.shift(start, delta),
        "move_tail": lambda: strip.shift_all(tail, delta),
        "move_over": lambda: strip.move_over(start, delta),
        "move_in": lambda: strip.move_in(start, delta),
        "add_gap": lambda: strip.add_gap(told["at"], told["length"]),
        "cut_gap": lambda: strip.add_gap(told["at"], told["length"], cut=True),
        "close_gap": lambda: strip.close_gap(told["at"]),
        "slip": lambda: strip.slip(start, delta),
        "set_trim_range": lambda: strip.show(start, told["start"], told["end"]),
        "slide": lambda: strip.slide(start, delta),
        "insert": lambda: strip.insert("new", told["at"], told["length"], told["source"]),
        "overwrite": lambda: strip.overwrite("new", told["at"], told["length"], told["source"]),
        "lift": lambda: strip.lift(start, end),
        "extract": lambda: strip.extract(start, end),
        "lift_range": lambda: strip.lift(told["start"], told["end"]),
        "extract_range": lambda: strip.extract(told["start"], told["end"]),
    }
    edits[op]()
