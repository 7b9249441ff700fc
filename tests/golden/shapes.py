"""The JSON Schema of everything that is stored for ever: bodies, changes, records, and each gesture's payload."""

import hashlib
import json
from typing import Any

import msgspec

from timeline_service.domain import changes, creation, event, records, registry
from timeline_service.domain.gesture import Gesture

WORDS = ("title", "description", "default", "discriminator")
"""What a schema says beside the shape; it may change freely."""


def shapes() -> dict[str, Any]:
    """Name → JSON Schema (for record kinds: their fields, references and containers)."""
    found: dict[str, Any] = {"body": msgspec.json.schema(event.Body)}
    for change in (changes.Put, changes.Set, changes.Drop, changes.Shift):
        found[f"change.{change.__struct_config__.tag}"] = msgspec.json.schema(change)
    for kind in records.KINDS.values():
        found[f"record.{kind.name}"] = {
            "fields": {name: "required" if default is ... else default for name, default in kind.fields.items()},
            "references": [[r.field, list(r.kinds), r.on_drop] for r in kind.references],
            "maps": list(kind.maps),
            "container": kind.container,
            "time": kind.time,
        }
    gestures: list[type[Gesture | creation.NewTimeline]] = [creation.NewTimeline, *registry.GESTURES.values()]
    for gesture in gestures:
        found[f"gesture.{gesture.model_fields['type'].default}"] = stored(
            gesture.model_json_schema(mode="serialization")
        )
    return {name: bare(schema) for name, schema in sorted(found.items())}


def stored(schema: Any) -> Any:
    """The schema of a payload as it is stored: a time is an integer, in ticks."""
    if isinstance(schema, dict):
        if schema.get("title") == "Time" and "anyOf" in schema:
            return {"type": "integer"}
        return {key: stored(value) for key, value in schema.items()}
    return [stored(value) for value in schema] if isinstance(schema, list) else schema


def bare(schema: Any, *, names: bool = False) -> Any:
    """Without the words; `names`: the keys are names of fields, not words of JSON Schema."""
    if isinstance(schema, dict):
        return {
            key: bare(value, names=key in ("properties", "$defs", "fields"))
            for key, value in schema.items()
            if names or key not in WORDS
        }
    return [bare(value) for value in schema] if isinstance(schema, list) else schema


def digest(schema: Any) -> str:
    return hashlib.sha256(json.dumps(schema, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
