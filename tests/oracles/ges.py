"""GStreamer Editing Services as an oracle: the process that asks it, and what its answers come to beside ours."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.oracles.ours import Ours, Source
from tests.oracles.strip import Item
from timeline_service.domain.time import Rate

INSTALL: Final = "apt-get install gir1.2-ges-1.0 python3-gi gstreamer1.0-plugins-base"
PYTHONS: Final = ("/usr/bin/python3", "python3")
RUNNER: Final = Path(__file__).with_name("ges_runner.py")
SECONDS: Final = 30
"""An answer takes about 5 ms; a process that is silent for so long is ended."""

Clip = tuple[str, int, int, int, int | None]
"""Name, start, length, first frame of the source, end of the source (None: it has none), in frames."""
Question = dict[str, Any]
Answer = dict[str, Any]
Pick = Callable[[int, int], int]
"""Chooses a number from the first to the last, both included."""


class Silent(Exception):
    """GES ended, or gave no answer in time."""


class Ges:
    """A process that answers questions one by one."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, str(RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self.version: str = self._read()["version"]
        except BaseException:
            self.close()
            raise

    def ask(self, question: Question) -> Answer:
        """Raises Silent."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Silent from error
        return self._read()

    def _read(self) -> Answer:
        assert self.process.stdout is not None
        alarm = threading.Timer(SECONDS, self.process.kill)
        alarm.start()
        try:
            line = self.process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise Silent
        answer: Answer = json.loads(line)
        return answer

    def close(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait()


def python_with_ges() -> str | None:
    """A Python of the system that can import GES, or none."""
    for python in PYTHONS:
        try:
            with running(python):
                return python
        except (OSError, Silent):
            pass
    return None


@contextmanager
def running(python: str) -> Iterator[Ges]:
    ges = Ges(python)
    try:
        yield ges
    finally:
        ges.close()


# ---------------------------------------------------------------- questions
OPS: Final = ("trim", "ripple_trim", "roll", "split", "move", "move_tail")


def question(pick: Pick, op: str) -> Question:
    """A layer of some clips, about half of them touching, and one edit that makes sense to ask, legal or not."""
    clips: list[Clip] = []
    at = pick(0, 8)
    for name in "abcde"[: pick(2 if op == "roll" else 1, 5)]:
        length, source = pick(1, 12), pick(0, 12)
        end = source + length + pick(0, 12) if pick(0, 3) else None
        clips.append((name, at, length, source, end))
        at += length + (pick(1, 8) if pick(0, 1) and op != "roll" else 0)
    chosen = pick(0, len(clips) - (2 if op == "roll" else 1))
    return {"clips": clips, "op": {"op": op, **_params(pick, op, clips, chosen)}}


def _params(pick: Pick, op: str, clips: list[Clip], chosen: int) -> dict[str, Any]:
    name, start, length, *_ = clips[chosen]
    delta = pick(-14, 14) if pick(0, 1) else pick(-3, 3)
    if op in ("trim", "ripple_trim"):
        return {"clip": name, "edge": ("start", "end")[pick(0, 1)], "delta": delta}
    if op == "roll":
        return {"left": name, "right": clips[chosen + 1][0], "delta": delta}
    if op == "split":
        return {"clip": name, "at": max(0, start + pick(-1, length + 1))}
    return {"clip": name, "delta": delta}


# ---------------------------------------------------------------- ours
Layout = list[tuple[str, int, int, int]]


class Outcome(NamedTuple):
    """What an edit came to: the code of the refusal (empty: done), and the layout after it."""

    refused: str
    layout: Layout


def outcome(question: Question) -> Outcome:
    """What the service makes of the same question."""
    clips: list[Clip] = [tuple(clip) for clip in question["clips"]]
    sources = {name: Source(0, end) for name, _, _, _, end in clips}
    ours = Ours(Rate(25, 1), [Item(name, start, length, source) for name, start, length, source, _ in clips], sources)
    gesture = _gesture(clips=clips, **question["op"])
    code = ours.do(gesture.pop("type"), **gesture)
    return Outcome(code, layout_of(ours))


def _gesture(*, op: str, clips: list[Clip], **told: Any) -> dict[str, Any]:
    """The payload of the gesture that says what was asked of GES."""
    match op:
        case "trim" | "ripple_trim":
            payload = {"type": op, "clip_id": told["clip"], "edge": told["edge"], "delta": told["delta"]}
            return payload | ({"scope": "track", "ripple_markers": False} if op == "ripple_trim" else {})
        case "roll":
            return {"type": op, "left_id": told["left"], "right_id": told["right"], "delta": told["delta"]}
        case "split":
            return {"type": op, "clip_id": told["clip"], "at": told["at"], "new_id": "new"}
        case "move":
            return {"type": op, "clip_ids": [told["clip"]], "delta": told["delta"]}
        case "move_tail":
            names = [name for name, *_ in clips]
            return {"type": "move", "clip_ids": names[names.index(told["clip"]) :], "delta": told["delta"]}
        case _:
            raise AssertionError(op)


def layout_of(ours: Ours) -> Layout:
    """The clips of the track with their ids."""
    return [(clip.id, *item[1:]) for clip, item in zip(ours.clips(), ours.items(), strict=True)]
