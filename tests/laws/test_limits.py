"""Edges, cuts and ripples: what is said to be legal is, and not a frame more; what must not change does not."""

import itertools
from typing import Any

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.strategies import parts, worlds
from tests.strategies import registry as payload_registry
from tests.strategies.gestures.structure import cuts
from tests.world import TIMELINE, World, refusal, values
from timeline_service.domain import clip_time, errors, neighbours, registry, surgery, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State


@st.composite
def filmed(draw: st.DrawFn) -> World:
    """A world whose tracks are linked at random, or in pairs as a camera links them: picture with sound."""
    world: World = draw(worlds.timelines(locked=False))
    if draw(st.booleans()):
        world.write(_pair)
    return world


def _pair(draft: Draft) -> None:
    order: dict[int, list[str]] = {}
    for track in surgery.tracks(draft.state):
        for number, clip in enumerate(surgery.clips_of(draft, track.id)):
            order.setdefault(number, []).append(clip.id)
    for number, ids in order.items():
        for id in ids:
            draft.set(id, {"link_id": f"p{number}" if len(ids) > 1 else None})
    for label in {clip.value["link_id"] for clip in draft.state.living("clip")} - {None}:
        bound = draft.state.bound("link_id", label)
        if len(bound) == 1:
            draft.set(bound[0].id, {"link_id": None})


def end(clip: Record) -> int:
    return int(clip.value["start"] + clip.value["duration"])


# ---------------------------------------------------------------- the legal extreme, and one frame beyond
def answer(world: World, payload: dict[str, Any], delta: int) -> str:
    note(f"{delta}: {payload}")
    return refusal(world.decide, {**payload, "delta": {"ticks": delta}})


@pytest.mark.parametrize("name", ["trim", "ripple_trim", "roll", "slip", "slide", "move"])
@given(data=st.data())
def test_the_extremes_are_accepted_and_nothing_beyond(name: str, data: st.DataObject) -> None:
    world = data.draw(filmed())
    payload = data.draw(payload_registry.PAYLOADS[name](world.state))
    payload.pop("to", None)
    try:
        legal = registry.parse({**payload, "delta": 0}).legal(world.state)
    except errors.Refused:
        return
    assume("delta" in legal)
    frame = world.state.rate.ticks_per_frame
    low, high = legal["delta"]["min"], legal["delta"]["max"]
    for bound, beyond in ((low, -frame), (high, frame)):
        if bound is None:
            continue
        assert not bound or not answer(world, payload, bound), f"the extreme {bound} is refused"
        if name != "move" or bound:  # a tick of sound may jump over a tick of sound, within a frame
            step = beyond if name != "move" else _least(world, payload, beyond)
            assert answer(world, payload, bound + step) not in ("", "no_change"), f"beyond {bound} is accepted"


def _least(world: World, payload: dict[str, Any], beyond: int) -> int:
    """The smallest step: a frame where pictures are moved, else a tick."""
    ids = surgery.together(world.state, payload["clip_ids"], "link_id", "group_id")
    tracks = {world.value(world.value(id)["track_id"])["kind"] for id in ids}
    return beyond if "video" in tracks else beyond // abs(beyond)


@given(data=st.data())
def test_a_refusal_says_what_is_legal(data: st.DataObject) -> None:
    """What the details of a refusal name is what the gesture says, and can be done."""
    world = data.draw(filmed())
    payload = data.draw(payload_registry.PAYLOADS["trim"](world.state))
    try:
        world.decide(payload)
    except (errors.NoChange, errors.RecordMissing):
        return
    except errors.Refused as refused:
        bounds = refused.details["legal"]["delta"]
        for bound in (bounds["min"], bounds["max"]):
            assert bound is None or not bound or not answer(world, payload, bound)


@pytest.mark.parametrize("name", ["set_speed", "set_segment_speed", "paste", "add_clip"])
@given(data=st.data())
def test_what_a_refusal_names_is_taken(name: str, data: st.DataObject) -> None:
    """Speeds, places, windows: each limit that is named, asked for, is not refused for the same reason."""
    world = data.draw(worlds.timelines(locked=False, rich=True))
    payload = data.draw(payload_registry.PAYLOADS[name](world.state))
    code, again = "", []
    try:
        world.decide(payload)
    except errors.Refused as refused:
        code = refused.stable_code
        limits = refused.details.get("legal", {}).items()
        told = [(what, bound) for what, bounds in limits if what != "free" for bound in bounds.values()]
        again = [{what: bound if what == "speed" else {"ticks": bound}} for what, bound in told if bound is not None]
    for instead in again:
        note(str(instead))
        assert refusal(world.decide, {**payload, **instead}) != code


@given(data=st.data())
def test_a_clip_can_be_cut_where_a_refusal_says(data: st.DataObject) -> None:
    world = data.draw(filmed())
    clip = data.draw(st.sampled_from(parts.living(world.state, "clip") or ["nowhere"]))
    assume(clip != "nowhere")
    legal = registry.parse({"type": "split", "clip_id": clip, "at": 0}).legal(world.state)
    for at in (legal["at"]["min"], legal["at"]["max"]) if legal else ():
        assert not refusal(world.decide, {"type": "split", "clip_id": clip, "at": {"ticks": at}})


@given(data=st.data())
def test_a_clip_fits_into_the_room_that_a_refusal_names(data: st.DataObject) -> None:
    world = data.draw(filmed())
    payload = {**data.draw(payload_registry.PAYLOADS["add_clip"](world.state)), "mode": "refuse", "start": 0}
    payload["media"] = {"missing": True}
    try:
        world.decide(payload)
    except errors.Overlap as refused:
        for room in refused.details["legal"]["free"]:
            there = {**payload, "start": {"ticks": room["start"]}}
            assert not refusal(world.decide, there)
            if room["end"] is not None:
                last = {**payload, "start": {"ticks": room["end"]}}
                assert refusal(world.decide, last)
    except errors.Refused:
        return


# ---------------------------------------------------------------- what stays
def probes(first: int, stop: int) -> list[int]:
    near = {first, first + 1, stop - 1, stop - 2, (first + stop) // 2, (2 * first + stop) // 3}
    return sorted(t for t in near if first <= t < stop)


def assert_content_in_place(before: State, after: State, besides: tuple[str, ...] = ()) -> None:
    """Whatever is shown at a time before and after is the same tick of the source."""
    for clip in before.living("clip"):
        now = after.find(clip.id, "clip")
        if now is None or clip.id in besides:
            continue
        for tick in probes(max(clip.value["start"], now.value["start"]), min(end(clip), end(now))):
            was = clip_time.source_at(clip.value, tick - clip.value["start"])
            assert clip_time.source_at(now.value, tick - now.value["start"]) == was


def assert_handles(state: State) -> None:
    """Every transition has what it shows."""
    for transition in state.living("transition"):
        transitions.check(state, transition)
    for clip in state.living("clip"):
        transitions.check_clip(state, clip)


def lengths(state: State) -> dict[str, int]:
    return {t.id: sum(c.value["duration"] for c in state.inside(t.id, "clip")) for t in state.living("track")}


def extents(state: State, track: str) -> tuple[int, int]:
    clips = state.inside(track, "clip")
    return min((c.value["start"] for c in clips), default=0), max((end(c) for c in clips), default=0)


@pytest.mark.parametrize("name", ["trim", "roll"])
@given(data=st.data())
def test_trims_and_rolls_keep_what_is_shown_in_place(name: str, data: st.DataObject) -> None:
    world = data.draw(filmed())
    before = world.state
    payload = data.draw(payload_registry.PAYLOADS[name](before))
    if not refusal(lambda: world.keep(world.decide(payload))):
        assert_content_in_place(before, world.state)
        assert_handles(world.state)


@pytest.mark.parametrize("name", ["roll", "slide"])
@given(data=st.data())
def test_rolls_and_slides_keep_all_lengths(name: str, data: st.DataObject) -> None:
    """On every track the clips are as long together as before; what was whole stays whole; transitions stay."""
    world = data.draw(filmed())
    before = world.state
    payload = {**data.draw(payload_registry.PAYLOADS[name](before)), "single": True}
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    after = world.state
    assert lengths(after) == lengths(before)
    for track in before.living("track"):
        assert extents(after, track.id) == extents(before, track.id)
    assert cuts(after) == cuts(before)
    assert parts.living(after, "transition") == parts.living(before, "transition")
    assert_handles(after)
    if name == "slide":
        slid = payload["clip_id"]
        assert {**after.records[slid].value, "start": 0} == {**before.records[slid].value, "start": 0}
        assert_content_in_place(before, after, (slid,))


@given(data=st.data())
def test_a_slip_changes_nothing_but_the_window(data: st.DataObject) -> None:
    world = data.draw(filmed())
    before = values(world.state)
    payload = data.draw(payload_registry.PAYLOADS["slip"](world.state))
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    bonds = () if payload.get("single") else ("link_id",)
    slipped = surgery.together(world.state, [payload["clip_id"]], *bonds)
    deltas = {world.value(id)["source_in"] - before[id]["source_in"] for id in slipped}
    assert len(deltas) == 1
    for id in slipped:
        before[id]["source_in"] += min(deltas)
    assert values(world.state) == before
    assert_handles(world.state)


# ---------------------------------------------------------------- ripples
@given(data=st.data())
def test_a_ripple_trim_moves_all_that_is_later_by_exactly_as_much(data: st.DataObject) -> None:
    world = data.draw(filmed())
    before = world.state
    payload = {**data.draw(payload_registry.PAYLOADS["ripple_trim"](before)), "single": True}
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    clip, now = before.records[payload["clip_id"]], world.value(payload["clip_id"])
    by = now["duration"] - clip.value["duration"]
    edge = end(clip) if payload["edge"] == "end" else clip.value["start"]
    assert now["start"] == clip.value["start"]
    root = {track.id for track in surgery.tracks(before)}
    for item in (item for kind in ("clip", "caption") for item in before.living(kind)):
        track = item.value["track_id"]
        moved = track == clip.value["track_id"] or (payload.get("scope", "track") != "track" and track in root)
        later = moved and item.value["start"] >= edge and item.id != clip.id
        if item.id != clip.id:
            assert world.value(item.id)["start"] == item.value["start"] + (by if later else 0)
            assert world.value(item.id)["duration"] == item.value["duration"]
    for marker in before.inside(TIMELINE, "marker"):
        if not payload.get("ripple_markers"):
            assert world.value(marker.id) == marker.value
    for left, right in cuts(before):
        assert neighbours.touch(world.state.records[left], world.state.records[right])
    assert_handles(world.state)


@given(data=st.data())
def test_an_extracted_span_is_gone_and_all_behind_it_moves_by_its_length(data: st.DataObject) -> None:
    world = data.draw(filmed())
    before, frame = world.state, world.state.rate.ticks_per_frame
    start = data.draw(st.integers(0, 12)) * frame
    stop = start + data.draw(st.integers(1, 6)) * frame
    tracks = data.draw(st.lists(st.sampled_from(parts.living(before, "track")), min_size=1, unique=True))
    span: dict[str, Any] = {"track_ids": tracks, "start": {"ticks": start}, "end": {"ticks": stop}}
    lifted = world.copy()
    if refusal(lifted.do, "lift_range", **span):
        return
    extracted = world.copy()
    extracted.do("extract_range", **span)
    for track in before.living("track"):
        shown = [_shown(each.state, track.id) for each in (world, lifted, extracted)]
        if track.id not in tracks:
            assert shown[0] == shown[1] == shown[2]
            continue
        kept = [row for row in _cut(shown[0], start, stop) if row[1] <= start or row[0] >= stop]
        assert _cut(shown[1], start, stop) == kept
        by = stop - start
        moved = [(a - by, b - by, s) if a >= stop else (a, b, s) for a, b, s in shown[1]]
        assert shown[2] == moved
    assert_handles(lifted.state)
    assert_handles(extracted.state)


def _shown(state: State, track: str) -> list[tuple[int, int, int]]:
    """(start, end, the first tick of the source) of each clip; of captions 0."""
    items = [(c, clip_time.source_at(c.value, 0)) for c in state.inside(track, "clip")]
    items += [(caption, 0) for caption in state.inside(track, "caption")]
    return sorted((item.value["start"], end(item), first) for item, first in items)


def _cut(rows: list[tuple[int, int, int]], start: int, stop: int) -> list[tuple[int, int, int]]:
    """The spans cut at both ticks, without what they show: that is the law of split."""
    found = []
    for first, last, _ in rows:
        edges = [first, *(at for at in (start, stop) if first < at < last), last]
        found += [(a, b, 0) for a, b in itertools.pairwise(edges)]
    return found


@given(data=st.data())
def test_a_gap_that_is_opened_at_a_cut_and_closed_leaves_all_as_it_was(data: st.DataObject) -> None:
    """But for the transition on the cut, and what is drawn on the track inside the gap."""
    world = data.draw(filmed())
    found = cuts(world.state)
    assume(found)
    left, right = data.draw(st.sampled_from(found))
    track, at = world.value(right)["track_id"], world.value(right)["start"]
    moving: dict[str, Any] = {"scope": data.draw(st.sampled_from(("track", "sync_locked", "all")))}
    before, place = values(world.state), {"track_id": track, "at": {"ticks": at}}
    on_cut = transitions.head(world.state, right)
    length = data.draw(st.integers(1, 5)) * world.state.rate.ticks_per_frame
    if refusal(world.do, "add_gap", **place, **moving, duration={"ticks": length}):
        return
    assert world.value(right)["start"] == at + length
    assert end(world.state.records[left]) == at
    world.do("close_gap", **place, **moving)
    if on_cut is not None:
        del before[on_cut.id]
    assert values(world.state) == before


# ---------------------------------------------------------------- join
@given(data=st.data())
def test_a_split_that_is_joined_again_is_as_if_it_never_was(data: st.DataObject) -> None:
    """By value, of all records: clip, partners, bonds, keyframes, notes, transitions."""
    world = data.draw(filmed())
    clip = data.draw(st.sampled_from(parts.living(world.state, "clip") or ["nowhere"]))
    assume(clip != "nowhere" and world.value(clip)["duration"] > world.state.rate.ticks_per_frame)
    frame, value = world.state.rate.ticks_per_frame, world.value(clip)
    at = value["start"] + data.draw(st.integers(1, (value["duration"] - 1) // frame)) * frame
    single = data.draw(st.booleans())
    linked = [world.state.records[id] for id in surgery.together(world.state, [clip], "link_id")]
    assume(not any(one.value["start"] == at for one in linked))  # two partners that touch there may be joined too
    before = values(world.state)
    if refusal(world.do, "split", clip_id=clip, at={"ticks": at}, new_id="right", single=single):
        return
    world.do("join", left_id=clip, right_id="right")
    assert values(world.state) == before
