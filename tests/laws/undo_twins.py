"""The core and the model of undo beside each other, doing the same; what they answer and what they are is compared."""

from collections.abc import Callable
from typing import Any, ClassVar

from tests.laws import undo_acts
from tests.laws.session import Session
from tests.undo_model import gestures, laws, scene
from tests.undo_model.inversion import Conflict
from tests.undo_model.server import Server
from tests.undo_model.state import Record, Refused
from timeline_service.domain import errors
from timeline_service.domain import state as core

FIELDS: dict[str, tuple[str, ...]] = {
    "timeline": (),
    "sequence": (),
    "track": ("kind", "locked", "sequence_id"),
    "clip": ("track_id", "start", "duration", "source_in", "color", "link_id", "group_id", "media"),
    "transition": ("left_id", "right_id", "in_offset", "out_offset"),
    "caption": ("track_id", "start", "duration", "text"),
    "marker": ("parent_id", "time", "duration"),
    "keyframe": ("parent_id", "time"),
}
OWN_WORDS = {"media": "shows"}
TOLD = ("record_missing", "record_exists", "shift_already_reversed", "place_gone", "shift_not_invertible")
CONTESTED = ("foreign_owner", "has_new_children", "ground_moved_between", "would_separate", "left_out")
"""Conflicts that name a field with its owner; of the others it is enough that both meet one."""


class Pair:
    """A session of the core and a server of the model, at the same version of the same timeline."""

    words: ClassVar[dict[str, str]] = {}
    """Field of the core → of the model, where they differ."""

    def __init__(self, ours: Session, model: Server) -> None:
        self.ours, self.model = ours, model

    def flip(self, kind: str, actor: str, policy: str, on_blocked: str) -> Any:
        return self._both(kind, actor, policy, on_blocked)

    def revert(self, actor: str, versions: list[int], policy: str) -> Any:
        return self._both("revert", actor, versions, policy)

    def restore(self, actor: str, version: int) -> bool:
        """Whether it was done."""
        expected = _answer(lambda: self.model.restore(actor, version))
        answer = _answer(lambda: self.ours.restore(actor, version))
        assert _class(answer) == _class(expected), f"the core: {answer!r}; the model: {expected!r}"
        return not isinstance(answer, Exception)

    def _both(self, action: str, *args: Any) -> Any:
        expected = _answer(lambda: getattr(self.model, action)(*args))
        answer = _answer(lambda: getattr(self.ours, action)(*args))
        assert _class(answer) == _class(expected), f"the core: {answer!r}; the model: {expected!r}"
        ours, theirs = self._told(answer), self._told(expected)
        assert ours == theirs, f"the core alone: {ours - theirs}; the model alone: {theirs - ours}"
        return expected

    def _told(self, answer: Any) -> set[tuple[Any, ...]]:
        """The conflicts of an answer or a refusal, in the words of the model and of what it knows."""
        if isinstance(answer, Refused):
            found = [conflict._asdict() for conflict in answer.conflicts]
        elif isinstance(answer, errors.Refused):
            found = [self._renamed(conflict) for conflict in answer.details.get("conflicts", [])]
        else:
            found = [c._asdict() if isinstance(c, Conflict) else self._renamed(c.as_dict()) for c in answer]
        return {_short(conflict) for conflict in found if self._modelled(conflict)}

    def _renamed(self, conflict: dict[str, Any]) -> dict[str, Any]:
        field = conflict["field"]
        return {**conflict, "owner": conflict["owner_version"], "field": self.words.get(field, field)}

    def _modelled(self, conflict: dict[str, Any]) -> bool:
        known, field = self.model.state.records.get(conflict["record"] or ""), conflict["field"]
        if known is None or conflict["code"] not in CONTESTED:
            return True
        return field in (None, "exists", *known.owners) or "." in field

    # ---- comparing
    def assert_alike(self, in_its_words: Callable[[core.Record], Record]) -> None:
        ours, model = self.ours.state, self.model.state
        assert ours.version == self.model.version
        assert {id: in_its_words(record) for id, record in ours.records.items() if record.alive} == {
            id: record for id, record in model.records.items() if record.alive
        }
        assert {id: record.exists for id, record in ours.records.items()} == {
            id: record.exists for id, record in model.records.items()
        }
        shifts = [(g.shift.id, g.shift.track, g.shift.start, g.shift.by, g.shift.moves) for g in ours.shifts]
        assert shifts == [(s["id"], s["track"], s["from"], s["by"], s["moves"]) for _, s in model.shifts]
        for actor, pair in ours.stacks.items():
            if actor != "setup":
                assert [tuple(entry) for entry in pair.undo] == [tuple(e) for e in self.model.undos.get(actor, [])]
                assert [tuple(entry) for entry in pair.redo] == [tuple(e) for e in self.model.redos.get(actor, [])]
        assert laws.lonely(model) == []


class Twins(Pair):
    """On audio tracks, both doing what the model knows of itself."""

    words = OWN_WORDS

    def __init__(self, *setup: dict[str, Any]) -> None:
        ours = Session("audio")
        for gesture in setup:
            ours.do("setup", **gesture)
        ours.start = ours.state.version
        begun = (as_model(record) for record in ours.state.records.values())
        super().__init__(ours, Server(*begun, version=ours.state.version))

    def do(self, actor: str, gesture: str, *args: Any, transaction: str | None = None, of_scene: bool = False) -> bool:
        """Whether it was done."""
        theirs = getattr(scene if of_scene else gestures, gesture)
        ours = (undo_acts.SCENE if of_scene else undo_acts.BASE)[gesture]
        expected = _answer(lambda: self.model.do(actor, theirs, *args, transaction=transaction))
        answer = _answer(lambda: ours(self.ours, actor, *args, transaction=transaction))
        assert _class(answer) == _class(expected), f"the core: {answer!r}; the model: {expected!r}"
        return not isinstance(answer, Exception)


def as_model(record: core.Record) -> Record:
    """A record of the core in the words of the model."""
    value, owners, every = {}, {}, record.all_owners()
    for name in FIELDS[record.kind]:
        word = OWN_WORDS.get(name, name)
        value[word] = record.value[name].get("sequence_id") if name == "media" else record.value[name]
        owners[word] = every[name]
    for name, owner in every.items():
        if "." in name:
            owners[name] = owner
            if name in record.value:
                value[name] = record.value[name]
    return Record(record.id, record.kind, value, owners, record.exists, record.alive)


def _answer(action: Any) -> Any:
    try:
        return action()
    except (Refused, errors.Refused) as refusal:
        return refusal


def _class(answer: Any) -> str:
    """done, or in which way it was refused; what laws and missing records forbid is one way."""
    if not isinstance(answer, Exception):
        return "done"
    code = answer.code if isinstance(answer, Refused) else getattr(answer, "stable_code", "")
    code = {"undo_conflict": "conflict"}.get(code, code)
    return code if code in ("conflict", "no_change", "nothing_to_undo", "nothing_to_redo") else "refused"


def _short(conflict: dict[str, Any]) -> tuple[Any, ...]:
    where, code = (conflict["version"], conflict["unit"]), conflict["code"]
    if code in CONTESTED:
        return (*where, code, *(conflict[name] for name in ("record", "field", "owner", "actor")))
    return (*where, code if code in TOLD else "law")
