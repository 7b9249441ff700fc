"""The machine of the whole vocabulary: gestures of every kind, and their undo judged by the model.

What a gesture does is a fact that the model takes from the event; what undo, redo, revert and restore make of facts it
works out for itself. Only whether a state is lawful it has to ask the core, of whose eighty gestures it knows nothing.
"""

from typing import Any

import msgspec
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.laws.session import Session
from tests.laws.undo_twins import Pair
from tests.model.start import START
from tests.strategies import registry as payload_registry
from tests.undo_model.draft import Draft
from tests.undo_model.server import Server
from tests.undo_model.state import Change, Record, Refused, State, owned
from timeline_service.domain import changes, errors, invariants, transitions
from timeline_service.domain.state import Record as CoreRecord
from timeline_service.domain.state import State as CoreState

WHO = st.sampled_from("AB")
POLICY, BLOCKED = st.sampled_from(("skip", "skip", "force", "fail")), st.sampled_from(("stop", "next"))
NAMES = sorted(payload_registry.PAYLOADS)
BACK, TIMES = st.integers(0, 6), st.integers(1, 3)


class CoreLaw:
    """The invariants of the core, asked about a state of the model."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def check(self, draft: Draft, before: State, written: int) -> None:
        del before
        made = [_as_core(change) for change in draft.changes]
        after, met = self._after(made), self._after(made[:written])
        try:
            invariants.check(met, after, made[written:])
        except errors.Refused as refusal:
            raise Refused(refusal.stable_code) from None

    def fits(self, draft: Draft, transition: Record) -> bool:
        put = Draft(draft.state, draft.version)
        put.put("transition", transition.id, transition.value, owners=transition.owners, exists=transition.exists)
        state = self._after([_as_core(change) for change in (*draft.changes, *put.changes)])
        return transitions.fits(state, state.records[transition.id])

    def _after(self, made: list[changes.Change]) -> CoreState:
        state = self.session.state.fork()
        for index, change in enumerate(made):
            state.apply(change, index)
        return state


class VocabularyMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        session = Session()
        for id in ("v1", "v2"):
            session.do("setup", type="remove_track", track_id=id)
        for gesture in START:
            session.do("setup", **gesture)
        session.start = session.state.version
        begun = (_as_model(record) for record in session.state.records.values())
        model = Server(*begun, version=session.state.version, law=CoreLaw(session))
        self.pair = Pair(session, model)
        self.session, self.model = session, model

    @rule(data=st.data(), a=WHO, t=st.sampled_from((None, None, "t1")), n=st.integers(1, 4))
    def gestures(self, data, a, t, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            payload = st.sampled_from(NAMES).flatmap(lambda name: payload_registry.PAYLOADS[name](self.session.state))
            self.ask(a, t, data.draw(payload))

    def ask(self, actor: str, transaction: str | None, payload: dict[str, Any]) -> None:
        note(f"{actor}: {payload}")
        try:
            version = self.session.do(actor, transaction_id=transaction, **payload)
        except (errors.Refused, ValueError):  # a payload that is wrong in itself is a ValidationError
            return
        facts = [_fact(changes.as_json(change), version) for change in self.session.event_of(version).changes]
        self.model.follow(actor, facts, transaction=transaction)

    @rule(a=WHO, policy=POLICY, on_blocked=BLOCKED, n=TIMES)
    def undo(self, a, policy, on_blocked, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            self.pair.flip("undo", a, policy, on_blocked)

    @rule(a=WHO, policy=POLICY, n=TIMES)
    def redo(self, a, policy, n):  # type: ignore[no-untyped-def]
        for _ in range(n):
            self.pair.flip("redo", a, policy, "stop")

    @rule(a=WHO, policy=POLICY, n=TIMES)
    def undos_and_as_many_redos(self, a, policy, n):  # type: ignore[no-untyped-def]
        before, done = owned(self.model.state), 0
        while done < n and not isinstance(self.pair.flip("undo", a, policy, "stop"), Refused):
            done += 1
        left_out: set[str] = set()
        for _ in range(done):
            told = self.pair.flip("redo", a, policy, "stop")
            assert not isinstance(told, Refused)
            assert not told or (policy == "force" and {conflict.code for conflict in told} == {"left_out"})
            left_out |= {conflict.record for conflict in told}  # see what is open in tests/undo_model/README.md
        assert _without(left_out, owned(self.model.state)) == _without(left_out, before)

    @rule(a=WHO, of=WHO, first=BACK, last=BACK, policy=POLICY, whole=st.sampled_from((False, False, True)))
    def go_back(self, a, of, first, last, policy, whole):  # type: ignore[no-untyped-def]
        """Everything by one actor between two versions; or to a version that is not long ago."""
        upto = self.model.version - last
        if whole:
            self.pair.restore(a, max(self.model.begin, upto))
            return
        versions = [e["version"] for e in self.model.log if e["actor"] == of and upto - first <= e["version"] <= upto]
        if versions:
            self.pair.revert(a, versions, policy)

    @invariant()
    def alike(self) -> None:
        self.pair.assert_alike(_as_model)


def _without(ids: set[str], records: dict[str, Any]) -> dict[str, Any]:
    return {id: told for id, told in records.items() if id not in ids}


def _as_model(record: CoreRecord) -> Record:
    return Record(record.id, record.kind, dict(record.value), record.all_owners(), record.exists, record.alive)


def _fact(change: Change, version: int) -> Change:
    """A change as the model writes it: with every owner told."""
    if change["op"] == "put":
        given = change.get("owners") or {}
        owners = {name: given.get(name, version) for name in change["value"]}
        change["owners"] = owners | {name: owner for name, owner in given.items() if owner}
    if change["op"] in ("put", "drop"):
        before, *after = change["exists"]
        change["exists"] = (before, after[0] if after else version)
    elif change["op"] == "set":
        for name, told in change["fields"].items():
            change["fields"][name] = (*told[:3], told[3] if len(told) > 3 else version)
    return change


def _as_core(change: Change) -> changes.Change:
    decoded: changes.Change = msgspec.convert(change, changes.Change)
    return decoded
