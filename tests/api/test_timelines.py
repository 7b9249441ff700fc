"""Timelines over HTTP: make one, edit it, read it at any version."""

from tests.api.conftest import Service, add_clip, trim


async def test_a_first_edit(service: Service) -> None:
    alice = await service.person("alice")
    workspace = await alice.ok("POST", "/api/v1/workspaces", json={"name": "Film"})
    body = {
        "workspace_id": workspace["id"],
        "name": "Cut",
        "rate": {"num": 25, "den": 1},
        "width": 1920,
        "height": 1080,
    }
    made = await alice.http.post("/api/v1/timelines", json=body)
    assert made.status_code == 201
    timeline = made.json()
    assert made.headers["location"] == f"/api/v1/timelines/{timeline['id']}"
    assert (timeline["version"], timeline["current_version"]) == (1, 1)
    path = f"/api/v1/timelines/{timeline['id']}"
    gestures = [{"type": "add_track", "track_id": "v1", "kind": "video"}, add_clip("c1", 0), trim("c1", -10)]
    answer = await alice.http.post(f"{path}/gestures", json={"gestures": gestures})
    assert answer.status_code == 201, answer.text
    assert [(result["ok"], result["version"], result["how"]) for result in answer.json()["results"]] == [
        (True, 2, "committed"),
        (True, 3, "committed"),
        (True, 4, "committed"),
    ]
    state = await alice.ok("GET", path)
    assert state["version"] == 4
    [clip] = state["clips"]
    assert (clip["id"], clip["duration"]) == ("c1", 90 * state["ticks_per_frame"])
    assert state["duration"] == 90 * state["ticks_per_frame"]
    before = await alice.ok("GET", path, params={"version": 3})
    assert before["clips"][0]["duration"] == 100 * state["ticks_per_frame"]
