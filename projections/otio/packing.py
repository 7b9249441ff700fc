r"""Free JSON in an OTIO file: what OTIO's reader would take for an object of its own, or not read at all, goes as text.

    {"OTIO_SCHEMA": "Clip.2"}   in somebody's metadata   ->   {"$json": "{\"OTIO_SCHEMA\":\"Clip.2\"}"}   and back

OTIO makes an object of every map with `OTIO_SCHEMA`, and refuses the whole file where that does not succeed.
"""

import json
import re
from typing import Any, Final

Json = dict[str, Any]

TEXT: Final = "$json"
DEEPEST: Final = 12
"""Deeper JSON goes as text: the file as a whole must stay within 64 levels."""

_SCHEMA: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}\.[1-9][0-9]{0,3}\Z")
_OF_OTIO: Final = frozenset({
    "Adapter", "Clip", "Composable", "Composition", "Effect", "ExternalReference", "Filler", "FreezeFrame", "Gap",
    "GeneratorReference", "HookScript", "ImageSequenceReference", "Item", "LinearTimeWarp", "Marker", "MediaLinker",
    "MediaReference", "MissingReference", "PluginManifest", "SchemaDef", "Sequence", "SerializableCollection",
    "SerializableObject", "SerializableObjectRef", "SerializableObjectWithMetadata", "SerializeableObject", "Stack",
    "Test", "TimeEffect", "Timeline", "Track", "Transition", "UnknownSchema",
})  # fmt: skip
_VALUES: Final[dict[str, dict[str, str]]] = {
    "RationalTime.1": {"value": "number", "rate": "number"},
    "TimeRange.1": {"start_time": "RationalTime.1", "duration": "RationalTime.1"},
    "TimeTransform.1": {"offset": "RationalTime.1", "rate": "number", "scale": "number"},
    "V2d.1": {"x": "number", "y": "number"},
    "Box2d.1": {"min": "V2d.1", "max": "V2d.1"},
    "Color.1": {"r": "number", "g": "number", "b": "number", "a": "number", "name": "text"},
}
"""Values that OTIO reads anywhere, and what it demands of them; more keys would be lost."""
_NUMBERS: Final = {int: True, float: True}
_VALUE_NAMES: Final = frozenset(name.partition(".")[0] for name in _VALUES)


def pack(value: Any) -> Any:
    """The value, or its text where OTIO would not give it back."""
    if isinstance(value, dict | list) and not _survives(value, DEEPEST):
        return {TEXT: json.dumps(value, ensure_ascii=True, sort_keys=True)}
    return value


def unpack(value: Any) -> Any:
    """What `pack` was given. Raises ValueError for a text that is no JSON."""
    if isinstance(value, dict) and value.keys() == {TEXT} and isinstance(value[TEXT], str):
        return json.loads(value[TEXT])
    return value


def pack_record(record: Json) -> Json:
    """The fields of a record; the free ones are those of maps, and the parameters of media."""
    packed = {name: pack(field) if "." in name else field for name, field in record.items()}
    media = record.get("media")
    if media is not None and "params" in media:
        packed["media"] = {**media, "params": pack(media["params"])}
    return packed


def unpack_record(record: Json) -> Json:
    """What `pack_record` was given."""
    full = {name: unpack(field) if "." in name else field for name, field in record.items()}
    media = record.get("media")
    if isinstance(media, dict) and "params" in media:
        full["media"] = {**media, "params": unpack(media["params"])}
    return full


def _survives(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        if "OTIO_SCHEMA" in value and not _is_object(value):
            return False
        if TEXT in value or "OTIO_REF_ID" in value or not depth:
            return False
        return all(_survives(inner, depth - 1) for inner in value.values())
    if isinstance(value, list):
        return bool(depth) and all(_survives(inner, depth - 1) for inner in value)
    return True


def _is_object(value: Json) -> bool:
    """Whether OTIO makes of this map what it says, and gives all of it back."""
    schema = value["OTIO_SCHEMA"]
    if not isinstance(schema, str) or not _SCHEMA.match(schema):
        return False
    if schema in _VALUES:
        return is_value(value, schema)
    return schema.partition(".")[0] not in _OF_OTIO | _VALUE_NAMES


def is_value(value: Any, schema: str) -> bool:
    """Whether a JSON value is a RationalTime.1, TimeRange.1 … that OTIO reads."""
    if not isinstance(value, dict) or value.get("OTIO_SCHEMA") != schema:
        return False
    fields = _VALUES[schema]
    if len(value) != len(fields) + 1:
        return False
    for name, kind in fields.items():
        field = value.get(name)
        known = _NUMBERS.get(type(field), False) if kind == "number" else _is(field, kind)
        if not known:
            return False
    return True


def _is(value: Any, kind: str) -> bool:
    if kind == "text":
        return isinstance(value, str)
    return is_value(value, kind)
