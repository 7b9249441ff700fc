"""A second API process beside the one of a studio, as far as the two can tell: own rooms, caches and connections."""

import contextlib
from collections.abc import AsyncIterator

from tests.api import streaming
from tests.api.conftest import SOCKETS, Person, Service, Studio, running
from tests.serving import address, listening


@contextlib.asynccontextmanager
async def beside(studio: Studio) -> AsyncIterator[Service]:
    """Another service on the same databases and keys."""
    listener = listening()
    SOCKETS[address(listener)] = listener
    settings = studio.service.settings.model_copy(update={"public_url": address(listener)})
    async with running(settings) as app, contextlib.AsyncExitStack() as connections:
        yield Service(settings, app, connections)


def join(service: Service, studio: Studio, person: Person, **hello: object) -> contextlib.AbstractAsyncContextManager:
    """A socket after its welcome."""
    return streaming.opened(service.url, studio.timeline_id, person.token, **hello)


async def push(stream: streaming.Stream, *gestures: dict[str, object], batch: str = "b", **more: object) -> list[dict]:
    """What became of gestures."""
    await stream.send(t="push", batch=batch, gestures=list(gestures), **more)
    return (await stream.until("result", batch=batch))["r"]


async def lease(stream: streaming.Stream, record: str, do: str = "acquire", **more: object) -> dict:
    """Ask, and the next word about this record."""
    await stream.send(t="lease", do=do, record=record, **more)
    return await stream.until("lease", record=record)


async def until_free(stream: streaming.Stream, record: str) -> None:
    await stream.until("lease", record=record, holder=None)
