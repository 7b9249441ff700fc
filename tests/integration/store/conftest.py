"""A timeline to work with, seen as each role sees it."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.logs import make_timeline, make_workspace
from timeline_service.eventstore.postgres import PostgresStore


@dataclass(frozen=True)
class Place:
    workspace: UUID
    stranger: UUID  # another workspace
    timeline: UUID


@pytest.fixture
def store(engine):
    return PostgresStore(engine)


@pytest.fixture
async def place(store, owner_engine):
    workspace, stranger = await make_workspace(owner_engine), await make_workspace(owner_engine)
    timeline, _ = await make_timeline(store, workspace, events=4)
    return Place(workspace, stranger, timeline)
