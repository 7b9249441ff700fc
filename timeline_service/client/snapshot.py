"""A state from what readers get (`GET /timelines/{id}`, docs/stream.md `snapshot`), and states compared by what shows.

Tombstones, owners, authors and the ground before the snapshot are not in it: the service knows them and decides. What
is decided here on such a state is a guess that is taken back when the service says otherwise.
"""

from typing import Any, Final

from timeline_service.domain.records import KINDS
from timeline_service.domain.state import Log, Record, State

DERIVED: Final = {
    "timeline": frozenset({"id", "workspace_id", "version", "state_hash", "head_hash", "ticks_per_frame", "duration"}),
    "sequence": frozenset({"id", "duration"}),
}
"""Fields of what is shown that no record has."""
LISTS: Final = {f"{kind}s": kind for kind in KINDS if kind != "timeline"}
NOBODY: Final = ""
Values = dict[str, tuple[str, dict[str, Any]]]


def state_of(data: dict[str, Any]) -> State:
    """The state that was shown. Raises KeyError, TypeError or AttributeError where it is none."""
    version: int = data["version"]
    state = State()
    state.version = version
    state.timeline_id = data["id"]
    shown = [("timeline", {name: value for name, value in data.items() if name not in LISTS})]
    shown += [(kind, value) for name, kind in LISTS.items() for value in data[name]]
    shared = object()  # the first write to a record copies it
    for kind, value in shown:
        record = Record(kind, value["id"], flat(kind, value), {}, version, version, True, shared)
        state.records[record.id] = record
    for record in state.records.values():
        state.index(record)
    state.authors = Log([NOBODY] * version)
    return state


def flat(kind: str, shown: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record as a state holds them: its maps per key, what was derived left out."""
    maps, derived = KINDS[kind].maps, DERIVED.get(kind, frozenset({"id"}))
    value: dict[str, Any] = {}
    for name, found in shown.items():
        if name in maps:
            value.update((f"{name}.{key}", inner) for key, inner in found.items())
        elif name not in derived:
            value[name] = found
    return value


def joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """One snapshot from its parts, in order: the lists end to end, all else as the first part says."""
    whole: dict[str, Any] = {name: [] for name in LISTS} | parts[0]
    for name in LISTS:
        whole[name] = [record for part in parts for record in part.get(name, ())]
    return whole


def values(state: State) -> Values:
    """Id → (kind, fields) of every living record: two states that agree in this look the same."""
    return {record.id: (record.kind, record.value) for record in state.records.values() if record.alive}


def differences(before: State, after: State) -> dict[str, dict[str, Any] | None]:
    """Id → the fields that differ, as they are after; None for a record that is gone."""
    found: dict[str, dict[str, Any] | None] = {}
    for id, record in after.records.items():
        old = before.records.get(id)
        if old is record:  # forks share what neither has written
            continue
        known = old.value if old is not None and old.alive else {}
        if not record.alive:
            if old is not None and old.alive:
                found[id] = None
        elif told := {name: value for name, value in record.value.items() if known.get(name, ...) != value}:
            found[id] = told
    return found
