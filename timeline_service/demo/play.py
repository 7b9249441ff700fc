"""`timeline-service play`: links to the playground for two people, on a fresh timeline of the service that runs."""

import asyncio
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import httpx2

from timeline_service.access import tokens_cli
from timeline_service.assets import footage
from timeline_service.demo.client import ApiError, Client
from timeline_service.embedded.errors import EmbeddedError
from timeline_service.settings import Settings

PEOPLE: Final = ("alice", "bob")
FILM_S: Final = 60.0
"""How long the film may take to be sent and looked at; after that the timeline has generated clips only."""
RATE: Final = {"num": 25, "den": 1}
Shape = Literal["wide", "tall", "square"]
SIZES: Final[dict[Shape, tuple[int, int]]] = {"wide": (1920, 1080), "tall": (1080, 1920), "square": (1080, 1080)}
SHADES: Final = ("#27507a", "#6f4a86", "#a5573a", "#4a8f5c")


@dataclass(frozen=True, slots=True)
class Options:
    """What `play` may be told. `address`: where the service answers; `film`: footage of yours; `empty`: no clips."""

    address: str
    shape: Shape = "wide"
    film: Path | None = None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: the timeline, and a link per person with their token in its fragment."""

    timeline_id: str
    links: dict[str, str]
    film: str | None


async def make(settings: Settings, options: Options) -> Made:
    """A workspace, a timeline with a first cut, and two people in it.

    Raises EmbeddedError with what to do where no service answers.
    """
    await _check(options.address)
    alice_token = await tokens_cli.issue_token(settings, PEOPLE[0])
    async with Client(options.address, alice_token) as alice:
        workspace = await alice.post("/workspaces", {"name": "Playground"})
        bob_token = await tokens_cli.issue_token(settings, PEOPLE[1], UUID(workspace["id"]), "editor")
        width, height = SIZES[options.shape]
        body = {"workspace_id": workspace["id"], "name": "Playground", "rate": RATE, "width": width, "height": height}
        timeline_id = (await alice.post("/timelines", body))["id"]
        asset = None if options.empty else await _film(alice, workspace["id"], settings, options.film)
        if not options.empty:
            await alice.post(f"/timelines/{timeline_id}/gestures", {"gestures": first_cut(asset)})
    place = f"{options.address}/play#timeline={timeline_id}"
    tokens = zip(PEOPLE, (alice_token, bob_token), strict=True)
    links = {name: f"{place}&token={token}" for name, token in tokens}
    return Made(timeline_id, links, None if asset is None else asset["name"])


def first_cut(asset: dict[str, Any] | None) -> list[dict[str, Any]]:
    """One batch: pictures (shots of the film where there is one), titles, sound, a caption. Twelve clips."""
    gestures: list[dict[str, Any]] = [
        {"type": "add_track", "track_id": "picture", "kind": "video", "name": "Picture"},
        {"type": "add_track", "track_id": "titles", "kind": "video", "name": "Titles"},
        {"type": "add_track", "track_id": "sound", "kind": "audio", "name": "Sound"},
        {"type": "add_track", "track_id": "words", "kind": "caption", "name": "Captions"},
    ]
    gestures += _shots(asset)
    for text, start, duration in (("A short film", 10, 50), ("Later", 130, 35), ("The end", 250, 50)):
        place = {"track_id": "titles", "start": start, "duration": duration}
        gestures.append({"type": "add_title", **place, "text": text, "name": text})
    for name, hertz, start, duration in (("Low", 196, 0, 110), ("Middle", 330, 130, 70), ("High", 523, 220, 80)):
        media = {"generator": "tone", "params": {"hertz": hertz}}
        gestures.append(_clip("sound", name, media, start, duration))
    words = {"track_id": "words", "start": 30, "duration": 60, "text": "It begins quietly."}
    return [*gestures, {"type": "add_caption", **words}, {"type": "add_marker", "time": 125, "name": "Turn"}]


def _shots(asset: dict[str, Any] | None) -> list[dict[str, Any]]:
    names = ("Opening", "Harbour", "Market", "Faces", "Ending")
    if asset is not None:
        long = int(asset["duration"] // (705_600_000 * RATE["den"] // RATE["num"]))
        each = max(5, min(60, long * 2 // 3))
        shots = []
        for n, name in enumerate(names):
            source = (long - each) * n // len(names)
            shots.append(_clip("picture", name, {"asset_id": asset["id"]}, n * each, each, source_in=source))
        return shots
    shades = (*SHADES, "#b0903a")
    return [
        _clip("picture", name, {"generator": "color", "params": {"color": shade}}, n * 60, 60)
        for n, (name, shade) in enumerate(zip(names, shades, strict=True))
    ]


def _clip(track: str, name: str, media: dict[str, Any], start: int, duration: int, **more: Any) -> dict[str, Any]:
    given = {"track_id": track, "name": name, "media": media, "start": start, "duration": duration}
    return {"type": "add_clip", "clip_id": name.lower(), **given, **more}


async def _film(alice: Client, workspace_id: str, settings: Settings, named: Path | None) -> dict[str, Any] | None:
    """The footage as an asset of the workspace; None where no worker looks at it, or it is no film."""
    found = await asyncio.to_thread(footage.find, named, settings.data_dir / "demo")
    content_type = mimetypes.guess_type(found.path.name)[0] or "video/mp4"
    try:
        async with asyncio.timeout(FILM_S):
            asset = await alice.upload(workspace_id, found.path, content_type, lambda _sent, _size: None)
    except (TimeoutError, ApiError):
        if named is not None:
            raise
        return None
    return {**asset, "name": found.path.name} if asset.get("duration") and asset.get("rate") else None


async def _check(address: str) -> None:
    try:
        async with httpx2.AsyncClient(timeout=5) as http:
            (await http.get(f"{address}/livez")).raise_for_status()
    except httpx2.HTTPError as error:
        raise EmbeddedError(
            f"No service answers at {address}. Start `timeline-service up` in another terminal, or say where it is "
            "with --url."
        ) from error
