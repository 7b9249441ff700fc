"""A message that cannot be read is told where, by which rule, and what would be right; never what it held."""

from typing import Any

import pytest
from pydantic import ValidationError

from timeline_service.api import requests
from timeline_service.api.protocol import MESSAGE

HELD = "cAnArY"
KINDS = "t is one of push, undo, redo, restore, pull, recv, ping, pong, presence, lease"


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"t": HELD}, {"path": "", "problem": "union_tag_invalid", "expected": KINDS}),
        ({HELD: 1}, {"path": "", "problem": "union_tag_not_found", "expected": KINDS}),
        (
            {"t": "pull", "after_version": -1},
            {"path": "pull.after_version", "problem": "greater_than_equal", "expected": "at least 0"},
        ),
        (
            {"t": "pull", "after_version": 1, HELD: 1},
            {"path": "pull", "problem": "extra_forbidden", "expected": "one of after_version, limit"},
        ),
        (
            {"t": "presence", "cursor": HELD},
            {"path": "presence.cursor", "problem": "dict_type", "expected": "an object"},
        ),
    ],
)
def test_what_would_be_right(message: dict[str, Any], problem: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        MESSAGE.validate_python(message)
    assert requests.problems(refused.value) == [problem]
