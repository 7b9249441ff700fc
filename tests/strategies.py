"""Hypothesis strategies: timelines as editors make them, and for every gesture payloads that fit them or do not.

`PAYLOADS` has one strategy per gesture of the registry; a gesture without one fails a law.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.world import TIMELINE, World
from timeline_service.domain import records
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State
from timeline_service.domain.time import RATES, Rate

SPEEDS = ((1, 1), (1, 1), (2, 1), (1, 2), (3, 7), (1001, 1000), (5, 2))
COLORS = ("RED", "GREEN", "BLUE")
Payload = dict[str, Any]


# ---------------------------------------------------------------- times
def form(ticks: int, rate: Rate, choice: int) -> Any:
    """A time in one of the three wire forms, in ticks where it is no whole frame."""
    frames, rest = divmod(ticks, rate.ticks_per_frame)
    if rest or choice == 0:
        return {"ticks": ticks}
    return frames if choice == 1 else {"value": frames, "rate": rate.as_dict()}


def _seldom(common: Any, rare: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 11).map(lambda n: rare if n == 11 else common)


@st.composite
def positions(draw: st.DrawFn, state: State) -> Any:
    """A timeline time near the edges of what is there, now and then between two frames."""
    frame = state.rate.ticks_per_frame
    clips = list(state.living("clip"))
    edges = {c.value["start"] for c in clips} | {c.value["start"] + c.value["duration"] for c in clips}
    edge = draw(st.sampled_from(sorted(edges | {0})))
    return form(edge + draw(st.integers(-2, 3)) * frame + draw(_seldom(0, 1)), state.rate, draw(st.integers(0, 2)))


@st.composite
def lengths(draw: st.DrawFn, state: State, low: int = -4, high: int = 4) -> Any:
    ticks = draw(st.integers(low, high)) * state.rate.ticks_per_frame + draw(_seldom(0, 1))
    return form(ticks, state.rate, draw(st.integers(0, 2)))


# ---------------------------------------------------------------- ids
def living(state: State, kind: str) -> list[str]:
    return sorted(record.id for record in state.living(kind))


@st.composite
def ids(draw: st.DrawFn, state: State, kind: str) -> str:
    """The id of a living record of a kind; seldom one that is not there, dropped, or of another kind."""
    if draw(_seldom(False, True)):
        return draw(st.sampled_from([*sorted(state.records), "nowhere"]))
    return draw(st.sampled_from(living(state, kind) or ["nowhere"]))


@st.composite
def fresh(draw: st.DrawFn, state: State) -> str:
    """An id that nobody has; seldom one that is taken."""
    if draw(_seldom(False, True)):
        return draw(st.sampled_from(sorted(state.records)))
    return f"n{len(state.records)}-{draw(st.integers(0, 99))}"


def _some(draw: st.DrawFn, payload: Payload, **optional: st.SearchStrategy[Any]) -> Payload:
    """A payload with each of the optional parameters, or without it."""
    return payload | {name: draw(value) for name, value in optional.items() if draw(st.booleans())}


# ---------------------------------------------------------------- one strategy per gesture
PAYLOADS: dict[str, Callable[[State], st.SearchStrategy[Payload]]] = {}


def _payload(build: Callable[[st.DrawFn, State], Payload]) -> Callable[[State], st.SearchStrategy[Payload]]:
    """Register a strategy under the name of its function."""

    @st.composite
    def strategy(draw: st.DrawFn, state: State) -> Payload:
        return {"type": build.__name__, **build(draw, state)}

    PAYLOADS[build.__name__] = strategy
    return strategy


def payloads(state: State) -> st.SearchStrategy[Payload]:
    """A payload of any gesture."""
    return st.one_of(*(PAYLOADS[name](state) for name in sorted(PAYLOADS)))


@_payload
def add_track(draw: st.DrawFn, state: State) -> Payload:
    return _some(
        draw,
        {"kind": draw(st.sampled_from(("video", "audio", "caption")))},
        track_id=fresh(state),
        name=st.sampled_from(("", "Top", "Tønspor ✂")),
        order=st.sampled_from(("0", "V", "zz", "W5")),
    )


def media() -> st.SearchStrategy[Payload]:
    return st.sampled_from(
        (
            {"asset_id": "film"},
            {"asset_id": "sound"},
            {"asset_id": "photo"},
            {"asset_id": "nowhere"},
            {"url": "https://media.example/a.mov", "available": {"start": 0, "duration": 10**10}},
            {"url": "https://media.example/b.mov"},
            {"generator": "black"},
            {"generator": "tone", "params": {"hertz": 440}},
            {"missing": True},
        )
    )


@_payload
def add_clip(draw: st.DrawFn, state: State) -> Payload:
    return _some(
        draw,
        {
            "track_id": draw(ids(state, "track")),
            "media": draw(media()),
            "start": draw(positions(state)),
            "duration": draw(lengths(state, 0, 6)),
            "mode": draw(st.sampled_from(("refuse", "overwrite", "insert"))),
        },
        clip_id=fresh(state),
        source_in=lengths(state, -1, 9),
        name=st.sampled_from(("", "Sea")),
    )


@_payload
def remove_clip(draw: st.DrawFn, state: State) -> Payload:
    return {"clip_id": draw(ids(state, "clip"))}


@_payload
def trim(draw: st.DrawFn, state: State) -> Payload:
    return {
        "clip_id": draw(ids(state, "clip")),
        "edge": draw(st.sampled_from(("start", "end"))),
        "delta": draw(lengths(state)),
    }


@_payload
def split(draw: st.DrawFn, state: State) -> Payload:
    clip_id = draw(ids(state, "clip"))
    clip = state.find(clip_id, "clip")
    at = draw(positions(state))
    if clip is not None and draw(_seldom(True, False)):
        frame = state.rate.ticks_per_frame
        inside = draw(st.integers(1, max(1, clip.value["duration"] // frame - 1))) * frame
        at = form(clip.value["start"] + inside, state.rate, draw(st.integers(0, 2)))
    return _some(draw, {"clip_id": clip_id, "at": at}, new_id=fresh(state))


@st.composite
def _destinations(draw: st.DrawFn, state: State) -> Payload:
    return _some(draw, {}, start=positions(state), track_id=ids(state, "track"))


@_payload
def move(draw: st.DrawFn, state: State) -> Payload:
    chosen = draw(st.lists(ids(state, "clip"), min_size=1, max_size=3, unique=True))
    payload = {"clip_ids": chosen, "on_overlap": draw(st.sampled_from(("refuse", "overwrite", "insert")))}
    if draw(st.booleans()):
        return payload | {"to": draw(_destinations(state))}
    return _some(draw, payload, delta=lengths(state), track_offset=st.integers(-1, 1))


@_payload
def ripple_delete(draw: st.DrawFn, state: State) -> Payload:
    return {
        "clip_ids": draw(st.lists(ids(state, "clip"), min_size=1, max_size=3, unique=True)),
        "scope": draw(st.sampled_from(("track", "sync_locked", "all"))),
        "ripple_markers": draw(st.booleans()),
    }


@_payload
def set_timeline(draw: st.DrawFn, state: State) -> Payload:
    json = st.sampled_from((None, 1, True, 1.5, -0.0, "ß", [1, {"a": None}], {"deep": {"er": [1e22]}}))
    return _some(
        draw,
        {},
        name=st.sampled_from(("Film", "Cut 2")),
        width=st.sampled_from((1080, 1920)),
        height=st.sampled_from((1080, 1920)),
        start_timecode=lengths(state, -1, 9),
        metadata=st.dictionaries(st.sampled_from(("scene", "a.b", "ключ")), json, max_size=2),
    )


@_payload
def add_marker(draw: st.DrawFn, state: State) -> Payload:
    parent = st.one_of(ids(state, "clip"), ids(state, "track"), st.just(TIMELINE))
    return _some(
        draw,
        {"time": draw(positions(state))},
        marker_id=fresh(state),
        parent_id=parent,
        duration=lengths(state, -1, 3),
        color=st.sampled_from(COLORS),
        comment=st.just("look"),
    )


# ---------------------------------------------------------------- crop keyframes
def _windows() -> st.SearchStrategy[Payload]:
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
def _spots(draw: st.DrawFn, state: State) -> Payload:
    if draw(st.booleans()):
        return {"frame": draw(st.integers(0, 12))}
    return {"at": draw(positions(state))}


@st.composite
def _addresses(draw: st.DrawFn, state: State) -> Payload:
    """A crop keyframe by its id, or by its clip and where it lies there."""
    keyframe_id = draw(ids(state, "keyframe"))
    keyframe = state.find(keyframe_id, "keyframe")
    if keyframe is None or draw(st.booleans()):
        return {"keyframe_id": keyframe_id}
    return {"clip_id": keyframe.value["parent_id"], **draw(_spots(state))}


@_payload
def add_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    payload = {"clip_id": draw(ids(state, "clip")), **draw(_spots(state)), **draw(_windows())}
    interpolation = st.sampled_from(("hold", "linear", "bezier"))
    return _some(draw, payload, keyframe_id=fresh(state), interpolation=interpolation)


@_payload
def update_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    sides = draw(_windows())
    kept = draw(st.sets(st.sampled_from(("x", "y", "width", "height")), max_size=4))
    return draw(_addresses(state)) | {name: side for name, side in sides.items() if name in kept or name == "unit"}


@_payload
def move_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    to = draw(st.one_of(st.integers(0, 12), _spots(state)))
    return draw(_addresses(state)) | {"to": to}


@_payload
def delete_crop_keyframe(draw: st.DrawFn, state: State) -> Payload:
    return draw(_addresses(state))


# ---------------------------------------------------------------- timelines
@st.composite
def timelines(draw: st.DrawFn, *, locked: bool = True) -> World:
    """One to four tracks with clips of any speed and direction, links, keyframes and markers, at any rate."""
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
            draw(_inhabitants(draft, id))
        for place in range(draw(st.integers(0, 2))):
            _put_marker(draft, TIMELINE, place, draw(st.integers(0, 20)) * draft.state.rate.ticks_per_frame)
        if draw(st.booleans()):
            _put_marker(draft, "t0", 0, draw(st.integers(0, 20)) * draft.state.rate.ticks_per_frame)

    world.write(fill, actor="bob")
    if locked and draw(_seldom(False, True)):
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
    if draw(_seldom(True, False)):
        source["available"] = {"start": 0, "duration": handle + used + draw(st.integers(0, 3)) * rate.ticks_per_frame}
    if draw(st.booleans()):
        source["rate"] = draw(st.sampled_from(RATES)).as_dict()
    return {
        "duration": duration,
        "media": source,
        "source_in": handle,
        "map_offset": offset,
        "speed": {"num": num, "den": den},
        "reversed": draw(_seldom(False, True)) if num == den else draw(st.booleans()),
        "name": draw(st.sampled_from(("", "Beach"))),
        "link_id": draw(st.sampled_from((None, None, "l1"))),
    }


@st.composite
def _inhabitants(draw: st.DrawFn, draft: Draft, clip: str) -> None:
    """Crop keyframes and markers of a clip, at any tick of its source."""
    value = draft.get("clip", clip).value
    first, length = value["source_in"], value["duration"]
    for number, time in enumerate(draw(st.sets(st.integers(0, 8), max_size=3))):
        window = {"x": number * 1000, "y": 0, "width": 500_000, "height": 1_000_000}
        at = first + length * time // 7
        draft.put(
            "keyframe",
            f"{clip}k{number}",
            records.new("keyframe", parent_id=clip, property="crop", time=at, value=window),
        )
    if draw(_seldom(False, True)):
        _put_marker(draft, clip, 0, first + draw(st.integers(0, length)))


def _put_marker(draft: Draft, parent: str, number: int, time: int) -> None:
    draft.put("marker", f"{parent}m{number}", records.new("marker", parent_id=parent, time=time))
