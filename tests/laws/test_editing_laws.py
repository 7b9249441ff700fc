"""What single gestures promise an editor: pictures stay, ripples are exact, intent is carried."""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import parts, registry, worlds
from tests.world import TIMELINE, World, refusal, values
from timeline_service.domain import clip_time, errors, surgery
from timeline_service.domain.state import State

SHOWN = ("source_in", "map_offset", "speed", "reversed")


@st.composite
def worlds_with_a_clip(draw: st.DrawFn) -> tuple[World, str]:
    world = draw(worlds.timelines(locked=False))
    clips = parts.living(world.state, "clip")
    assume(clips)
    return world, draw(st.sampled_from(clips))


def probes(start: int, end: int) -> list[int]:
    """Ticks of [start, end) at which a map is most likely to slip: the edges, their neighbours, some between."""
    near = {start, start + 1, start + 2, end - 1, end - 2, (start + end) // 2, (2 * start + end) // 3}
    return sorted(t for t in near if start <= t < end)


def picture(world: World, clip: str, at: int) -> int:
    """The source tick that a clip shows at a timeline tick."""
    value = world.value(clip)
    return clip_time.source_at(value, at - value["start"])


def crops(state: State, clip: str) -> list[tuple[int, Any, str]]:
    """The crop of every source frame of a clip, as the keyframes that define it."""
    return sorted(
        (k.value["time"], sorted(k.value["value"].items()), k.value["interpolation"])
        for k in state.inside(clip, "keyframe")
        if k.value["property"] == "crop"
    )


def bare(value: dict[str, Any]) -> dict[str, Any]:
    """A clip without its bonds, and without the fades that a half has lost with its other end."""
    return {k: v for k, v in value.items() if k not in ("link_id", "group_id", "fade_in", "fade_out")}


# ---------------------------------------------------------------- split
@given(data=st.data())
def test_a_split_changes_no_picture_and_is_undone_by_trimming_out(data: st.DataObject) -> None:
    """At any speed and direction, for every tick boundary: the halves show what the whole showed."""
    world, clip = data.draw(worlds_with_a_clip())
    whole = dict(world.value(clip))
    start, end = whole["start"], whole["start"] + whole["duration"]
    frame = world.state.rate.ticks_per_frame
    assume(whole["duration"] > frame)
    at = start + frame * data.draw(st.integers(1, (whole["duration"] - 1) // frame))
    crop = crops(world.state, clip)

    if refusal(world.do, "split", clip_id=clip, at={"ticks": at}, new_id="right"):
        return  # a partner on a video track would be cut between two frames
    for tick in probes(start, at):
        assert picture(world, clip, tick) == clip_time.source_at(whole, tick - start)
    for tick in probes(at, end):
        assert picture(world, "right", tick) == clip_time.source_at(whole, tick - start)
    assert crops(world.state, clip) == crops(world.state, "right") == crop

    joined = world.copy()  # the left half grows back over the right
    joined.do("remove_clip", clip_id="right", single=True)
    joined.do("trim", clip_id=clip, edge="end", delta={"ticks": end - at}, single=True)
    assert bare(joined.value(clip)) == bare(whole)
    world.do("remove_clip", clip_id=clip, single=True)  # and the right half over the left
    world.do("trim", clip_id="right", edge="start", delta={"ticks": start - at}, single=True)
    assert bare(world.value("right")) == bare(whole)


@given(data=st.data())
def test_linked_partners_are_split_together(data: st.DataObject) -> None:
    world, clip = data.draw(worlds_with_a_clip())
    linked_ones = [c.id for c in world.state.living("clip") if c.value["link_id"] is not None]
    clip = data.draw(st.sampled_from(linked_ones or [clip]))
    value = world.value(clip)
    at = value["start"] + world.state.rate.ticks_per_frame
    assume(value["link_id"] is not None and value["duration"] > world.state.rate.ticks_per_frame)
    partners = [c.id for c in world.state.living("clip") if c.value["link_id"] == value["link_id"] and c.id != clip]
    across = [p for p in partners if 0 < at - world.value(p)["start"] < world.value(p)["duration"]]
    names = {partner: f"right-{partner}" for partner in across}
    if refusal(world.do, "split", clip_id=clip, at={"ticks": at}, new_id="right", new_ids=names):
        return  # a partner on a video track would be cut between two frames
    for partner in across:
        assert (
            world.value(partner)["start"] + world.value(partner)["duration"]
            == at
            == world.value(names[partner])["start"]
        )
    for label in {c.value["link_id"] for c in world.state.living("clip")} - {None}:
        linked = [c.value["start"] >= at for c in world.state.living("clip") if c.value["link_id"] == label]
        assert label != value["link_id"] or len(set(linked)) == 1
        assert len(linked) > 1


# ---------------------------------------------------------------- trim, move
@given(data=st.data())
def test_a_trim_keeps_the_content_in_place_and_the_other_edge(data: st.DataObject) -> None:
    world, clip = data.draw(worlds_with_a_clip())
    before, crop = dict(world.value(clip)), crops(world.state, clip)
    payload = {**data.draw(registry.PAYLOADS["trim"](world.state)), "clip_id": clip}
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    after = world.value(clip)
    edges = [(v["start"], v["start"] + v["duration"]) for v in (before, after)]
    kept = 1 if payload["edge"] == "start" else 0
    assert edges[0][kept] == edges[1][kept]
    for tick in probes(max(edges[0][0], edges[1][0]), min(edges[0][1], edges[1][1])):
        assert picture(world, clip, tick) == clip_time.source_at(before, tick - before["start"])
    assert crops(world.state, clip) == crop


@given(data=st.data())
def test_a_move_keeps_distances_pictures_and_strangers(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    payload = {**data.draw(registry.PAYLOADS["move"](world.state)), "on_overlap": "refuse"}
    before = values(world.state)
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    bonds = () if payload.get("single") else ("link_id", "group_id")
    after, moved = values(world.state), surgery.together(world.state, payload["clip_ids"], *bonds)
    assert len({after[id]["start"] - before[id]["start"] for id in moved}) == 1
    for id in before:
        if world.state.records[id].kind == "transition" and not world.alive(id):
            continue  # its clips have parted
        unplaced = [{k: v for k, v in s[id].items() if k not in ("start", "track_id")} for s in (before, after)]
        assert unplaced[0] == unplaced[1]
        assert id in moved or before[id] == after[id]


@given(data=st.data())
def test_insert_moves_what_starts_later_by_exactly_the_length(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    tracks = parts.living(world.state, "track")
    track, frame = data.draw(st.sampled_from(tracks)), world.state.rate.ticks_per_frame
    at, length = data.draw(st.integers(0, 20)) * frame, data.draw(st.integers(1, 9)) * frame
    before = values(world.state)
    new = {"media": {"missing": True}, "start": {"ticks": at}, "duration": {"ticks": length}}
    if refusal(world.do, "add_clip", clip_id="new", track_id=track, mode="insert", **new):
        return
    for id, value in before.items():
        after = world.value(id)
        place = value.get("start", value.get("time"))
        if (value.get("track_id") or value.get("parent_id")) != track:
            assert after.get("start") == value.get("start")
        elif place >= at:
            assert after.get("start", after.get("time")) == place + length
        else:
            assert after.get("start", after.get("time")) == place


# ---------------------------------------------------------------- ripple_delete
@given(data=st.data())
def test_a_ripple_delete_keeps_order_and_moves_later_items_exactly(data: st.DataObject) -> None:
    """What is left on a rippled track moves by the time taken out before it; everything else stays."""
    world = data.draw(worlds.timelines())
    payload = data.draw(registry.PAYLOADS["ripple_delete"](world.state))
    before = world.state
    if refusal(lambda: world.keep(world.decide(payload))):
        return
    gone = [clip.value for clip in before.living("clip") if not world.alive(clip.id)]
    sequence = {clip["track_id"]: before.records[clip["track_id"]].value["sequence_id"] for clip in gone}
    for track in before.living("track"):
        if track.value["sequence_id"] not in sequence.values():
            continue
        if payload["scope"] == "track":
            gaps = _union([c for c in gone if c["track_id"] == track.id])
        elif track.value["locked"]:
            gaps = []
        else:
            gaps = _union(gone)
        left = [c for c in before.inside(track.id, "clip") if world.alive(c.id)]
        for clip in left:
            expected = clip.value["start"] - sum(end - start for start, end in gaps if end <= clip.value["start"])
            assert bare(world.value(clip.id)) == {**bare(clip.value), "start": expected}
        for marker in before.inside(track.id, "marker"):
            _assert_marker_follows(world, marker.id, marker.value["time"], gaps)
    gaps = _union(gone) if payload["ripple_markers"] else []
    for marker in before.inside(TIMELINE, "marker"):
        _assert_marker_follows(world, marker.id, marker.value["time"], gaps)


def _union(clips: list[dict[str, Any]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start, end in sorted((c["start"], c["start"] + c["duration"]) for c in clips):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _assert_marker_follows(world: World, id: str, time: int, gaps: list[tuple[int, int]]) -> None:
    if any(start <= time < end for start, end in gaps):
        assert not world.alive(id)
    else:
        assert world.value(id)["time"] == time - sum(end - start for start, end in gaps if end <= time)


# ---------------------------------------------------------------- carry
@given(data=st.data())
def test_a_gesture_lands_where_the_ground_went(data: st.DataObject) -> None:
    """A aims at a place; B ripples the track upstream of it. A's gesture with `base_version` behind B's comes out as
    A's gesture before B's. Not so for the partners of a linked clip: rippling one track pulls them apart.
    """
    world = data.draw(worlds.timelines(locked=False))
    name = data.draw(st.sampled_from(("split", "add_clip", "add_marker", "add_crop_keyframe", "move")))
    aimed = {k: v for k, v in data.draw(registry.PAYLOADS[name](world.state)).items() if k != "scope"}
    if name == "move":
        place = {
            "start": data.draw(parts.positions(world.state)),
            "track_id": data.draw(parts.ids(world.state, "track")),
        }
        aimed = {"type": name, "clip_ids": aimed["clip_ids"][:1], "to": place, "on_overlap": aimed["on_overlap"]}
        aimed["single"] = True
    split = world.state.find(aimed.get("clip_id", ""), "clip") if name == "split" else None
    assume(split is None or split.value["link_id"] is None)
    rippled = data.draw(st.sampled_from(parts.living(world.state, "track")))
    length = data.draw(st.integers(1, 9)) * world.state.rate.ticks_per_frame
    black = {"media": {"missing": True}, "start": 0, "duration": {"ticks": length}, "mode": "insert"}
    base = world.state.version

    def by_a(to: World) -> None:
        to.keep(to.decide(aimed, base_version=base, gesture_id="a"))

    def by_b(to: World) -> None:
        to.do("add_clip", actor="bob", clip_id="upstream", track_id=rippled, **black)

    first, second = world.copy(), world.copy()
    if refusal(by_b, second):
        return
    code = refusal(by_a, first)
    assert refusal(by_a, second) == code
    if not code:
        by_b(first)
        assert values(first.state) == values(second.state)


@given(data=st.data())
def test_what_was_cut_away_is_no_place(data: st.DataObject) -> None:
    world, clip = data.draw(worlds_with_a_clip())
    base, value = world.state.version, dict(world.value(clip))
    assume(value["duration"] > 1)
    inside = value["start"] + data.draw(st.integers(1, value["duration"] - 1))
    world.do("ripple_delete", clip_ids=[clip], actor="bob")
    aimed = {"type": "add_marker", "parent_id": value["track_id"], "time": {"ticks": inside}}
    try:
        world.decide(aimed, base_version=base)
    except errors.PlaceGone:
        return
    raise AssertionError("a marker was put where the ground is gone")
