"""Undo at the front door: the six cases of two editors, other devices and processes, permissions, bulk reverts."""

import dataclasses
from typing import Any

import pytest

from projections import snapshots
from tests.integration.editing.conftest import FRAME, Desk, Scene, clip
from timeline_service.access.service import Actor
from timeline_service.domain.state import State
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.requests import Answer, RestoreRequest, UndoRequest
from timeline_service.kit.errors import Forbidden


@dataclasses.dataclass
class Cut:
    """The clip `c1`, [0, 10), with the words for what two people do to it."""

    desk: Desk
    scene: Scene

    @property
    def alice(self) -> Actor:
        return self.scene.alice

    @property
    def bob(self) -> Actor:
        return self.scene.bob

    async def edit(self, actor: Actor, *gestures: dict[str, Any], **options: Any) -> int:
        return (await self.desk.edit(actor, self.scene.timeline_id, *gestures, **options)).version

    async def move(self, actor: Actor, start: int, id: str = "c1") -> int:
        return await self.edit(actor, {"type": "move", "clip_ids": [id], "to": {"start": start}})

    async def gain(self, actor: Actor, gain: int, id: str = "c1") -> int:
        return await self.edit(actor, {"type": "set_volume", "clip_id": id, "gain": gain})

    async def remove(self, actor: Actor, id: str = "c1") -> int:
        return await self.edit(actor, {"type": "remove_clip", "clip_id": id})

    async def undo(self, actor: Actor, **options: Any) -> Answer:
        return await self.desk.editing.undo(actor, self.scene.timeline_id, UndoRequest(**options))

    async def redo(self, actor: Actor, **options: Any) -> Answer:
        return await self.desk.editing.redo(actor, self.scene.timeline_id, UndoRequest(**options))

    async def conflicts(self, actor: Actor, **options: Any) -> list[tuple[Any, ...]]:
        """What a refused undo names: code, record, field, version, actor."""
        with pytest.raises(EditRefused) as refused:
            await self.undo(actor, **options)
        assert refused.value.stable_code == "undo_conflict"
        found = refused.value.details["conflicts"]
        return [(c["code"], c["record"], c["field"], c["owner_version"], c["actor"]) for c in found]

    async def state(self) -> State:
        return await self.desk.editing.reader.state_at(self.scene.timeline_id, self.scene.workspace_id)

    async def seen(self) -> dict[str, tuple[Any, ...]]:
        """What is there and whose it is."""
        records = (await self.state()).records.values()
        return {r.id: (dict(r.value), r.all_owners(), r.exists) for r in records if r.alive}

    async def value(self, field: str, id: str = "c1") -> Any:
        return (await self.state()).records[id].value[field]


@pytest.fixture
async def cut(desk: Desk, scene: Scene) -> Cut:
    made = Cut(desk, scene)
    await made.edit(scene.alice, clip("c1", 0))
    return made


# ---- the six cases
async def test_case_1_what_another_wrote_over_my_edit_is_kept_and_named(cut: Cut) -> None:
    await cut.move(cut.alice, 10)
    theirs = await cut.move(cut.bob, 77)
    found = await cut.conflicts(cut.alice)
    assert ("foreign_owner", "c1", "start", theirs, str(cut.bob.id)) in found
    assert await cut.value("start") == 77 * FRAME
    await cut.undo(cut.alice, policy="force")
    assert await cut.value("start") == 0


async def test_case_1b_only_after_force_is_there_something_to_redo_and_it_gives_back_what_was_there(cut: Cut) -> None:
    await cut.move(cut.alice, 10)
    theirs = await cut.move(cut.bob, 77)
    await cut.conflicts(cut.alice)
    with pytest.raises(EditRefused) as refused:
        await cut.redo(cut.alice)
    assert refused.value.stable_code == "nothing_to_redo"
    await cut.undo(cut.alice, policy="force")
    await cut.redo(cut.alice)
    assert await cut.value("start") == 77 * FRAME
    assert (await cut.state()).records["c1"].owner("start") == theirs


async def test_case_2_another_field_of_the_same_clip_stays_anothers(cut: Cut) -> None:
    await cut.move(cut.alice, 10)
    await cut.gain(cut.bob, -200)
    assert (await cut.undo(cut.alice)).conflicts == ()
    assert (await cut.value("start"), await cut.value("gain")) == (0, -200)


async def test_case_3_a_deleted_clip_comes_back_with_what_others_had_written(cut: Cut) -> None:
    await cut.gain(cut.bob, -200)
    await cut.remove(cut.alice)
    with pytest.raises(EditRefused) as late:
        await cut.gain(cut.bob, -300)
    assert late.value.stable_code == "clip_missing"
    await cut.undo(cut.alice)
    assert await cut.value("gain") == -200


async def test_case_4_a_clip_that_another_has_worked_on_does_not_go_with_its_creation(cut: Cut) -> None:
    theirs = await cut.gain(cut.bob, -200)
    assert await cut.conflicts(cut.alice) == [("foreign_owner", "c1", "gain", theirs, str(cut.bob.id))]
    await cut.undo(cut.alice, policy="force")
    assert (await cut.state()).find("c1") is None
    await cut.redo(cut.alice)
    assert await cut.value("gain") == -200


async def test_case_5_undoing_my_own_creation_and_deletion_is_no_conflict_with_myself(cut: Cut) -> None:
    """Undo gives owners back: without that a lone user would conflict with himself."""
    before = await cut.seen()
    await cut.edit(cut.alice, clip("c2", 20))
    await cut.remove(cut.alice, "c2")
    assert (await cut.undo(cut.alice, policy="fail")).conflicts == ()
    assert (await cut.undo(cut.alice, policy="fail")).conflicts == ()
    assert await cut.seen() == before


async def test_case_6_a_clip_that_another_deleted_does_not_come_back_by_my_undo_of_a_trim(cut: Cut) -> None:
    await cut.edit(cut.alice, {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -2})
    gone = await cut.remove(cut.bob)
    for policy in ("skip", "force"):
        found = await cut.conflicts(cut.alice, policy=policy)
        assert found == [("record_missing", "c1", "exists", gone, str(cut.bob.id))]
    assert (await cut.state()).find("c1") is None


# ---- devices, processes, snapshots
async def test_stacks_survive_another_process_and_a_snapshot(cut: Cut, other_desk: Desk) -> None:
    before = await cut.seen()
    for gain in (-100, -200, -300):
        await cut.gain(cut.alice, gain)
    after = await cut.seen()
    await cut.undo(cut.alice)
    away = Cut(other_desk, cut.scene)  # knows nothing but the store
    await away.undo(cut.alice)
    state = await away.state()
    data, hash = snapshots.dump(state)
    assert snapshots.load(data, hash).stacks == state.stacks
    await cut.undo(cut.alice)  # the first process takes the other's undo from the log
    assert await away.seen() == before
    for desk in (away, cut, away):
        await desk.redo(cut.alice, policy="fail")
    assert await cut.seen() == await away.seen() == after


async def test_stacks_are_one_per_person_not_per_device(cut: Cut, other_desk: Desk) -> None:
    phone = Cut(other_desk, cut.scene)
    await cut.gain(cut.alice, -100)
    await phone.move(cut.alice, 30)
    await cut.undo(cut.alice)  # the newest of hers, from wherever
    assert (await cut.value("start"), await cut.value("gain")) == (0, -100)
    await phone.gain(cut.bob, -5)
    await phone.redo(cut.alice)  # what Bob did clears nobody else's redo
    assert await cut.value("start") == 30 * FRAME


async def test_n_undos_and_n_redos_are_nothing_by_value_and_owner(cut: Cut) -> None:
    await cut.edit(cut.alice, {"type": "split", "clip_id": "c1", "at": 5, "new_id": "c2"})
    await cut.edit(cut.alice, {"type": "ripple_delete", "clip_ids": ["c1"], "scope": "track"})
    await cut.edit(cut.alice, clip("c3", 40), clip("c4", 50), transaction_id="drag")
    await cut.edit(cut.alice, {"type": "add_transition", "left_id": "c3", "right_id": "c4", "out_offset": 2})
    await cut.move(cut.alice, 70, "c4")
    before = await cut.seen()
    for _ in range(6):
        await cut.undo(cut.alice, policy="fail")
    assert (await cut.state()).find("c1") is None
    for _ in range(6):
        await cut.redo(cut.alice, policy="fail")
    assert await cut.seen() == before


# ---- permissions and locks are those of now
async def test_a_permission_is_asked_when_the_undo_runs(cut: Cut) -> None:
    mine = await cut.gain(cut.bob, -100)
    await cut.desk.access.put_member(cut.scene.workspace_id, cut.bob.id, "viewer")
    asked: tuple[dict[str, Any], ...] = ({}, {"dry_run": True}, {"target": {"version": mine}})
    for options in asked:
        with pytest.raises(Forbidden):
            await cut.undo(cut.bob, **options)
    with pytest.raises(Forbidden):
        await cut.redo(cut.bob)
    with pytest.raises(Forbidden):
        await cut.desk.editing.restore(cut.bob, cut.scene.timeline_id, RestoreRequest(version=mine - 1))
    assert await cut.value("gain") == -100
    await cut.desk.access.put_member(cut.scene.workspace_id, cut.bob.id, "editor")
    await cut.undo(cut.bob)  # his stack has waited for him
    assert await cut.value("gain") == 0


async def test_undoing_others_needs_its_own_permission(cut: Cut, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = await cut.gain(cut.alice, -100)
    mine = await cut.gain(cut.bob, -200)
    granted = cut.desk.access.grant

    async def narrow(actor: Actor, *where: Any) -> Any:
        grant = await granted(actor, *where)
        return dataclasses.replace(grant, role="intern") if actor is cut.bob else grant

    monkeypatch.setattr(cut.desk.access, "grant", narrow)
    everything = {"actor_id": str(cut.alice.id), "from": 1, "to": mine}
    targets: tuple[dict[str, Any], ...] = ({"version": theirs}, everything)
    for target in targets:
        with pytest.raises(Forbidden):
            await cut.undo(cut.bob, target=target, policy="force")
    await cut.undo(cut.bob, target={"version": mine})
    assert await cut.value("gain") == -100


async def test_a_lock_is_heeded_when_the_undo_runs(cut: Cut) -> None:
    mine = await cut.gain(cut.alice, -100)
    locked = await cut.edit(cut.bob, {"type": "lock_track", "track_id": "v1", "locked": True})
    expected = [("track_locked", "v1", "locked", locked, str(cut.bob.id))]
    assert await cut.conflicts(cut.alice, policy="force") == expected
    assert await cut.conflicts(cut.bob, target={"version": mine}) == expected
    with pytest.raises(EditRefused) as refused:
        await cut.desk.editing.restore(cut.bob, cut.scene.timeline_id, RestoreRequest(version=mine - 1))
    assert refused.value.stable_code == "track_locked"
    await cut.undo(cut.bob)
    await cut.undo(cut.alice)
    assert await cut.value("gain") == 0


# ---- plans, blocked entries, parts
async def test_the_plan_of_a_bulk_revert_is_what_then_happens(cut: Cut) -> None:
    first = await cut.edit(cut.bob, clip("b1", 20), clip("b2", 40)) - 1
    await cut.edit(cut.bob, {"type": "add_gap", "track_id": "v1", "at": 15, "duration": 5})
    await cut.gain(cut.bob, -200)
    theirs = await cut.gain(cut.alice, -300, "b1")
    await cut.move(cut.bob, 60, "b2")
    target = {"actor_id": str(cut.bob.id), "from": first, "to": theirs + 1}
    before = await cut.seen()
    plan = await cut.undo(cut.alice, target=target, dry_run=True)
    assert await cut.seen() == before and plan.results[0].how == "dry_run"
    done = await cut.undo(cut.alice, target=target)
    assert (done.conflicts, done.results[0].changes) == (plan.conflicts, plan.results[0].changes)
    named = {(c["record"], c["field"], c["owner_version"], c["actor"]) for c in done.conflicts}
    assert named == {("b1", "gain", theirs, str(cut.alice.id))}
    clips = {record.id: record.value["gain"] for record in (await cut.state()).living("clip")}
    assert clips == {"c1": 0, "b1": -300}
    await cut.undo(cut.alice)  # the whole of it, in one step
    assert await cut.seen() == before


async def test_the_plan_of_an_undo_and_of_a_restore_is_what_then_happens(cut: Cut) -> None:
    goal = await cut.move(cut.alice, 30)
    await cut.edit(cut.bob, {"type": "add_gap", "track_id": "v1", "at": 0, "duration": 5})
    plan = await cut.undo(cut.alice, dry_run=True)
    done = await cut.undo(cut.alice)
    assert plan.results[0].changes == done.results[0].changes
    ask = cut.desk.editing.restore
    plan = await ask(cut.bob, cut.scene.timeline_id, RestoreRequest(version=goal, dry_run=True))
    done = await ask(cut.bob, cut.scene.timeline_id, RestoreRequest(version=goal))
    assert plan.results[0].changes == done.results[0].changes
    assert await cut.value("start") == 30 * FRAME


async def test_a_blocked_step_names_what_blocks_it_and_may_be_passed_over(cut: Cut) -> None:
    await cut.edit(cut.bob, clip("c2", 20))
    await cut.gain(cut.alice, -100, "c2")
    blocked = await cut.gain(cut.alice, -200)
    theirs = await cut.gain(cut.bob, -300)
    answer = await cut.undo(cut.alice, on_blocked="next")
    assert [(c["version"], c["field"], c["owner_version"]) for c in answer.conflicts] == [(blocked, "gain", theirs)]
    assert (await cut.value("gain"), await cut.value("gain", "c2")) == (-300, 0)
    await cut.undo(cut.bob)
    await cut.undo(cut.alice)  # it was kept
    assert await cut.value("gain") == 0


async def test_of_a_batch_what_another_has_changed_stays_and_the_rest_is_undone(cut: Cut) -> None:
    await cut.edit(cut.bob, clip("c2", 20))
    colors = [{"type": "set_color", "clip_ids": [id], "color": "#008080"} for id in ("c1", "c2")]
    batch = await cut.edit(cut.alice, *colors)
    theirs = await cut.edit(cut.bob, {"type": "set_color", "clip_ids": ["c2"], "color": "#ff0000"})
    expected = [("foreign_owner", "c2", "color", theirs, str(cut.bob.id))]
    assert await cut.conflicts(cut.alice, policy="fail") == expected
    answer = await cut.undo(cut.alice)
    assert [(c["version"], c["record"]) for c in answer.conflicts] == [(batch, "c2")]
    assert (await cut.value("color"), await cut.value("color", "c2")) == (None, "#ff0000")
