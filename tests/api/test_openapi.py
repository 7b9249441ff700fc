"""The description is complete, and every example in it works."""

import json
import re
from typing import Any

import pytest

from tests.api.conftest import Studio
from tests.api.showcase import showcase
from timeline_service.api import examples, schema
from timeline_service.domain import registry

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(name="document", scope="module")
def read_document(shared_studio: Studio) -> dict[str, Any]:
    return shared_studio.service.app.openapi()


async def test_every_gesture_is_a_schema_with_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    mapping = schemas["Gesture"]["discriminator"]["mapping"]
    assert set(mapping) == set(registry.GESTURES)
    assert {one["$ref"] for one in schemas["Gesture"]["oneOf"]} == set(mapping.values())
    assert len(set(mapping.values())) == len(mapping)
    for name, reference in mapping.items():
        described = schemas[reference.removeprefix(schema.REF)]
        assert described["properties"]["type"]["const"] == name
        assert described["examples"][0] == {"type": name, **registry.GESTURES[name].example}
        assert described["description"] and set(schema.RESERVED) <= set(described["properties"])
    assert schemas["Gestures"]["properties"]["gestures"]["items"] == {"$ref": f"{schema.REF}Gesture"}


@pytest.mark.parametrize("name", registry.GESTURES)
async def test_the_example_of_a_gesture_works(shared_studio: Studio, name: str) -> None:
    studio = await showcase(shared_studio)
    answer = await studio.apply({"type": name, **examples.GESTURES[name]})
    assert answer["results"][0]["how"] == "committed"


async def test_the_example_of_every_operation_works(shared_studio: Studio, document: dict[str, Any]) -> None:
    tried = set()
    for path, method, operation in described(document):
        if operation["operationId"] in examples.REQUESTS:
            tried.add(operation["operationId"])
            studio = await showcase(shared_studio, alone=True)
            somebody = await studio.service.person()
            if operation["operationId"] in {"undo", "redo"}:
                await studio.apply({"type": "trim", **examples.GESTURES["trim"]})
            if operation["operationId"] == "redo":
                await studio.owner.ok("POST", f"{studio.timeline}/undo", json={})
            if operation["operationId"] == "restore":
                await studio.apply({"type": "remove_clip", "clip_id": "intro"})
            [content] = operation["requestBody"]["content"].values()
            body = json.dumps(content["example"]).replace(examples.PERSON_ID, str(somebody.id))
            body = body.replace(examples.WORKSPACE_ID, studio.workspace_id).replace(
                examples.TIMELINE_ID, studio.timeline_id
            )
            address = path.format(timeline_id=studio.timeline_id, workspace_id=studio.workspace_id, clip_id="intro")
            answer = await studio.owner.http.request(
                method, address, content=body.encode(), headers={"content-type": "application/json"}
            )
            expected = next(iter(status for status in operation["responses"] if status in {"201", "202", "204"}))
            assert str(answer.status_code) == expected, (operation["operationId"], answer.text)
    assert tried == set(examples.REQUESTS)


async def test_every_body_has_an_example_and_every_operation_a_name(document: dict[str, Any]) -> None:
    names = []
    for path, method, operation in described(document):
        names.append(operation["operationId"])
        assert re.fullmatch(r"[a-z][A-Za-z]+", operation["operationId"]), path
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content or path.endswith("/import"), f"{method} {path} has no example"
        for status, answer in operation["responses"].items():
            if status[0] in "45" and path != "/readyz":
                reference = answer["content"]["application/json"]["schema"]["$ref"]
                assert reference == f"{schema.REF}ErrorBody", (path, status)
    assert len(names) == len(set(names))


async def test_models_have_names_of_their_own(document: dict[str, Any]) -> None:
    for name in document["components"]["schemas"]:
        assert "__" not in name, f"{name}: two models share a name"
    with pytest.raises(ValueError, match="Split"):
        schema.describe({"components": {"schemas": {"Split": {"type": "string"}}}, "paths": {}})


async def test_times_are_described_once_and_their_defaults_as_they_are_sent(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["AddClip"]["properties"]["source_in"] == {"$ref": f"{schema.REF}Time", "default": {"ticks": 0}}
    assert json.dumps(document).count(schemas["Time"]["description"]) == 1


async def test_nothing_in_the_description_points_nowhere(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    for reference in set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', text)):
        assert reference in document["components"]["schemas"]


def described(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in schema.METHODS
    ]
