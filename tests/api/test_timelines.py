"""Timelines over HTTP: make one, edit it, read it at any version, look back, take back."""

from typing import Any

import opentimelineio
import pytest

from tests.api.conftest import Service, Studio, add_clip, open_studio, trim
from timeline_service.api import wire, wire_looking
from timeline_service.kit import clock

FRAME = 28_224_000


async def test_a_first_edit(service: Service) -> None:
    alice = await service.person("alice")
    workspace = await alice.ok("POST", "/api/v1/workspaces", json={"name": "Film"})
    body = {"workspace_id": workspace["id"], "name": "Cut", "rate": {"num": 25, "den": 1}}
    body |= {"width": 1920, "height": 1080}
    made = await alice.http.post("/api/v1/timelines", json=body)
    assert made.status_code == 201
    timeline = made.json()
    assert made.headers["location"] == f"/api/v1/timelines/{timeline['id']}"
    assert (timeline["version"], timeline["current_version"]) == (1, 1)
    path = f"/api/v1/timelines/{timeline['id']}"
    gestures = [{"type": "add_track", "track_id": "v1", "kind": "video"}, add_clip("c1", 0), trim("c1", -10)]
    answer = await alice.http.post(f"{path}/gestures", json={"gestures": gestures})
    assert answer.status_code == 201, answer.text
    wire.EditAnswer.model_validate(answer.json())
    assert [(result["ok"], result["version"], result["how"]) for result in answer.json()["results"]] == [
        (True, 2, "committed"),
        (True, 3, "committed"),
        (True, 4, "committed"),
    ]
    state = await alice.ok("GET", path)
    wire.Timeline.model_validate(state)
    assert state["workspace_id"] == workspace["id"]
    [clip] = state["clips"]
    assert (state["version"], clip["id"], clip["duration"], state["duration"]) == (4, "c1", 90 * FRAME, 90 * FRAME)
    before = await alice.ok("GET", path, params={"version": 3})
    assert before["clips"][0]["duration"] == 100 * FRAME


async def test_the_same_gesture_again_is_answered_from_the_log(studio: Studio) -> None:
    body = {"gestures": [trim("c1", -10, gesture_id="once")]}
    first = await studio.owner.http.post(f"{studio.timeline}/gestures", json=body)
    again = await studio.owner.http.post(f"{studio.timeline}/gestures", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["results"][0]["how"], again.json()["results"][0]["version"]) == ("duplicate", 4)
    other = {"gestures": [trim("c1", -11, gesture_id="once")]}
    assert await studio.owner.refused("POST", f"{studio.timeline}/gestures", json=other) == (409, "gesture_id_reused")


async def test_an_atomic_batch_is_refused_whole_and_says_where(studio: Studio) -> None:
    body = {"gestures": [trim("c1", -1), trim("nope", -1, gesture_id="bad")]}
    answer = await studio.owner.http.post(f"{studio.timeline}/gestures", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["retryable"]) == (409, "clip_missing", False)
    assert (error["details"]["index"], error["details"]["gesture_id"]) == (1, "bad")
    assert await studio.version() == 3
    each = await studio.apply(*body["gestures"], atomic=False)
    assert [result["ok"] for result in each["results"]] == [True, False]
    wire.EditAnswer.model_validate(each)


async def test_a_dry_run_stores_nothing(studio: Studio) -> None:
    body = {"gestures": [trim("c1", -10)], "dry_run": True}
    answer = await studio.owner.http.post(f"{studio.timeline}/gestures", json=body)
    assert (answer.status_code, answer.json()["results"][0]["how"]) == (200, "dry_run")
    assert answer.json()["results"][0]["changes"]
    assert await studio.version() == 3


async def test_expected_version_and_if_match(studio: Studio) -> None:
    seen = (await studio.owner.http.get(studio.timeline)).headers["etag"]
    assert seen.startswith(f'"{studio.timeline_id}-3-')
    path = f"{studio.timeline}/gestures"
    taken = await studio.owner.http.post(path, json={"gestures": [trim("c1")]}, headers={"if-match": seen})
    assert taken.status_code == 201
    stale = await studio.owner.http.post(path, json={"gestures": [trim("c1")]}, headers={"if-match": seen})
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "version_conflict")
    refused = await studio.owner.http.post(path, json={"gestures": [trim("c1")], "expected_version": 3})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "version_conflict")
    assert [missed["version"] for missed in error["details"]["events"]] == [4]


async def test_an_etag_saves_the_second_read(studio: Studio) -> None:
    for path in (studio.timeline, f"{studio.timeline}/otio"):
        first = await studio.owner.http.get(path)
        again = await studio.owner.http.get(path, headers={"if-none-match": f'W/"x", {first.headers["etag"]}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        viewer = await studio.member("viewer")
        assert (await viewer.http.get(path)).headers["etag"] == first.headers["etag"]
        old = await studio.owner.http.get(path, params={"version": 2})
        assert (old.status_code, old.headers["etag"] == first.headers["etag"]) == (200, False)


async def test_the_log_says_who_and_what_in_pages(studio: Studio) -> None:
    bob = await studio.member("editor")
    await studio.apply(trim("c1", -5, gesture_id="bobs"), by=bob, transaction_id="t1")
    await studio.apply(add_clip("c2", 100), trim("c2", -5))
    whole = await studio.owner.ok("GET", f"{studio.timeline}/events")
    wire.Events.model_validate(whole)
    assert [item["version"] for item in whole["items"]] == [1, 2, 3, 4, 5, 6]
    assert whole["items"][3]["actor"] == str(bob.id)
    assert (whole["items"][3]["transaction_id"], whole["items"][3]["gesture_id"]) == ("t1", "bobs")
    assert [item["prev_hash"] for item in whole["items"][1:]] == [item["hash"] for item in whole["items"][:-1]]

    pages: list[Any] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await studio.owner.ok("GET", f"{studio.timeline}/events", params=params)
        pages += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == whole["items"]
    first = await studio.owner.ok("GET", f"{studio.timeline}/events", params={"limit": 2})
    with_filter = {"cursor": first["next_cursor"], "type": "trim"}
    assert await studio.owner.refused("GET", f"{studio.timeline}/events", params=with_filter) == (422, "cursor_invalid")

    async def versions(**params: Any) -> list[int]:
        found = await studio.owner.ok("GET", f"{studio.timeline}/events", params=params)
        return [item["version"] for item in found["items"]]

    assert await versions(actor_id=str(bob.id)) == [4]
    assert await versions(type="trim") == [4, 6]
    assert await versions(clip_id="c2") == [5, 6]
    assert await versions(after_version=4) == [5, 6]
    assert await versions(transaction_id="t1") == [4]
    assert await versions(limit=10**9) == [1, 2, 3, 4, 5, 6]


async def test_undo_redo_restore(studio: Studio) -> None:
    await studio.apply(trim("c1", -10))
    undone = await studio.owner.ok("POST", f"{studio.timeline}/undo", json={"gesture_id": "u1"})
    wire.EditAnswer.model_validate(undone)
    assert (undone["version"], undone["conflicts"]) == (5, [])
    assert (undone["undo"]["can_undo"], undone["undo"]["can_redo"]) == (True, True) and undone["undo"]["label"]
    again = await studio.owner.http.post(f"{studio.timeline}/undo", json={"gesture_id": "u1"})
    assert (again.status_code, again.json()["results"][0]["how"]) == (200, "duplicate")
    assert (await studio.owner.ok("POST", f"{studio.timeline}/redo", json={}))["version"] == 6
    assert (await studio.owner.ok("GET", studio.timeline))["clips"][0]["duration"] == 90 * FRAME
    restored = await studio.owner.ok("POST", f"{studio.timeline}/restore", json={"version": 3})
    assert restored["version"] == 7
    assert (await studio.owner.ok("GET", studio.timeline))["clips"][0]["duration"] == 100 * FRAME
    by_version = await studio.owner.ok("POST", f"{studio.timeline}/undo", json={"target": {"version": 7}})
    assert by_version["version"] == 8
    await studio.apply(trim("c1", -1), trim("c1", -1))
    everything = {"target": {"actor_id": str(studio.owner.id), "from": 9, "to": 10}, "dry_run": True}
    assert (await studio.owner.http.post(f"{studio.timeline}/undo", json=everything)).status_code == 200
    nobody = await studio.member("editor")
    assert await nobody.refused("POST", f"{studio.timeline}/undo", json={}) == (409, "nothing_to_undo")


async def test_looking_back(studio: Studio) -> None:
    await studio.apply(trim("c1", -10))
    diff = await studio.owner.ok("GET", f"{studio.timeline}/diff", params={"from": 3, "to": 4})
    wire_looking.Diff.model_validate(diff)
    assert (diff["from"], diff["to"], diff["duration"]) == (3, 4, {"before": 100 * FRAME, "after": 90 * FRAME})
    blame = await studio.owner.ok("GET", f"{studio.timeline}/blame", params={"record": "c1"})
    wire_looking.Blame.model_validate(blame)
    assert blame["fields"]["duration"]["version"] == 4
    assert blame["fields"]["start"]["version"] == 3
    assert await studio.owner.refused("GET", f"{studio.timeline}/blame", params={"record": "nope"}) == (
        404, "record_missing"
    )  # fmt: skip
    verified = await studio.owner.ok("GET", f"{studio.timeline}/verify")
    wire.Verification.model_validate(verified)
    assert (verified["ok"], verified["checked"], verified["broken_at"]) == (True, 4, None)


async def test_otio_goes_out_at_any_version_and_comes_back(studio: Studio) -> None:
    await studio.apply(trim("c1", -10))
    answer = await studio.owner.http.get(f"{studio.timeline}/otio", params={"version": 3})
    assert answer.headers["content-type"] == "application/vnd.otio+json"
    read = opentimelineio.adapters.read_from_string(answer.text, "otio_json")
    assert read.duration().to_frames() == 100
    empty = await studio.owner.ok(
        "POST",
        "/api/v1/timelines",
        json={"workspace_id": studio.workspace_id, "rate": {"num": 25, "den": 1}, "width": 64, "height": 64},
    )
    imported = await studio.owner.http.post(
        f"/api/v1/timelines/{empty['id']}/import",
        content=answer.content,
        headers={"content-type": "application/vnd.otio+json"},
    )
    assert imported.status_code == 201, imported.text
    assert imported.json()["report"]["records"]["clip"] == 1
    there = await studio.owner.ok("GET", f"/api/v1/timelines/{empty['id']}")
    here = await studio.owner.ok("GET", studio.timeline, params={"version": 3})
    assert there["clips"] == here["clips"]
    assert there["tracks"] == here["tracks"]


async def test_an_action_on_a_clip_finds_its_timeline(studio: Studio) -> None:
    clip_id = f"clip-{clock.new_id()}"
    await studio.apply(add_clip(clip_id, 500))
    path = f"/api/v1/clips/{clip_id}/actions"
    data = {"frame": 10, "x": 50, "y": 50, "width": 640, "height": 360, "unit": "px"}
    answer = await studio.owner.ok("POST", path, json={"action": "add_crop_keyframe", "data": data})
    assert answer["id"] == studio.timeline_id
    state = await studio.owner.ok("GET", studio.timeline)
    assert [key["parent_id"] for key in state["keyframes"]] == [clip_id]
    assert await studio.owner.refused("POST", "/api/v1/clips/nowhere/actions", json={"action": "trim"}) == (
        404, "clip_missing"
    )  # fmt: skip

    body = {"workspace_id": studio.workspace_id, "rate": {"num": 25, "den": 1}, "width": 64, "height": 64}
    second = await studio.owner.ok("POST", "/api/v1/timelines", json=body)
    gestures = {"gestures": [{"type": "add_track", "track_id": "v1", "kind": "video"}, add_clip(clip_id, 0)]}
    await studio.owner.ok("POST", f"/api/v1/timelines/{second['id']}/gestures", json=gestures)
    ambiguous = await studio.owner.http.post(path, json={"action": "trim", "data": {"edge": "end", "delta": -1}})
    assert (ambiguous.status_code, ambiguous.json()["error"]["code"]) == (409, "ambiguous_clip")
    assert ambiguous.json()["error"]["details"]["timelines"] == sorted([studio.timeline_id, second["id"]])
    named = {"action": "trim", "data": {"edge": "end", "delta": -1}, "timeline_id": second["id"]}
    assert (await studio.owner.ok("POST", path, json=named))["id"] == second["id"]


async def test_a_timeline_may_be_named_by_its_maker(studio: Studio) -> None:
    mine = str(clock.new_id())
    body = {"workspace_id": studio.workspace_id, "rate": {"num": 25, "den": 1}, "width": 64, "height": 64, "id": mine}
    assert (await studio.owner.ok("POST", "/api/v1/timelines", json=body))["id"] == mine
    stranger = await open_studio(studio.service)
    foreign = body | {"workspace_id": stranger.workspace_id}
    status, _ = await stranger.owner.refused("POST", "/api/v1/timelines", json=foreign)
    assert status == 409


async def test_workspaces_and_members(service: Service) -> None:
    alice, bob = await service.person("alice"), await service.person("bob")
    workspace = await alice.ok("POST", "/api/v1/workspaces", json={"name": "Film"})
    wire.Workspace.model_validate(workspace)
    members = f"/api/v1/workspaces/{workspace['id']}/members"
    await alice.ok("POST", members, json={"person_id": str(bob.id), "role": "reviewer"})
    listed = await bob.ok("GET", members)
    wire.Members.model_validate(listed)
    assert [(member["subject"], member["role"]) for member in listed["items"]] == [
        (alice.subject, "owner"),
        (bob.subject, "reviewer"),
    ]
    assert [one["name"] for one in (await bob.ok("GET", "/api/v1/workspaces"))["items"]] == ["Film"]
    assert await alice.refused("POST", members, json={"person_id": str(alice.id), "role": "viewer"}) == (
        409, "last_owner"
    )  # fmt: skip
    await alice.ok("DELETE", f"{members}/{bob.id}")
    assert (await bob.ok("GET", "/api/v1/workspaces"))["items"] == []


async def test_exports_and_their_events(studio: Studio) -> None:
    body = {"timeline_id": studio.timeline_id, "preset": "source", "version": 3}
    answer = await studio.owner.http.post("/api/v1/exports", json=body)
    job = answer.json()
    wire.Job.model_validate(job)
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/jobs/{job['id']}")
    assert (job["state"], job["version"], job["result"]) == ("queued", 3, None)
    assert (await studio.owner.ok("POST", "/api/v1/exports", json=body))["id"] == job["id"]
    listed = await studio.owner.ok("GET", f"{studio.timeline}/exports")
    assert [one["id"] for one in listed["items"]] == [job["id"]]
    seen: list[str] = []
    async with studio.owner.http.stream("GET", f"/api/v1/jobs/{job['id']}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        async for line in events.aiter_lines():
            seen.append(line)
            if line.startswith("data: ") and '"queued"' in line:
                await studio.owner.ok("POST", f"/api/v1/jobs/{job['id']}/cancel")
    text = "\n".join(seen)
    assert text.count("event: job") == 2
    assert '"state":"canceled"' in text
    assert text.rstrip().endswith("event: bye\ndata: {}")
    assert (await studio.owner.ok("GET", f"/api/v1/jobs/{job['id']}"))["state"] == "canceled"


# ---- what surrounds every answer


async def test_every_answer_wears_the_headers(service: Service) -> None:
    alice = await service.person("alice")
    for path, status in (("/livez", 200), ("/api/v1/me", 200), ("/nowhere", 404), ("/docs", 200), ("/", 200)):
        answer = await alice.http.get(path)
        assert answer.status_code == status
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["api-version"]
        assert answer.headers["cache-control"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_readiness_names_what_is_checked(service: Service) -> None:
    async with service.client() as http:
        ready = (await http.get("/readyz")).json()
        assert (ready["status"], ready["checks"]) == ("ready", {"database": True, "redis": True})
        assert (await http.get("/.well-known/jwks.json")).json()["keys"][0]["crv"] == "P-256"


@pytest.mark.parametrize(("origin", "allowed"), [("https://editor.test", True), ("https://evil.test", False)])
async def test_pages_of_the_list_may_read_answers(service: Service, origin: str, allowed: bool) -> None:
    async with service.client() as http:
        asked = {"origin": origin, "access-control-request-method": "POST"}
        asked |= {"access-control-request-headers": "authorization,content-type"}
        preflight = await http.options("/api/v1/timelines", headers=asked)
        assert (preflight.headers.get("access-control-allow-origin") == origin) is allowed
        answer = await http.get("/livez", headers={"origin": origin})
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        assert "access-control-allow-credentials" not in answer.headers
