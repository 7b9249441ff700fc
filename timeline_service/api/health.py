"""Whether the process lives, whether it can serve, the public key of the development issuer, and a page for people."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Request, Response

from projections.otio import sandbox
from timeline_service.api import answers, deps, problems, wire
from timeline_service.api.routing import rooms_of
from timeline_service.kit import errors

CHECK_TIMEOUT_S: Final = 3.0
NEEDED: Final = frozenset({"database"})
"""Without these nothing works; without the others live delivery and exports are late."""

router = APIRouter(tags=["service"])

HOME: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>timeline-service</title>
<style>
body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em}
</style>
<h1>timeline-service</h1>
<p>The back end of a collaborative video editor. Clients stream gestures; each accepted one becomes an immutable
event; timelines, OTIO and MP4 are made of them.</p>
<ul>
<li><a href="/play">The playground</a>: an editor in the browser; links for two people:
<code>timeline-service play</code></li>
<li><a href="/docs">What to call</a> (<a href="/openapi.json">OpenAPI</a>)</li>
<li>A token: <code>timeline-service token --subject alice</code></li>
<li>A first edit: <code>POST /api/v1/timelines</code>, then <code>POST /api/v1/timelines/{id}/gestures</code></li>
<li>Who changed what: <code>GET /api/v1/timelines/{id}/events</code></li>
</ul></html>
"""


@router.get("/livez", operation_id="live", response_model=wire.Alive)
async def live() -> Response:
    """The process answers."""
    return answers.json({"status": "alive"})


@router.get("/readyz", operation_id="ready", response_model=wire.Ready, responses={503: {"model": wire.Ready}})
async def ready(rooms: deps.House) -> Response:
    """Whether requests should be sent here. `degraded`: edits work, live delivery or exports are late."""
    names = list(rooms.checks)
    found = await asyncio.gather(*(_passes(rooms.checks[name]) for name in names))
    checks = dict(zip(names, found, strict=True))
    failed = {name for name, passed in checks.items() if not passed}
    unready = rooms.stopping or bool(failed & NEEDED)
    status = "unready" if unready else "degraded" if failed else "ready"
    walls = await asyncio.to_thread(sandbox.walls)
    return answers.json({"status": status, "checks": checks, "sandbox": walls}, 503 if unready else 200)


@router.get("/.well-known/jwks.json", operation_id="readKeys", responses=problems.documented(404))
async def read_keys(request: Request) -> Response:
    """The public key that verifies tokens of the development issuer."""
    jwks = rooms_of(request).jwks
    if jwks is None:
        raise errors.NotFound("Tokens come from an identity provider; its keys are there.", code="keys_elsewhere")
    return answers.json(await asyncio.to_thread(jwks), headers={"Cache-Control": "public, max-age=300"})


@router.get("/", include_in_schema=False)
async def home() -> Response:
    """What this is, for a person who opens it in a browser."""
    return Response(HOME, media_type="text/html; charset=utf-8")


async def _passes(check: Callable[[], Awaitable[object]]) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not ready
        return False
    return True
