"""Commands: what waits in a timeline's sequencer. Deciding is pure; `prepare` fetches what deciding needs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from projections import diff
from timeline_service.domain import changes, decide, errors, event, registry
from timeline_service.domain.draft import Facts, Media, derive_id
from timeline_service.domain.state import State
from timeline_service.editing import expectations, payloads, references, repeats
from timeline_service.editing.errors import EditRefused
from timeline_service.editing.leases import NONE, Standing, check
from timeline_service.editing.live import Live
from timeline_service.editing.payloads import Payload
from timeline_service.editing.references import Made
from timeline_service.editing.requests import Result, Submission
from timeline_service.eventstore.store import NewEvent, StoredEvent

AssetFacts = Callable[[Sequence[str], UUID], Awaitable[Mapping[str, Media]]]
"""What is known of the assets of a workspace, by id; ids that are not there or not ready are left out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a command came to on a state: events to append, the state after them, and its results."""

    events: tuple[NewEvent, ...]
    state: State
    results: tuple[Result, ...]
    conflicts: tuple[dict[str, Any], ...] = ()
    diff: dict[str, Any] | None = None


class Failed(NamedTuple):
    """A refused gesture of a batch that goes on without it: its place, and the ids that it would have made."""

    place: int
    would_make: set[str]


class Command(Protocol):
    """One request in the queue of a timeline."""

    actor_id: UUID
    solo: bool
    """True when it must see a state without undecided neighbours, because `prepare` reads the log."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The gesture ids it would append."""

    @property
    def commits(self) -> bool:
        """False for a dry run."""

    async def prepare(self, live: Live) -> None:
        """Fetch what `decide` needs. Called again after a lost race."""

    def decide(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        """What to append to this state. Raises EditRefused; the state stays as it is."""


def sign(body: event.Body, after: State, actor_id: UUID, client_id: str | None, seq: int | None) -> event.Body:
    """The body with the queue that it came from, which is noted in the state after it: as a fold would."""
    if client_id is not None and seq is not None:
        after.note_seq(str(actor_id), client_id, seq)
    return event.queued(body, client_id, seq)


@dataclass(slots=True)
class Edit:
    """A batch of gestures."""

    actor_id: UUID
    submission: Submission
    payloads: tuple[Payload, ...]
    asset_facts: AssetFacts
    solo: bool = False
    assets: Mapping[str, Media] = field(default_factory=dict)
    leases: Standing = NONE
    transaction_id: str | None = None

    def __post_init__(self) -> None:
        self.transaction_id = self.submission.transaction_id
        if self.transaction_id is None and self.submission.atomic and len(self.payloads) > 1:
            self.transaction_id = derive_id(self.payloads[0].gesture_id, "batch")

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(payload.gesture_id for payload in self.payloads)

    @property
    def commits(self) -> bool:
        return not self.submission.dry_run

    async def prepare(self, live: Live) -> None:
        self.leases = live.leases
        named = {id for payload in self.payloads for id in references.asset_ids(payload.params)} - {*self.assets}
        if named:
            found = await self.asset_facts(sorted(named), live.workspace_id)
            self.assets = {**self.assets, **found}

    def decide(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        plan = self._decide_whole(state, known) if self.submission.atomic else self._decide_each(state, known)
        return replace(plan, diff=diff.diff(state, plan.state)) if self.submission.dry_run else plan

    def _decide_whole(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        if any(payload.gesture_id in known for payload in self.payloads):
            return Plan((), state, repeats.answer_batch(self.payloads, known))
        self._check_version(state)
        made: dict[int, Made] = {}
        events, results = [], []
        try:
            expectations.check(state, self.submission.expect or {}, self.submission.base_version)
        except errors.Refused as refusal:
            raise EditRefused.because(refusal) from None
        for index, payload in enumerate(self.payloads):
            try:
                new, result, state = self._decide_one(state, payload, index, made)
            except errors.Refused as refusal:
                raise EditRefused.because(refusal, index=index, gesture_id=payload.gesture_id) from None
            except EditRefused as refusal:
                refusal.details |= {"index": index, "gesture_id": payload.gesture_id}
                raise
            events += new
            results.append(result)
        return Plan(repeats.note_idle(events, self.payloads), state, tuple(results))

    def _decide_each(self, state: State, known: Mapping[str, StoredEvent]) -> Plan:
        if any(payload.gesture_id not in known for payload in self.payloads):
            self._check_version(state)
        made: dict[int, Made] = {}
        failed: dict[str, Failed] = {}
        events, results = [], []
        for index, payload in enumerate(self.payloads):
            try:
                stored = known.get(payload.gesture_id)
                if stored is not None:
                    repeats.check_same(stored, payload.digest)
                    results.append(repeats.result_of(stored))
                    made[index] = _made_before(payload, results[-1])
                    continue
                if payload.refusal is not None:
                    raise payload.refusal
                self._check_blocked(payload, failed)
                expectations.check(state, self.submission.expect or {}, self.submission.base_version)
                new, result, state = self._decide_one(state, payload, index, made)
                events += new
                results.append(result)
            except errors.Refused as refusal:
                failed[payload.gesture_id] = _would_make(payload, index)
                results.append(_failure(payload, EditRefused.because(refusal)))
            except EditRefused as refusal:
                failed[payload.gesture_id] = _would_make(payload, index)
                results.append(_failure(payload, refusal))
        return Plan(tuple(events), state, tuple(results))

    def _decide_one(
        self, state: State, payload: Payload, index: int, made: dict[int, Made]
    ) -> tuple[list[NewEvent], Result, State]:
        gesture = payloads.parse(payload, made)
        expectations.check(state, payload.expect, self.submission.base_version)
        facts = Facts(payload.gesture_id, self.assets)
        try:
            decision = decide.decide(
                state,
                gesture,
                facts,
                actor=str(self.actor_id),
                base_version=self.submission.base_version,
                transaction_id=self.transaction_id,
            )
        except errors.NoChange:
            made[index] = Made(payload.type, payload.gesture_id, gesture.model_dump(exclude_none=True))
            return [], Result(gesture_id=payload.gesture_id, ok=True, how="noop"), state
        check(state, decision.body.changes, str(self.actor_id), self.leases)
        made[index] = _made(payload, decision.body)
        result = Result(
            gesture_id=payload.gesture_id,
            ok=True,
            version=decision.state.version,
            how="dry_run" if self.submission.dry_run else "rebased" if decision.rebased else "committed",
            changes=[changes.as_json(change) for change in decision.body.changes],
            gesture=decision.body.gesture,
            description=decision.body.description,
        )
        body = sign(decision.body, decision.state, self.actor_id, self.submission.client_id, payload.seq)
        return [self._new_event(payload, body)], result, decision.state

    def _new_event(self, payload: Payload, body: event.Body) -> NewEvent:
        return NewEvent(
            gesture_id=payload.gesture_id,
            type=payload.type,
            schema_version=event.SCHEMA_VERSION,
            body=event.encode(body),
            request_digest=payload.digest,
            correlation_id=self.submission.correlation_id,
            transaction_id=self.transaction_id,
        )

    def _check_version(self, state: State) -> None:
        expected = self.submission.expected_version
        if expected is not None and expected != state.version:
            raise EditRefused(
                "The timeline has moved on; `details.events` are the ones you missed.",
                code="version_conflict",
                status=409,
                expected_version=expected,
                version=state.version,
            )

    def _check_blocked(self, payload: Payload, failed: dict[str, Failed]) -> None:
        if not failed:
            return
        blocking = [name for name in payload.after if name in failed]
        mentioned, targets = set(references.named(payload.params)), references.targets(payload.params)
        blocking += [
            name
            for name, one in failed.items()
            if name not in blocking and (one.place in targets or one.would_make & mentioned)
        ]
        if blocking:
            raise EditRefused("An earlier gesture of the batch failed.", code="blocked_by", status=409, by=blocking)


def _failure(payload: Payload, refusal: EditRefused) -> Result:
    return Result(
        gesture_id=payload.gesture_id,
        ok=False,
        code=refusal.stable_code,
        message=refusal.message,
        details=refusal.details,
        retry=refusal.retryable,
    )


def _made(payload: Payload, body: event.Body) -> Made:
    ids = frozenset(change.id for change in body.changes if isinstance(change, changes.Put))
    return Made(payload.type, payload.gesture_id, body.gesture, ids)


def _made_before(payload: Payload, result: Result) -> Made:
    ids = frozenset(change["id"] for change in result.changes if change["op"] == "put")
    return Made(payload.type, payload.gesture_id, result.gesture or {}, ids)


def _would_make(payload: Payload, index: int) -> Failed:
    """The ids that a failed gesture named for what it would have made."""
    known = registry.GESTURES.get(payload.type)
    if known is None:
        return Failed(index, set())
    maps = [payload.params.get(name) for name in known.mints_each]
    given = [
        *(payload.params.get(name) for name in known.mints),
        *(list(m.values()) for m in maps if isinstance(m, dict)),
    ]
    return Failed(index, set(references.named(given)))
