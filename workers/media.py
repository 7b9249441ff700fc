"""What an export reads: the facts of each clip's media for the planner, and the files or URLs for the renderer.

Sources lie in a local cache under their SHA-256. A job gets links to them, so that a file may leave the cache at any
time without a job noticing.
"""

import asyncio
import contextlib
import os
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from timeline_service.assets.service import Assets
from timeline_service.assets.values import Asset
from timeline_service.domain.state import Record, State
from timeline_service.kit import clock
from timeline_service.kit.storage.protocol import ObjectStore
from workers.render import errors
from workers.render.plan_input import MediaFacts
from workers.render.plan_records import reachable

URL_EXPIRES_S = 12 * 3600


class MediaUnavailable(errors.PlanError):
    """Media of some clips is not there to be rendered. Replace it or disable the clips, then export again."""

    code = "media_unavailable"


class MediaDamaged(errors.PlanError):
    """The stored bytes of a source are not the ones that were uploaded."""

    code = "media_damaged"


@dataclass(frozen=True, slots=True)
class Media:
    """The assets of a timeline state by the ids that its clips use."""

    assets: Mapping[str, Asset]

    def facts(self) -> dict[str, MediaFacts]:
        """As the planner wants them. A source's ticks count from its first picture, so it starts at 0."""
        return {
            name: MediaFacts(
                key=name,
                width=asset.width or 0,
                height=asset.height or 0,
                rate=asset.rate,
                duration=asset.duration,
                has_audio=bool(asset.has_audio),
            )
            for name, asset in self.assets.items()
        }


async def find(assets: Assets, state: State, workspace_id: UUID) -> Media:
    """The media of all clips that may be seen or heard. Raises MediaUnavailable, naming the clips without."""
    clips = list(_needed(state))
    ids = {name: parsed for clip in clips if (name := _asset_of(clip)) and (parsed := _uuid(name)) is not None}
    found = await assets.find(list(ids.values()), workspace_id)
    by_name = {name: found[asset_id] for name, asset_id in ids.items() if asset_id in found}
    lacking = [
        {"clip_id": clip.id, "reason": reason} for clip in clips if (reason := _reason(clip.value["media"], by_name))
    ]
    if lacking:
        raise MediaUnavailable(clips=lacking)
    return Media(by_name)


class Cache:
    """Sources on this machine's disk, `limit` bytes of them; several processes may share the folder."""

    def __init__(self, folder: Path, objects: ObjectStore, limit: int) -> None:
        self._folder = folder
        self._objects = objects
        self._limit = limit
        self._fetching: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def place(self, assets: Mapping[str, Asset], into: Path) -> dict[str, str]:
        """Files of these assets inside the folder `into`. Raises MediaDamaged, NotFound, Unavailable, OSError."""
        return {name: str(await self._place(asset, into)) for name, asset in assets.items()}

    async def _place(self, asset: Asset, into: Path) -> Path:
        name = asset.sha256 or str(asset.id)
        target = into / name
        async with self._fetching.setdefault(name, asyncio.Lock()):
            if not await asyncio.to_thread(_link, self._folder / name, target):
                await asyncio.to_thread(self._make_room, asset.size)
                await self._fetch(asset, self._folder / name, target)
        return target

    async def _fetch(self, asset: Asset, kept: Path, target: Path) -> None:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        digest = await self._objects.fetch(asset.key, target)
        if asset.sha256 is not None and digest != asset.sha256:
            await asyncio.to_thread(target.unlink)
            raise MediaDamaged(asset_id=str(asset.id))
        await asyncio.to_thread(_link, target, kept)

    def _make_room(self, size: int) -> None:
        """Forget what was used longest ago. Links of running jobs keep their bytes until the jobs end."""
        self._folder.mkdir(parents=True, exist_ok=True)
        files = [(status.st_atime_ns, status.st_size, path) for path, status in _listed(self._folder)]
        total = sum(file[1] for file in files) + size
        for _, length, path in sorted(files):
            if total <= self._limit:
                return
            path.unlink(missing_ok=True)
            total -= length


async def urls(objects: ObjectStore, assets: Mapping[str, Asset]) -> dict[str, str]:
    """Signed URLs of these assets, for a renderer that does not see our disk."""
    return {
        name: (await objects.sign_get(asset.key, filename=asset.filename, expires_s=URL_EXPIRES_S)).url
        for name, asset in assets.items()
    }


def _needed(state: State) -> Iterable[Record]:
    """The enabled clips of tracks that are seen or heard, in the root sequence or through a nest."""
    records = {
        f"{kind}s": [{"id": record.id, **record.value} for record in state.living(kind)] for kind in ("track", "clip")
    }
    tracks = reachable(records)
    return (clip for clip in state.living("clip") if clip.value["enabled"] and clip.value["track_id"] in tracks)


def _asset_of(clip: Record) -> str | None:
    name: str | None = clip.value["media"].get("asset_id")
    return name


def _reason(media: Mapping[str, Any], assets: Mapping[str, Asset]) -> str | None:
    """Why a clip's media cannot be read; None when it can, or when the planner will say."""
    if media.get("missing"):
        return "missing"
    if media.get("url") is not None:
        return "url_not_fetched"
    if media.get("generator") is not None or media.get("sequence_id") is not None:
        return None
    if "asset_id" not in media:
        return "not_rendered"
    asset = assets.get(media["asset_id"])
    if asset is None:
        return "asset_not_found"
    if asset.status != "ready":
        return f"asset_{asset.status}"
    if asset.kind == "video" and asset.rate is None:
        return "rate_unknown"
    return None


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _link(source: Path, target: Path) -> bool:
    """Make `target` another name of `source`; both lie under one folder. False if there is no source."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        pass
    except FileNotFoundError:
        return False
    with contextlib.suppress(OSError):  # when it was last used; its age stays
        os.utime(source, ns=(clock.now_us() * 1000, source.stat().st_mtime_ns))
    return True


def _listed(folder: Path) -> list[tuple[Path, os.stat_result]]:
    listed = []
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            listed.append((path, path.stat()))
    return listed
