"""The strict reader: it reads what Python's own does, and refuses what two readers could differ on."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline_service.api import strict_json
from timeline_service.kit import errors

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NUMBERS = st.integers(-strict_json.MAX_INTEGER, strict_json.MAX_INTEGER) | st.floats(
    allow_nan=False, allow_infinity=False
).filter(lambda number: number != 0 or math.copysign(1, number) > 0)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.booleans())
def test_what_is_json_is_read(value: Any, ascii_only: bool) -> None:
    assert strict_json.parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_anything_else_is_refused_in_words_of_ours(data: bytes) -> None:
    codes = {"invalid_json", "empty_body", "duplicate_key", "number_not_finite", "number_too_large", "minus_zero"}
    codes |= {"text_not_storable", "too_deep"}
    refused: str | None = None
    try:
        value = strict_json.parse(data)
    except errors.Invalid as refusal:
        refused = refusal.stable_code
    assert refused in codes if refused else value == json.loads(data)


@pytest.mark.parametrize("depth", [1, 63, 64, 65, 200, 5_000, 100_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_nesting_stops_at_sixty_four(depth: int, brackets: str) -> None:
    opening = "[" if brackets == "[]" else '{"a":'
    text = opening * (depth - 1) + brackets + brackets[1] * (depth - 1)
    if depth <= strict_json.MAX_DEPTH:
        assert strict_json.parse(text.encode()) == json.loads(text)
        return
    with pytest.raises(errors.Invalid) as refusal:
        strict_json.parse(text.encode())
    assert refusal.value.stable_code == "too_deep"


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("application/json", True), ("application/json; charset=utf-8", True), ("APPLICATION/JSON;charset=UTF-8", True),
        ("application/merge-patch+json", True), ("text/json", False), ("application/jsonx", False), ("", False),
        ("application/json; charset=latin-1", False), ("application/json, text/plain", False), (None, False),
        ("multipart/form-data; boundary=x", False), ("text/plain", False),
    ],
)  # fmt: skip
def test_content_types(value: str | None, taken: bool) -> None:
    if taken:
        strict_json.check_content_type(value)
        return
    with pytest.raises(strict_json.UnsupportedMediaType):
        strict_json.check_content_type(value)
