"""One person's window: a page in Chromium, worked by mouse and keyboard. Scripts only look, they never edit."""

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

WAIT_S = 30.0
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
SIZE = {"width": 1440, "height": 900}
LISTEN = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`refused by the policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclasses.dataclass
class Window:
    """A page, who sits before it, and what went wrong in it."""

    page: Page
    name: str
    actor_id: str
    troubles: list[str] = dataclasses.field(default_factory=list)

    # ---- looking
    async def see(self, expression: str, **names: Any) -> Any:
        """The value of an expression; `editor`, `model`, `view`, `client` and what is given are in its reach."""
        given = "".join(f"const {name} = {json.dumps(value)};" for name, value in names.items())
        return await self.page.evaluate(
            "() => { const room = globalThis.playground; const { editor, session, view, stage, toasts } = room ?? {};"
            f"const {{ client, model }} = editor ?? {{}}; {given} return ({expression}); }}"
        )

    async def until(self, expression: str, **names: Any) -> Any:
        """Wait until an expression is true; answers its value."""
        end = time.monotonic() + WAIT_S
        while not (value := await self.see(f"globalThis.playground ? ({expression}) : null", **names)):
            assert time.monotonic() < end, (self.name, expression, names, await self.told(), self.troubles)
            await asyncio.sleep(0.02)
        return value

    async def told(self) -> Any:
        """What a failed wait should say of the window."""
        return await self.see(
            "room && {status: client.status, pending: client.pendingCount, version: client.version, refused: toasts.refused,"
            " items: [...model.items.values()].map((i) => [i.id, i.start / model.perFrame, i.duration / model.perFrame])}"
        )

    async def clip(self, clip_id: str) -> tuple[int, int] | None:
        """Start and duration in frames, as it is drawn; None where there is no such clip."""
        found = await self.see(
            "model.items.has(id) ? [model.items.get(id).start / model.perFrame, model.items.get(id).duration / model.perFrame] : null",
            id=clip_id,
        )
        return None if found is None else (round(found[0]), round(found[1]))

    async def until_clip(self, clip_id: str, start: int, duration: int) -> None:
        await self.until(
            "model.items.get(id)?.start === start * model.perFrame && model.items.get(id)?.duration === duration * model.perFrame",
            id=clip_id,
            start=start,
            duration=duration,
        )

    async def settled(self) -> None:
        """Nothing of this window is on the way."""
        await self.until("client.status === 'open' && client.pendingCount === 0")

    async def spot(self, clip_id: str, part: float = 0.5, down: float = 0.4) -> tuple[float, float]:
        """A place on a clip, on the screen: `part` of its length, `down` of the height of its track."""
        x, y = await self.see(
            "(() => { const item = model.items.get(id); const box = document.getElementById('clips').getBoundingClientRect();"
            " return [box.left + view.x(item.start + item.duration * part), box.top + view.y(item.track) + item.track.height * down]; })()",
            id=clip_id,
            part=part,
            down=down,
        )
        return x, y

    async def edge(self, clip_id: str, edge: str) -> tuple[float, float]:
        """A place on the grip at an edge of a clip."""
        x, y = await self.spot(clip_id, 0.0 if edge == "start" else 1.0)
        return (x + 3 if edge == "start" else x - 3), y

    async def at(self, frame: int) -> float:
        """The x of a frame on the screen."""
        return await self.see(
            "document.getElementById('clips').getBoundingClientRect().left + view.x(frame * model.perFrame)",
            frame=frame,
        )

    # ---- doing
    async def carry(self, from_: tuple[float, float], frames: int, *, rise: float = 0, steps: int = 6) -> None:
        """Press at a place and move by frames (and up by pixels); the button stays down."""
        wide = await self.at(frames) - await self.at(0)
        await self.page.mouse.move(*from_)
        await self.page.mouse.down()
        await self.page.mouse.move(from_[0] + wide, from_[1] - rise, steps=steps)

    async def drop(self) -> None:
        await self.page.mouse.up()

    async def drag(self, from_: tuple[float, float], frames: int, *, rise: float = 0) -> None:
        await self.carry(from_, frames, rise=rise)
        await self.drop()

    async def click(self, clip_id: str, part: float = 0.5) -> None:
        await self.page.mouse.click(*await self.spot(clip_id, part))
        await self.until("editor.selection.has(id)", id=clip_id)

    async def key(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def park(self, frame: int) -> None:
        """Put the playhead on a frame, by a click on the ruler."""
        box = await self.page.locator("#clips").bounding_box()
        assert box is not None
        await self.page.mouse.click(await self.at(frame), box["y"] + 12)
        await self.until("editor.playhead === frame * model.perFrame", frame=frame)

    async def without_snapping(self) -> None:
        """Drags go where the pointer goes."""
        if await self.see("editor.snap"):
            await self.page.locator("#snap").click()


@asynccontextmanager
async def opened(
    browser: Browser, address: str, name: str, actor_id: str = "", *, size: dict[str, int] | None = None
) -> AsyncIterator[Window]:
    """A window on an address, in a profile of its own; whatever the page complains of is kept in `troubles`."""
    profile = await new_profile(browser, size=size)
    try:
        async with tab(profile, address, name, actor_id) as window:
            yield window
    finally:
        await profile.close()


async def new_profile(browser: Browser, *, size: dict[str, int] | None = None) -> BrowserContext:
    """A cache and a storage that nobody has used."""
    profile = await browser.new_context(viewport=size or SIZE, reduced_motion="reduce")
    await profile.add_init_script(LISTEN)
    return profile


@asynccontextmanager
async def tab(profile: BrowserContext, address: str, name: str, actor_id: object) -> AsyncIterator[Window]:
    """A window of a profile."""
    page = await profile.new_page()
    window = Window(page, name, str(actor_id))
    page.on("pageerror", lambda error: window.troubles.append(f"error: {error}"))
    page.on("console", lambda said: window.troubles.append(said.text) if said.type == "error" else None)
    try:
        await page.goto(address)
        yield window
    finally:
        await page.close()
