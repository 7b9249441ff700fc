"""Excerpts: tracks, a range; what is in them lies where it lay, and each is a sound file."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.otio import excerpt, read, write
from tests.strategies import worlds
from tests.world import F, World, values
from timeline_service.domain import animation, changes, errors, importing, invariants
from timeline_service.domain.clip_time import source_at
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State


def sound(state: State) -> None:
    """Every record written once more into an empty state breaks no law."""
    unlocked = {id: {**r.value, "locked": False} for id, r in state.records.items() if r.alive and r.kind == "track"}
    fresh = World(state.rate).state
    puts = [
        changes.Put(kind=r.kind, id=id, value=unlocked.get(id, r.value), exists=[0], unit=0)
        for id, r in state.records.items()
        if r.alive and r.kind != "timeline"
    ]
    after = fresh.fork()
    for number, put in enumerate(puts):
        after.apply(put, number)
    invariants.check(fresh, after, puts)


@given(worlds.timelines(), st.data())
def test_a_range_shows_what_lay_there(world: World, data: st.DataObject) -> None:
    state, frame = world.state, world.state.rate.ticks_per_frame
    first = data.draw(st.integers(0, 12)) * frame
    last = first + data.draw(st.integers(1, 12)) * frame
    part = excerpt.extract(state, start=first, end=last)
    sound(part)
    assert shown(part, 0, last - first) == shown(state, first, last)


def shown(state: State, first: int, last: int) -> list[Any]:
    """What every root track shows at some times of a range: media, source time, opacity."""
    found = []
    for at in range(first, last, max(1, (last - first) // 7)):
        for track in sorted(state.inside(None, "track"), key=lambda track: track.id):
            for clip in state.inside(track.id, "clip"):
                t = at - clip.value["start"]
                if 0 <= t < clip.value["duration"]:
                    opacity = animation.value_at(state, clip.id, "opacity", t)
                    found.append((at - first, track.id, clip.value["media"], source_at(clip.value, t), opacity))
    return sorted(found, key=repr)


def film() -> World:
    world = World()
    for track in ("v1", "v2"):
        world.do("add_track", track_id=track, kind="video")
        world.do("add_clip", clip_id=f"c{track}", track_id=track, media={"asset_id": "film"}, start=0, duration=24)
    world.do("add_marker", time=5)
    return world


def test_one_track_alone() -> None:
    part = excerpt.extract(film().state, tracks=["v2"])
    assert [track.id for track in part.living("track")] == ["v2"]
    assert [clip.id for clip in part.living("clip")] == ["cv2"]


def test_the_timecode_says_where_a_range_was() -> None:
    part = excerpt.extract(film().state, start=4 * F, end=10 * F)
    assert part.records["timeline"].value["start_timecode"] == 4 * F
    assert [marker.value["time"] for marker in part.living("marker")] == [F]


def test_an_excerpt_is_a_file_for_an_empty_timeline_and_for_no_other() -> None:
    world = film()
    told = excerpt.described(["v1"], 0, 10 * F)
    data = write.to_json(excerpt.extract(world.state, ["v1"], 0, 10 * F), excerpt=told)
    imported = read.from_json(data)
    assert imported.origin["excerpt"] == {"tracks": ["v1"], "from": 0, "to": 10 * F}
    bring = (imported.timeline, imported.records, imported.origin, Facts("in"))
    brought = importing.bring_in(World().state, *bring, actor="ann")
    assert values(brought.state)["cv1"]["duration"] == 10 * F
    with pytest.raises(errors.TimelineNotEmpty):
        importing.bring_in(world.state, *bring, actor="ann")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"tracks": ["nowhere"]}, "track_missing"),
        ({"start": 5 * F, "end": 5 * F}, "bad_range"),
        ({"start": 5 * F + 1}, "off_grid"),
        ({"end": -F}, "bad_range"),
    ],
)
def test_what_is_no_part(options: dict[str, Any], code: str) -> None:
    with pytest.raises(errors.Refused) as refused:
        excerpt.extract(film().state, **options)
    assert refused.value.stable_code == code
