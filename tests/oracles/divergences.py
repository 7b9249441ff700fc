"""Where OpenTimelineIO's C++ edit algorithms go wrong, and what the same edit comes to here.

Their column was measured once, by calling the algorithms compiled from release 0.18.1 and from commit bc5fe2d (2026-08);
both gave the same. Ours is made by running the gestures when the page is written, and again in the tests.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from tests.oracles.ours import Ours, Source
from tests.oracles.questions import Question
from tests.oracles.strip import Impossible, Item, Strip
from timeline_service.domain import clip_time
from timeline_service.domain.state import Record
from timeline_service.domain.time import Rate

R24: Final = Rate(24, 1)
SOURCES: Final = {name: Source(0, 2000) for name in "ABCN"}
ABC: Final = (Item("A", 0, 48, 100), Item("B", 48, 48, 200), Item("C", 96, 48, 300))
AB: Final = ABC[:2]
A_GAP_B: Final = (Item("A", 0, 48, 100), Item("B", 68, 48, 200))
A_GAP_C: Final = (Item("A", 0, 48, 100), Item("C", 96, 48, 300))


class Row(NamedTuple):
    """One edit: what it is called, what OpenTimelineIO makes of it, our gestures, and the same on a strip of frames.

    `ours` answers the code of the refusal, empty if there is none. `strip` is None where speed is involved: a strip
    shows each frame of the source once. `asked` is the same as GES is asked it (questions.py), where it can be.
    """

    call: str
    theirs: str
    before: Sequence[Item]
    ours: Callable[[Ours], str]
    strip: Callable[[Strip], None] | None
    asked: dict[str, Any] | None = None

    def question(self) -> Question:
        """What GES is asked."""
        clips = [(i.name, i.start, i.length, i.source, SOURCES[i.name].end) for i in self.before]
        return {"clips": clips, "op": self.asked}


ROWS: Final = (
    Row(
        "insert 12 frames of N at 60, inside B",
        "the right half of B shows 272..308: 60 frames are lost, 60 invented",
        ABC,
        lambda ours: ours.add("N", 60, 12, 1000, mode="insert"),
        lambda strip: strip.insert("N", 60, 12, 1000),
    ),
    Row(
        "roll the cut after B by +10",
        "C shows 310..358; the track grows from 144 to 154",
        ABC,
        lambda ours: ours.do("roll", left_id="B", right_id="C", delta=10),
        lambda strip: strip.roll(96, 10),
        {"op": "roll", "left": "B", "right": "C", "delta": 10},
    ),
    Row(
        "roll the cut before B by -100",
        "A is -99 frames long",
        ABC,
        lambda ours: ours.do("roll", left_id="A", right_id="B", delta=-100),
        lambda strip: strip.roll(48, -100),
        {"op": "roll", "left": "A", "right": "B", "delta": -100},
    ),
    Row(
        "slide B by +10",
        "only A grows; the track grows to 154",
        ABC,
        lambda ours: ours.do("slide", clip_id="B", delta=10),
        lambda strip: strip.slide(48, 10),
    ),
    Row(
        "ripple the start of B by +10",
        "B shows 0..248: it grows by 200",
        ABC,
        lambda ours: ours.do("ripple_trim", clip_id="B", edge="start", delta=10),
        lambda strip: strip.ripple_trim(48, "start", 10),
        {"op": "ripple_trim", "clip": "B", "edge": "start", "delta": 10},
    ),
    Row(
        "trim the start of B by +10, A before it",
        "A grows to 158, whatever its source has",
        ABC,
        lambda ours: ours.do("trim", clip_id="B", edge="start", delta=10),
        lambda strip: strip.trim(48, "start", 10),
        {"op": "trim", "clip": "B", "edge": "start", "delta": 10},
    ),
    Row(
        "trim the end of B by -10, B last",
        "nothing happens",
        AB,
        lambda ours: ours.do("trim", clip_id="B", edge="end", delta=-10),
        lambda strip: strip.trim(48, "end", -10),
        {"op": "trim", "clip": "B", "edge": "end", "delta": -10},
    ),
    Row(
        "trim the start of B by +100",
        "B is -52 frames long",
        ABC,
        lambda ours: ours.do("trim", clip_id="B", edge="start", delta=100),
        lambda strip: strip.trim(48, "start", 100),
        {"op": "trim", "clip": "B", "edge": "start", "delta": 100},
    ),
    Row(
        "trim the end of A by +10 into a gap of 20",
        "the gap stays 20; the track grows from 116 to 126",
        A_GAP_B,
        lambda ours: ours.do("trim", clip_id="A", edge="end", delta=10),
        lambda strip: strip.trim(0, "end", 10),
        {"op": "trim", "clip": "A", "edge": "end", "delta": 10},
    ),
    Row(
        "overwrite the first 12 frames of A with N, which has 24 from 1000 on",
        "N shows 100..112, A's frames",
        ABC,
        lambda ours: ours.add("N", 0, 12, 1000, mode="overwrite"),
        lambda strip: strip.overwrite("N", 0, 12, 1000),
    ),
    Row(
        "fit 24 frames of N into a gap of 48",
        "the clip becomes an item without media, 24 frames long in a gap of 48",
        A_GAP_C,
        lambda ours: (
            ours.add("N", 48, 24, 1000) or ours.do("set_speed", clip_id="N", speed={"num": 1, "den": 2}, keep="source")
        ),
        None,
    ),
)


def run(row: Row) -> tuple[str, Ours]:
    """The row's edit, made here: the code of the refusal, and what the track is then."""
    ours = Ours(R24, row.before, SOURCES)
    return row.ours(ours), ours


def counted(row: Row) -> list[Item] | str:
    """The row's edit on single frames: the items, or why it is impossible."""
    assert row.strip is not None
    strip = Strip(row.before, {name: (source.start, source.end or 0) for name, source in SOURCES.items()})
    try:
        row.strip(strip)
    except Impossible as impossible:
        return str(impossible)
    return strip.items()


def told(row: Row) -> str:
    """Our column: the source frames of each clip from left to right, gaps, and the length of the track."""
    code, ours = run(row)
    if code:
        return f"refused, `{code}`; nothing changes"
    parts, at = [], 0
    for clip, item in zip(ours.clips(), ours.items(), strict=True):
        if item.start > at:
            parts.append(f"gap {item.start - at}")
        first, end = (-(-time // ours.frame) for time in clip_time.source_span(clip.value))
        speed = clip.value["speed"]
        slow = "" if speed == {"num": 1, "den": 1} else f" at {speed['num']}/{speed['den']} speed in {item.length}"
        parts.append(f"{item.name} {first}..{end}{slow}")
        at = item.start + item.length
    return f"{', '.join(parts)}; {at} in all"


# ---------------------------------------------------------------- what lies in and on clips
def markers_of_a_split() -> str:
    """Where the markers of a clip lie after a cut through it."""
    ours = Ours(R24, ABC, SOURCES)
    for name, frame in (("early", 210), ("late", 230)):
        assert not ours.do("add_marker", marker_id=name, parent_id="B", time=frame, name=name)
    assert not ours.do("split", clip_id="B", at=68, new_id="right")
    halves = {"B": "left", "right": "right"}
    found = [f"{marker.id} on the {halves[marker.value['parent_id']]} half" for marker in _living(ours, "marker")]
    return ", ".join(found)


def dissolve_of_a_removed_clip() -> str:
    """What is left of a dissolve into a clip when the clip is taken away and the gap closed."""
    ours = Ours(R24, ABC, SOURCES)
    ours.cross_fade(48, 6, 6)
    assert not ours.do("ripple_delete", clip_ids=["B"])
    return f"{len(_living(ours, 'transition'))} transitions"


def slip_before_the_source() -> str:
    """A slip to before the first frame of a source whose length is not known."""
    code = Ours(R24, [Item("A", 0, 48, 5)]).do("slip", clip_id="A", delta=-10)
    return f"refused, `{code}`; nothing changes" if code else "done"


def _living(ours: Ours, kind: str) -> list[Record]:
    return sorted(ours.world.state.living(kind), key=lambda record: record.id)


ALSO: Final[tuple[tuple[str, str, Callable[[], str]], ...]] = (
    ("slice B at 68; it has markers on frames 210 and 230", "both halves have both markers", markers_of_a_split),
    ("remove B without filling; there was a dissolve from A to B", "the dissolve stays", dissolve_of_a_removed_clip),
    ("slip by -10 from frame 5 of a source of unknown length", "shows frames from -5 on", slip_before_the_source),
)
"""The edit, theirs, ours."""
