"""The inverse of one unit of an event (rules 7, 8, 9, 11, 12)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from tests.undo_model import laws
from tests.undo_model.draft import Draft, apart, loosen
from tests.undo_model.state import BONDS, HOLDERS, TIMES, At, Change, Record, Refused, State, carry

Author = Callable[[int], str | None]
EXISTS = "exists"


class Conflict(NamedTuple):
    """`version` and `unit` are what was to be taken back; `owner` and `actor` wrote last what stands in the way."""

    version: int
    unit: int
    code: str
    record: str | None = None
    field: str | None = None
    owner: int = 0
    actor: str | None = None


class Law(Protocol):
    """What holds in every state. The model's own laws know its own vocabulary; for another one others may judge."""

    def check(self, draft: Draft, before: State, written: int) -> None:
        """Refuse (Refused) what the changes of a draft from the one numbered `written` on have made of a state."""

    def fits(self, draft: Draft, transition: Record) -> bool:
        """Whether a transition that is not there could lie on its cut."""


class OwnLaw:
    """The laws of laws.py."""

    def check(self, draft: Draft, before: State, written: int) -> None:
        laws.check(before, draft.state, draft.changes[written:])

    def fits(self, draft: Draft, transition: Record) -> bool:
        return laws.fits(draft.state, transition)


class Step(NamedTuple):
    change: Change
    at: At
    grounded: bool
    """Its time is older than the shifts of its own event (rule 15)."""


class Unit(NamedTuple):
    version: int
    number: int
    steps: list[Step]
    """Last to first."""


def units(event: dict[str, Any]) -> list[Unit]:
    """Last to first."""
    version, changes = event["version"], list(enumerate(event["changes"]))
    found = []
    for number in sorted({change["unit"] for _, change in changes}, reverse=True):
        own = [Step(c, (version, index), False) for index, c in reversed(changes) if c["unit"] == number]
        ground = [step for step in own if step.change["op"] == "shift" and not step.change["moves"]]
        if ground:
            older = (version, own[-1].at[1] - 1)
            own = ground + [Step(step.change, older, True) for step in own if step not in ground]
        found.append(Unit(version, number, own))
    return found


@dataclass
class Inversion:
    """`mine`: to whom all that is taken back must belong; None: to whoever wrote it. `into`: the unit to write."""

    draft: Draft
    unit: Unit
    into: int
    mine: str | None
    force: bool
    author: Author
    law: Law
    conflicts: list[Conflict] = field(default_factory=list)
    left_out: list[Conflict] = field(default_factory=list)

    def run(self) -> None:
        """With conflicts nothing of the draft may be used."""
        before, written = self.draft.state.copy(), len(self.draft.changes)
        try:
            self._steps()
            if not self.conflicts:
                self._mend()
                self.law.check(self.draft, before, written)
        except Refused as refusal:
            if not self.conflicts:
                self.conflicts.append(self._told(refusal.code, refusal.about))

    def _steps(self) -> None:
        kinds = {step.change.get("kind") for step in self.unit.steps}
        beside = kinds != {"transition"}  # rule 12: they are not what the unit is about
        later = []
        for step in self.unit.steps:
            if beside and step.change.get("kind") == "transition":
                if step.change["op"] == "drop":
                    later.append(step)
                    continue
                if self.draft.state.find(step.change["id"]) is None:
                    continue
            self._invert(step)
        for step in later:
            self._bring_back_transition(step.change)

    def _mend(self) -> None:
        if {step.change.get("kind") for step in self.unit.steps} != {"transition"}:
            for transition in apart(self.draft.state):
                if self.force:
                    self.draft.drop(transition.id, unit=self.into)
                else:
                    self._contest("would_separate", transition.id, None, transition.exists)
        if not self.conflicts:
            loosen(self.draft, self.into)

    def _invert(self, step: Step) -> None:
        change, state = step.change, self.draft.state
        if change["op"] == "shift":
            self._shift(change, step.at)
            return
        record = state.records[change["id"]]
        if record.alive == (change["op"] == "drop"):
            raise Refused("record_exists" if record.alive else "record_missing", record.id)
        getattr(self, f"_{change['op']}")(change, record, step)

    def _shift(self, change: Change, at: At) -> None:
        shifts = self.draft.state.shifts
        same = [shift["by"] for _, shift in shifts if shift["id"] == change["id"]]
        if not same or same[-1] != change["by"]:
            raise Refused("shift_already_reversed", change["track"])
        edge = carry(shifts, min(change["from"], change["from"] + change["by"]), change["track"], at)
        by = -change["by"]
        self.draft.shift(change["track"], edge - min(by, 0), by, id=change["id"], unit=self.into, moves=change["moves"])

    def _put(self, change: Change, record: Record, _: Step) -> None:
        if not self.force:
            for child in self.draft.state.children(record.id):
                self._contest("has_new_children", child.id, None, child.exists)
        self._check_owners(record.id, change["owners"], record.owners)
        self._check_existence(change, record)
        self.draft.drop(record.id, unit=self.into, exists=change["exists"][0])

    def _drop(self, change: Change, record: Record, step: Step) -> None:
        self._check_existence(change, record)
        value = self._placed(change, record, change["value"], step)
        self.draft.put(
            change["kind"], record.id, value, unit=self.into, owners=change["owners"], exists=change["exists"][0]
        )

    def _set(self, change: Change, record: Record, step: Step) -> None:
        fields = change["fields"]
        self._check_owners(record.id, {n: f[3] for n, f in fields.items()}, {n: record.owner(n) for n in fields})
        value = self._placed(change, record, {n: f[0] for n, f in fields.items()}, step)
        self.draft.set(record.id, value, unit=self.into, owners={n: f[2] for n, f in fields.items()})

    def _bring_back_transition(self, change: Change) -> None:
        record = self.draft.state.records[change["id"]]
        if record.alive:
            raise Refused("record_exists", record.id)
        self._check_existence(change, record)
        back = Record(record.id, record.kind, change["value"], change["owners"], change["exists"][0])
        if self.conflicts:
            return
        if self.law.fits(self.draft, back):
            self.draft.put("transition", back.id, back.value, unit=self.into, owners=back.owners, exists=back.exists)
        else:
            owner = newest_at_cut(self.draft.state, back)
            self.left_out.append(self._told("left_out", back.id, EXISTS, owner))

    # ---- owners
    def _check_existence(self, change: Change, record: Record) -> None:
        self._check_owners(record.id, {EXISTS: change["exists"][1]}, {EXISTS: record.exists})

    def _check_owners(self, record: str, left: dict[str, int], now: dict[str, int]) -> None:
        for name in left.keys() | now.keys() if not self.force else ():
            owner = now.get(name, 0)
            mine = self.mine is None or name in BONDS or self.author(owner) == self.mine
            if owner != left.get(name, 0) or not mine:
                self._contest("foreign_owner", record, name, owner)

    def _contest(self, code: str, record: str, name: str | None, owner: int) -> None:
        self.conflicts.append(self._told(code, record, name, owner))

    def _told(self, code: str, record: str | None, name: str | None = None, owner: int = 0) -> Conflict:
        owner = 0 if owner == self.draft.version else owner  # what this very event did is nobody's
        return Conflict(self.unit.version, self.unit.number, code, record, name, owner, self.author(owner))

    # ---- times
    def _placed(self, change: Change, record: Record, value: dict[str, Any], step: Step) -> dict[str, Any]:
        time, holder = TIMES.get(record.kind), HOLDERS.get(record.kind, ("",))[0]
        if time is None or time not in value:
            return value
        ground = self.draft.state.records[value.get(holder, record.value[holder])]
        if ground.kind == "effect":
            ground = self.draft.state.records[ground.value["parent_id"]]
        if ground.kind not in ("track", "timeline"):
            return value
        track = ground.id if ground.kind == "track" else None
        today = carry(self.draft.state.shifts, value[time], track, step.at)
        if change["op"] == "set" and not (step.grounded or self.force or self.conflicts):
            fields = change["fields"]
            stays = holder not in fields or fields[holder][0] == fields[holder][1]
            if stays and "duration" in fields and record.value[time] - fields[time][1] != today - value[time]:
                self._contest("ground_moved_between", record.id, time, record.owner(time))
        return {**value, time: today}


def newest_at_cut(state: State, transition: Record) -> int:
    """The last version that had to do with the place of a transition: its clips, or another one that lies there."""
    found = [0]
    for side in ("left_id", "right_id"):
        clip = state.records.get(transition.value[side] or "")
        if clip is not None:
            found += [clip.exists, *(clip.owner(name) for name in ("start", "duration") if clip.alive)]
            found += [other.exists for other in state.children(clip.id, "transition")]
    return max(found)
