"""Payloads about speed: of clips, of segments, backwards, frozen."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies.parts import Payload, form, fresh, ids, lengths, positions, seldom
from tests.strategies.payloads import payload, some
from timeline_service.domain import segments
from timeline_service.domain.state import State

SPEEDS = ((1, 1), (2, 1), (1, 2), (4, 2), (3, 7), (1001, 1000), (1, 1_000_000), (1_000_000, 1))
SCOPES = ("track", "sync_locked", "all")


def speeds() -> st.SearchStrategy[Payload]:
    return st.one_of(st.sampled_from(SPEEDS[:3]), st.sampled_from(SPEEDS)).map(lambda s: {"num": s[0], "den": s[1]})


@st.composite
def inside(draw: st.DrawFn, state: State, clip_id: str, first: int = 1) -> Any:
    """A timeline time within a clip, from its frame `first` on."""
    clip = state.find(clip_id, "clip")
    if clip is None or draw(seldom(False, True)):
        return draw(positions(state))
    frame = state.rate.ticks_per_frame
    offset = draw(st.integers(first, max(first, clip.value["duration"] // frame - 1))) * frame
    return form(clip.value["start"] + offset, state.rate, draw(st.integers(0, 2)))


@payload
def set_speed(draw: st.DrawFn, state: State) -> Payload:
    told = {"clip_id": draw(ids(state, "clip")), "speed": draw(speeds())}
    return some(draw, told | {"keep": draw(st.sampled_from(("duration", "source")))}, single=st.booleans())


@payload
def reverse(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {"clip_id": draw(ids(state, "clip"))}, single=st.booleans())


@payload
def freeze_frame(draw: st.DrawFn, state: State) -> Payload:
    clip_id = draw(ids(state, "clip"))
    told = {"clip_id": clip_id, "at": draw(inside(state, clip_id, 0))}
    if draw(seldom(True, False)):
        told["freeze_id"] = draw(fresh(state))
    if draw(st.booleans()):
        return told
    told["duration"] = draw(lengths(state, 1, 5))
    return some(draw, told, scope=st.sampled_from(SCOPES), ripple_markers=st.booleans(), single=st.booleans())


@payload
def split_segment(draw: st.DrawFn, state: State) -> Payload:
    clip_id = draw(ids(state, "clip"))
    told = {"clip_id": clip_id, "at": draw(inside(state, clip_id))}
    return some(draw, told, new_id=fresh(state), single=st.booleans())


@payload
def set_segment_speed(draw: st.DrawFn, state: State) -> Payload:
    told = {"segment_id": draw(_segments(state)), "speed": draw(speeds())}
    return some(draw, draw(_rippling(told)), single=st.booleans())


@payload
def remove_segment_split(draw: st.DrawFn, state: State) -> Payload:
    segment = draw(_segments(state))
    behind = sorted(c.id for c in state.living("clip") if segments.before(state, c) is not None)
    if behind and draw(seldom(True, False)):
        segment = draw(st.sampled_from(behind))
    return some(draw, draw(_rippling({"segment_id": segment})), single=st.booleans())


@st.composite
def _rippling(draw: st.DrawFn, told: Payload) -> Payload:
    if draw(st.booleans()):
        return told
    return some(draw, told | {"scope": draw(st.sampled_from(SCOPES))}, ripple_markers=st.booleans())


@st.composite
def _segments(draw: st.DrawFn, state: State) -> str:
    """A clip that is a segment, where there is one."""
    found = sorted(clip.id for clip in state.living("clip") if segments.label_of(clip) is not None)
    if found and draw(seldom(True, False)):
        return draw(st.sampled_from(found))
    return draw(ids(state, "clip"))
