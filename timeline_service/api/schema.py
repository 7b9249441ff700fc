"""The description of the API (OpenAPI): what FastAPI knows, every gesture as a schema of its own, and the examples."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from timeline_service.api import examples
from timeline_service.domain import registry
from timeline_service.domain.time import Time

REF: Final = "#/components/schemas/"
TIME_SCHEMA: Final = TypeAdapter(Time).json_schema()
METHODS: Final = frozenset({"get", "post", "put", "delete", "patch"})

RESERVED: Final[dict[str, dict[str, Any]]] = {
    "gesture_id": {
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{1,64}$",
        "description": "Minted by the client; the same id again answers what it came to, for ever.",
    },
    "seq": {"type": "integer", "description": "The client's own count."},
    "expect": {
        "type": "object",
        "description": "kind.id.field → the value it must still have; else 409 stale_field.",
        "additionalProperties": True,
    },
    "after": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Gesture ids that must have been accepted, in a batch that is not atomic.",
    },
}
"""What may stand beside the parameters of every gesture."""


def install(app: FastAPI) -> None:
    """Serve this description at /openapi.json."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(generate())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(document: dict[str, Any]) -> dict[str, Any]:
    """Complete FastAPI's document, in place."""
    schemas = document["components"]["schemas"]
    _add(schemas, gesture_schemas())
    schemas["Gestures"]["properties"]["gestures"]["items"] = {"$ref": f"{REF}Gesture"}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for operation in operations(document):
        _complete(operation)
    _strip_titles(document)
    return document


def gesture_schemas() -> dict[str, Any]:
    """`Gesture`, told apart by `type`, a schema with an example for each, and what they are made of."""
    classes = registry.GESTURES.values()
    names, definitions = models_json_schema([(each, "validation") for each in classes], ref_template=REF + "{model}")
    schemas: dict[str, Any] = {}
    times: dict[str, Any] = {}
    for name, definition in definitions["$defs"].items():
        schemas[name] = _share_times(definition, times)
    _add(schemas, times)
    mapping = {name: names[(each, "validation")]["$ref"] for name, each in registry.GESTURES.items()}
    for name, reference in mapping.items():
        schema = schemas[reference.removeprefix(REF)]
        schema["properties"] |= RESERVED
        schema["required"] = ["type", *schema.get("required", ())]
        if name in examples.GESTURES:
            schema["examples"] = [{"type": name, **examples.GESTURES[name]}]
    schemas["Gesture"] = {
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }
    return schemas


def _add(schemas: dict[str, Any], more: dict[str, Any]) -> None:
    """Two models of one name would describe each other: rename one. Raises ValueError."""
    twice = sorted(name for name, schema in more.items() if schemas.get(name, schema) != schema)
    if twice:
        raise ValueError(f"two models are named {', '.join(twice)}")
    schemas.update(more)


def _share_times(node: Any, times: dict[str, Any]) -> Any:
    """A schema with `$ref` for every time, whose schema goes to `times`, and with their defaults as they are sent."""
    if isinstance(node, list):
        return [_share_times(item, times) for item in node]
    if not isinstance(node, dict):
        return node
    if not any(_takes_ticks(one) for one in node.get("anyOf", ())):
        return {name: _share_times(item, times) for name, item in node.items()}
    kept = {name: node[name] for name in ("default", "description") if name in node}
    if kept.get("description") == TIME_SCHEMA["description"]:
        del kept["description"]
    if kept.get("default") is not None:
        kept["default"] = {"ticks": kept["default"]["ticks"]}
    times["Time"] = TIME_SCHEMA
    return {"$ref": f"{REF}Time", **kept}


def _takes_ticks(node: Any) -> bool:
    return isinstance(node, dict) and node.get("required") == ["ticks"]


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of the document."""
    for path in document["paths"].values():
        yield from (operation for method, operation in path.items() if method in METHODS)


def _complete(operation: dict[str, Any]) -> None:
    refused = operation["responses"].get("422")
    if refused is not None:  # FastAPI's own shape is never sent
        refused["content"] = {"application/json": {"schema": {"$ref": f"{REF}ErrorBody"}}}
    example = examples.REQUESTS.get(operation["operationId"])
    if example is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example


def _strip_titles(node: Any) -> None:
    """Titles made of field names say nothing that the names do not."""
    if isinstance(node, list):
        for item in node:
            _strip_titles(item)
    elif isinstance(node, dict):
        if isinstance(node.get("title"), str) and ("type" in node or "anyOf" in node or "$ref" in node):
            del node["title"]
        for item in node.values():
            _strip_titles(item)
