"""What must hold when everybody has come to rest. The numbers are those of the list in README.md beside this file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from projections import fold, runner
from projections.otio import read, write
from tests.fakes.access import WORKSPACE
from tests.validity import assert_valid
from timeline_service.client.snapshot import Values, values
from timeline_service.domain import changes, event, records
from timeline_service.domain.state import State, canonical
from timeline_service.eventstore import integrity
from timeline_service.eventstore.store import StoredEvent

if TYPE_CHECKING:
    from tests.convergence.play import Play

GROUND = ("start", "time")


async def check(play: "Play") -> None:
    """All of it."""
    log = await play.store.read(play.timeline_id, WORKSPACE)
    assert [stored.version for stored in log] == list(range(1, len(log) + 1)), "C2: versions are not contiguous"
    state = _folded_with_care(log)
    shown = values(state)
    for node in play.between.nodes:
        there = await node.editing.reader.state_at(play.timeline_id, WORKSPACE)
        assert canonical(there) == canonical(state), f"C1: node {node.place} has another state than its log"
    _check_otio(state)
    await _check_projection(play, state, log)
    for seat in play.seats:
        assert values(seat.sync.confirmed) == shown, f"C1: {seat.name} was told another timeline"
        assert values(seat.sync.state) == shown, f"C1: {seat.name} shows another timeline"
        assert seat.sync.version == len(log), f"C1: {seat.name} is at another version"
    _check_answers(play, log)
    report = await integrity.verify(play.store, play.timeline_id, WORKSPACE)
    assert report is not None and report.ok, "C2: the chain is broken"


def _folded_with_care(log: list[StoredEvent]) -> State:
    """The log folded from zero, each event looked at on the state that it met."""
    state = State()
    bodies: dict[int, event.Body] = {}
    for stored in log:
        body = bodies[stored.version] = event.decode(stored.body, stored.schema_version)
        if body.cause is not None and body.cause.kind in ("undo", "redo") and not body.cause.revert:
            left = {place for version in body.cause.versions for place in _left_by(version, bodies[version])}
            _check_undo(state, str(stored.actor_id), body, left)
        state = fold.replay([(stored.version, str(stored.actor_id), stored.body, stored.schema_version)], state)
    assert_valid(state)
    return state


def _left_by(version: int, body: event.Body) -> Iterator[tuple[str, str, int]]:
    """Record, field and owner of everything that an event wrote, as it left them; the field is "" where it is all."""
    for change in body.changes:
        if isinstance(change, changes.Set):
            for field, told in change.fields.items():
                yield change.id, field, told[3] if len(told) > 3 else version
        elif isinstance(change, changes.Put):
            yield change.id, "", change.exists[1] if len(change.exists) > 1 else version
            for field in change.value:
                yield change.id, field, (change.owners or {}).get(field, version)


def _check_undo(before: State, actor: str, body: event.Body, left: set[tuple[str, str, int]]) -> None:
    """C6: with `skip` and `fail` a field is written only where it is as the events left it that are taken back, or
    the actor's own; nothing that somebody wrote since. Only where something lies may be carried, and what every gesture
    mends is mended (decision 15): a bond of one is dissolved, a transition whose clips part is dropped.
    """
    for change in body.changes:
        if isinstance(change, changes.Drop):
            owner = change.exists[0]
            mine = before.author(owner) == actor or (change.id, "", owner) in left
            assert mine or change.kind == "transition", f"C6: {body.cause} of {actor} dropped {change.id}"
        elif isinstance(change, changes.Set):
            for field, (was, now, owner, *_) in change.fields.items():
                mine = not owner or before.author(owner) == actor or (change.id, field, owner) in left
                mended = field in records.BONDS and now is None
                assert mine or mended or was == now or field in GROUND, (
                    f"C6: {body.cause} of {actor} wrote {change.id}.{field}"
                )


def _check_otio(state: State) -> None:
    imported = read.from_json(write.to_json(state))
    told = {id: value for _, id, value in imported.records}
    shown = {id: dict(r.value) for id, r in state.records.items() if r.alive and r.kind != "timeline"}
    assert told == shown, "C1: OTIO is another timeline"


async def _check_projection(play: "Play", state: State, log: list[StoredEvent]) -> None:
    """The rows that lists and look-ups need: what a process left behind when it died is caught up by the next one."""
    caught = await runner.catch_up(play.store, play.timeline_id, WORKSPACE)
    assert caught.current_version == caught.version == len(log), "C1: the projection is behind"
    for record in state.records.values():
        found = await play.store.timelines_of_record(WORKSPACE, record.id)
        assert (play.timeline_id in found) == record.alive, f"C1: the projection is wrong about {record.id}"


def _check_answers(play: "Play", log: list[StoredEvent]) -> None:
    at = {stored.gesture_id: stored.version for stored in log}
    assert len(at) == len(log), "C3: a gesture has two events"
    for seat in play.seats:
        assert sorted(seat.told) == sorted(seat.asked), f"C4: {seat.name} was not told of everything, or of too much"
        for name, result in seat.told.items():
            assert at.get(name) == result.version, f"C4: {name} is at {at.get(name)}; its result says {result.version}"
        refused = sorted(name for name, result in seat.told.items() if not result.ok)
        assert sorted(seat.refused) == refused, f"C4: {seat.name} was not told of a refusal"
    asked = {name for seat in play.seats for name in seat.asked}
    assert {name for name in at if not name.startswith("start-")} - asked <= {log[0].gesture_id}, (
        "C4: nobody asked for it"
    )


async def undo_and_redo(play: "Play") -> None:
    """C5: n undos and n redos, where nobody comes between, are nothing."""
    seat = play.seats[0]
    before = _shown(play)
    done = 0
    for _ in range(3):
        if not await _flip(play, redo=False):
            break
        done += 1
    for _ in range(done):
        assert await _flip(play, redo=True), "C5: what was undone cannot be redone"
    assert _shown(play) == before, "C5: undone and redone it is something else"
    for other in play.seats:
        assert values(other.sync.state) == values(seat.sync.state), "C1: and then they differ"


async def _flip(play: "Play", *, redo: bool) -> bool:
    seat = play.seats[0]
    name = seat.flip(redo=redo, policy="fail")
    await play.until(lambda: name in seat.told, "an undo is not answered")
    return seat.told[name].ok


def _shown(play: "Play") -> Values:
    return {id: (kind, dict(value)) for id, (kind, value) in values(play.seats[0].sync.state).items()}
