"""The pictures of docs/playground.md, taken of the running service.

python -m tests.browser.screenshots        starts everything, writes docs/images/playground*.png
"""

import asyncio
import contextlib
import io
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, async_playwright

from tests.browser.window import ARGUMENTS, CHROMIUM, Window, opened
from timeline_service.demo import play
from timeline_service.embedded import servers, service
from timeline_service.settings import Settings

DARK = 64  # brighter tones in steps of eight: small files without specks, and the greys of the page as they are
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZE = {"width": 1360, "height": 850}


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with running(Path(scratch)) as (settings, address), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for shape, take in (("wide", together), ("tall", alone)):
                made = await play.make(settings, play.Options(address, shape=shape))  # type: ignore[arg-type]
                async with people(browser, made) as (alice, bob):
                    await take(alice, bob)
            await browser.close()


@contextlib.asynccontextmanager
async def running(data: Path) -> AsyncIterator[tuple[Settings, str]]:
    """The whole service with a worker, its data in `data`; its settings and its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "timeline_service", "up", "--port", "0", "--data-dir", str(data)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().split()[1]
        addresses = servers.running(data)
        assert addresses is not None
        yield service.at_addresses(Settings(data_dir=data), addresses), address
    finally:
        process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def people(browser: Browser, made: play.Made) -> AsyncIterator[tuple[Window, Window]]:
    async with contextlib.AsyncExitStack() as stack:
        windows = [
            await stack.enter_async_context(opened(browser, made.links[n], n, "", size=SIZE)) for n in made.links
        ]
        for window in windows:
            await window.until("client.status === 'open' && model.items.size === 12 && client.peers.size === 1")
            await window.without_snapping()
        yield windows[0], windows[1]


async def together(alice: Window, bob: Window) -> None:
    """Bob drags a title while Alice has set two crop keyframes; then what is refused; then the past."""
    await alice.click("harbour")
    for frame, x in ((72, -150), (104, -60)):
        await alice.park(frame)
        await reframe(alice, x)
    await bob.park(200)
    await bob.carry(await title(bob, "Later"), 44)
    await alice.until(
        "[...client.peers.values()].some((peer) => peer.preview?.records && Object.keys(peer.preview.records).length)"
    )
    await alice.park(88)
    await picture(alice, "playground")
    await bob.drop()
    await alice.drag(await alice.spot("faces"), -40)
    await alice.page.locator(".toast").wait_for()
    await alice.page.locator("#tab-refused").click()
    await picture(alice, "playground-refused")
    await alice.page.locator(".toast .close").click()
    await bob.click("market")
    await bob.key("Delete")
    await alice.until("!model.items.has('market')")
    await alice.page.locator("#tab-history").click()
    await alice.page.locator("#older").click()
    await alice.until("editor.past !== null && model.items.has('market')")
    await picture(alice, "playground-past")


async def alone(alice: Window, bob: Window) -> None:
    """A film reframed for the upright picture, and the keys."""
    await bob.page.close()
    await alice.until("client.peers.size === 0")
    await alice.click("faces")
    await alice.park(190)
    await alice.page.get_by_role("button", name="Fill the frame").click()
    await alice.until("model.items.get('faces').crops.length === 1")
    box = await alice.page.locator("#crop").bounding_box()
    assert box is not None
    await alice.park(225)
    await alice.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await alice.page.mouse.down()
    await alice.page.mouse.move(box["x"] + box["width"] / 2 - 70, box["y"] + box["height"] / 2, steps=4)
    await alice.page.mouse.up()
    await alice.until("model.items.get('faces').crops.length === 2")
    await alice.park(212)
    await picture(alice, "playground-crop")
    await alice.key("?")
    await picture(alice, "playground-keys")


async def reframe(window: Window, by: float) -> None:
    """Make the crop window smaller from its lower right corner, as a person does."""
    count = await window.see("editor.activeItem.crops.length")
    grip = await window.page.locator('#crop i[data-edge="se"]').bounding_box()
    assert grip is not None
    await window.page.mouse.move(grip["x"] + 11, grip["y"] + 11)
    await window.page.mouse.down()
    await window.page.mouse.move(grip["x"] + 11 + by, grip["y"] + 11 + by, steps=4)
    await window.page.mouse.up()
    await window.until("editor.activeItem.crops.length === count + 1 && client.pendingCount === 0", count=count)


async def title(window: Window, text: str) -> tuple[float, float]:
    """A place on the clip with that text."""
    return await window.spot(
        await window.see("[...model.items.values()].find((item) => item.label === text).id", text=text)
    )


async def picture(window: Window, name: str) -> None:
    """The window as a small PNG, when its films have come to rest."""
    await window.page.wait_for_timeout(1200)
    shot = Image.open(io.BytesIO(await window.page.screenshot())).convert("RGB")
    path = FOLDER / f"{name}.png"
    shot.point(lambda level: level if level < DARK else level & 0xF8 | level >> 5).save(path, optimize=True)
    print(path.relative_to(FOLDER.parents[1]), path.stat().st_size // 1024, "KiB")


if __name__ == "__main__":
    asyncio.run(main())
