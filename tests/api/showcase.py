"""The timeline that the examples of the description are about."""

from tests.api.conftest import Studio
from timeline_service.api import examples


async def showcase(studio: Studio) -> Studio:
    """A new timeline of the same owner, as the examples have it: see examples.STAGE."""
    body = {**examples.REQUESTS["createTimeline"], "workspace_id": studio.workspace_id}
    timeline = await studio.owner.ok("POST", "/api/v1/timelines", json=body)
    fresh = Studio(studio.service, studio.owner, studio.workspace_id, timeline["id"])
    await fresh.apply(*examples.STAGE)
    return fresh
