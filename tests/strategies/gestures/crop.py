"""Payloads about crop keyframes."""

from hypothesis import strategies as st

from tests.strategies.parts import Payload, fresh, ids, positions, seldom
from tests.strategies.payloads import payload, some
from timeline_service.domain.state import State


def windows() -> st.SearchStrategy[Payload]:
    return st.sampled_from(
        (
            {"x": 0, "y": 0, "width": 1_000_000, "height": 1_000_000},
            {"x": 250_000, "y": 0, "width": 500_000, "height": 1_000_000},
            {"x": 1, "y": 2, "width": 3, "height": 999_998},
            {"x": 600_000, "y": 0, "width": 500_000, "height": 1_000_000},
            {"x": 101, "y": 33, "width": 607, "height": 719, "unit": "px"},
            {"x": 0, "y": 0, "width": 9_999, "height": 719, "unit": "px"},
        )
    )


@st.composite
def spots(draw: st.DrawFn, state: State) -> Payload:
    if draw(st.integers(0, 3)):
        return {"frame": draw(st.integers(0, 12))}
    return {"at": draw(positions(state))}


@st.composite
def _addresses(draw: st.DrawFn, state: State) -> Payload:
    """A crop keyframe by its id, or by its clip and where it lies there."""
    of_crops = sorted(k.id for k in state.living("keyframe") if k.value["property"] == "crop")
    keyframe_id = draw(st.sampled_from(of_crops) if of_crops and draw(seldom(True, False)) else ids(state, "keyframe"))
    keyframe = state.find(keyframe_id, "keyframe")
    if keyframe is None or draw(st.booleans()):
        return {"keyframe_id": keyframe_id}
    return {"clip_id": keyframe.value["parent_id"], **draw(spots(state))}


@payload
def add_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    payload = {"clip_id": draw(ids(state, "clip")), **draw(spots(state)), **draw(windows())}
    interpolation = st.sampled_from(("hold", "linear", "bezier"))
    return some(draw, payload, keyframe_id=fresh(state), interpolation=interpolation)


@payload
def update_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    sides = draw(windows())
    kept = draw(st.sets(st.sampled_from(("x", "y", "width", "height")), max_size=4))
    return draw(_addresses(state)) | {name: side for name, side in sides.items() if name in kept or name == "unit"}


@payload
def move_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    to = draw(st.one_of(st.integers(0, 12), spots(state)))
    return draw(_addresses(state)) | {"to": to}


@payload
def delete_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    return draw(_addresses(state))
