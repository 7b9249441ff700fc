"""Events over 64 KB: named in lists and on the stream, whole when they are asked for alone."""

from tests.api import streaming
from tests.api.conftest import Studio, trim
from timeline_service.api import wire
from timeline_service.demo.client import Client
from timeline_service.eventstore.items import LARGE


def note(number: int) -> dict[str, object]:
    return {"type": "set_timeline", "metadata": {"note": f"{number}" + "x" * 80_000}}


async def test_a_page_is_bounded_and_each_event_can_be_fetched(studio: Studio) -> None:
    for number in range(3):
        await studio.apply(note(number))
    await studio.apply(trim("c1"))
    path = f"{studio.timeline}/events"
    answer = await studio.owner.http.get(path, params={"after_version": 3})
    wire.Events.model_validate(answer.json())
    items = answer.json()["items"]
    assert [item["version"] for item in items] == [4, 5, 6, 7]
    assert [item.get("by_ref", False) for item in items] == [True, True, True, False]
    assert len(answer.content) < LARGE
    for named in items[:3]:
        assert set(named) == {"version", "size", "by_ref"} and named["size"] > LARGE
        alone = await studio.owner.ok("GET", path, params={"after_version": named["version"] - 1, "limit": 1})
        [event] = alone["items"]
        assert (event["version"], event["type"]) == (named["version"], "set_timeline")
        assert event["gesture"]["metadata"] == note(named["version"] - 4)["metadata"]
        assert alone["next_cursor"] is not None


async def test_on_the_stream_they_are_named_in_the_same_way(studio: Studio) -> None:
    async with streaming.opened(studio.service.url, studio.timeline_id, studio.owner.token, after_version=3) as stream:
        await studio.apply(note(0))
        await stream.until_version(4)
        listed = await studio.owner.ok("GET", f"{studio.timeline}/events", params={"after_version": 3})
        assert stream.items == listed["items"]


async def test_the_client_of_the_demo_reads_the_whole_log(studio: Studio) -> None:
    await studio.apply(note(0))
    async with Client(studio.service.url, studio.owner.token) as client:
        found = await client.events(studio.timeline_id)
    assert [event["version"] for event in found] == [1, 2, 3, 4]
    assert found[3]["gesture"]["metadata"] == note(0)["metadata"]


async def test_the_description_says_how_to_fetch_one(studio: Studio) -> None:
    document = studio.service.app.openapi()
    operation = document["paths"]["/api/v1/timelines/{timeline_id}/events"]["get"]
    assert "limit=1" in operation["description"] and "by_ref" in operation["description"]
    assert "no positions" in document["components"]["schemas"]["Undo"]["properties"]["base_version"]["description"]
