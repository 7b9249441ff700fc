"""Decide: a state and a gesture in, an event's body and the next state out."""

from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from timeline_service.domain import carry, errors, invariants, settle
from timeline_service.domain.draft import Draft, Facts, derive_id
from timeline_service.domain.event import Body
from timeline_service.domain.gesture import Gesture
from timeline_service.domain.state import Place, State
from timeline_service.domain.time import Time, ticks

END_OF_EVENT: Final = 2**31
NO_LIMIT: Final = (
    errors.NoChange,
    errors.RecordMissing,
    errors.IdTaken,
    errors.KindMismatch,
    errors.MediaMissing,
    errors.TrackLocked,
)
"""Refusals that no other time or length would mend: free spans and limits would mislead there."""

PLAIN: Final = frozenset({str, int, bool, float})
"""Most parameters are such: to ask whether they are models takes longer than all else that is done with them."""


class Decision(NamedTuple):
    """What a gesture came to. `gesture` has exact times and all ids; `state` is the one after it."""

    gesture: Gesture
    body: Body
    state: State
    rebased: bool


def decide(
    state: State,
    gesture: Gesture,
    facts: Facts,
    *,
    actor: str,
    base_version: int | None = None,
    transaction_id: str | None = None,
) -> Decision:
    """Decide a gesture on a state; the state stays as it is. Raises Refused.

    With `base_version` (what the author saw) positions are carried through the shifts since then.
    """
    named = _mint(gesture, facts)
    exact, rebased = _carry(state, named, base_version)
    draft = Draft(state, facts)
    try:
        exact.decide(draft)
        if not draft.changes:
            raise errors.NoChange()
        settle.settle(draft)
        invariants.check(state, draft.state, draft.changes)
    except errors.Refused as refusal:
        _say_what_is_legal(exact, state, refusal)
        raise
    body = Body(
        gesture=dump(exact, state),
        changes=draft.changes,
        description=exact.describe(state),
        transaction_id=transaction_id,
    )
    draft.state.close(actor, None, transaction_id)
    return Decision(exact, body, draft.state, rebased)


def _say_what_is_legal(gesture: Gesture, state: State, refusal: errors.Refused) -> None:
    if "legal" in refusal.details or isinstance(refusal, NO_LIMIT):
        return
    if isinstance(refusal, errors.ScopeConflict) and not gesture.legal_minds_scope:
        return
    try:
        legal = gesture.legal(state)
    except errors.Refused:  # what would be legal cannot be said where the gesture makes no sense at all
        return
    if legal:
        refusal.details["legal"] = legal


def dump(gesture: Gesture, state: State) -> dict[str, Any]:
    """The stored form: every time as integer ticks, parameters that were left out left out."""
    data = gesture.model_dump(exclude_none=True)
    _dump_times(gesture, data, state)
    return data


def _dump_times(model: BaseModel, data: dict[str, Any], state: State) -> None:
    for name in list(data):
        value = getattr(model, name)
        if type(value) in PLAIN:
            continue
        if isinstance(value, Time):
            data[name] = value.in_ticks(state.rate)
        elif isinstance(value, BaseModel):
            _dump_times(value, data[name], state)
        elif isinstance(value, list):
            for part, told in zip(value, data[name], strict=True):
                if isinstance(part, BaseModel):
                    _dump_times(part, told, state)


def _mint(gesture: Gesture, facts: Facts) -> Gesture:
    missing = {name: role for name, role in gesture.mints.items() if getattr(gesture, name) is None}
    if not missing:
        return gesture
    return gesture.model_copy(update={name: derive_id(facts.gesture_id, role) for name, role in missing.items()})


def _carry(state: State, gesture: Gesture, base_version: int | None) -> tuple[Gesture, bool]:
    if base_version is None or base_version >= state.version:
        return gesture, False
    since = Place(base_version, END_OF_EVENT)
    times: dict[str, Time] = {}
    for name, track in gesture.grounds(state).items():
        time: Any = gesture
        for part in name.split("."):
            time = time[int(part)] if isinstance(time, list) else getattr(time, part)
        seen = time.in_ticks(state.rate)
        now = carry.carry(seen, carry.later(state.shifts, track, since))
        if now != seen:
            times[name] = ticks(now)
    return (gesture.carried(times), True) if times else (gesture, False)
