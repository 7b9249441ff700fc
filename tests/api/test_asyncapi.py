"""The stream's description: whole, valid, current, and of the shape that is pinned."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.api.conftest import Studio
from tests.house import asyncapi_page
from timeline_service.api import asyncapi, protocol

KEY = re.compile(r"^[\w.\-]+$")

PINNED = """the messages of the stream have changed.
If clients of before go on as they are (a new field or kind of message of the service, a new optional field of the client):
REVISION + 1. If they do not: PROTOCOL + 1, and REVISION 0. Then pin what `python -m tests.house.asyncapi_page` says."""


def test_the_shape_of_the_protocol_is_pinned() -> None:
    assert asyncapi.shape() == protocol.SHAPE, PINNED


def test_the_page_is_current() -> None:
    assert asyncapi_page.PAGE.read_text() == asyncapi_page.page(), "run `python -m tests.house.asyncapi_page`"


def test_words_do_not_make_a_shape() -> None:
    """A field may be named like a word of JSON Schema; it counts, the word does not."""
    schema = {"title": "A", "description": "b", "properties": {"title": {"type": "string", "title": "Title"}}}
    assert asyncapi._without(schema, asyncapi.WORDS) == {"properties": {"title": {"type": "string"}}}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def found(document: dict[str, Any], pointer: str) -> Any:
    value: Any = document
    for part in pointer.removeprefix("#/").split("/"):
        value = value[part]
    return value


def test_the_document_is_asyncapi_3() -> None:
    """What the specification requires of each object, and that every reference leads to what it should."""
    document = asyncapi.document()
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    assert all({"host", "protocol"} <= server.keys() for server in document["servers"].values())
    for pointer in references(document):
        found(document, pointer)
    keys = [*document["channels"], *document["operations"], *document["servers"]]
    keys += [name for part in document["components"].values() for name in part]
    assert all(KEY.match(key) for key in keys)
    for channel in document["channels"].values():
        assert set(re.findall(r"{(\w+)}", channel["address"])) == set(channel["parameters"])
        assert all(told["$ref"].startswith("#/components/messages/") for told in channel["messages"].values())
    for operation in document["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert operation["channel"] == {"$ref": "#/channels/timeline"}
        told = [*operation["messages"], *operation.get("reply", {}).get("messages", [])]
        assert told and all(one["$ref"].startswith("#/channels/timeline/messages/") for one in told)
    for message in document["components"]["messages"].values():
        assert {"name", "payload", "contentType"} <= message.keys()


def test_every_message_is_said_or_heard_in_an_operation() -> None:
    document = asyncapi.document()
    used = set(references(document["operations"])) - {"#/channels/timeline"}
    assert used == {f"#/channels/timeline/messages/{name}" for name in document["channels"]["timeline"]["messages"]}


async def test_the_service_answers_it_with_its_own_address(studio: Studio) -> None:
    async with studio.service.client() as nobody:
        answer = await nobody.get("/api/v1/asyncapi.json")
    assert answer.status_code == 200
    told = json.loads(asyncapi_page.PAGE.read_text())
    told["servers"]["service"]["host"] = studio.service.url.removeprefix("http://")
    assert answer.json() == told
