"""The stream as an AsyncAPI 3.0 document, written from the models of the protocol; and what its shape is known by."""

import hashlib
import json
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from timeline_service.api import protocol
from timeline_service.api.protocol import Close, Hello

ADDRESS: Final = "/api/v1/timelines/{timeline_id}/stream"
LOCAL: Final = "http://127.0.0.1:8000"
WORDS: Final = ("title", "description", "examples", "discriminator")
"""What a schema says beside the shape: it may change freely."""
REPLIES: Final = {
    "hello": "welcome",
    "push": "result",
    "undo": "result",
    "redo": "result",
    "restore": "result",
    "pull": "events",
    "ping": "pong",
    "lease": "lease",
}
UNASKED: Final = ("snapshot", "events", "presence", "lease", "error", "resync", "drain")
DESCRIPTION: Final = """
Live editing of one timeline: JSON text frames over one WebSocket, the kind of message in `t`.

The first frame is a `hello` with a JWT or a ticket; the service closes with the codes in `x-close-codes`. Versions rise
by one without a gap. The rules of the protocol, numbered, with examples: docs/stream.md. Revisions of a protocol only
add: clients pass over fields and kinds of message that they do not know.
""".strip()


def kinds(union: Any) -> dict[str, type[BaseModel]]:
    """`t` → model, of a union of messages."""
    return {kind: model for model in get_args(union) for kind in get_args(model.model_fields["t"].annotation)}


CLIENT: Final[dict[str, type[BaseModel]]] = {"hello": Hello, **kinds(protocol.Message)}
SERVICE: Final = kinds(protocol.Answer)
VERSION: Final = f"{protocol.PROTOCOL}.{protocol.REVISION}.0"


def document(public_url: str = LOCAL) -> dict[str, Any]:
    """The whole document; `public_url` is where the service is."""
    url = urlsplit(public_url)
    names = {"client": CLIENT, "service": SERVICE}
    messages = {f"{side}.{kind}": _message(kind, model) for side in names for kind, model in names[side].items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "timeline-service stream", "version": VERSION, "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {
            "service": {"host": url.netloc, "pathname": "/", "protocol": "wss" if url.scheme == "https" else "ws"}
        },
        "channels": {
            "timeline": {
                "address": ADDRESS,
                "description": "One timeline. Both sides send JSON text frames.",
                "parameters": {"timeline_id": {"description": "the timeline's id, a UUID"}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            **{kind: _operation(kind) for kind in CLIENT},
            "tell": {
                "action": "send",
                "channel": {"$ref": "#/channels/timeline"},
                "summary": "What the service says without being asked.",
                "messages": [_in_channel("service", kind) for kind in UNASKED],
            },
        },
        "components": {"messages": messages, "schemas": schemas()},
        "x-close-codes": {str(code.value): code.advice for code in Close},
        "x-shape": shape(),
    }


def schemas() -> dict[str, Any]:
    """The JSON Schema of every model, by its name."""
    models = dict.fromkeys([*CLIENT.values(), *SERVICE.values()])
    template = "#/components/schemas/{model}"
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=template)
    return {name: _without(schema, ("discriminator",)) for name, schema in sorted(found["$defs"].items())}


def shape() -> str:
    """SHA-256, hex, of everything that a program depends on: kinds, fields, types, bounds, defaults, close codes."""
    told = {
        "client": {kind: model.__name__ for kind, model in CLIENT.items()},
        "service": {kind: model.__name__ for kind, model in SERVICE.items()},
        "schemas": {name: _without(schema, WORDS) for name, schema in schemas().items()},
        "close": sorted(code.value for code in Close),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _message(kind: str, model: type[BaseModel]) -> dict[str, Any]:
    reference: dict[str, Any] = {"$ref": f"#/components/schemas/{model.__name__}"}
    if len(get_args(model.model_fields["t"].annotation)) > 1:  # one model, several kinds
        reference = {"allOf": [reference, {"properties": {"t": {"const": kind}}}]}
    told = {"name": kind, "contentType": "application/json", "payload": reference}
    words = " ".join((model.__doc__ or "").split())
    return {**told, "summary": words} if words else told


def _operation(kind: str) -> dict[str, Any]:
    told = {
        "action": "receive",
        "channel": {"$ref": "#/channels/timeline"},
        "messages": [_in_channel("client", kind)],
    }
    if kind not in REPLIES:
        return told
    reply = {"channel": {"$ref": "#/channels/timeline"}, "messages": [_in_channel("service", REPLIES[kind])]}
    return {**told, "reply": reply}


def _in_channel(side: str, kind: str) -> dict[str, str]:
    return {"$ref": f"#/channels/timeline/messages/{side}.{kind}"}


def _without(schema: Any, words: tuple[str, ...], *, fields: bool = False) -> Any:
    """A schema without some of its words; `fields`: the keys here are names of fields, which stay."""
    if isinstance(schema, dict):
        return {
            name: _without(value, words, fields=name == "properties" and not fields)
            for name, value in schema.items()
            if fields or name not in words
        }
    return [_without(value, words) for value in schema] if isinstance(schema, list) else schema
