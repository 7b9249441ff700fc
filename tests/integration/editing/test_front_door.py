"""One path for every write: batches, dedupe, versions, expectations, dry runs, refusals."""

import uuid

import pytest

from tests.integration.editing.conftest import FRAME, Desk, Scene, clip
from timeline_service.domain import creation
from timeline_service.domain.media import RateValue
from timeline_service.editing import creations
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.requests import RestoreRequest, UndoRequest
from timeline_service.kit.errors import NotFound


async def versions(desk: Desk, scene: Scene) -> list[int]:
    return [stored.version for stored in await desk.store.read(scene.timeline_id, scene.workspace_id)]


async def test_a_gesture_is_appended_projected_and_answered(desk: Desk, scene: Scene) -> None:
    answer = await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    assert (answer.version, answer.current_version, answer.created) == (3, 3, True)
    assert answer.results[0].how == "committed" and answer.results[0].version == 3
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert state.records["c1"].value["duration"] == 10 * FRAME
    assert answer.head_hash == (await desk.store.head(scene.timeline_id, scene.workspace_id)).head_hash.hex()
    assert await desk.store.timelines_of_record(scene.workspace_id, "c1") == [scene.timeline_id]


async def test_an_atomic_batch_is_one_undo_step_and_may_name_what_it_makes(desk: Desk, scene: Scene) -> None:
    await desk.edit(
        scene.alice,
        scene.timeline_id,
        {"type": "add_track", "kind": "audio"},
        {**clip("c1", 0), "track_id": {"$ref": "gestures[0].track_id"}},
        {"type": "trim", "clip_id": {"$ref": "gestures[1].clip_id"}, "edge": "end", "delta": -2},
    )
    assert await versions(desk, scene) == [1, 2, 3, 4, 5]
    await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest())
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert [record.id for record in state.living("track")] == ["v1"] and state.find("c1") is None
    redone = await desk.editing.redo(scene.alice, scene.timeline_id, UndoRequest())
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert state.records["c1"].value["duration"] == 8 * FRAME and redone.version == 7


async def test_a_refused_atomic_batch_changes_nothing_and_names_the_culprit(desk: Desk, scene: Scene) -> None:
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0), clip("c2", 5, gesture_id="g-2"))
    assert (refused.value.stable_code, refused.value.status) == ("overlap", 409)
    assert refused.value.details["index"] == 1 and refused.value.details["gesture_id"] == "g-2"
    assert await versions(desk, scene) == [1, 2]
    assert (await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))).version == 3


async def test_each_alone_when_not_atomic(desk: Desk, scene: Scene) -> None:
    answer = await desk.edit(
        scene.alice,
        scene.timeline_id,
        clip("c1", 0, gesture_id="g1"),
        clip("c2", 5, gesture_id="g2"),
        {"type": "trim", "clip_id": "c2", "edge": "end", "delta": -1, "gesture_id": "g3"},
        {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -1, "gesture_id": "g4", "after": ["g2"]},
        {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -1, "gesture_id": "g5"},
        atomic=False,
    )
    assert [result.code for result in answer.results] == [None, "overlap", "blocked_by", "blocked_by", None]
    assert [result.version for result in answer.results] == [3, None, None, None, 4]


async def test_what_cannot_be_read_fails_alone_when_not_atomic(desk: Desk, scene: Scene) -> None:
    answer = await desk.edit(
        scene.alice,
        scene.timeline_id,
        {"type": "conjure", "gesture_id": "g1"},
        clip("c1", 0, gesture_id="g2"),
        clip("c2", 20, gesture_id="g2"),
        clip("c3", 30, gesture_id=7),
        clip("c4", 40, gesture_id="g5", expect=["clip"]),
        clip("c5", 50, gesture_id="g6", after=["g1"]),
        atomic=False,
    )
    told = [(result.gesture_id, result.code) for result in answer.results]
    assert told[:3] == [("g1", "unknown_gesture"), ("g2", None), ("g2", "invalid")]
    assert [code for _, code in told[3:]] == ["invalid", "invalid", "blocked_by"]
    assert await versions(desk, scene) == [1, 2, 3]


async def test_an_unknown_rate_has_its_own_code(desk: Desk, scene: Scene) -> None:
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, {**clip("c1", 0), "start": {"value": 1, "rate": 17}})
    assert (refused.value.stable_code, refused.value.status) == ("rate_unknown", 422)


async def test_reverts_of_reverts_stay_within_a_bound(desk: Desk, scene: Scene) -> None:
    """Each is as large as all before it: without a bound the twentieth would hold half a million changes."""
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    target = {"actor_id": str(scene.alice.id), "from": 2, "to": 99}
    codes = []
    for _ in range(20):
        try:
            await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest(target=target, policy="force"))
        except EditRefused as refused:
            codes.append(refused.stable_code)
    assert codes and codes[-1] == "target_too_large"
    stored = await desk.store.read(scene.timeline_id, scene.workspace_id)
    assert max(len(one.body) for one in stored) < 2**20


async def test_a_transaction_is_taken_back_whole_or_not_at_all(desk: Desk, scene: Scene) -> None:
    for half in range(2):
        marks = [{"type": "add_marker", "time": 300 * half + n} for n in range(300)]
        await desk.edit(scene.alice, scene.timeline_id, *marks, transaction_id="long")
    with pytest.raises(EditRefused) as refused:
        await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest(target={"transaction_id": "long"}))
    assert refused.value.stable_code == "target_missing"
    await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest())  # my newest step is all of it
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert not list(state.living("marker"))


async def test_a_gesture_id_answers_the_original_for_ever(desk: Desk, other_desk: Desk, scene: Scene) -> None:
    first = await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0, gesture_id="once"))
    await desk.edit(scene.alice, scene.timeline_id, clip("c2", 20))
    for place in (desk, other_desk):
        again = await place.edit(scene.alice, scene.timeline_id, clip("c1", 0, gesture_id="once"))
        assert again.results[0].how == "duplicate" and not again.created
        assert again.results[0].version == 3 and again.results[0].changes == first.results[0].changes
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, clip("c1", 1, gesture_id="once"))
    assert refused.value.stable_code == "gesture_id_reused"
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0, gesture_id="once"), clip("c3", 40))
    assert refused.value.stable_code == "batch_partly_known"
    assert await versions(desk, scene) == [1, 2, 3, 4]


async def test_a_batch_is_known_again_also_by_what_of_it_had_no_effect(
    desk: Desk, other_desk: Desk, scene: Scene
) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    name = {"type": "rename", "id": "c1", "name": "Sky"}
    await desk.edit(scene.alice, scene.timeline_id, name)
    batch = [{**name, "gesture_id": "idle"}, clip("c2", 20, gesture_id="new")]
    first = await desk.edit(scene.alice, scene.timeline_id, *batch)
    assert [result.how for result in first.results] == ["noop", "committed"]
    await desk.edit(scene.bob, scene.timeline_id, {**name, "name": "Sea"})  # now the first would have an effect
    for place in (desk, other_desk):
        again = await place.edit(scene.alice, scene.timeline_id, *batch)
        assert [result.how for result in again.results] == ["noop", "duplicate"] and not again.created
        with pytest.raises(EditRefused) as refused:
            await place.edit(scene.alice, scene.timeline_id, {**batch[0], "name": "Sun"}, batch[1])
        assert refused.value.stable_code == "batch_partly_known"
    assert await versions(desk, scene) == [1, 2, 3, 4, 5, 6]


async def test_an_expected_version_is_pinned_and_the_missed_events_come_back(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.bob, scene.timeline_id, clip("c1", 0))
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, clip("c2", 20), expected_version=2)
    assert refused.value.stable_code == "version_conflict"
    missed = refused.value.details["events"]
    assert [item["version"] for item in missed] == [3] and missed[0]["type"] == "add_clip"
    assert missed[0]["actor"] == str(scene.bob.id)


async def test_a_pinned_version_refuses_the_whole_request_also_when_not_atomic(desk: Desk, scene: Scene) -> None:
    """It pins the timeline, not a gesture; what a single gesture is wrong about is answered per gesture."""
    pinned = {"atomic": False, "expected_version": 2}
    stale = await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0), clip("c1", 20), **pinned)
    assert [(result.ok, result.code) for result in stale.results] == [(True, None), (False, "id_taken")]
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, clip("c2", 20), {"type": "nonsense"}, **pinned)
    assert (refused.value.stable_code, refused.value.status) == ("version_conflict", 409)
    assert await versions(desk, scene) == [1, 2, 3]


async def test_missed_events_that_are_large_are_named(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, {"type": "set_timeline", "metadata": {"note": "x" * 70_000}})
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0), expected_version=2)
    (missed,) = refused.value.details["events"]
    assert (missed["version"], missed["by_ref"]) == (3, True)
    assert missed["size"] > 70_000


async def test_a_single_field_may_be_a_condition(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    trim = {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -1}
    await desk.edit(scene.bob, scene.timeline_id, trim)
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, trim, expect={"clip.c1.duration": 10 * FRAME})
    assert refused.value.stable_code == "stale_field"
    assert refused.value.details["owner_version"] == 4 and refused.value.details["actor"] == str(scene.bob.id)
    for nearly in (False, 0.0, "0"):  # Python would take the first two for 0
        with pytest.raises(EditRefused) as refused:
            await desk.edit(scene.alice, scene.timeline_id, trim, expect={"clip.c1.start": nearly})
        assert refused.value.stable_code == "stale_field"
    await desk.edit(scene.alice, scene.timeline_id, trim, expect={"clip.c1.duration": 9 * FRAME})


async def test_positions_are_carried_over_what_the_author_had_not_seen(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0), clip("c2", 10))
    await desk.edit(scene.bob, scene.timeline_id, clip("ins", 0, 5, mode="insert"))
    split = {"type": "split", "clip_id": "c2", "at": 14, "new_id": "right"}
    answer = await desk.edit(
        scene.alice, scene.timeline_id, split, base_version=4, expect={"clip.c2.start": 10 * FRAME}
    )
    assert answer.results[0].how == "rebased" and answer.results[0].gesture["at"] == 19 * FRAME
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert state.records["right"].value["start"] == 19 * FRAME


async def test_a_dry_run_tells_and_stores_nothing(desk: Desk, scene: Scene) -> None:
    answer = await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0), dry_run=True)
    assert answer.results[0].how == "dry_run" and not answer.created and answer.version == 2
    assert answer.diff is not None and "c1" in str(answer.diff)
    assert await versions(desk, scene) == [1, 2]


async def test_what_changes_nothing_is_no_event(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    answer = await desk.edit(
        scene.alice, scene.timeline_id, {"type": "trim", "clip_id": "c1", "edge": "end", "delta": 0}
    )
    assert answer.results[0].how == "noop" and answer.results[0].version is None and answer.version == 3


@pytest.mark.parametrize(
    ("gesture", "code"),
    [
        ({"type": "no_such_thing"}, "unknown_gesture"),
        ({"type": "trim", "clip_id": "c1", "edge": "middle", "delta": 1}, "invalid"),
        ({"type": "trim", "clip_id": "c1", "edge": "end", "delta": 1, "extra": 1}, "invalid"),
        ({"type": "trim", "clip_id": "c1", "edge": "end", "delta": True}, "invalid"),
        ({"type": "trim", "clip_id": "c1", "edge": "end", "delta": 1, "gesture_id": "a/b"}, "invalid"),
        ({"type": "trim", "clip_id": {"$ref": "gestures[7].clip_id"}, "edge": "end", "delta": 1}, "bad_reference"),
    ],
)
async def test_what_is_wrong_in_itself(desk: Desk, scene: Scene, gesture: dict[str, object], code: str) -> None:
    with pytest.raises(EditRefused) as refused:
        await desk.edit(scene.alice, scene.timeline_id, gesture)
    assert (refused.value.stable_code, refused.value.status) == (code, 422)
    assert await versions(desk, scene) == [1, 2]


async def test_a_stranger_finds_nothing(desk: Desk, scene: Scene) -> None:
    with pytest.raises(NotFound):
        await desk.edit(scene.stranger, scene.timeline_id, clip("c1", 0))
    with pytest.raises(NotFound):
        await desk.edit(scene.alice, uuid.uuid4(), clip("c1", 0))


async def test_undo_reports_what_others_did_and_leaves_it(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    await desk.edit(scene.alice, scene.timeline_id, {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -2})
    await desk.edit(scene.bob, scene.timeline_id, {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -3})
    with pytest.raises(EditRefused) as refused:
        await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest())
    assert refused.value.stable_code == "undo_conflict"
    conflict = refused.value.details["conflicts"][0]
    assert conflict["field"] == "duration" and conflict["actor"] == str(scene.bob.id)
    forced = await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest(policy="force", gesture_id="u1"))
    assert forced.results[0].how == "committed"
    again = await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest(policy="force", gesture_id="u1"))
    assert again.results[0].how == "duplicate" and again.version == forced.version


async def test_revert_of_anothers_events_by_version_range_and_transaction(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    await desk.edit(scene.bob, scene.timeline_id, clip("c2", 10), clip("c3", 20), transaction_id="bobs")
    target = {"actor_id": str(scene.bob.id), "from": 1, "to": 99}
    plan = await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest(target=target, dry_run=True))
    assert plan.diff is not None and plan.version == 5
    await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest(target={"transaction_id": "bobs"}))
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert {record.id for record in state.living("clip")} == {"c1"}
    await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest())
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert {record.id for record in state.living("clip")} == {"c1", "c2", "c3"}


async def test_restore_is_one_event_and_can_be_undone(desk: Desk, scene: Scene) -> None:
    await desk.edit(scene.alice, scene.timeline_id, clip("c1", 0))
    await desk.edit(scene.bob, scene.timeline_id, {"type": "ripple_delete", "clip_ids": ["c1"], "scope": "track"})
    restored = await desk.editing.restore(scene.alice, scene.timeline_id, RestoreRequest(version=3))
    assert restored.version == 5
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert state.find("c1") is not None
    await desk.editing.undo(scene.alice, scene.timeline_id, UndoRequest())
    state = await desk.editing.reader.state_at(scene.timeline_id, scene.workspace_id)
    assert state.find("c1") is None
    with pytest.raises(NotFound):
        await desk.editing.restore(scene.alice, scene.timeline_id, RestoreRequest(version=99))


async def test_a_creation_sent_again_answers_the_first(desk: Desk, scene: Scene) -> None:
    request = creation.NewTimeline(name="Twice", rate=RateValue(num=25, den=1), width=1280, height=720)
    first = await desk.editing.create_timeline(scene.alice, scene.workspace_id, request, gesture_id="new-1")
    again = await desk.editing.create_timeline(scene.alice, scene.workspace_id, request, gesture_id="new-1")
    assert first.created and not again.created and again.timeline_id == first.timeline_id
    assert again.results[0].how == "duplicate" and again.results[0].changes == first.results[0].changes
    other = request.model_copy(update={"name": "Other"})
    with pytest.raises(EditRefused) as refused:
        await desk.editing.create_timeline(scene.alice, scene.workspace_id, other, gesture_id="new-1")
    assert refused.value.stable_code == "gesture_id_reused"
    with pytest.raises(creations.TimelineIdTaken):
        await desk.editing.create_timeline(
            scene.alice, scene.workspace_id, request, gesture_id="new-2", timeline_id=first.timeline_id
        )
