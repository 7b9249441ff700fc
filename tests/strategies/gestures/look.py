"""Payloads about how clips look and sound: keyframes of any property, whole crop tracks, static values, fades."""

from typing import Any

from hypothesis import strategies as st

from tests.strategies.gestures.crop import spots, windows
from tests.strategies.parts import Payload, fresh, ids, lengths, positions, seldom
from tests.strategies.payloads import payload, some
from timeline_service.domain.state import State

CURVES = ([0, 0, 1_000_000, 1_000_000], [420_000, 0, 580_000, 1_000_000], [900_000, -500_000, 100_000, 1_700_000])


def interpolations() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.sampled_from(("hold", "linear", "bezier")), st.sampled_from(CURVES).map(lambda curve: {"bezier": curve})
    )


def shifted(number: int) -> dict[str, int]:
    return {"x": number, "y": -number, "scale_x": 1_000_000, "scale_y": 1_000_000 + number}


def values(name: str) -> st.SearchStrategy[Any]:
    """Mostly what a property takes."""
    number = st.integers(-1, 20).map(lambda n: n * 50_000)
    named = {
        "crop": windows().map(lambda w: {key: side for key, side in w.items() if key != "unit"}),
        "transform": number.map(shifted),
        "params.amount": number,
        "params.curve": st.lists(number, min_size=2, max_size=3),
    }
    return named.get(name, number)


@st.composite
def animated(draw: st.DrawFn, state: State) -> tuple[str, str]:
    """A parent and a property of it."""
    kind = draw(st.sampled_from(("clip", "clip", "clip", "effect", "track")))
    names = {
        "clip": ("crop", "transform", "opacity", "rotation", "volume"),
        "effect": ("params.amount", "params.amount", "params.curve"),
        "track": ("volume",),
    }
    name = draw(st.sampled_from(names[kind]))
    return draw(ids(state, kind)), draw(seldom(name, "opacity"))


@st.composite
def moments(draw: st.DrawFn, state: State) -> Payload:
    if draw(st.booleans()):
        return {"at": draw(positions(state))}
    return {"time": draw(lengths(state, -2, 12))}


@payload
def add_keyframe(draw: st.DrawFn, state: State) -> Payload:
    parent, name = draw(animated(state))
    told = {"parent_id": parent, "property": name, "value": draw(values(name)), **draw(moments(state))}
    return some(draw, told, keyframe_id=fresh(state), interpolation=interpolations())


@payload
def update_keyframe(draw: st.DrawFn, state: State) -> Payload:
    id = draw(ids(state, "keyframe"))
    keyframe = state.find(id, "keyframe")
    name = "opacity" if keyframe is None else keyframe.value["property"]
    return some(draw, {"keyframe_id": id}, value=values(name), interpolation=interpolations())


@payload
def move_keyframe(draw: st.DrawFn, state: State) -> Payload:
    to = draw(st.one_of(moments(state), lengths(state, -2, 12)))
    return {"keyframe_id": draw(ids(state, "keyframe")), "to": to}


@payload
def delete_keyframe(draw: st.DrawFn, state: State) -> Payload:
    return {"keyframe_id": draw(ids(state, "keyframe"))}


@payload
def set_crop_track(draw: st.DrawFn, state: State) -> Payload:
    rows = []
    for frame in sorted(draw(st.sets(st.integers(0, 12), max_size=4))):
        spot = {"frame": frame} if draw(seldom(True, False)) else draw(spots(state))
        id = st.one_of(ids(state, "keyframe"), fresh(state))
        row = some(draw, {**spot, **draw(windows())}, interpolation=interpolations())
        rows.append(row | ({"keyframe_id": draw(id)} if draw(seldom(False, True)) else {}))
    return {"clip_id": draw(ids(state, "clip")), "keyframes": rows}


@payload
def refit_crops(draw: st.DrawFn, state: State) -> Payload:
    sides = st.sampled_from((720, 1080, 1920))
    anchor = st.sampled_from(({}, {"x": 0}, {"x": 1_000_000, "y": 250_000}))
    clips = st.lists(ids(state, "clip"), min_size=1, max_size=3, unique=True)
    return some(draw, {"width": draw(sides), "height": draw(sides)}, clip_ids=clips, anchor=anchor)


@payload
def set_rotation(draw: st.DrawFn, state: State) -> Payload:
    return {"clip_id": draw(ids(state, "clip")), "rotation": draw(st.sampled_from((0, 90_000, -45_500, 10**9)))}


@payload
def set_opacity(draw: st.DrawFn, state: State) -> Payload:
    return {"clip_id": draw(ids(state, "clip")), "opacity": draw(st.sampled_from((0, 333_333, 1_000_000, 1_000_001)))}


@payload
def set_transform(draw: st.DrawFn, state: State) -> Payload:
    offset, scale = st.sampled_from((0, 250_000, -1_000_001)), st.sampled_from((1_000_000, 500_000, 1, 0))
    return some(draw, {"clip_id": draw(ids(state, "clip"))}, x=offset, y=offset, scale_x=scale, scale_y=scale)


@payload
def set_volume(draw: st.DrawFn, state: State) -> Payload:
    kind = draw(st.sampled_from(("clip", "clip", "track")))
    return {f"{kind}_id": draw(ids(state, kind)), "gain": draw(st.sampled_from((0, -600, 1200, 100_001)))}


@payload
def set_fades(draw: st.DrawFn, state: State) -> Payload:
    return some(draw, {"clip_id": draw(ids(state, "clip"))}, fade_in=lengths(state, 0), fade_out=lengths(state, 0))
