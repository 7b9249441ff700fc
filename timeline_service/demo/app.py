"""`timeline-service demo`: the main job, whole, on this machine, with nothing but what the packages hold."""

import asyncio
import contextlib
import json
import mimetypes
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from projections.otio import inspect
from timeline_service.access import tokens_cli
from timeline_service.assets import footage
from timeline_service.demo import story
from timeline_service.demo.client import Client
from timeline_service.embedded import servers, service
from timeline_service.settings import Settings

AUDIT_LINES = 12
LOG_LEVEL = "WARNING"  # the story is what is to be read


@dataclass(frozen=True, slots=True)
class Options:
    """What `demo` may be told."""

    media: Path | None = None
    keep: bool = False
    host: str = "127.0.0.1"
    port: int = 0


@dataclass(slots=True)
class Played:
    """What the session left behind."""

    address: str = ""
    workspace_id: str = ""
    timeline_id: str = ""
    events: int = 0
    verified: bool = False
    files: dict[str, Path] = field(default_factory=dict)


async def run(settings: Settings, options: Options, console: Console) -> Played:
    """Start the service, play the session, say where everything is. Raises what went wrong."""
    settings = settings.model_copy(update={"log_level": LOG_LEVEL})
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    console.print("[bold]starting[/] PostgreSQL, Valkey, API and worker …")
    began = time.monotonic()
    serving = asyncio.create_task(
        service.run(settings, service.Options(options.host, options.port, workers=1), ready.set_result)
    )
    try:
        either: list[asyncio.Future[Any]] = [serving, ready]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await serving
            raise asyncio.CancelledError
        address = ready.result()
        console.print(f"[green]ready[/] {address} after {time.monotonic() - began:.1f} s")
        played = await _unless_stopped(serving, _play(settings, options, address, console))
        _tell(console, settings, played)
        if not options.keep:
            _tell_next(console)
        else:
            _tell_running(console, address)
            await serving
        return played
    finally:
        if not serving.cancelling():  # once: a second time would cut its orderly end short
            serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving


async def _unless_stopped(serving: "asyncio.Task[None]", playing: Any) -> Played:
    task: asyncio.Task[Played] = asyncio.create_task(playing)
    done, _ = await asyncio.wait({serving, task}, return_when=asyncio.FIRST_COMPLETED)
    if task not in done or serving.cancelling():  # Ctrl-C, or the service gave up
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # the service went away under it
        raise asyncio.CancelledError
    return task.result()


async def _play(settings: Settings, options: Options, address: str, console: Console) -> Played:
    found = await asyncio.to_thread(footage.find, options.media, settings.data_dir / "demo")
    about = "yours" if found.origin == "named" else found.attribution
    console.print(f"footage: {found.path.name} ({about})", markup=False, soft_wrap=True)
    tokens = await _tokens(settings)
    folder = settings.data_dir / "demo" / time.strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    async with Client(address, tokens["alice"]) as alice:
        workspace = await alice.post("/workspaces", {"name": "Demo"})
        await _issue(settings, "bob", workspace["id"])
        async with Client(address, tokens["bob"]) as bob:
            played = Played(address=address, workspace_id=workspace["id"])
            bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TimeElapsedColumn(),
                console=console,
            )
            with bars:
                asset = await _upload(bars, alice, workspace["id"], found.path)
                await _edit(console, alice, bob, _film(asset), played)
                await _go_back(console, alice, bob, played)
                await _take_out(bars, console, alice, folder, played)
            await _audit(console, alice, played)
    return played


async def _tokens(settings: Settings) -> dict[str, str]:
    return {name: await _issue(settings, name) for name in ("alice", "bob")}


async def _issue(settings: Settings, subject: str, workspace_id: str | None = None) -> str:
    addresses = servers.running(settings.data_dir)
    at = settings if addresses is None else service.at_addresses(settings, addresses)
    if workspace_id is None:
        return await tokens_cli.issue_token(at, subject)
    return await tokens_cli.issue_token(at, subject, UUID(workspace_id), "editor")


async def _upload(bars: Progress, alice: Client, workspace_id: str, path: Path) -> dict[str, Any]:
    bar = bars.add_task("upload through signed URLs", total=None)
    content_type = mimetypes.guess_type(path.name)[0] or "video/mp4"
    return await alice.upload(
        workspace_id, path, content_type, lambda sent, size: bars.update(bar, completed=sent, total=size)
    )


def _film(asset: dict[str, Any]) -> story.Film:
    if asset["rate"] is None or not asset["duration"]:
        raise RuntimeError("this file is not a film: the story needs moving pictures")
    film = story.Film.of(asset)
    if film.frames < story.SHORTEST:
        raise RuntimeError(f"this film has {film.frames} frames; the story needs {story.SHORTEST} or more")
    return film


async def _edit(console: Console, alice: Client, bob: Client, film: story.Film, played: Played) -> None:
    body = {
        "workspace_id": played.workspace_id,
        "name": "Vertical cut",
        "rate": film.rate,
        "width": story.WIDTH,
        "height": story.HEIGHT,
    }
    played.timeline_id = (await alice.post("/timelines", body))["id"]
    console.print(f"timeline {played.timeline_id}: {film.width}x{film.height} → {story.WIDTH}x{story.HEIGHT}")
    await alice.post(f"/timelines/{played.timeline_id}/gestures", {"gestures": story.first_cut(film)})
    keyframes = await story.work_together(alice, bob, played.timeline_id, film)
    console.print(f"alice and bob streamed {keyframes} crop keyframes at the same time")
    await story.tighten(alice, bob, played.timeline_id)


async def _go_back(console: Console, alice: Client, bob: Client, played: Played) -> None:
    path = f"/timelines/{played.timeline_id}"
    before = await alice.get(path)
    undone = await bob.post(f"{path}/undo", {"policy": "skip"})
    redone = await bob.post(f"{path}/redo", {"policy": "skip"})
    after = await alice.get(path)
    same = before["clips"] == after["clips"]
    console.print(
        f"bob undid his last step (version {undone['version']}) and redid it (version {redone['version']}); "
        f"the clips are {'as before' if same else 'NOT as before'}",
        soft_wrap=True,
    )
    old = await alice.get(path, version=5)
    console.print(f"version 5 had {len(old['clips'])} clips; version {after['version']} has {len(after['clips'])}")


async def _take_out(bars: Progress, console: Console, alice: Client, folder: Path, played: Played) -> None:
    otio = folder / "vertical-cut.otio"
    otio.write_bytes(await alice.raw(f"/timelines/{played.timeline_id}/otio"))
    played.files["timeline (OTIO)"] = otio
    seen = await asyncio.to_thread(inspect.inspect, otio)
    console.print(f"OTIO's own reader finds {seen.clips} clips on {seen.tracks} track, {seen.seconds:.2f} s")
    requested = await alice.post("/exports", {"timeline_id": played.timeline_id, "preset": "vertical_720p"})
    bar = bars.add_task("export", total=1.0)
    job = requested
    async for job in alice.follow(requested["id"]):
        bars.update(bar, completed=job["progress"], description=f"export: {job.get('phase') or job['state']}")
    if job["state"] != "completed":
        raise RuntimeError(f"the export {job['state']}: {job.get('error')}")
    bars.update(bar, completed=1.0)
    film = folder / "vertical-cut.mp4"
    down = bars.add_task("download through a signed URL", total=1)
    await alice.download(job["result"]["url"], film, lambda got, all_: bars.update(down, completed=got, total=all_))
    played.files["film (MP4)"] = film


async def _audit(console: Console, alice: Client, played: Played) -> None:
    items = await alice.events(played.timeline_id)
    played.events = len(items)
    table = Table(title=f"the last {AUDIT_LINES} of {len(items)} audit events", title_justify="left")
    for title in ("version", "when (UTC)", "who", "what", "hash"):
        table.add_column(title)
    for item in items[-AUDIT_LINES:]:
        who = "alice" if item["actor"] == items[0]["actor"] else "bob"  # alice made the timeline
        table.add_row(str(item["version"]), item["recorded_at"][11:23], who, item["description"], item["hash"][:8])
    console.print(table)
    checked = await alice.get(f"/timelines/{played.timeline_id}/verify")
    played.verified = bool(checked["ok"])
    if not played.verified:
        raise RuntimeError(f"the hash chain is broken: {json.dumps(checked)}")
    console.print(f"[green]hash chain verified[/]: {len(items)} events, head {items[-1]['hash'][:16]}…")


def _tell(console: Console, settings: Settings, played: Played) -> None:
    console.print("\n[bold]Where everything is[/]")
    for what, path in played.files.items():
        console.print(f"  {what:18} {path.resolve()}", markup=False, soft_wrap=True)
    console.print(f"  {'data':18} {settings.data_dir.resolve()}", markup=False, soft_wrap=True)
    console.print("\n[bold]How to look[/]")
    console.print("  the MP4 in any player; the OTIO in DaVinci Resolve, Premiere Pro, Kdenlive", soft_wrap=True)


def _tell_next(console: Console) -> None:
    console.print("  make up            runs the service on the same data: the README's first edit")
    console.print("  make demo KEEP=1   plays again and leaves the service running")


def _tell_running(console: Console, address: str) -> None:
    console.print(
        f"\n[bold]The service keeps running[/] at {address}; Ctrl-C stops it, the data stays.", soft_wrap=True
    )
    console.print(f"  {address}/docs    what to call", soft_wrap=True)
    console.print("  .venv/bin/timeline-service token --subject alice    a token to call it with")
