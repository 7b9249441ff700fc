"""OTIO over HTTP: a part of a timeline, and a file that comes in again."""

import orjson

from tests.api.conftest import Studio

OTIO = {"content-type": "application/vnd.otio+json"}


async def test_a_range_of_one_track(studio: Studio) -> None:
    whole = (await studio.owner.http.get(f"{studio.timeline}/otio")).json()
    track = whole["tracks"]["children"][0]["metadata"]["timeline_service"]["id"]
    answer = await studio.owner.http.get(f"{studio.timeline}/otio", params={"track": track, "from": 0, "to": 10})
    part = answer.json()
    assert part["metadata"]["timeline_service"]["excerpt"]["tracks"] == [track]
    assert part["tracks"]["children"][0]["children"][0]["source_range"]["duration"]["value"] == 10
    for wrong, status in (({"from": 10, "to": 10}, 422), ({"track": "nowhere"}, 409), ({"from": -1}, 422)):
        answer = await studio.owner.http.get(f"{studio.timeline}/otio", params=wrong)
        assert answer.status_code == status, answer.text


async def test_a_file_that_comes_in_again_is_what_changed_in_it(studio: Studio) -> None:
    file = (await studio.owner.http.get(f"{studio.timeline}/otio")).json()
    before = await studio.owner.ok("GET", studio.timeline)
    again = await studio.owner.http.post(f"{studio.timeline}/import", content=orjson.dumps(file), headers=OTIO)
    assert again.json()["results"][0]["how"] == "noop", again.text
    file["tracks"]["children"][0]["children"][0]["source_range"]["duration"]["value"] -= 1
    again = await studio.owner.http.post(f"{studio.timeline}/import", content=orjson.dumps(file), headers=OTIO)
    report = again.json()["report"]
    assert report["changed"] == {"clip": 1}
    assert report["added"] == report["removed"] == {}
    after = await studio.owner.ok("GET", studio.timeline)
    assert after["version"] == before["version"] + 1
    assert len(after["clips"]) == len(before["clips"])


async def test_the_report_says_which_format_it_was(studio: Studio) -> None:
    event = b"TITLE: x\n001  AX       V     C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00\n"
    body = {"workspace_id": studio.workspace_id, "rate": {"num": 25, "den": 1}, "width": 64, "height": 64}
    empty = await studio.owner.ok("POST", "/api/v1/timelines", json=body)
    address = f"/api/v1/timelines/{empty['id']}/import"
    answer = await studio.owner.http.post(address, content=event, headers={"content-type": "text/x-edl"})
    assert answer.json()["report"]["format"] == "edl"
