"""Payloads about the time of clips: edges, cuts, gaps, spans."""

from hypothesis import strategies as st

from tests.strategies.gestures.structure import cuts
from tests.strategies.parts import Payload, form, ids, lengths, living, positions, seldom
from tests.strategies.payloads import payload, some
from timeline_service.domain import free, joining
from timeline_service.domain.state import State

SCOPES = st.sampled_from(("track", "track", "sync_locked", "all"))
EDGES = st.sampled_from(("start", "end"))


def alone() -> st.SearchStrategy[bool]:
    return st.sampled_from((False, True))


@st.composite
def _sides(draw: st.DrawFn, state: State) -> Payload:
    """Two clips that touch, now and then two that do not."""
    found = cuts(state)
    if found and draw(seldom(True, False)):
        left, right = draw(st.sampled_from(found))
        return {"left_id": left, "right_id": right}
    return {"left_id": draw(ids(state, "clip")), "right_id": draw(ids(state, "clip"))}


@payload
def ripple_trim(draw: st.DrawFn, state: State) -> Payload:
    payload = {"clip_id": draw(ids(state, "clip")), "edge": draw(EDGES), "delta": draw(lengths(state, -3, 3))}
    return some(draw, payload, scope=SCOPES, ripple_markers=st.booleans(), single=alone())


@payload
def roll(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {**draw(_sides(state)), "delta": draw(lengths(state, -3, 3))}, single=alone())


@payload
def slip(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {"clip_id": draw(ids(state, "clip")), "delta": draw(lengths(state, -3, 3))}, single=alone())


@payload
def slide(draw: st.DrawFn, state: State) -> Payload:
    clip_id = draw(ids(state, "clip"))
    between = sorted({right for _, right in cuts(state)} & {left for left, _ in cuts(state)})
    if between and draw(seldom(True, False)):
        clip_id = draw(st.sampled_from(between))
    return some(draw, {"clip_id": clip_id, "delta": draw(lengths(state, -2, 2))}, single=alone())


@payload
def join(draw: st.DrawFn, state: State) -> Payload:
    """Mostly pieces of one clip, where there are some."""
    found = [pair for pair in cuts(state) if not joining.differences(state, *(state.records[id] for id in pair))]
    sides = draw(_sides(state))
    if found and draw(seldom(True, False)):
        sides = dict(zip(("left_id", "right_id"), draw(st.sampled_from(found)), strict=True))
    return some(draw, sides, single=alone())


@st.composite
def _spans(draw: st.DrawFn, state: State) -> Payload:
    frame = state.rate.ticks_per_frame
    start, length = draw(st.integers(0, 12)) * frame, draw(seldom(1, 0)) * draw(st.integers(1, 8)) * frame
    length += draw(seldom(0, 1))
    tracks = st.lists(st.sampled_from(living(state, "track") or ["nowhere"]), min_size=1, max_size=3, unique=True)
    choice = st.integers(0, 2)
    return {
        "track_ids": draw(tracks),
        "start": form(start, state.rate, draw(choice)),
        "end": form(start + length, state.rate, draw(choice)),
    }


@payload
def lift_range(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, draw(_spans(state)), scope=SCOPES)


@payload
def extract_range(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, draw(_spans(state)), scope=SCOPES, ripple_markers=st.booleans())


@payload
def add_gap(draw: st.DrawFn, state: State) -> Payload:
    payload = {
        "track_id": draw(ids(state, "track")),
        "at": draw(positions(state)),
        "duration": draw(lengths(state, 0, 4)),
    }
    return some(draw, payload, scope=SCOPES, ripple_markers=st.booleans(), split=st.booleans())


@payload
def close_gap(draw: st.DrawFn, state: State) -> Payload:
    payload = {"track_id": draw(ids(state, "track")), "at": draw(positions(state))}
    tracks = ((track, free.spans(state, track)) for track in living(state, "track"))
    gaps = [(track, span["start"]) for track, spans in tracks for span in spans if span["end"] is not None]
    if gaps and draw(seldom(True, False)):
        track, at = draw(st.sampled_from(gaps))
        payload = {"track_id": track, "at": form(at, state.rate, draw(st.integers(0, 2)))}
    return some(draw, payload, scope=SCOPES, ripple_markers=st.booleans())


@payload
def split_all(draw: st.DrawFn, state: State) -> Payload:
    tracks = st.lists(ids(state, "track"), min_size=1, max_size=3, unique=True)
    return some(draw, {"at": draw(positions(state))}, track_ids=tracks)


@payload
def set_trim_range(draw: st.DrawFn, state: State) -> Payload:
    clip_id, frame = draw(ids(state, "clip")), state.rate.ticks_per_frame
    clip = state.find(clip_id, "clip")
    source = 0 if clip is None else clip.value["source_in"]
    start = source + draw(st.integers(-1, 2)) * frame + draw(seldom(0, 7))
    payload = {"clip_id": clip_id, "start": {"ticks": start}, "end": {"ticks": start + draw(st.integers(0, 6)) * frame}}
    return some(draw, payload, single=alone())


@payload
def clear_trim_range(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {"clip_id": draw(ids(state, "clip"))}, single=alone())
