"""docs/gestures.md says what the gestures say."""

import json
import re

import pytest

from tests.house import gestures_page, schema_words
from timeline_service.domain import registry


def test_the_page_is_current() -> None:
    current = gestures_page.PAGE.read_text() == gestures_page.page()
    assert current, "run `python -m tests.house.gestures_page`"


def test_every_gesture_stands_in_one_family() -> None:
    names = [name for _, names in gestures_page.families() for name in names]
    assert sorted(names) == sorted(registry.GESTURES)


def test_every_link_within_the_page_leads_somewhere() -> None:
    page = gestures_page.page()
    headings = {heading.lower() for heading in re.findall(r"^###? (\S+)$", page, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= headings


def test_examples_stand_there_as_they_are_sent() -> None:
    shown = [json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", gestures_page.page(), re.DOTALL)]
    assert {example["type"]: example for example in shown} == {
        name: {"type": name, **each.example} for name, each in registry.GESTURES.items()
    }


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "pattern": schema_words.ID}, "id"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 9}, "list of integer (1 to 9)"),
        (
            {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 2**53 - 1}, {"type": "null"}]},
            "integer (at least 0)",
        ),
        ({"type": "object", "patternProperties": {schema_words.ID: {"type": "boolean"}}}, "{id: `true` \\| `false`}"),
        ({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}, "list of number (exactly 4)"),
        ({"enum": ["a", "b"]}, "`a` \\| `b`"),
        ({"$ref": "#/$defs/Spot"}, "[Spot](#spot)"),
        ({}, "JSON"),
    ],
)
def test_a_type_in_words(schema: dict[str, object], told: str) -> None:
    assert schema_words.words(schema) == told
