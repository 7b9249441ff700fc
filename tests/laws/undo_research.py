"""The first model of undo, from the research before the project, follows ours, where it lies beside the project."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.undo_model.inversion import Conflict
from tests.undo_model.server import Server
from tests.undo_model.state import Refused

_PLACE = Path(__file__).parents[3] / "shared" / "research" / "undo_model2.py"
WORDS = {"track_id": "track", "parent_id": "parent"}
"""Field of ours → of the first model."""
FIRST_FIELDS = ("track", "start", "duration", "source_in", "color", "parent", "time")
LAWS = {"bad_range", "overlap", "missing", "parent_missing", "no_handle", "clip_missing", "negative_time"}


def _load() -> ModuleType | None:
    if not _PLACE.exists():
        return None
    spec = importlib.util.spec_from_file_location("undo_model2", _PLACE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODEL = _load()


class Follower:
    """Does what ours did, and compares."""

    def __init__(self, model: Server) -> None:
        assert MODEL is not None
        self.model, self.theirs, self.begin = model, MODEL.Server(), model.begin

    def do(self, done: bool, actor: str, gesture: str, *args: Any) -> None:
        if gesture == "add_keyframe":
            args = (*args, 1)
        name = {"place": "move"}.get(gesture, gesture)
        self._follow(done, lambda: self.theirs.do(actor, getattr(MODEL, name), *args))

    def restore(self, done: bool, actor: str, version: int) -> None:
        self._follow(done, lambda: self.theirs.restore(actor, version - self.begin))

    def flip(self, answer: Any, kind: str, actor: str, policy: str, on_blocked: str) -> None:
        done = not isinstance(answer, Refused)
        theirs = self._follow(done, lambda: getattr(self.theirs, kind)(actor, policy, on_blocked)[1])
        ours = answer if done else answer.conflicts
        assert self._firsts(ours) == sorted((version, _law(code)) for version, _, code in theirs)

    def _follow(self, done: bool, action: Any) -> Any:
        try:
            answer = action()
        except Exception as refusal:
            if not hasattr(refusal, "details"):  # not a refusal of theirs
                raise
            assert not done
            return refusal.details.get("conflicts", [])
        assert done
        return answer

    def _firsts(self, conflicts: list[Conflict]) -> list[tuple[int, str]]:
        """The first conflict of each unit: theirs stops there."""
        firsts: dict[tuple[int, int], str] = {}
        for conflict in conflicts:
            firsts.setdefault((conflict.version - self.begin, conflict.unit), _law(conflict.code))
        return sorted((version, code) for (version, _), code in firsts.items())

    def assert_alike(self) -> None:
        values, owners = {}, {}
        for record in self.model.state.living("clip", "keyframe"):
            values[record.id] = _in_their_words(record.value)
            versions = {name: self._version(owner) for name, owner in record.owners.items()}
            owners[record.id] = (self._version(record.exists), _in_their_words(versions))
        assert values == {id: _colored(_without_value(v)) for id, v in self.theirs.state.values().items()}
        assert owners == {id: (e, _without_value(o)) for id, (e, o) in self.theirs.state.owners().items()}
        shifts = [self._shift(shift) for _, shift in self.model.state.shifts]
        assert shifts == [(s["id"], s["track"], s["from"], s["by"], s["moves"]) for _, s in self.theirs.state.shifts]
        assert len(self.model.log) == len(self.theirs.log)

    def _version(self, ours: int) -> int:
        return ours - self.begin if ours else 0

    def _shift(self, shift: dict[str, Any]) -> tuple[Any, ...]:
        version, index = shift["id"][1:].split(".")
        id = f"s{int(version) - self.begin}.{index}"
        return id, shift["track"], shift["from"], shift["by"], shift["moves"]


def _law(code: str) -> str:
    return "law" if code in LAWS else code


def _in_their_words(fields: dict[str, Any]) -> dict[str, Any]:
    named = {WORDS.get(name, name): value for name, value in fields.items()}
    return {name: value for name, value in named.items() if name in FIRST_FIELDS}


def _without_value(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "value"}


def _colored(value: dict[str, Any]) -> dict[str, Any]:
    """A new clip has the number 0 for a color there; what is set is given as text."""
    return value | {"color": str(value["color"])} if "color" in value else value
