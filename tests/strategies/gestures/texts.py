"""Payloads about captions, titles and notes."""

from hypothesis import strategies as st

from tests.strategies.parts import Payload, fresh, ids, lengths, positions
from tests.strategies.payloads import payload, some
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
            "start": draw(positions(state)),
            "duration": draw(lengths(state, 0, 5)),
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
