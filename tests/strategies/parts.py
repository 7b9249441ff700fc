"""What payloads are made of: times near the edges of what is there, ids of what is there and now and then of what is not."""

from typing import Any

from hypothesis import strategies as st

from timeline_service.domain.state import State
from timeline_service.domain.time import Rate

COLORS = ("RED", "GREEN", "BLUE")
Payload = dict[str, Any]


# ---------------------------------------------------------------- times
def form(ticks: int, rate: Rate, choice: int) -> Any:
    """A time in one of the three wire forms, in ticks where it is no whole frame."""
    frames, rest = divmod(ticks, rate.ticks_per_frame)
    if rest or choice == 0:
        return {"ticks": ticks}
    return frames if choice == 1 else {"value": frames, "rate": rate.as_dict()}


def seldom(common: Any, rare: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 11).map(lambda n: rare if n == 11 else common)


@st.composite
def positions(draw: st.DrawFn, state: State) -> Any:
    """A timeline time near the edges of what is there, now and then between two frames."""
    frame = state.rate.ticks_per_frame
    clips = list(state.living("clip"))
    edges = {c.value["start"] for c in clips} | {c.value["start"] + c.value["duration"] for c in clips}
    edge = draw(st.sampled_from(sorted(edges | {0})))
    return form(edge + draw(st.integers(-2, 3)) * frame + draw(seldom(0, 1)), state.rate, draw(st.integers(0, 2)))


@st.composite
def lengths(draw: st.DrawFn, state: State, low: int = -4, high: int = 4) -> Any:
    ticks = draw(st.integers(low, high)) * state.rate.ticks_per_frame + draw(seldom(0, 1))
    return form(ticks, state.rate, draw(st.integers(0, 2)))


# ---------------------------------------------------------------- ids
def living(state: State, kind: str) -> list[str]:
    return sorted(record.id for record in state.living(kind))


@st.composite
def ids(draw: st.DrawFn, state: State, kind: str) -> str:
    """The id of a living record of a kind; seldom one that is not there, dropped, or of another kind."""
    if draw(seldom(False, True)):
        return draw(st.sampled_from([*sorted(state.records), "nowhere"]))
    return draw(st.sampled_from(living(state, kind) or ["nowhere"]))


@st.composite
def fresh(draw: st.DrawFn, state: State) -> str:
    """An id that nobody has; seldom one that is taken."""
    if draw(seldom(False, True)):
        return draw(st.sampled_from(sorted(state.records)))
    return f"n{len(state.records)}-{draw(st.integers(0, 99))}"
