"""The edits of one track with clips that run faster, slower or backwards: every frame shows what counting says.

A strip numbers the frames of a clip as they are played: 0 is the first before the edit, -1 the one that a longer head
would show. What the source shows at such a number follows from the time map alone, to the tick.
"""

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.oracles import questions
from tests.oracles.ours import TRACK, Ours, Source
from tests.oracles.questions import FEW, R25, Question, question
from tests.oracles.strip import FOREVER, Cell, Impossible, Item, Strip
from timeline_service.domain import clip_time, registry

OPS = [op for op in questions.OPS if op not in questions.IN_SOURCE]
WITHIN = [op for op in questions.WITHIN if op not in questions.IN_SOURCE]
SPEEDS = ((1, 1), (2, 1), (1, 2), (3, 2), (2, 3), (24_000, 25_025), (7, 1), (1, 7))
FRAME = R25.ticks_per_frame


class Played(NamedTuple):
    """A clip of a question: `length` frames of the timeline, from `source` on, at num/den, perhaps backwards."""

    source: int
    length: int
    end: int | None
    num: int
    den: int
    backwards: bool

    def ticks(self, number: int) -> tuple[int, int]:
        """The source ticks at the first and the last tick of a frame of the clip."""
        t = number * FRAME
        if self.backwards:
            t = self.length * FRAME - 1 - t
        last = t - FRAME + 1 if self.backwards else t + FRAME - 1
        return tuple(self.source * FRAME + tick * self.num // self.den for tick in (t, last))  # type: ignore[return-value]

    def numbers(self) -> tuple[int, int]:
        """The first frame of the clip that the source has, and the end of them."""
        first = -(self.source * self.den // self.num)
        end = FOREVER if self.end is None else (self.end - self.source) * self.den // self.num
        return (self.length - end, self.length - first) if self.backwards else (first, end)


def with_speeds(pick: questions.Pick, op: str) -> Question:
    """A question whose clips have speeds, and sources that are long enough for them."""
    asked = question(pick, op)
    speeds, clips = {}, []
    for name, start, length, source, end in asked["clips"]:
        num, den = SPEEDS[pick(0, len(SPEEDS) - 1)]
        speeds[name] = (num, den, bool(pick(0, 1)))
        needed = source - (-length * num // den)
        clips.append((name, start, length, source, None if end is None else needed + pick(0, 9)))
    return {**asked, "clips": clips, "speeds": speeds}


def played(asked: Question) -> dict[str, Played]:
    """The clips by name; one that the edit brings along plays plainly."""
    found = {"new": Played(0, 1, None, 1, 1, backwards=False)}
    for name, _, length, source, end in asked["clips"]:
        found[name] = Played(source, length, end, *asked["speeds"][name])
    return found


def ours_of(asked: Question) -> Ours:
    """A timeline of the service with these clips."""
    clips = played(asked)
    sources = {name: Source(0, clip.end) for name, clip in clips.items()}
    ours = Ours(R25, [], sources)
    for name, start, length, source, _ in asked["clips"]:
        speed = {"num": clips[name].num, "den": clips[name].den}
        look = {"speed": speed, "reversed": clips[name].backwards}
        place = {"track_id": TRACK, "start": start * FRAME, "duration": length * FRAME, "source_in": source * FRAME}
        value = {"media": ours.media(name), "name": name, **place, **look}
        ours.write_clip(name, value)
    return ours


def film(ours: Ours) -> list[tuple[str, int, int] | None]:
    """What each frame of the timeline shows: the clip, and the source ticks at its first and its last tick."""
    found: list[tuple[str, int, int] | None] = []
    for clip in ours.clips():
        value = clip.value
        start, length = value["start"] // FRAME, value["duration"] // FRAME
        found += [None] * (start - len(found))
        for k in range(length):
            ticks = (clip_time.source_at(value, t) for t in (k * FRAME, (k + 1) * FRAME - 1))
            found.append((value["name"], *ticks))
    return found


def strip_of(asked: Question) -> Strip:
    clips = played(asked)
    limits = {name: clip.numbers() for name, clip in clips.items()}
    return Strip([Item(name, start, length, 0) for name, start, length, *_ in asked["clips"]], limits)


def counted(asked: Question) -> tuple[bool, list[tuple[str, int, int] | None]]:
    """Whether the edit is impossible, and the film after it."""
    strip, clips = strip_of(asked), played(asked)
    try:
        questions.count(strip, clips=asked["clips"], **asked["op"])
    except Impossible:
        return True, shown(strip_of(asked).cells, clips)
    return False, shown(strip.cells, clips)


def shown(cells: list[Cell | None], clips: dict[str, Played]) -> list[tuple[str, int, int] | None]:
    last = max((at for at, cell in enumerate(cells) if cell is not None), default=-1)
    return [cell and (cell.name, *clips[cell.name].ticks(cell.frame)) for cell in cells[: last + 1]]


def edited(asked: Question) -> tuple[bool, list[tuple[str, int, int] | None]]:
    ours, told = ours_of(asked), asked["op"]
    if told["op"] in ("insert", "overwrite"):
        code = ours.add("new", told["at"], told["length"], told["source"], mode=told["op"])
    else:
        gesture = questions.payload(clips=asked["clips"], **told)
        code = ours.do(gesture.pop("type"), **gesture)
    return bool(code), film(ours)


# ---------------------------------------------------------------- the laws
def drawn(data: st.DataObject, op: str) -> Question:
    asked = with_speeds(lambda first, last: data.draw(st.integers(first, last)), op)
    note(json.dumps(asked))
    return asked


@pytest.mark.parametrize("op", OPS)
@FEW
@given(data=st.data())
def test_every_frame_shows_what_counting_says(op: str, data: st.DataObject) -> None:
    asked = drawn(data, op)
    assert edited(asked) == counted(asked)


@pytest.mark.parametrize("op", WITHIN)
@FEW
@given(data=st.data())
def test_the_limits_hold_at_any_speed(op: str, data: st.DataObject) -> None:
    """The smallest and the largest legal delta are possible, one frame further is not."""
    asked = drawn(data, op)
    if counted(with_delta(asked, 0))[0]:
        return  # there is no such cut, or no neighbour
    gesture = registry.parse(questions.payload(clips=asked["clips"], **asked["op"]))
    told: dict[str, Any] = gesture.legal(ours_of(asked).world.state)["delta"]
    for end, step in (("min", -1), ("max", 1)):
        if told[end] is not None:
            limit = told[end] // FRAME
            assert not counted(with_delta(asked, limit))[0]
            assert counted(with_delta(asked, limit + step))[0]


def with_delta(asked: Question, delta: int) -> Question:
    return {**asked, "op": {**asked["op"], "delta": delta}}


def test_the_numbers_of_a_clip_end_where_its_source_does() -> None:
    """10 frames of source at double speed are 5 frames; 3 more lie before, and backwards they come after."""
    clip = Played(source=6, length=5, end=16, num=2, den=1, backwards=False)
    assert clip.numbers() == (-3, 5)
    assert clip._replace(backwards=True).numbers() == (0, 8)
    assert clip.ticks(-3)[0] == 0
    assert clip.ticks(4)[1] < 16 * FRAME <= clip.ticks(5)[0]
    assert clip._replace(backwards=True).ticks(7)[1] == 0
