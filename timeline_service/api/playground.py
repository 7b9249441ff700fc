"""`/play`: an editor in the browser, made of files that are served as they lie in `play/`. No build step.

The page is public; what it shows it asks of the API with the token of whoever opened it. Its policy allows no inline
script or style, and no origin but ours and the object store's.
"""

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from timeline_service.api import problems
from timeline_service.settings import Settings, Storage

FOLDER: Final = Path(__file__).parent / "play"
PAGE: Final = "index.html"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Names of ours only: nothing that climbs out of the folder, nothing hidden.
_NAME: Final = re.compile(r"(?:[a-z0-9_-]+/){0,3}[a-z0-9_-]+\.(?:html|css|js|svg)")


def router(settings: Settings) -> APIRouter:
    """The page and its files. They are in no schema: programs have the API."""
    routes = APIRouter(include_in_schema=False)
    policy = page_policy(store_origins(settings.storage))

    @routes.api_route("/play", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        return await _answer(request, PAGE, policy)

    @routes.api_route("/play/{name:path}", methods=["GET", "HEAD"])
    async def file(name: str, request: Request) -> Response:
        return await _answer(request, name, policy)

    return routes


def page_policy(store: tuple[str, ...]) -> str:
    """The Content-Security-Policy of the page. `store`: other origins that signed URLs lead to."""
    and_store = "".join(f" {origin}" for origin in store)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"connect-src 'self'{and_store}",
            f"img-src 'self' blob: data:{and_store}",
            f"media-src 'self' blob:{and_store}",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def store_origins(storage: Storage) -> tuple[str, ...]:
    """Where signed URLs lead; nowhere else for the folder store, which is served by ourselves."""
    if not storage.bucket:
        return ()
    named = storage.public_endpoint_url or storage.endpoint_url
    if named is None:  # AWS signs for the global name, which may redirect to the region's
        bucket = f"https://{storage.bucket}.s3"
        return f"{bucket}.amazonaws.com", f"{bucket}.{storage.region}.amazonaws.com"
    parts = urlsplit(named)
    own = f"{parts.scheme}://{parts.netloc}"
    # Without an endpoint of our own the client is free to put the bucket into the host's name.
    return (own,) if storage.endpoint_url else (own, f"{parts.scheme}://{storage.bucket}.{parts.netloc}")


async def _answer(request: Request, name: str, policy: str) -> Response:
    content = await asyncio.to_thread(_read, name) if _NAME.fullmatch(name) else None
    if content is None:
        raise problems.RouteMissing
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    # Asked again each time, and answered with 304: a page never runs with the modules of another release.
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if name == PAGE:
        headers["Content-Security-Policy"] = policy
    seen = request.headers.get("if-none-match", "")
    if any(part.strip().removeprefix("W/") == tag for part in seen.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=TYPES[Path(name).suffix])


def _read(name: str) -> bytes | None:
    path = FOLDER / name
    return path.read_bytes() if path.is_file() else None
