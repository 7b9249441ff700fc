"""A JSON schema of a payload in the words of a table: `id`, `time`, `list of id (1–1000)`, `0 to 1000000`."""

import json
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, NamedTuple

ID: Final = "^[A-Za-z0-9_-]{1,64}$"
TIME: Final = "#/components/schemas/Time"
FAR: Final = 2**53 - 1
"""A bound that says no more than that the number is one."""


class Row(NamedTuple):
    """One parameter, ready for a table."""

    name: str
    type: str
    default: str
    meaning: str


def rows(schema: dict[str, Any], *, derived: Collection[str] = (), hidden: Collection[str] = ()) -> Iterator[Row]:
    """The properties of an object schema. `derived` are ids that may be left out, wholly or in part."""
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        if name in hidden:
            continue
        default = "required" if name in required else "derived" if name in derived else default_of(one)
        yield Row(name, words(one), default, oneline(one.get("description", "")))


def default_of(schema: dict[str, Any]) -> str:
    """The default as JSON; nothing where it is left out."""
    default = schema.get("default")
    if default is None:
        return ""
    if schema.get("$ref") == TIME and not default["ticks"]:
        return "`0`"
    return f"`{json.dumps(default)}`"


def words(schema: dict[str, Any]) -> str:
    """What a value may be."""
    if schema.get("$ref") == TIME:
        return "time"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            told = [words(one) for one in schema[key] if one.get("type") != "null"]
            return " or ".join(dict.fromkeys(told))
    if "enum" in schema:
        return " \\| ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    return _OF_TYPE.get(str(schema.get("type")), lambda _: "JSON")(schema)


def oneline(text: str) -> str:
    """Text in one line, safe in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def _array(schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(words(one) for one in schema['prefixItems'])}]"
    count = _range(schema.get("minItems"), schema.get("maxItems"))
    return f"list of {words(schema.get('items', {}))}" + (f" ({count})" if count else "")


def _object(schema: dict[str, Any]) -> str:
    inner = next(iter(schema.get("patternProperties", {}).items()), None)
    if inner is not None:
        return f"{{{'id' if inner[0] == ID else 'key'}: {words(inner[1])}}}"
    free = schema.get("additionalProperties")
    return f"{{key: {words(free)}}}" if isinstance(free, dict) and free else "object"


def _string(schema: dict[str, Any]) -> str:
    if schema.get("pattern") == ID:
        return "id"
    if "pattern" in schema:
        return f"text `{schema['pattern']}`".replace("|", "\\|")
    return f"text (at most {schema['maxLength']})" if "maxLength" in schema else "text"


def _integer(schema: dict[str, Any]) -> str:
    lowest = schema.get("minimum", schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else None)
    highest = schema.get("maximum", schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else None)
    told = _range(None if lowest == -FAR else lowest, None if highest == FAR else highest)
    return f"integer ({told})" if told else "integer"


def _range(lowest: int | None, highest: int | None) -> str:
    if lowest is None and highest is None:
        return ""
    if highest is None:
        return f"at least {lowest}"
    if lowest == highest:
        return f"exactly {lowest}"
    return f"at most {highest}" if lowest is None else f"{lowest} to {highest}"


_OF_TYPE: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "array": _array,
    "object": _object,
    "string": _string,
    "integer": _integer,
    "number": lambda _: "number",
    "boolean": lambda _: "`true` \\| `false`",
}
