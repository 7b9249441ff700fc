"""A front door on a real PostgreSQL, two editors in one workspace, a timeline with a track."""

import dataclasses
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from timeline_service.access import tokens
from timeline_service.access.service import Access, Actor
from timeline_service.domain import creation
from timeline_service.domain.draft import Media
from timeline_service.domain.media import RateValue
from timeline_service.domain.time import Rate
from timeline_service.editing.announce import Hub
from timeline_service.editing.requests import Answer, Submission
from timeline_service.editing.service import Editing
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import clock
from timeline_service.settings import Settings

FRAME = 29_400_000
"""Ticks of a frame at 24 per second."""


async def asset_facts(ids: Sequence[str], workspace_id: uuid.UUID) -> dict[str, Media]:
    """One asset is known everywhere: 100 frames of 1920x1080."""
    known = {"film": Media("video", 100 * FRAME, Rate(24, 1), 1920, 1080, True)}
    return {name: known[name] for name in ids if name in known}


@dataclasses.dataclass
class Desk:
    """An API process, so to speak: its own caches, sequencers and hub."""

    editing: Editing
    store: PostgresStore
    access: Access
    hub: Hub

    async def edit(self, actor: Actor, timeline_id: uuid.UUID, *gestures: dict[str, Any], **options: Any) -> Answer:
        return await self.editing.submit(actor, timeline_id, Submission(gestures=gestures, **options))


def desk_on(engine: AsyncEngine, *, cache_bytes: int = 2**24) -> Desk:
    store = PostgresStore(engine)
    access = Access(engine, tokens.create_verifier(Settings()))
    hub = Hub(store)
    return Desk(Editing(store, access, asset_facts, hub, cache_bytes=cache_bytes), store, access, hub)


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    made = desk_on(engine)
    yield made
    await made.editing.close()


@pytest.fixture
async def other_desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    """A second process on the same database."""
    made = desk_on(engine)
    yield made
    await made.editing.close()


@dataclasses.dataclass
class Scene:
    alice: Actor
    bob: Actor
    stranger: Actor
    workspace_id: uuid.UUID
    timeline_id: uuid.UUID


async def person(desk: Desk, name: str) -> Actor:
    entered, shown = await desk.access.enter("test", f"{name}-{clock.new_id()}", name)
    return Actor(entered, name, shown, None)


@pytest.fixture
async def scene(desk: Desk) -> Scene:
    alice, bob, stranger = [await person(desk, name) for name in ("alice", "bob", "stranger")]
    workspace = await desk.access.create_workspace(alice, "Film")
    await desk.access.put_member(workspace.id, bob.id, "editor")
    request = creation.NewTimeline(name="Cut", rate=RateValue(num=24, den=1), width=1920, height=1080)
    made = await desk.editing.create_timeline(alice, workspace.id, request)
    await desk.edit(alice, made.timeline_id, {"type": "add_track", "track_id": "v1", "kind": "video"})
    return Scene(alice, bob, stranger, workspace.id, made.timeline_id)


def clip(name: str, start: int, duration: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "type": "add_clip",
        "clip_id": name,
        "track_id": "v1",
        "media": {"asset_id": "film"},
        "start": start,
        "duration": duration,
        **more,
    }
