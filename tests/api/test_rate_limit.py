"""Too many requests of one person: 429 with the seconds to wait; others are not held up."""

from tests.api.conftest import Studio
from timeline_service.api.buckets import Buckets


async def test_too_many_requests_are_told_when_to_come_back(studio: Studio) -> None:
    editor = await studio.member("editor")
    studio.service.rooms.requests = Buckets(0.01, 3)
    statuses = [(await studio.owner.http.get(studio.timeline)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = await studio.owner.http.get(studio.timeline)
    assert refused.json()["error"]["code"] == "rate_limited" and refused.json()["error"]["retryable"] is True
    assert 1 <= int(refused.headers["Retry-After"]) <= 100
    assert (await editor.http.get(studio.timeline)).status_code == 200
