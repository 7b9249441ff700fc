"""References within a batch: `{"$ref": "gestures[2].clip_id"}` is the id that an earlier gesture named or was given.

    gestures[2].clip_id            a parameter, also one that was left out and derived
    gestures[2].clip_ids[0]        of a list
    gestures[2].new_ids.voice      of a map, also where the client left that id to be derived

Free JSON (`metadata`) is not looked through: what a file or a person wrote there stays as it is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from timeline_service.domain import errors, registry
from timeline_service.domain.draft import derive_id

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
FREE: Final = "metadata"
_REFERENCE: Final = re.compile(r"gestures\[(\d{1,3})\]\.([a-z_]{1,40})((?:\.[A-Za-z0-9_-]{1,64}|\[\d{1,4}\])*)\Z")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")


class Made(NamedTuple):
    """What a gesture of the batch came to: its parameters as decided, and the ids of the records that it made."""

    type: str
    gesture_id: str
    params: Mapping[str, Any]
    ids: frozenset[str] = frozenset()


def resolve(params: Mapping[str, Any], made: Mapping[int, Made]) -> dict[str, Any]:
    """The parameters with every reference replaced. Raises BadReference: unknown, forward, to itself, or no id."""
    return {name: value if is_free(name) else _resolve(value, made) for name, value in params.items()}


def named(value: Any) -> Iterator[str]:
    """Every string in a payload outside free JSON: ids and references among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not is_free(name):
                yield from named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner)


def targets(params: Mapping[str, Any]) -> set[int]:
    """The indices of the gestures to which a payload refers."""
    matches = (_REFERENCE.match(text) for text in named(dict(params)))
    return {int(match[1]) for match in matches if match}


def asset_ids(value: Any) -> Iterator[str]:
    """Every asset that a payload names, wherever in it: a clip's media, records to paste, a list of replacements."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "asset_id" and isinstance(inner, str):
                yield inner
            elif not is_free(name):
                yield from asset_ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from asset_ids(inner)


def is_free(name: str) -> bool:
    """Whether a key holds free JSON, nested or flat."""
    return name == FREE or name.startswith(f"{FREE}.")


def _resolve(value: Any, made: Mapping[int, Made]) -> Any:
    if isinstance(value, dict):
        return _look_up(value, made) if "$ref" in value else resolve(value, made)
    if isinstance(value, list):
        return [_resolve(item, made) for item in value]
    return value


def _look_up(value: dict[str, Any], made: Mapping[int, Made]) -> str:
    match = _REFERENCE.match(value["$ref"]) if len(value) == 1 and isinstance(value["$ref"], str) else None
    if match is None:
        raise errors.BadReference(reason="not of the form gestures[n].parameter")
    source = made.get(int(match[1]))
    if source is None:
        raise errors.BadReference(reason="no earlier gesture of the batch was accepted there", refers_to=int(match[1]))
    found = _follow(source, match[2], match[3])
    if not isinstance(found, str) or not ID.match(found):
        raise errors.BadReference(reason="the gesture has no such id", refers_to=int(match[1]))
    return found


def _follow(source: Made, parameter: str, path: str) -> Any:
    found: Any = source.params.get(parameter)
    for step in _STEP.finditer(path):
        if step[2] is not None:
            found = found[int(step[2])] if isinstance(found, list) and int(step[2]) < len(found) else None
        elif isinstance(found, dict) and step[1] in found:
            found = found[step[1]]
        elif step.end() == len(path) and step.start() == 0:
            found = _derived(source, parameter, step[1])
        else:
            return None
    return found


def _derived(source: Made, parameter: str, of: str) -> str | None:
    """The id that the gesture derived for one that the client did not map, if it made such a record."""
    known = registry.GESTURES.get(source.type)
    role = known.mints_each.get(parameter) if known is not None else None
    derived = None if role is None else derive_id(source.gesture_id, role, of)
    return derived if derived in source.ids else None
