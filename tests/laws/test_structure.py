"""What transitions, media and captions say is legal is, and not a frame more; copies are what they are copies of."""

from typing import Any

from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.strategies import parts, worlds
from tests.strategies.gestures.pasting import clipboard
from tests.strategies.gestures.structure import clip_ids, cuts
from tests.world import World, refusal
from timeline_service.domain import copying, free, records, registry, surgery, transitions
from timeline_service.domain.state import State

OFFSETS = ("in_offset", "out_offset")


def legal(world: World, payload: dict[str, Any]) -> dict[str, Any]:
    return registry.parse(payload).legal(world.state)


def ticks(count: int) -> dict[str, int]:
    return {"ticks": count}


# ---------------------------------------------------------------- transitions
def assert_exact(world: World, payload: dict[str, Any], found: dict[str, Any], frame: int) -> None:
    """The largest offsets are accepted together; each of them is the largest."""
    most = {name: ticks(found[name]["max"]) for name in OFFSETS}
    note(f"{payload} {most}")
    answer = refusal(world.decide, payload | most)
    if sum(found[name]["max"] for name in OFFSETS) == 0:
        assert answer == "bad_range"
        return
    assert answer in ("", "no_change")
    for name in OFFSETS:
        beyond = payload | most | {name: ticks(found[name]["max"] + frame)}
        assert refusal(world.decide, beyond) in ("no_handle", "in_transition", "bad_range")


@given(data=st.data())
def test_the_largest_transition_is_the_largest(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    state = world.state
    one_sided: list[tuple[str | None, str | None]] = [(None, id) for id in parts.living(state, "clip")] + [
        (id, None) for id in parts.living(state, "clip")
    ]
    assume(one_sided)
    left, right = data.draw(st.sampled_from([*cuts(state), *cuts(state), *one_sided]))
    taken = (left and transitions.tail(state, left)) or (right and transitions.head(state, right))
    if taken:
        payload = {"type": "set_transition", "transition_id": taken.id}
        holder = taken.value["left_id"] or taken.value["right_id"]
    else:
        sides = {name: id for name, id in (("left_id", left), ("right_id", right)) if id is not None}
        payload, holder = {"type": "add_transition", **sides}, left or right
    track = world.value(world.value(str(holder))["track_id"])
    frame = state.rate.ticks_per_frame if track["kind"] == "video" else 1
    found = legal(world, payload)
    assert set(found) == set(OFFSETS)
    assert_exact(world, payload, found, frame)


# ---------------------------------------------------------------- media
@given(data=st.data())
def test_media_fits_from_where_the_refusal_says(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    clips = parts.living(world.state, "clip")
    assume(clips)
    frame = world.state.rate.ticks_per_frame
    length = data.draw(st.integers(1, 30)) * frame
    short = {"url": "https://media.example/new.mov", "available": {"start": frame, "duration": length}}
    payload: dict[str, Any] = {
        "type": "replace_media",
        "clip_id": data.draw(st.sampled_from(clips)),
        "media": short,
    }
    asked = payload | {"source_in": ticks(-(10**12))}
    found: dict[str, Any] = {}

    def ask() -> None:
        try:
            world.decide(asked)
        except Exception as refused:
            found.update(getattr(refused, "details", {}).get("legal", {}))
            raise

    if refusal(ask) != "no_handle" or not found:
        return
    low, high = found["source_in"]["min"], found["source_in"]["max"]
    for inside, outside in ((low, low - 1), (high, high + 1)):
        assert refusal(world.decide, payload | {"source_in": ticks(inside)}) == ""
        assert refusal(world.decide, payload | {"source_in": ticks(outside)}) == "no_handle"


# ---------------------------------------------------------------- captions
@given(data=st.data())
def test_free_room_is_free_and_ends_where_it_ends(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    tracks = [t.id for t in world.state.living("track") if t.value["kind"] == "caption"]
    assume(tracks)
    track = data.draw(st.sampled_from(sorted(tracks)))
    for room in free.spans(world.state, track):
        start, end = room["start"], room["end"] if room["end"] is not None else room["start"] + 100
        payload = {"type": "add_caption", "track_id": track, "text": "x", "start": ticks(start)}
        assert not refusal(world.decide, payload | {"duration": ticks(end - start)})
        if room["end"] is not None:
            assert refusal(world.decide, payload | {"duration": ticks(end - start + 1)}) == "overlap"
        if start:
            early = payload | {"start": ticks(start - 1), "duration": ticks(end - start + 1)}
            assert refusal(world.decide, early) == "overlap"


# ---------------------------------------------------------------- order
@given(data=st.data(), before=st.booleans())
def test_what_is_put_beside_another_lies_beside_it(data: st.DataObject, before: bool) -> None:
    world = data.draw(worlds.timelines(locked=False))
    for rank in data.draw(st.lists(st.sampled_from(("0", "V", "V", "V0", "V1", "zz")), max_size=4)):
        world.do("add_track", kind="video", order=rank)
    order = [track.id for track in surgery.tracks(world.state)]
    assume(len(order) > 1)
    moved, beside = data.draw(st.permutations(order).map(lambda drawn: drawn[:2]))
    named: dict[str, Any] = {"before_id" if before else "after_id": beside}
    refusal(lambda: world.do("reorder_track", track_id=moved, **named))
    after = [track.id for track in surgery.tracks(world.state)]
    others = [id for id in order if id != moved]
    place = others.index(beside) + (not before)
    assert after == [*others[:place], moved, *others[place:]]


# ---------------------------------------------------------------- copies
def told(state: State, clip_ids: list[str], by: int = 0) -> list[Any]:
    """Clips and all in them, without names: labels by who shares them, positions `by` ticks earlier."""
    found = []
    labels: dict[str, int] = {}
    for id in clip_ids:
        rows = copying.tree(state, id)
        value = {k: v for k, v in rows[0].value.items() if k not in copying.LABELS}
        bonds = []
        for field in copying.LABELS:
            label = rows[0].value.get(field)
            sharing = [other for other in clip_ids if state.records[other].value.get(field) == label]
            bonds.append(labels.setdefault(f"{field}:{label}", len(labels)) if label and len(sharing) > 1 else None)
        inside = [(r.kind, {k: v for k, v in r.value.items() if k != "parent_id"}) for r in rows[1:]]
        found.append((value | {"start": value["start"] - by}, bonds, sorted(inside, key=repr)))
    cut = copying.transitions_among(state, clip_ids)
    sides = [[clip_ids.index(t.value[s]) if t.value[s] else None for s in transitions.SIDES] for t in cut]
    plain = [{k: v for k, v in t.value.items() if k not in transitions.SIDES} for t in cut]
    return [found, sorted(zip(sides, plain, strict=True), key=repr)]


@given(data=st.data())
def test_duplicate_and_paste_make_what_was_there(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    roots = {track.id for track in world.state.inside(None, "track")}
    chosen = data.draw(clip_ids(world.state))
    assume(all(world.alive(id) and world.value(id).get("track_id") in roots for id in chosen))
    frame = world.state.rate.ticks_per_frame
    end = max(c.value["start"] + c.value["duration"] for c in world.state.living("clip"))
    by = -(-end // frame) * frame
    group = surgery.together(world.state, chosen, *records.BONDS)
    assume(all(world.value(id)["track_id"] in roots for id in group))
    originals = told(world.state, group)
    names = {id: f"copy-{n}" for n, id in enumerate(group)}

    other = world.copy()
    other.do("duplicate", clip_ids=chosen, delta=ticks(by), new_ids=names)
    assert told(other.state, list(names.values()), by) == originals
    assert told(other.state, group) == originals

    first = min(world.value(id)["start"] for id in group)
    world.do("paste", records=clipboard(world.state, group, nests=False), at=ticks(first + by), id_map=names)
    assert told(world.state, list(names.values()), by) == originals
    assert told(world.state, group) == originals
