"""`POST /clips/{clip_id}/actions`: every gesture that names a clip, by the name of the clip alone."""

from typing import Any, Final

import pytest

from tests.api.conftest import Studio
from tests.api.showcase import showcase
from timeline_service.api import examples
from timeline_service.domain import registry

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES: Final = ("clip_ids", "clip_id", "parent_id")


def about_a_clip() -> list[str]:
    """Gestures with a parameter that names a clip which is there already."""
    return [
        name
        for name, known in registry.GESTURES.items()
        if any(each in known.model_fields and each not in known.mints for each in NAMES)
    ]


async def test_there_are_such_gestures() -> None:
    assert {"trim", "split", "remove_clip", "move", "ripple_delete", "add_crop_keyframe"} <= set(about_a_clip())


@pytest.mark.parametrize("name", about_a_clip())
async def test_every_gesture_on_a_clip_works_by_its_clip(shared_studio: Studio, name: str) -> None:
    studio = await showcase(shared_studio)
    example = examples.GESTURES[name]
    [clip] = example.get("clip_ids") or [example.get("clip_id") or example.get("parent_id") or "intro"]
    data = {key: value for key, value in example.items() if key not in NAMES}
    for sent in (data, example):  # the clip may be named once more
        answer = await studio.owner.ok(
            "POST", f"/api/v1/clips/{clip}/actions", json={"action": name, "data": sent, "dry_run": True}
        )
        assert answer["results"][0]["how"] == "dry_run", name
    answer = await studio.owner.ok("POST", f"/api/v1/clips/{clip}/actions", json={"action": name, "data": data})
    assert (answer["id"], answer["results"][0]["how"]) == (studio.timeline_id, "committed")
    told = answer["results"][0]["gesture"]
    assert clip in (told.get("clip_id"), told.get("parent_id"), *told.get("clip_ids", ()))


async def test_several_clips_one_of_which_is_the_addressed(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    body = {"action": "move", "data": {"clip_ids": ["intro", "beach"], "delta": 25}}
    answer = await studio.owner.ok("POST", "/api/v1/clips/beach/actions", json=body)
    assert answer["results"][0]["gesture"]["clip_ids"] == ["intro", "beach"]


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("trim", {"clip_id": "beach", "edge": "end", "delta": -1}),
        ("move", {"clip_ids": ["beach"], "delta": 1}),
        ("move", {"clip_ids": "intro", "delta": 1}),
        ("move", {"clip_ids": [], "delta": 1}),
        ("add_marker", {"parent_id": "beach", "time": 1}),
        ("set_timeline", {"name": "x"}),
        ("trim", {"edge": "end", "delta": -1, "type": "trim"}),
        ("trim", {"edge": "end", "delta": -1, "gesture_id": "g"}),
    ],
)
async def test_data_that_say_something_else_than_the_address(
    shared_studio: Studio, action: str, data: dict[str, Any]
) -> None:
    studio = await showcase(shared_studio)
    body = {"action": action, "data": data}
    refused = await studio.owner.refused("POST", "/api/v1/clips/intro/actions", json=body)
    assert refused == (422, "invalid")


async def test_an_action_that_is_no_gesture(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    refused = await studio.owner.refused("POST", "/api/v1/clips/intro/actions", json={"action": "explode"})
    assert refused == (422, "unknown_gesture")
