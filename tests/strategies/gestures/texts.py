"""Payloads about captions, titles and notes."""

from hypothesis import strategies as st

from tests.strategies.gestures.structure import ways
from tests.strategies.parts import COLORS, Payload, fresh, ids, lengths, positions, seldom
from tests.strategies.payloads import payload, some
from tests.world import TIMELINE
from timeline_service.domain.state import State

TEXTS = st.sampled_from(("Hello", "", "Guten\nTag", "字幕"))


def styles() -> st.SearchStrategy[Payload]:
    return st.fixed_dictionaries(
        {},
        optional={
            "size": st.sampled_from((50_000, None)),
            "color": st.sampled_from(("#ff8000", None)),
            "background": st.sampled_from(("#000000", None)),
            "y": st.integers(0, 1_000_000),
            "align": st.sampled_from(("left", "center", None)),
        },
    )


@payload
def add_caption(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {
            "track_id": draw(caption_tracks(state)),
            "start": draw(st.one_of(st.sampled_from((60, 70)), positions(state))),
            "duration": draw(lengths(state, draw(seldom(1, 0)), 5)),
            "text": draw(TEXTS),
        },
        caption_id=fresh(state),
        params=styles(),
        name=st.just("Note"),
    )


@st.composite
def caption_tracks(draw: st.DrawFn, state: State) -> str:
    found = sorted(track.id for track in state.living("track") if track.value["kind"] == "caption")
    return draw(st.sampled_from(found) if found else ids(state, "track"))


@payload
def update_caption(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {"caption_id": draw(ids(state, "caption"))},
        track_id=caption_tracks(state),
        start=positions(state),
        duration=lengths(state, 0, 5),
        text=TEXTS,
        params=styles(),
        name=st.just("Note"),
        enabled=st.booleans(),
    )


@payload
def remove_caption(draw: st.DrawFn, state: State) -> Payload:
    return {"caption_id": draw(ids(state, "caption"))}


# ---------------------------------------------------------------- titles
@payload
def add_title(draw: st.DrawFn, state: State) -> Payload:
    way = draw(ways())
    return some(
        draw,
        {
            "track_id": draw(seldom("t0", None)) or draw(ids(state, "track")),
            "start": draw(positions(state)),
            "duration": draw(lengths(state, draw(seldom(1, 0)), 5)),
            "text": draw(TEXTS),
            "mode": way.pop("on_overlap"),
            **way,
        },
        clip_id=fresh(state),
        params=styles(),
        name=st.just("Card"),
    )


@st.composite
def _titles(draw: st.DrawFn, state: State) -> str:
    found = sorted(clip.id for clip in state.living("clip") if clip.value["media"].get("generator") == "title")
    return draw(st.sampled_from(found) if found else ids(state, "clip"))


@payload
def update_title(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {"clip_id": draw(_titles(state))}, text=TEXTS, params=styles())


@payload
def remove_title(draw: st.DrawFn, state: State) -> Payload:
    return {"clip_id": draw(_titles(state))}


# ---------------------------------------------------------------- notes
@payload
def update_marker(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {"marker_id": draw(ids(state, "marker"))},
        time=positions(state),
        duration=lengths(state, -1, 3),
        name=st.sampled_from(("", "There")),
        color=st.sampled_from(COLORS),
        comment=st.just("look again"),
    )


@payload
def remove_marker(draw: st.DrawFn, state: State) -> Payload:
    return {"marker_id": draw(ids(state, "marker"))}


def shapes() -> st.SearchStrategy[Payload]:
    corners = [[250_000, 250_000], [750_000, 500_000]]
    return st.sampled_from(
        (
            {"type": "arrow", "points": corners, "width": 3_000},
            {"type": "stroke", "points": [[0, 0], [1, 1], [5, 1_000_000]]},
            {"type": "text", "points": [[0, 0]], "text": "here"},
        )
    )


@payload
def add_annotation(draw: st.DrawFn, state: State) -> Payload:
    parent = st.one_of(ids(state, "clip"), ids(state, "track"), st.just(TIMELINE))
    return some(
        draw,
        {"time": draw(positions(state)), "shape": draw(shapes())},
        annotation_id=fresh(state),
        parent_id=parent,
        duration=lengths(state, -1, 3),
        color=st.just("#00ff00"),
        comment=st.just("dark"),
    )


@payload
def update_annotation(draw: st.DrawFn, state: State) -> Payload:
    return some(
        draw,
        {"annotation_id": draw(ids(state, "annotation"))},
        time=positions(state),
        duration=lengths(state, -1, 3),
        shape=shapes(),
        color=st.just("#0000ff"),
        comment=st.just("better"),
    )


@payload
def remove_annotation(draw: st.DrawFn, state: State) -> Payload:
    return {"annotation_id": draw(ids(state, "annotation"))}
