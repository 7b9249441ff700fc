"""Timelines as editors make them: any rate, speed and direction, bonds, and all that can lie in and on clips."""

from hypothesis import strategies as st

from tests.strategies import inhabitants
from tests.strategies.parts import Payload, seldom
from tests.world import World
from timeline_service.domain import records
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State
from timeline_service.domain.time import RATES, Rate

SPEEDS = ((1, 1), (1, 1), (2, 1), (1, 2), (3, 7), (1001, 1000), (5, 2), (0, 1))


# ---------------------------------------------------------------- timelines
@st.composite
def timelines(draw: st.DrawFn, *, locked: bool = True, rich: bool = False) -> World:
    """One to four tracks with clips of any speed and direction, links, keyframes and markers, at any rate.

    `rich`: mostly with something of every kind, so that every gesture finds what it is for.
    """
    world = World(draw(st.sampled_from(RATES)))
    kinds = draw(st.sampled_from((("video",), ("video", "audio"), ("video", "video", "audio"), ("video", "audio") * 2)))
    clips: list[tuple[str, Payload]] = []
    for place, kind in enumerate(kinds):
        world.do("add_track", kind=kind, track_id=f"t{place}", name=f"{kind} {place}" if place else "")
        clips += draw(_clips(world.state, f"t{place}", kind))

    def fill(draft: Draft) -> None:
        for id, value in clips:
            draft.put("clip", id, value)
        for id, _ in clips:
            draw(inhabitants.in_clip(draft, id))
        for place in range(len(kinds)):
            draw(inhabitants.on_cuts(draft, f"t{place}"))
        draw(inhabitants.on_tracks(draft))
        if draw(seldom(False, True)):
            draw(inhabitants.nested(draft))
        if draw(st.integers(0, 2)) >= (1 if rich else 2):
            inhabitants.furnish(draft)
        if rich and draw(st.booleans()):
            inhabitants.segmented(draft)
        inhabitants.dissolve_bonds_of_one(draft)

    world.write(fill, actor="bob")
    if locked and draw(seldom(False, True)):
        world.write(lambda draft: draft.set("t0", {"locked": True}))
    return world


@st.composite
def _clips(draw: st.DrawFn, state: State, track: str, kind: str) -> list[tuple[str, Payload]]:
    frame, at, clips = state.rate.ticks_per_frame, 0, []
    for number in range(draw(st.integers(0, 4))):
        loose = 0 if kind == "video" else draw(st.sampled_from((0, 0, 1, 14_700)))
        start = at + draw(st.sampled_from((0, 0, 1, 3))) * frame + loose
        duration = draw(st.integers(1, 8)) * frame + loose
        value = draw(_clip(kind, state.rate, duration))
        clips.append((f"{track}c{number}", records.new("clip", track_id=track, start=start, **value)))
        at = start + duration
    return clips


@st.composite
def _clip(draw: st.DrawFn, kind: str, rate: Rate, duration: int) -> Payload:
    num, den = draw(st.sampled_from(SPEEDS))
    handle = draw(st.integers(0, 3)) * rate.ticks_per_frame
    offset = draw(st.sampled_from((0, 1, 777))) if num != den else 0
    used = (duration + offset) * num // den + 1
    source: Payload = {"url": f"https://media.example/{kind}.mov", "width": 1280, "height": 720}
    if draw(seldom(True, False)):
        source["available"] = {"start": 0, "duration": handle + used + draw(st.integers(0, 3)) * rate.ticks_per_frame}
    if draw(st.booleans()):
        source["rate"] = draw(st.sampled_from(RATES)).as_dict()
    return {
        "duration": duration,
        "media": source,
        "source_in": handle,
        "map_offset": offset,
        "speed": {"num": num, "den": den},
        "reversed": draw(seldom(False, True)) if num == den else draw(st.booleans()),
        "name": draw(st.sampled_from(("", "Beach"))),
        "link_id": draw(st.sampled_from((None, "l1"))),
        "group_id": draw(st.sampled_from((None, None, None, "g1"))),
        "fade_in": draw(st.sampled_from((0, 0, rate.ticks_per_frame))),
        **draw(inhabitants.looks()),
    }
