"""The timeline that the examples of the description are about."""

from tests.api.conftest import Studio
from timeline_service.api import examples


async def showcase(studio: Studio, *, alone: bool = False) -> Studio:
    """A new timeline as the examples have it (see examples.STAGE), of the same owner or `alone` with a new one.

    Where it is alone its clips are found by their ids.
    """
    owner, workspace_id = studio.owner, studio.workspace_id
    if alone:
        owner = await studio.service.person("owner")
        workspace_id = (await owner.ok("POST", "/api/v1/workspaces", json={"name": "Film"}))["id"]
    body = {**examples.REQUESTS["createTimeline"], "workspace_id": workspace_id}
    timeline = await owner.ok("POST", "/api/v1/timelines", json=body)
    fresh = Studio(studio.service, owner, workspace_id, timeline["id"])
    await fresh.apply(*examples.STAGE)
    return fresh
