"""Animation: one value at every time, for the core and for the renderer, before and after every cut."""

from fractions import Fraction
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import parts, worlds
from tests.strategies.gestures import look
from tests.world import World, refusal, values
from timeline_service.domain import animation, clip_time, easing, properties, records
from timeline_service.domain.draft import Draft
from workers.render import interpolate

PROPERTIES = tuple(sorted(properties.PROPERTIES))
CURVES = st.builds(
    lambda x1, y1, x2, y2: {"bezier": [x1, y1, x2, y2]},
    st.integers(0, 1_000_000),
    st.integers(-2_000_000, 2_000_000),
    st.integers(0, 1_000_000),
    st.integers(-2_000_000, 2_000_000),
)
WAYS = st.one_of(st.sampled_from(("hold", "linear", "bezier")), CURVES)
PART = st.builds(lambda n, d: Fraction(n % d, d), st.integers(0, 10**9), st.integers(1, 10**9))


# ---------------------------------------------------------------- one formula
@given(st.data())
def test_core_and_renderer_agree_on_every_value(data: st.DataObject) -> None:
    """Up to the last bit, at keyframes, between and beyond them."""
    numbers = st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=3)
    times = sorted(data.draw(st.sets(st.integers(-(10**10), 10**10), min_size=1, max_size=4)))
    keys = [(time, data.draw(numbers), data.draw(WAYS)) for time in times]
    world = World()
    world.do("add_track", kind="video", track_id="v")
    world.do("add_clip", clip_id="c", track_id="v", media={"missing": True}, start=0, duration=9)

    def put(draft: Draft) -> None:
        draft.put("effect", "e", records.new("effect", parent_id="c", kind="blur", order="V"))
        for place, (time, value, way) in enumerate(keys):
            told = {"property": "params.a", "time": time, "value": value, "interpolation": way}
            draft.put("keyframe", f"k{place}", records.new("keyframe", parent_id="e", **told))

    world.write(put)
    theirs = [interpolate.Key(time, tuple(value), way) for time, value, way in keys]
    near = st.sampled_from(times).flatmap(lambda time: st.integers(time - 2, time + 2))
    for _ in range(5):
        t = data.draw(st.one_of(near, st.integers(times[0] - 5, times[-1] + 5)))
        assert animation.value_at(world.state, "e", "params.a", t) == list(interpolate.values_at(theirs, t))


@given(CURVES, st.lists(PART, min_size=2, max_size=2))
def test_time_never_runs_backwards_on_a_curve_that_only_rises(way: dict[str, list[int]], parts: list[Fraction]) -> None:
    x1, y1, x2, y2 = way["bezier"]
    rising = {"bezier": [x1, abs(y1) % 1_000_001, x2, abs(y2) % 1_000_001]}
    early, late = sorted(parts)
    assert 0 <= easing.ease(rising, early) <= easing.ease(rising, late) <= 1


INNER = st.integers(100_000, 900_000)


@given(st.tuples(INNER, INNER, INNER, INNER), st.integers(1, 999))
def test_a_curve_is_solved_for_its_time(points: tuple[int, int, int, int], u: int) -> None:
    """The curve is drawn at u; at the time that is met there, the ease is the way that is met there."""
    x1, y1, x2, y2 = (Fraction(point, 1_000_000) for point in points)
    at, rest = Fraction(u, 1000), 1 - Fraction(u, 1000)
    x, y = (3 * rest**2 * at * a + 3 * rest * at**2 * b + at**3 for a, b in ((x1, x2), (y1, y2)))
    assert abs(easing.ease({"bezier": list(points)}, x) - y) < Fraction(1, 10**6)


@given(PART)
def test_the_plain_bezier_is_the_curve_with_thirds(part: Fraction) -> None:
    """A curve with control points at a third and two thirds of the time eases as the plain one, to its precision."""
    curve = {"bezier": [333_333, 0, 666_667, 1_000_000]}
    assert abs(easing.ease(curve, part) - easing.ease("bezier", part)) < Fraction(1, 10**6)


# ---------------------------------------------------------------- cuts change nothing
def looks(world: World, clip_id: str, at: int) -> dict[str, Any]:
    """All that can be animated of a clip and its effects, at a timeline tick."""
    state, clip = world.state, world.value(clip_id)
    offset = at - clip["start"]
    found: dict[str, Any] = {}
    for name in PROPERTIES:
        t = clip_time.source_at(clip, offset) if name in properties.SOURCE_TIMED else offset
        found[name] = animation.value_at(state, clip_id, name, t)
    for effect in state.inside(clip_id, "effect"):
        names = {k.value["property"] for k in state.inside(effect.id, "keyframe")} | {
            name for name in effect.value if name.startswith("params.")
        }
        for name in names:
            key = f"{effect.value['kind']} {effect.value['order']} {name}"
            found[key] = animation.value_at(state, effect.id, name, offset)
    return found


@st.composite
def animated_worlds(draw: st.DrawFn) -> tuple[World, str]:
    """A timeline, and a clip of it with keyframes of every property."""
    world = draw(worlds.timelines(locked=False))
    clips = parts.living(world.state, "clip")
    assume(clips)
    clip = draw(st.sampled_from(clips))
    length = world.value(clip)["duration"]

    def animate(draft: Draft) -> None:
        if not draft.state.inside(clip, "effect"):
            effect = records.new("effect", parent_id=clip, kind="sepia", order="V", **{"params.amount": 7})
            draft.put("effect", f"{clip}fx", effect)
        for each in draft.state.inside(clip, "effect"):
            _animate(draw, draft, each.id, "params.amount", length)
        for name in PROPERTIES:
            _animate(draw, draft, clip, name, length)

    world.write(animate)
    return world, clip


def _animate(draw: st.DrawFn, draft: Draft, parent: str, name: str, length: int) -> None:
    there = {k.value["time"] for k in animation.keyframes_of(draft.state, parent, name)}
    for number in draw(st.sets(st.integers(-3, 10), max_size=3)):
        time = number * length // 7 + draw(st.integers(0, 2))
        value = draw(look.values(name))
        if time not in there and properties.known(name, draft.state.records[parent].kind).holds(value):
            there.add(time)
            way = draw(look.interpolations())
            fields = records.new("keyframe", parent_id=parent, property=name, time=time, value=value, interpolation=way)
            draft.put("keyframe", f"{parent}-{name.replace('.', '-')}-{time - length}", fields)


def probes(data: st.DataObject, start: int, end: int) -> list[int]:
    return [start, end - 1, *data.draw(st.lists(st.integers(start, end - 1), min_size=3, max_size=3))]


@given(data=st.data())
def test_a_split_changes_no_value_at_any_time_and_neither_does_a_join(data: st.DataObject) -> None:
    world, clip = data.draw(animated_worlds())
    value = dict(world.value(clip))
    start, end, frame = value["start"], value["start"] + value["duration"], world.state.rate.ticks_per_frame
    assume(value["duration"] > frame)
    at = start + frame * data.draw(st.integers(1, (value["duration"] - 1) // frame))
    ticks = probes(data, start, end)
    before = {tick: looks(world, clip, tick) for tick in ticks}
    if refusal(world.do, "split", clip_id=clip, at={"ticks": at}, new_id="right"):
        return
    for tick in ticks:
        assert looks(world, clip if tick < at else "right", tick) == before[tick]
    world.do("join", left_id=clip, right_id="right")
    for tick in ticks:
        assert looks(world, clip, tick) == before[tick]


@given(data=st.data())
def test_a_trim_changes_no_value_at_a_time_that_is_kept(data: st.DataObject) -> None:
    world, clip = data.draw(animated_worlds())
    value = dict(world.value(clip))
    start, end = value["start"], value["start"] + value["duration"]
    ticks = probes(data, start, end)
    before = {tick: looks(world, clip, tick) for tick in ticks}
    told = {"edge": data.draw(st.sampled_from(("start", "end"))), "delta": data.draw(parts.lengths(world.state))}
    if refusal(world.do, "trim", clip_id=clip, **told):
        return
    now = world.value(clip)
    for tick in ticks:
        if now["start"] <= tick < now["start"] + now["duration"]:
            assert looks(world, clip, tick) == before[tick]


@given(data=st.data())
def test_segments_that_are_joined_again_are_as_before(data: st.DataObject) -> None:
    """All records, whatever is animated, linked, marked or faded: a split that is removed leaves nothing behind."""
    world, clip = data.draw(animated_worlds())
    value = world.value(clip)
    frame = world.state.rate.ticks_per_frame
    assume(value["duration"] > frame)
    at = value["start"] + frame * data.draw(st.integers(1, (value["duration"] - 1) // frame))
    before = values(world.state)
    single = data.draw(st.booleans())
    if refusal(world.do, "split_segment", clip_id=clip, at={"ticks": at}, new_id="right", single=single):
        return
    world.do("remove_segment_split", segment_id="right", single=single)
    assert values(world.state) == before
