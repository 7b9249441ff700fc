"""What a client asks before and after an edit: a dry run, the kinds of records, the health of a cut."""

from typing import Any
from uuid import UUID

import pytest

from tests.api import streaming
from tests.api.conftest import Studio, add_clip
from tests.api.showcase import showcase
from timeline_service.api import wire
from timeline_service.domain import records
from timeline_service.kit import clock

FRAME = 28_224_000
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_kind_of_record_is_listed(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    state = await studio.owner.ok("GET", studio.timeline)
    wire.Timeline.model_validate(state)
    assert {f"{kind}s" for kind in records.KINDS if kind != "timeline"} <= set(state)
    assert [one["id"] for one in state["transitions"]] == ["x1"]
    assert [one["id"] for one in state["effects"]] == ["fx1", "fx2"]
    assert state["effects"][0]["params"] == {"radius": 20_000}
    assert [one["text"] for one in state["captions"]] == ["Welcome"]
    assert [one["comment"] for one in state["annotations"]] == ["too dark"]
    assert state["duration"] == 600 * FRAME


async def test_a_dry_run_says_durations_and_what_is_affected(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    version = await studio.version()
    plan = await studio.apply(
        {"type": "split", "clip_id": "take1", "at": 525, "new_id": "half"},
        {"type": "ripple_delete", "clip_ids": [{"$ref": "gestures[0].new_id"}]},
        dry_run=True,
    )
    wire.EditAnswer.model_validate(plan)
    assert (plan["duration_before"], plan["duration_after"]) == (600 * FRAME, 575 * FRAME)
    assert plan["affected"]["clip"] == ["take1", "take2"]
    assert [result["how"] for result in plan["results"]] == ["dry_run", "dry_run"]
    assert plan["diff"]["duration"] == {"before": plan["duration_before"], "after": plan["duration_after"]}
    assert await studio.version() == version
    kept = await studio.apply({"type": "trim", "clip_id": "take2", "edge": "end", "delta": -1})
    assert not {"diff", "affected", "duration_before"} & set(kept)


async def test_a_dry_run_on_the_stream_says_the_same(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    where = (studio.service.url, studio.timeline_id, studio.owner.token)
    async with streaming.opened(*where, after_version=await studio.version()) as stream:
        gesture = {"type": "remove_clip", "clip_id": "take2"}
        await stream.send(t="push", batch="try", gestures=[gesture], dry_run=True)
        result = await stream.until("result", batch="try")
    assert (result["duration_after"], result["affected"]["clip"]) == (550 * FRAME, ["take2"])


async def test_500_gestures_in_one_request(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    gestures: list[dict[str, Any]] = [{"type": "add_marker", "time": n} for n in range(500)]
    answer = await studio.apply(*gestures)
    assert len(answer["results"]) == 500
    body = {"gestures": [*gestures, {"type": "add_marker", "time": 500}]}
    assert await studio.owner.refused("POST", f"{studio.timeline}/gestures", json=body) == (422, "invalid")


async def test_a_bad_reference_says_which_gesture_and_why(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    body = {"gestures": [{"type": "remove_clip", "clip_id": {"$ref": "gestures[3].clip_id"}}]}
    answer = await studio.owner.http.post(f"{studio.timeline}/gestures", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "bad_reference")
    assert (error["details"]["index"], error["details"]["refers_to"]) == (0, 3)


async def test_a_refusal_says_what_would_be_legal(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    roll = {"type": "roll", "left_id": "take1", "right_id": "take2", "delta": 60}
    answer = await studio.owner.http.post(f"{studio.timeline}/gestures", json={"gestures": [roll]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "too_short")
    assert error["details"]["legal"] == {"delta": {"min": -49 * FRAME, "max": 49 * FRAME}}
    each = await studio.apply(roll, atomic=False)
    assert each["results"][0]["details"]["legal"] == error["details"]["legal"]
    where = (studio.service.url, studio.timeline_id, studio.owner.token)
    async with streaming.opened(*where, after_version=await studio.version()) as stream:
        await stream.send(t="push", batch="far", gestures=[roll])
        result = await stream.until("result", batch="far")
    assert result["r"][0]["details"]["legal"] == error["details"]["legal"]
    await studio.apply(roll | {"delta": {"ticks": 49 * FRAME}})


async def health(studio: Studio, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await studio.owner.ok("GET", f"{studio.timeline}/health", params=params)
    wire.Health.model_validate(answer)
    return answer


async def test_a_health_audit_at_any_version(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    before = await studio.version()
    assert not [one for one in (await health(studio))["findings"] if one["severity"] != "info"]
    await studio.apply(
        add_clip("flash", 203, 1),
        add_clip("lost", 250, 10) | {"media": {"missing": True}},
    )
    found = await health(studio)
    assert found["counts"].items() >= {"flash_frame": 1, "media_missing": 1}.items()
    assert (found["findings"][0]["code"], found["findings"][0]["records"]) == ("media_missing", ["lost"])
    assert (found["findings"][0]["start"], found["findings"][0]["end"]) == (250 * FRAME, 260 * FRAME)
    assert found["limits"]["flash_frames"] == 2 and not found["truncated"]
    assert "flash_frame" not in (await health(studio, flash_frames=0))["counts"]
    assert "tiny_gap" in (await health(studio, gap_frames=3))["counts"]
    assert "flash_frame" not in (await health(studio, version=before))["counts"]


async def test_sound_of_a_recorder_drifts_from_how_it_was_linked(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    assert "sync_drift" not in (await health(studio))["counts"]
    await studio.apply({"type": "trim", "clip_id": "voice", "edge": "end", "delta": -20, "single": True})
    assert "sync_drift" not in (await health(studio))["counts"]
    await studio.apply({"type": "move", "clip_ids": ["voice"], "delta": 3, "single": True})
    [finding] = [one for one in (await health(studio))["findings"] if one["code"] == "sync_drift"]
    assert (finding["records"], finding["details"]["drift"]) == (["voice", "intro"], 3 * FRAME)
    assert "sync_drift" not in (await health(studio, drift_ticks=3 * FRAME))["counts"]


async def test_an_audit_asks_for_its_assets(shared_studio: Studio) -> None:
    studio = await showcase(shared_studio)
    asset_id = str(clock.new_id())
    missing = await studio.service.rooms.assets.missing([asset_id, "not-an-id"], UUID(studio.workspace_id))
    assert missing == {asset_id: "missing", "not-an-id": "missing"}


async def test_strangers_and_odd_limits_are_refused(shared_studio: Studio) -> None:
    stranger = await shared_studio.service.person()
    assert (await stranger.refused("GET", f"{shared_studio.timeline}/health"))[0] == 404
    odd = {"params": {"flash_frames": -1}}
    assert await shared_studio.owner.refused("GET", f"{shared_studio.timeline}/health", **odd) == (422, "invalid")
