"""The inverse of a unit of changes, written into a draft.

A unit is inverted whole or not at all. What stands in the way is told as conflicts. Some of them `force` overrides:

    foreign_owner          somebody else has written the field since, or owns what the entry left
    has_new_children       something has been put into the record that would go
    ground_moved_between   ripples have moved the old and the new start differently, so a trim would move the far edge
    would_separate         a transition lies on a cut that would be pulled apart; `force` drops it

one is told of a unit that goes through all the same, but for `fail`:

    left_out               a transition that went with the change stays away, as its cut is not there or not free

and some nothing overrides:

    record_missing         the record that the change wrote is gone
    record_exists          the record that would come back is there
    shift_already_reversed the ripple has been taken back already
    not_undoable           the creation of the timeline

beside the codes of the refusals that a draft and the invariants raise: place_gone, shift_not_invertible, overlap, …
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from timeline_service.domain import carry, changes, errors, invariants, obstacles, records, settle, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.event import Event
from timeline_service.domain.state import Place, Record, State

EXISTS: Final = obstacles.EXISTS


class Conflict(NamedTuple):
    """What keeps a unit of an event from being inverted.

    `record` and `field` are what is contested (for has_new_children the child), `owner_version` and `actor` who wrote
    it last: 0 and None where nobody in particular stands in the way.
    """

    version: int
    unit: int
    code: str
    record: str | None = None
    field: str | None = None
    owner_version: int = 0
    actor: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Terms:
    """How strictly owners are looked at.

    `mine` is the actor to whom everything that is taken back must belong, None where it is enough that nobody has
    written it since; `force` looks at no owner at all.
    """

    mine: str | None
    force: bool


class _Blocked(Exception):
    """Nothing overrides this. `field` and `owner` are of what stands in the way."""

    def __init__(self, code: str, record: str | None, field: str | None = None, owner: int = 0) -> None:
        super().__init__(code)
        self.code, self.record = code, record
        self.field, self.owner = field, owner


class Inverted(NamedTuple):
    """What stands in the way of a unit, and, where nothing does, what could not come back with it."""

    conflicts: list[Conflict]
    left_out: list[Conflict]


def invert(draft: Draft, before: State, unit: "Unit", into: int, terms: Terms) -> Inverted:
    """Append the inverse of one unit of an event to a draft, as its unit `into`.

    `before` is the draft's state as it is now; the locks of both are heeded. With conflicts the draft is spoilt, and
    the caller goes back to its savepoint.
    """
    work = _Inversion(draft, unit, into, terms)
    written = len(draft.changes)
    try:
        work.run(_in_order(unit.steps))
        if not work.conflicts:
            work.mend(draft.changes[written:])
        if not work.conflicts:
            invariants.check(before, draft.state, draft.changes[written:])
    except _Blocked as blocked:
        work.hard(blocked.code, blocked.record, blocked.field, blocked.owner)
    except errors.Refused as refusal:
        obstacle = obstacles.of(before, refusal)
        work.hard(refusal.stable_code, obstacle.record, obstacle.field, obstacle.owner)
    return Inverted(work.conflicts, work.left_out)


class _Step(NamedTuple):
    """One change to invert, the place in the log to which its before belongs, and whether it lies on told ground."""

    change: changes.Change
    at: Place
    grounded: bool


class Unit(NamedTuple):
    """A unit of an event; its steps as they were written."""

    event: Event
    number: int
    steps: list[_Step]


def units(event: Event) -> list[Unit]:
    """The units of an event, last to first."""
    found: dict[int, Unit] = {}
    for index, change in enumerate(event.changes):
        unit = found.get(change.unit)
        if unit is None:
            unit = found[change.unit] = Unit(event, change.unit, [])
        unit.steps.append(_Step(change, Place(event.version, index), False))
    return [found[number] for number in sorted(found, reverse=True)]


def _in_order(written: list[_Step]) -> list[_Step]:
    """The changes of a unit, last to first.

    Shifts that move nothing tell the ground of a restore: they go first, and every before is older than all of them.
    """
    found = written[::-1]
    ground = [step for step in found if isinstance(step.change, changes.Shift) and not step.change.moves]
    if not ground:
        return found
    older = Place(found[-1].at.version, found[-1].at.order - 1)
    rest = [step for step in found if not (isinstance(step.change, changes.Shift) and not step.change.moves)]
    return ground + [_Step(step.change, older, True) for step in rest]


class _Inversion:
    """The work on one unit; goes on after a conflict that force could override, so that all of them are told."""

    def __init__(self, draft: Draft, unit: Unit, into: int, terms: Terms) -> None:
        self.draft = draft
        self.event = unit.event
        self.unit = unit.number
        self.into = into
        self.terms = terms
        self.conflicts: list[Conflict] = []
        self.left_out: list[Conflict] = []
        self.of_transitions = all(_kind(step.change) == "transition" for step in unit.steps)

    def run(self, steps: Iterable[_Step]) -> None:
        """All changes of the unit. What it did to transitions beside other things is no reason to give all of it up."""
        back: list[changes.Drop] = []
        for step in steps:
            change = step.change
            if self.of_transitions or isinstance(change, changes.Shift) or change.kind != "transition":
                self.take(step)
            elif isinstance(change, changes.Drop):
                back.append(change)
            elif self.draft.state.find(change.id) is not None:
                self.take(step)
        for change in back:
            self._bring_back(change)

    def mend(self, written: list[changes.Change]) -> None:
        """What every event owes to the bonds and the cuts that it touches (see settle)."""
        for id in [] if self.of_transitions else settle.separated(self.draft.state, written):
            if self.terms.force:
                self.draft.drop(id, unit=self.into)
            else:
                self._contest("would_separate", id, None, self.draft.state.records[id].exists)
        if not self.conflicts:
            settle.dissolve(self.draft, written, unit=self.into)

    def take(self, step: _Step) -> None:
        change = step.change
        if isinstance(change, changes.Shift):
            self._shift(change, step.at)
            return
        record = self.draft.state.records.get(change.id)
        if isinstance(change, changes.Drop):
            if record is None or record.alive:
                raise _Blocked("record_exists", change.id, EXISTS, 0 if record is None else record.exists)
            self._check_owners({EXISTS: self._after(change.exists, 1)}, {EXISTS: record.exists}, change.id)
            value = self._placed(change, record, dict(change.value), step)
            owners = dict(change.owners)
            self.draft.put(change.kind, change.id, value, unit=self.into, owners=owners, exists=change.exists[0])
            return
        if record is None or not record.alive:
            raise _Blocked("record_missing", change.id, EXISTS, 0 if record is None else record.exists)
        if isinstance(change, changes.Put):
            self._put(change, record)
        else:
            self._set(change, record, step)

    def hard(self, code: str, record: str | None, field: str | None, owner: int) -> None:
        """Nothing overrides this; told only where it is all that stands in the way."""
        if not self.conflicts:
            self._contest(code, record, field, owner)

    def _bring_back(self, change: changes.Drop) -> None:
        """A transition that went with the change, where it can lie on its cut again; else it is left out."""
        record = self.draft.state.records.get(change.id)
        if record is None or record.alive:
            raise _Blocked("record_exists", change.id, EXISTS, 0 if record is None else record.exists)
        self._check_owners({EXISTS: self._after(change.exists, 1)}, {EXISTS: record.exists}, change.id)
        if self.conflicts:
            return
        trial = self.draft.copy()
        for draft in (trial, self.draft):
            draft.put(
                change.kind, change.id, dict(change.value), unit=self.into, owners=dict(change.owners),
                exists=change.exists[0],
            )  # fmt: skip
            if draft is trial and not transitions.fits(trial.state, trial.state.records[change.id]):
                owner = obstacles.newest_at_cut(self.draft.state, change.value)
                self.left_out.append(self._conflict("left_out", change.id, EXISTS, owner))
                return

    def _shift(self, change: changes.Shift, at: Place) -> None:
        state = self.draft.state
        last = obstacles.last_shift(state, change.id)
        if last is None or last.shift.by != change.by:
            raise _Blocked("shift_already_reversed", change.track, None, 0 if last is None else last.at.version)
        left_edge = min(change.start, change.start + change.by)
        edge = self._carried(left_edge, change.track, at, change.track, None)
        by = -change.by
        self.draft.shift(change.track, edge - min(by, 0), by, id=change.id, unit=self.into, moves=change.moves)

    def _put(self, change: changes.Put, record: Record) -> None:
        if not self.terms.force:
            for child in sorted(self.draft.state.members.get(change.id, ())):
                self._contest("has_new_children", child, None, self.draft.state.records[child].exists)
        given = change.owners or {}
        left = {field: given.get(field, self.event.version) for field in change.value}
        left |= {field: owner for field, owner in given.items() if owner}
        now = record.all_owners()
        left[EXISTS], now[EXISTS] = self._after(change.exists, 1), record.exists
        self._check_owners(left, now, change.id)
        self.draft.drop(change.id, unit=self.into, exists=change.exists[0])

    def _set(self, change: changes.Set, record: Record, step: _Step) -> None:
        left = {field: self._after(written, 3) for field, written in change.fields.items()}
        self._check_owners(left, {field: record.owner(field) for field in left}, change.id)
        value = self._placed(change, record, {field: written[0] for field, written in change.fields.items()}, step)
        owners = {field: written[2] for field, written in change.fields.items()}
        self.draft.set(change.id, value, unit=self.into, owners=owners)

    def _after(self, written: list[Any], index: int) -> int:
        """The owner that a change left: the event itself where it names none."""
        return written[index] if len(written) > index else self.event.version

    def _check_owners(self, left: Mapping[str, int], now: Mapping[str, int], record: str) -> None:
        if self.terms.force:
            return
        mine, author = self.terms.mine, self.draft.state.author
        for field in sorted(left.keys() | now.keys()):
            owner = now.get(field, 0)
            given_back = field in records.BONDS  # a redo does so with a label that the undo had dissolved (see settle)
            if owner != left.get(field, 0) or (mine is not None and not given_back and author(owner) != mine):
                self._contest("foreign_owner", record, field, owner)

    def _contest(self, code: str, record: str | None, field: str | None, owner: int) -> None:
        self.conflicts.append(self._conflict(code, record, field, owner))

    def _conflict(self, code: str, record: str | None, field: str | None, owner: int) -> Conflict:
        if owner > self.draft.state.version:  # an earlier unit of this very event stands in the way: nobody's work
            owner = 0
        actor = self.draft.state.author(owner)
        return Conflict(self.event.version, self.unit, code, record, field, owner, actor)

    def _carried(self, time: int, track: str | None, at: Place, record: str | None, field: str | None) -> int:
        shifts = self.draft.state.shifts
        try:
            return carry.carry(time, carry.later(shifts, track, at))
        except errors.PlaceGone as gone:
            last = obstacles.last_shift(self.draft.state, gone.details["shift"])
            raise _Blocked(gone.stable_code, record, field, 0 if last is None else last.at.version) from None

    def _placed(self, change: changes.Set | changes.Drop, record: Record, value: dict[str, Any], step: _Step) -> Any:
        """The older fields with their time on the timeline carried to where that place lies today."""
        kind = records.KINDS[record.kind]
        if kind.time is None or kind.container is None or kind.time not in value:
            return value
        container = value.get(kind.container, record.value[kind.container])
        ground = self.draft.state.records[container]
        if ground.kind == "effect":
            ground = self.draft.state.records[ground.value["parent_id"]]
        if ground.kind not in ("track", "timeline"):  # a time of the source moves with no ripple
            return value
        then: int = value[kind.time]
        track = ground.id if ground.kind == "track" else None
        today = self._carried(then, track, step.at, record.id, kind.time)
        if not (step.grounded or self.terms.force or self.conflicts) and isinstance(change, changes.Set):
            self._check_ground(change, record, today - then)
        return {**value, kind.time: today}

    def _check_ground(self, change: changes.Set, record: Record, carried: int) -> None:
        """A start and a duration that go back together need both starts moved alike, or the far edge would move."""
        kind = records.KINDS[record.kind]
        assert kind.time is not None and kind.container is not None
        stayed = change.fields.get(kind.container)
        if "duration" not in change.fields or (stayed is not None and stayed[0] != stayed[1]):
            return
        if record.value[kind.time] - change.fields[kind.time][1] != carried:
            self._contest("ground_moved_between", record.id, kind.time, record.owner(kind.time))


def _kind(change: changes.Change) -> str | None:
    return None if isinstance(change, changes.Shift) else change.kind
