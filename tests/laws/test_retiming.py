"""Speed, direction, stills and segments: what is shown where, whatever the clip was before."""

from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.laws.test_animation import animated_worlds, looks, probes
from tests.laws.test_editing_laws import picture, worlds_with_a_clip
from tests.strategies import parts
from tests.strategies.gestures import speed
from tests.world import World, refusal, values
from timeline_service.domain import clip_time, retiming, segments

FAST = st.sampled_from(((1, 1), (2, 1), (1, 2), (3, 2), (3, 7), (1001, 1000)))
GROUND = {"start", "duration"}


def fraction(told: dict[str, int]) -> Fraction:
    return Fraction(told["num"], told["den"])


def clips(world: World) -> dict[str, dict[str, Any]]:
    return {clip.id: dict(clip.value) for clip in world.state.living("clip")}


def shown(value: dict[str, Any], ticks: list[int]) -> list[int]:
    """The source ticks of a clip at ticks of its own."""
    return [clip_time.source_at(value, tick) for tick in ticks]


# ---------------------------------------------------------------- set_speed
@given(data=st.data())
def test_what_is_named_and_all_its_partners_stay_in_step(data: st.DataObject) -> None:
    """What each of them shows at the beginning of the clip that was named stays there, up to a floored source tick."""
    world, clip = data.draw(worlds_with_a_clip())
    told = data.draw(speed.speeds())
    keep, single = data.draw(st.sampled_from(("duration", "source"))), data.draw(st.booleans())
    anchor, before = world.value(clip)["start"], clips(world)
    if refusal(world.do, "set_speed", clip_id=clip, speed=told, keep=keep, single=single):
        return
    after = clips(world)
    link = before[clip]["link_id"]
    together = {id for id, value in before.items() if link is not None and value["link_id"] == link and not single}
    for id in together | {clip}:
        assert retiming.speed_of(after[id]) == fraction(told)
        drift = retiming.source_place(before[id], anchor) - retiming.source_place(after[id], anchor)
        assert 0 <= drift < 1
        if keep == "duration":
            assert GROUND & {name for name in GROUND if before[id][name] != after[id][name]} == set()
    for id in before.keys() - together - {clip}:
        assert before[id] == after[id]


@given(data=st.data())
def test_a_kept_source_is_shown_and_no_more_of_it(data: st.DataObject) -> None:
    world, clip = data.draw(worlds_with_a_clip())
    before, told = dict(world.value(clip)), data.draw(speed.speeds())
    assume(before["speed"]["num"])
    if refusal(world.do, "set_speed", clip_id=clip, speed=told, keep="source", single=True):
        return
    after = world.value(clip)
    grid = retiming.grid_of(world.state, world.state.records[clip])
    exact = before["duration"] * retiming.speed_of(before) / fraction(told)
    assert after["duration"] == max(grid, floor(exact / grid) * grid)
    assert after["start"] == before["start"]
    if exact >= grid:
        ends = (before["start"], before["start"] + before["duration"])
        low, high = sorted(retiming.source_place(before, end) for end in ends)
        first, end = clip_time.source_span(after)
        assert floor(low) <= first < end <= high + 1


@given(data=st.data())
def test_a_speed_and_back_is_as_before_where_the_source_is_met_exactly(data: st.DataObject) -> None:
    world, clip = data.draw(worlds_with_a_clip())
    before, told = dict(world.value(clip)), data.draw(speed.speeds())
    assume(before["speed"]["num"])
    if refusal(world.do, "set_speed", clip_id=clip, speed=told, keep="duration", single=True):
        return
    between = world.value(clip)
    edge = before["start"] + (before["duration"] if before["reversed"] else 0)
    exact = retiming.source_place(before, edge).denominator == 1 and (
        not before["reversed"] or (before["duration"] * fraction(told)).denominator == 1
    )
    world.do("set_speed", clip_id=clip, speed=before["speed"], keep="duration", single=True)
    after = world.value(clip)
    assert {**after, "source_in": 0, "map_offset": 0} == {**before, "source_in": 0, "map_offset": 0}
    ticks = probes(data, 0, before["duration"])
    for one, other in zip(shown(before, ticks), shown(after, ticks), strict=True):
        assert 0 <= one - other <= (0 if exact and not _between_ticks(before, between) else 2)


def _between_ticks(*values: dict[str, Any]) -> bool:
    """Whether the beginning of a clip falls between two ticks of its source, so that it had to be floored."""
    return any(retiming.source_place(value, value["start"]).denominator != 1 for value in values)


# ---------------------------------------------------------------- reverse
@given(data=st.data())
def test_reversed_twice_is_as_before_and_once_is_the_mirror(data: st.DataObject) -> None:
    world, clip = data.draw(worlds_with_a_clip())
    before = values(world.state)
    told: dict[str, Any] = {"clip_id": clip, "single": data.draw(st.booleans())}
    assume(not world.state.inside(clip, "transition"))
    if refusal(world.do, "reverse", **told):
        return
    once, length = world.value(clip), before[clip]["duration"]
    ticks = probes(data, 0, length)
    assert shown(once, ticks) == shown(before[clip], [length - 1 - tick for tick in ticks])
    assert clip_time.source_span(once) == clip_time.source_span(before[clip])
    world.do("reverse", **told)
    assert values(world.state) == before


# ---------------------------------------------------------------- freeze_frame
@given(data=st.data())
def test_a_frozen_rest_shows_one_picture_and_goes_on_moving_in_the_frame(data: st.DataObject) -> None:
    world, clip = data.draw(animated_worlds())
    before, frame = dict(world.value(clip)), world.state.rate.ticks_per_frame
    start, end = before["start"], before["start"] + before["duration"]
    at = start + frame * data.draw(st.integers(0, max(0, before["duration"] // frame - 1)))
    ticks = probes(data, start, end)
    was = {tick: (picture(world, clip, max(start, min(tick, at))), looks(world, clip, tick)) for tick in ticks}
    held_crop = looks(world, clip, at)["crop"]
    if refusal(world.do, "freeze_frame", clip_id=clip, at={"ticks": at}, freeze_id="held"):
        return
    held = "held" if world.alive("held") else clip
    for tick in ticks:
        now = held if tick >= at else clip
        seen, look = was[tick]
        assert picture(world, now, tick) == seen
        assert looks(world, now, tick) == (look if tick < at else {**look, "crop": held_crop})
    assert clips(world).keys() - {held} == set(clips(world)) - {held}


@given(data=st.data())
def test_a_frozen_clip_has_no_end_of_its_media(data: st.DataObject) -> None:
    """It can be drawn out and drawn in at both ends, by any length; it shows its picture still."""
    world, clip = data.draw(worlds_with_a_clip())
    if refusal(world.do, "freeze_frame", clip_id=clip, at={"ticks": world.value(clip)["start"]}):
        return
    held = dict(world.value(clip))
    still = clip_time.source_at(held, 0)
    for _ in range(3):
        told = {"edge": data.draw(st.sampled_from(("start", "end"))), "delta": data.draw(parts.lengths(world.state))}
        assert refusal(world.do, "trim", clip_id=clip, **told) != "no_handle"
    assert set(shown(world.value(clip), probes(data, 0, world.value(clip)["duration"]))) == {still}


@given(data=st.data())
def test_an_inserted_still_moves_what_follows_by_its_length_and_looks_as_it_did(data: st.DataObject) -> None:
    world, clip = data.draw(animated_worlds())
    before, frame = dict(world.value(clip)), world.state.rate.ticks_per_frame
    start, end = before["start"], before["start"] + before["duration"]
    at = start + frame * data.draw(st.integers(0, max(0, before["duration"] // frame - 1)))
    ticks = probes(data, start, end)
    was = {tick: (picture(world, clip, tick), looks(world, clip, tick)) for tick in (*ticks, at)}
    length = frame * data.draw(st.integers(1, 5))
    told = {"at": {"ticks": at}, "duration": {"ticks": length}, "freeze_id": "held", "new_id": "right"}
    if refusal(world.do, "freeze_frame", clip_id=clip, single=True, **told):
        return
    right = "right" if at > start else clip
    for tick in ticks:
        now, then = (clip, tick) if tick < at else (right, tick + length)
        assert (picture(world, now, then), looks(world, now, then)) == was[tick]
    for then in (at, at + length - 1):
        assert picture(world, "held", then) == was[at][0]
        for name, value in looks(world, "held", then).items():
            assert _apart(value, was[at][1][name]) <= Fraction(1, 2), name


def _apart(one: Any, other: Any) -> Fraction:
    """How far two values lie apart; a keyframe holds whole numbers."""
    if isinstance(one, dict):
        return max(_apart(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return max(_apart(a, b) for a, b in zip(one, other, strict=True))
    return abs(Fraction(one) - Fraction(other))


# ---------------------------------------------------------------- segments
def chain(world: World, clip: str) -> list[str]:
    first = world.state.records[clip]
    return [clip, *(other.id for other in segments.later(world.state, first))]


@st.composite
def segmented(draw: st.DrawFn) -> tuple[World, list[str]]:
    """A timeline, and a clip of it that was cut into two or three segments of whole frames."""
    world, clip = draw(worlds_with_a_clip())
    frame = world.state.rate.ticks_per_frame
    value = world.value(clip)
    assume(value["duration"] // frame >= 3 and value["speed"]["num"])
    places = sorted(draw(st.sets(st.integers(1, value["duration"] // frame - 1), min_size=1, max_size=2)))
    for number, place in reversed(list(enumerate(places))):
        at = {"ticks": value["start"] + place * frame}
        assume(not refusal(world.do, "split_segment", clip_id=clip, at=at, new_id=f"seg{number}"))
    return world, chain(world, clip)


@given(data=st.data())
def test_segments_stay_side_by_side_and_show_their_own_source(data: st.DataObject) -> None:
    world, ids = data.draw(segmented())
    before, id = clips(world), data.draw(st.sampled_from(ids))
    scope = data.draw(st.sampled_from((None, None, "track", "sync_locked", "all")))
    told = {"segment_id": id, "speed": data.draw(speed.speeds())} | ({"scope": scope} if scope else {})
    if refusal(world.do, "set_segment_speed", **told):
        return
    assert chain(world, ids[0]) == ids
    after = clips(world)
    change = after[id]["duration"] - before[id]["duration"]
    for place, other in enumerate(ids):
        follows = place > ids.index(id)
        assert after[other]["start"] == before[other]["start"] + (change if follows else 0)
        drift = retiming.source_place(before[other], before[other]["start"])
        drift -= retiming.source_place(after[other], after[other]["start"])
        assert 0 <= drift < 1
        assert other == id or shown(after[other], [0, 1]) == shown(before[other], [0, 1])
    end = before[ids[-1]]["start"] + before[ids[-1]]["duration"]
    for other, value in before.items():
        if value["track_id"] == before[id]["track_id"] and value["start"] >= end:
            assert after[other]["start"] == value["start"] + (change if scope else 0)


@given(data=st.data())
def test_the_speed_of_a_segment_and_back_is_as_before(data: st.DataObject) -> None:
    """However short it became in between: what the grid took is given back, as its source ends where the next begins."""
    world, ids = data.draw(segmented())
    id = data.draw(st.sampled_from(ids[:-1]))
    before = clips(world)
    for told in data.draw(st.lists(speed.speeds(), min_size=1, max_size=3)):
        refusal(world.do, "set_segment_speed", segment_id=id, speed=told, single=True)
    code = refusal(world.do, "set_segment_speed", segment_id=id, speed=before[id]["speed"], single=True)
    assert code in ("", "no_change", "overlap"), code
    if code == "overlap":
        return
    after = clips(world)
    grid = retiming.grid_of(world.state, world.state.records[id])
    loose = 0 if grid > 1 else 2 * before[id]["speed"]["den"] // before[id]["speed"]["num"] + 2
    for other in ids:
        for name in GROUND:
            assert abs(after[other][name] - before[other][name]) <= loose
        ticks = probes(data, 0, before[other]["duration"])
        pairs = zip(shown(before[other], ticks), shown(after[other], ticks), strict=True)
        assert all(abs(one - now) <= 8 for one, now in pairs)


@given(data=st.data())
def test_joined_segments_run_at_the_speed_of_the_first(data: st.DataObject) -> None:
    world, ids = data.draw(segmented())
    place = data.draw(st.integers(1, len(ids) - 1))
    refusal(world.do, "set_segment_speed", segment_id=ids[place], speed=data.draw(speed.speeds()), scope="track")
    before = clips(world)
    left, right = before[ids[place - 1]], before[ids[place]]
    if refusal(world.do, "remove_segment_split", segment_id=ids[place], scope="track"):
        return
    after = world.value(ids[place - 1])
    assert after["speed"] == left["speed"]
    assert not world.alive(ids[place])
    rest = chain(world, ids[place - 1])[1:]
    assert rest == ids[place + 1 :]
    grown = after["start"] + after["duration"] - right["start"] - right["duration"]
    for other in rest:
        assert world.value(other)["start"] == before[other]["start"] + grown
    ticks = probes(data, 0, left["duration"])
    assert shown(after, ticks) == shown(left, ticks)
    lost = left["speed"]["num"] * world.state.rate.ticks_per_frame // left["speed"]["den"] + 3
    goal = retiming.source_place(right, right["start"] + right["duration"])
    if rest:  # a segment of one frame may show more than its part, which ends where the next one goes on
        goal = retiming.source_place(before[rest[0]], before[rest[0]]["start"])
    assert abs(goal - retiming.source_place(after, after["start"] + after["duration"])) <= lost
    assert (segments.LABEL in after) == (len(ids) > 2)
