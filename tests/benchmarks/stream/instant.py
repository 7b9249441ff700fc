"""The service with a store that keeps everything in memory and acknowledges at once: what the socket path alone costs.

Timelines are entered in PostgreSQL too, for access is asked there. Serves like embedded.web, on the inherited socket.

    python -m tests.benchmarks.stream.instant 5
"""

import socket
import sys
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from timeline_service import main
from timeline_service.embedded import web
from timeline_service.eventstore.memory import MemoryStore
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.eventstore.store import Appended, NewEvent
from timeline_service.kit import logging
from timeline_service.settings import Settings


class InstantStore(MemoryStore):
    """The memory store, whose timelines the database knows by name."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self._names = PostgresStore(engine)

    async def create(self, timeline_id: UUID, workspace_id: UUID, actor_id: UUID, event: NewEvent) -> Appended:
        await self._names.create(timeline_id, workspace_id, actor_id, event)
        return await super().create(timeline_id, workspace_id, actor_id, event)


def create_app() -> FastAPI:
    main.PostgresStore = InstantStore  # type: ignore[misc, assignment]
    return main.create_app()


if __name__ == "__main__":
    logging.configure(level=Settings().log_level)
    web.APPLICATION = f"{__spec__.name}:create_app"
    web.serve(socket.socket(fileno=int(sys.argv[1])))
