"""A refused value is told what the property holds."""

from typing import Any

import pytest

from timeline_service.domain import errors, properties


@pytest.mark.parametrize(
    ("name", "parent", "value", "right"),
    [
        ("opacity", "clip", 1_000_001, "0 to 1000000"),
        ("rotation", "clip", 36_000_001, "-36000000 to 36000000"),
        ("volume", "track", 100_001, "-100000 to 100000"),
        ("transform", "clip", {"x": 0}, "scale_y"),
        ("crop", "clip", {"x": 0}, "width and height"),
        ("params.radius", "effect", [], "a list of 1 to 64"),
    ],
)
def test_what_a_property_holds(name: str, parent: str, value: Any, right: str) -> None:
    with pytest.raises(errors.BadValue) as refused:
        properties.check(name, parent, value)
    assert right in refused.value.details["expected"]


@pytest.mark.parametrize(
    ("parent", "own"),
    [("clip", sorted(properties.PROPERTIES)), ("track", ["volume"]), ("effect", ["params.*"]), ("marker", [])],
)
def test_which_properties_there_are(parent: str, own: list[str]) -> None:
    with pytest.raises(errors.BadValue) as refused:
        properties.known("sharpness", parent)
    assert sorted(refused.value.details["properties"]) == own
