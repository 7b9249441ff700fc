"""One timeline, its log and its stacks: do, undo, redo, revert, restore (rules 13 to 16)."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tests.undo_model.draft import Draft, settle
from tests.undo_model.inversion import Conflict, Inversion, Law, OwnLaw, units
from tests.undo_model.state import KINDS, Change, Record, Refused, State, net

Event = dict[str, Any]
Gesture = Callable[..., None]


class Entry(NamedTuple):
    """One step of an undo stack."""

    versions: tuple[int, ...]
    transaction: str | None = None


class Server:
    def __init__(self, *records: Record, version: int = 0, law: Law | None = None) -> None:
        """A timeline that is there already at a version, made by nobody who takes part."""
        self.law = law or OwnLaw()
        self.state = State({record.id: record for record in records})
        self.begun, self.begin = self.state.copy(), version
        self.log: list[Event] = []
        self.undos: dict[str, list[Entry]] = {}
        self.redos: dict[str, list[Entry]] = {}

    def copy(self) -> "Server":
        other = Server(version=self.begin, law=self.law)
        other.begun, other.state, other.log = self.begun, self.state.copy(), list(self.log)
        other.undos = {actor: list(entries) for actor, entries in self.undos.items()}
        other.redos = {actor: list(entries) for actor, entries in self.redos.items()}
        return other

    # ---- reading
    @property
    def version(self) -> int:
        return self.begin + len(self.log)

    def event(self, version: int) -> Event:
        return self.log[version - self.begin - 1]

    def author(self, version: int) -> str | None:
        if version <= self.begin:
            return "setup" if version else None
        actor: str = self.event(version)["actor"]
        return actor

    def fold(self, version: int) -> State:
        state = self.begun.copy()
        for event in self.log[: version - self.begin]:
            for index, change in enumerate(event["changes"]):
                state.apply(change, (event["version"], index))
        return state

    # ---- writing
    def do(self, actor: str, gesture: Gesture, *args: Any, transaction: str | None = None) -> int:
        draft = Draft(self.state, self.version + 1)
        gesture(draft, *args)
        if not draft.changes:
            raise Refused("no_change")
        settle(draft)
        self.law.check(draft, self.state, 0)
        return self._edit(actor, draft, gesture.__name__, transaction=transaction)

    def follow(self, actor: str, changes: Iterable[Change], *, transaction: str | None = None) -> int:
        """What somebody did, as facts."""
        draft = Draft(self.state, self.version + 1)
        for change in changes:
            draft.take(change)
        return self._edit(actor, draft, "followed", transaction=transaction)

    def restore(self, actor: str, version: int) -> int:
        """Raises Refused (no_change), and what the laws forbid."""
        goal, draft = self.fold(version), Draft(self.state, self.version + 1)
        for shift in reversed(net([shift for at, shift in self.state.shifts if at[0] > version])):
            draft.shift(shift["track"], shift["from"] + shift["by"], -shift["by"], id=shift["id"], moves=False)
        for kind in KINDS:
            for record in sorted(goal.living(kind), key=lambda record: record.id):
                there = draft.state.records[record.id]
                if there.alive:
                    draft.set(record.id, {**dict.fromkeys(there.value), **record.value})
                else:
                    owners = dict.fromkeys(record.value, draft.version)
                    draft.put(kind, record.id, record.value, owners=owners)
        for kind in reversed(KINDS):
            for record in sorted(self.state.living(kind), key=lambda record: record.id):
                if goal.find(record.id) is None and draft.state.find(record.id) is not None:
                    draft.drop(record.id)
        if not draft.changes:
            raise Refused("no_change")
        self.law.check(draft, self.state, 0)
        return self._edit(actor, draft, "restore")

    def revert(self, actor: str, versions: Iterable[int], policy: str = "skip") -> list[Conflict]:
        """Take back chosen events, whosesoever; each must still be what its author left."""
        chosen = [self.event(version) for version in sorted(set(versions), reverse=True)]
        mine = {e["version"]: None if e["cause"] == "undo" or e["of_revert"] else e["actor"] for e in chosen}
        draft, conflicts = self._invert(chosen, mine, policy)
        if not draft.changes:
            raise Refused("conflict", conflicts=conflicts)
        self._edit(actor, draft, "revert", of_revert=True)
        return conflicts

    def undo(self, actor: str, policy: str = "skip", on_blocked: str = "stop") -> list[Conflict]:
        return self._flip(actor, "undo", policy, on_blocked)

    def redo(self, actor: str, policy: str = "skip", on_blocked: str = "stop") -> list[Conflict]:
        return self._flip(actor, "redo", policy, on_blocked)

    def _flip(self, actor: str, kind: str, policy: str, on_blocked: str) -> list[Conflict]:
        source, target = (self.undos, self.redos) if kind == "undo" else (self.redos, self.undos)
        entries, conflicts = source.setdefault(actor, []), list[Conflict]()
        for place in reversed(range(len(entries))):
            events = [self.event(version) for version in sorted(entries[place].versions, reverse=True)]
            of_revert = any(event["of_revert"] for event in events)
            mine = {e["version"]: None if kind == "redo" or e["of_revert"] else actor for e in events}
            draft, found = self._invert(events, mine, policy)
            conflicts += found
            if draft.changes:
                version = self._commit(actor, draft, kind, of_revert=of_revert)
                del entries[place]
                target.setdefault(actor, []).append(Entry((version,)))
                return conflicts
            if on_blocked == "stop":
                break
        raise Refused("conflict" if entries else f"nothing_to_{kind}", conflicts=conflicts)

    def _invert(self, events: list[Event], mine: dict[int, str | None], policy: str) -> tuple[Draft, list[Conflict]]:
        """Unit by unit; each that goes through is a unit of its own."""
        draft, conflicts, into = Draft(self.state, self.version + 1), list[Conflict](), 0
        for event in events:
            for unit in units(event):
                trial = draft.copy()
                work = Inversion(trial, unit, into, mine[event["version"]], policy == "force", self.author, self.law)
                work.run()
                conflicts += work.conflicts or work.left_out
                if not work.conflicts:
                    draft, into = trial, into + 1
        if policy == "fail" and conflicts:
            return Draft(self.state, self.version + 1), conflicts
        return draft, conflicts

    def _edit(
        self, actor: str, draft: Draft, name: str, *, transaction: str | None = None, of_revert: bool = False
    ) -> int:
        """What an actor did: a step to undo, and nothing is left to redo."""
        version = self._commit(actor, draft, name, of_revert=of_revert)
        entries = self.undos.setdefault(actor, [])
        if transaction is not None and entries and entries[-1].transaction == transaction:
            entries[-1] = Entry((*entries[-1].versions, version), transaction)
        else:
            entries.append(Entry((version,), transaction))
        self.redos[actor] = []
        return version

    def _commit(self, actor: str, draft: Draft, cause: str, *, of_revert: bool) -> int:
        self.state = draft.state
        event = {"version": draft.version, "actor": actor, "cause": cause, "of_revert": of_revert}
        self.log.append({**event, "changes": draft.changes})
        return draft.version
