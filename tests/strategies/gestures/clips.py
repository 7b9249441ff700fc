"""Payloads about clips, tracks, markers and the timeline itself."""

from hypothesis import strategies as st

from tests.strategies.gestures.structure import media, ways
from tests.strategies.parts import COLORS, Payload, form, fresh, ids, lengths, positions, seldom
from tests.strategies.payloads import payload, some
from tests.world import TIMELINE
from timeline_service.domain.state import State


@payload
def add_track(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {"kind": draw(st.sampled_from(("video", "audio", "caption")))},
        track_id=fresh(state),
        name=st.sampled_from(("", "Top", "Tønspor ✂")),
        order=st.sampled_from(("0", "V", "zz", "W5")),
    )


@payload
def add_clip(draw: st.DrawFn, state: State) -> Payload:
    mode = draw(st.sampled_from(("refuse", "overwrite", "insert", "append")))
    payload = {"track_id": draw(ids(state, "track")), "media": draw(media()), "duration": draw(lengths(state, 0, 6))}
    if (mode == "append") == draw(seldom(False, True)):
        payload["start"] = draw(positions(state))
    if mode == "insert":
        payload = some(
            draw, payload, scope=st.sampled_from(("track", "sync_locked", "all")), ripple_markers=st.booleans()
        )
    names = st.sampled_from(("", "Sea"))
    return some(draw, {**payload, "mode": mode}, clip_id=fresh(state), source_in=lengths(state, -1, 9), name=names)


@payload
def remove_clip(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {"clip_id": draw(ids(state, "clip"))}, single=st.booleans())


@payload
def trim(draw: st.DrawFn, state: State) -> Payload:
    edge = draw(st.sampled_from(("start", "end")))
    payload = {"clip_id": draw(ids(state, "clip")), "edge": edge, "delta": draw(lengths(state))}
    return some(draw, payload, single=st.booleans())


@payload
def split(draw: st.DrawFn, state: State) -> Payload:
    clip_id = draw(ids(state, "clip"))
    clip = state.find(clip_id, "clip")
    at = draw(positions(state))
    if clip is not None and draw(seldom(True, False)):
        frame = state.rate.ticks_per_frame
        inside = draw(st.integers(1, max(1, clip.value["duration"] // frame - 1))) * frame
        at = form(clip.value["start"] + inside, state.rate, draw(st.integers(0, 2)))
    return some(draw, {"clip_id": clip_id, "at": at}, new_id=fresh(state), single=st.booleans())


@st.composite
def _destinations(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {}, start=positions(state), track_id=ids(state, "track"))


@payload
def move(draw: st.DrawFn, state: State) -> Payload:
    chosen = draw(st.lists(ids(state, "clip"), min_size=1, max_size=3, unique=True))
    payload = {"clip_ids": chosen, **draw(ways())}
    payload = some(draw, payload, single=st.booleans())
    if draw(st.booleans()):
        return payload | {"to": draw(_destinations(state))}
    return some(draw, payload, delta=lengths(state), track_offset=st.integers(-1, 1))


@payload
def ripple_delete(draw: st.DrawFn, state: State) -> Payload:
    payload = {
        "clip_ids": draw(st.lists(ids(state, "clip"), min_size=1, max_size=3, unique=True)),
        "scope": draw(st.sampled_from(("track", "sync_locked", "all"))),
        "ripple_markers": draw(st.booleans()),
    }
    return some(draw, payload, single=st.booleans())


@payload
def set_timeline(draw: st.DrawFn, state: State) -> Payload:
    json = st.sampled_from((None, 1, True, 1.5, -0.0, "ß", [1, {"a": None}], {"deep": {"er": [1e22]}}))
    return some(
        draw,
        {},
        name=st.sampled_from(("Film", "Cut 2")),
        width=st.sampled_from((1080, 1920)),
        height=st.sampled_from((1080, 1920)),
        start_timecode=lengths(state, -1, 9),
        metadata=st.dictionaries(st.sampled_from(("scene", "a.b", "ключ")), json, max_size=2),
    )


@payload
def add_marker(draw: st.DrawFn, state: State) -> Payload:
    parent = st.one_of(ids(state, "clip"), ids(state, "track"), st.just(TIMELINE))
    return some(
        draw,
        {"time": draw(positions(state))},
        marker_id=fresh(state),
        parent_id=parent,
        duration=lengths(state, -1, 3),
        color=st.sampled_from(COLORS),
        comment=st.just("look"),
    )
