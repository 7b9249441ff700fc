"""What a lease stops: writes of other people to a record, to what lies in it, and into it."""

from collections.abc import Sequence

import pytest

from tests.stage import stage
from timeline_service.domain import records
from timeline_service.domain.changes import Change, Drop, Put, Set, Shift
from timeline_service.domain.state import State
from timeline_service.editing.leases import NONE, Holder, Lease, Leased, Standing, check

NOW = 100.0


def held(*names: str, by: str = "alice", deadline: float = NOW + 5) -> Standing:
    holder = Holder("session", by, by.title())
    return Standing({name: Lease(name, holder, 1_700_000_005_250, 15_000, 1, deadline) for name in names}, NOW)


def set_of(kind: str, id: str, /, **fields: object) -> Set:
    return Set(kind=kind, id=id, fields={name: [None, value, 1] for name, value in fields.items()}, unit=0)


def put_of(kind: str, id: str, /, **fields: object) -> Put:
    return Put(kind=kind, id=id, value=records.new(kind, **fields), exists=[0], unit=0)


@pytest.fixture
def state() -> State:
    return stage().state


def clip_and_track(state: State) -> tuple[str, str]:
    clip = next(iter(state.living("clip")))
    return clip.id, clip.value["track_id"]


def is_leased(state: State, written: Sequence[Change], *names: str) -> bool:
    try:
        check(state, written, "bob", held(*names))
    except Leased:
        return True
    return False


def test_s15_a_record_and_all_that_lies_in_it(state: State) -> None:
    clip, track = clip_and_track(state)
    effect = put_of("effect", "e", parent_id=clip, kind="blur", order=0)
    keyframe = put_of("keyframe", "k", parent_id="e", property="opacity", time=0, value=1)
    trimmed = set_of("clip", clip, duration=5)
    dropped = Drop(kind="clip", id=clip, value={}, owners={}, exists=[1], unit=0)
    for written in ([trimmed], [dropped], [effect], [effect, keyframe], [keyframe, effect]):
        assert is_leased(state, written, clip)
        assert is_leased(state, written, track)
        assert not is_leased(state, written, "elsewhere")
    assert not is_leased(state, [set_of("track", track, name="x")], clip)


def test_s15_where_a_record_is_moved_to(state: State) -> None:
    clip, track = clip_and_track(state)
    other = next(one.id for one in state.living("track") if one.id != track)
    moved = set_of("clip", clip, track_id=other)
    assert is_leased(state, [moved], other)
    assert is_leased(state, [moved], track)
    assert is_leased(state, [put_of("transition", "t", left_id=None, right_id=clip)], clip)


def test_s15_what_a_shift_carries_along_is_free(state: State) -> None:
    _, track = clip_and_track(state)
    shift = Shift(id="s", track=track, start=0, by=5, moves=True, unit=0)
    assert not is_leased(state, [shift], track)


def test_s15_the_holder_and_the_time_set_free(state: State) -> None:
    clip, track = clip_and_track(state)
    written = [set_of("clip", clip, duration=5)]
    check(state, written, "alice", held(clip, track))
    check(state, written, "bob", held(clip, deadline=NOW))
    check(state, written, "bob", NONE)


def test_s15_a_refusal_says_who_until_when_and_may_be_retried(state: State) -> None:
    clip, track = clip_and_track(state)
    with pytest.raises(Leased) as caught:
        check(state, [set_of("clip", clip, duration=5)], "bob", held(track))
    refusal = caught.value
    assert (refusal.stable_code, refusal.status, refusal.retryable) == ("leased", 409, True)
    assert refusal.details == {
        "record": track,
        "written": clip,
        "actor": {"id": "alice", "name": "Alice"},
        "until": "2023-11-14T22:13:25.250Z",
        "retry_after_ms": 5_000,
    }
