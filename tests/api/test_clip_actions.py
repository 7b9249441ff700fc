"""`POST /clips/{clip_id}/actions`: every gesture that names a clip, by the name of the clip alone."""

from typing import Any, Final

import pytest

from tests.api.conftest import Studio
from tests.api.showcase import showcase
from tests.stage import stage
from timeline_service.api import examples
from timeline_service.domain import registry

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES: Final = ("clip_ids", "clip_id", "parent_id", "segment_id", "id")
STAGE: Final = stage().state


def addressed(name: str) -> str | None:
    """The clip of the stage that the example of a gesture is about."""
    known, example = registry.GESTURES[name], examples.GESTURES[name]
    for parameter in NAMES:
        if parameter in known.model_fields and parameter not in known.mints:
            named = example.get(parameter, "intro" if parameter == "clip_id" else None)
            first = named[0] if isinstance(named, list) else named
            return first if STAGE.find(first or "", "clip") is not None else None
    return None


ABOUT_A_CLIP: Final = [name for name in registry.GESTURES if addressed(name) is not None]


async def test_there_are_such_gestures() -> None:
    assert {"trim", "split", "remove_clip", "move", "ripple_delete", "add_crop_keyframe", "set_segment_speed"} <= set(
        ABOUT_A_CLIP
    )


@pytest.mark.parametrize("name", ABOUT_A_CLIP)
async def test_every_gesture_on_a_clip_works_by_its_clip(shared_studio: Studio, name: str) -> None:
    studio = await showcase(shared_studio, alone=True)
    example, clip = examples.GESTURES[name], addressed(name)
    many = len(example.get("clip_ids", ())) > 1
    data = {key: value for key, value in example.items() if key not in NAMES or (many and key == "clip_ids")}
    for sent in (data, example):  # the clip may be named once more
        answer = await studio.owner.ok(
            "POST", f"/api/v1/clips/{clip}/actions", json={"action": name, "data": sent, "dry_run": True}
        )
        assert answer["results"][0]["how"] == "dry_run", name
    answer = await studio.owner.ok("POST", f"/api/v1/clips/{clip}/actions", json={"action": name, "data": data})
    assert (answer["id"], answer["results"][0]["how"]) == (studio.timeline_id, "committed")
    told = answer["results"][0]["gesture"]
    assert clip in (*(told.get(parameter) for parameter in NAMES[1:]), *told.get("clip_ids", ()))


async def test_several_clips_one_of_which_is_the_addressed(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio, alone=True)
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
    studio = await showcase(shared_studio, alone=True)
    body = {"action": action, "data": data}
    refused = await studio.owner.refused("POST", "/api/v1/clips/intro/actions", json=body)
    assert refused == (422, "invalid")


async def test_an_action_that_is_no_gesture(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio, alone=True)
    refused = await studio.owner.refused("POST", "/api/v1/clips/intro/actions", json={"action": "explode"})
    assert refused == (422, "unknown_gesture")
