"""How a strategy says which gesture it is for."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.strategies.parts import Payload
from timeline_service.domain.state import State

PAYLOADS: dict[str, Callable[[State], st.SearchStrategy[Payload]]] = {}


def payload(build: Callable[[st.DrawFn, State], Payload]) -> Callable[[State], st.SearchStrategy[Payload]]:
    """Register a strategy under the name of its function, which is the type of the gesture."""

    @st.composite
    def strategy(draw: st.DrawFn, state: State) -> Any:
        return {"type": build.__name__, **build(draw, state)}

    PAYLOADS[build.__name__] = strategy
    return strategy


def some(draw: st.DrawFn, payload: Payload, **optional: st.SearchStrategy[Any]) -> Payload:
    """A payload with each of the optional parameters, or without it."""
    return payload | {name: draw(value) for name, value in optional.items() if draw(st.booleans())}
