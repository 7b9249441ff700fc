"""Messages of the stream, right ones and nearly right ones, made from the models' own JSON Schema."""

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from timeline_service.api import asyncapi
from timeline_service.api.protocol import MESSAGE

F = 28_224_000
SCHEMA = MESSAGE.json_schema(ref_template="{model}")
GESTURES: list[dict[str, Any]] = [
    {"type": "trim", "clip_id": "c1", "edge": "end", "delta": -1},
    {"type": "rename", "id": "c1", "name": "A"},
    {"type": "add_marker", "parent_id": "c1", "time": 5},
    {"type": "split", "clip_id": "c1", "at": 20},
    {"type": "ripple_delete", "clip_ids": ["c1"]},
    {"type": "trim", "clip_id": "nobody", "edge": "start", "delta": {"ticks": 7 * F}},
    {"type": "nothing"},
]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["c1", "v1", "", "\ud800", "\x00", "hello", "undo", "__proto__"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def of(schema: dict[str, Any]) -> SearchStrategy[Any]:
    """Values of a JSON Schema as pydantic writes them for the client's messages."""
    if "$ref" in schema:
        return st.deferred(lambda: of(SCHEMA["$defs"][schema["$ref"]]))
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return st.one_of(*map(of, schema[several]))
    match schema.get("type"):
        case "object":
            return _object(schema)
        case "array":
            most = min(schema.get("maxItems", 4), 4)
            return st.lists(of(schema["items"]), min_size=schema.get("minItems", 0), max_size=most)
        case "string":
            return _string(schema)
        case "integer":
            least, most = schema.get("minimum", -(2**53) + 1), schema.get("maximum", 2**53 - 1)
            return st.integers(least, most) | st.integers(max(least, 1), max(least, min(most, 12)))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case _:
            return JUNK


def _string(schema: dict[str, Any]) -> SearchStrategy[str]:
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    if "pattern" in schema:
        return st.sampled_from(["c1", "v1", "g1", "t-1"]) | st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 40), 40))


def _object(schema: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    named = {name: of(inner) for name, inner in schema.get("properties", {}).items()}
    if "gestures" in named:
        named["gestures"] = st.lists(
            st.sampled_from(GESTURES) | JUNK.map(lambda junk: {"type": junk}), min_size=1, max_size=4
        )
    needed = {name: one for name, one in named.items() if name in schema.get("required", ())}
    rest = {name: one for name, one in named.items() if name not in needed}
    if not named:
        patterns = [*schema.get("patternProperties", {})]
        key = st.from_regex(patterns[0], fullmatch=True) if patterns else st.text(max_size=8)
        return st.dictionaries(key, JUNK, max_size=3)
    return st.fixed_dictionaries(needed, optional=rest)


MESSAGES: SearchStrategy[dict[str, Any]] = of({key: value for key, value in SCHEMA.items() if key != "$defs"})


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A message with something taken out of it, put in, or put in the place of something else."""
    message = dict(draw(MESSAGES))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(message))) if message else "t"
        act = draw(st.sampled_from(("drop", "replace", "add", "kind")))
        if act == "drop":
            message.pop(name, None)
        elif act == "replace":
            message[name] = draw(JUNK)
        elif act == "add":
            message[draw(st.text(max_size=8))] = draw(JUNK)
        else:
            message["t"] = draw(st.sampled_from([*asyncapi.CLIENT, *asyncapi.SERVICE]))
    return message


@st.composite
def broken(draw: st.DrawFn) -> str:
    """The text of a message with a piece cut out, or another put in: JSON no more, or other JSON."""
    text = json.dumps(draw(MESSAGES))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 6)))
    return (
        text[:start]
        + draw(st.sampled_from(["", '"', "{", "]", "\\ud800", "NaN", "-0", ",", "1e999", "\x00"]))
        + text[end:]
    )


TEXTS: SearchStrategy[str] = MESSAGES.map(json.dumps) | mutated().map(json.dumps) | broken() | JUNK.map(json.dumps)
"""Text frames: right, nearly right, and wrong."""
