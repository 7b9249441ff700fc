"""Two thousand clips: every frame is drawn, what is dragged lands. How long frames take is told, never asserted."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.browser.conftest import Open, Set, clip
from tests.browser.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")
MakeSet = Callable[..., Awaitable[Set]]
CLIPS, TRACKS = 2000, 8

RECORD = """
() => {
  const told = (globalThis.frames_told = []);
  const painted = globalThis.playground.stage.painted;
  let last = performance.now(), base = painted.base, over = painted.over;
  globalThis.recording = true;
  const tick = (now) => {
    told.push([now - last, painted.base - base, painted.over - over]);
    last = now; base = painted.base; over = painted.over;
    if (globalThis.recording) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
"""


def film() -> list[dict[str, Any]]:
    """Tracks full of clips of 20 to 29 frames."""
    tracks = [
        {"type": "add_track", "track_id": f"t{n}", "kind": "video", "name": f"Layer {n + 1}"} for n in range(TRACKS)
    ]
    clips = [clip(f"s{n}", n // TRACKS * 30, 20 + n % 10, f"t{n % TRACKS}", name=f"Shot {n + 1}") for n in range(CLIPS)]
    return tracks + clips


async def frames_of(window: Window, act: Callable[[], Awaitable[object]]) -> list[list[float]]:
    """`[ms since the frame before, lower layers painted, upper layers painted]` of each frame while `act` goes on."""
    await window.page.evaluate(RECORD)
    await act()
    await window.see("globalThis.recording = false")
    frames: list[list[float]] = (await window.see("globalThis.frames_told"))[1:]
    return frames


def tell(what: str, frames: list[list[float]]) -> str:
    times = sorted(frame[0] for frame in frames if frame[1] or frame[2])
    p50, p95 = times[len(times) // 2], times[len(times) * 95 // 100]
    return f"{what}: {len(times)} frames, p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {times[-1]:.1f} ms"


async def test_two_thousand_clips(make_set: MakeSet, look: Open, record_property: Callable[[str, str], None]) -> None:
    stage = await make_set(cut=[])
    gestures = film()
    for start in range(0, len(gestures), 500):
        body = {"gestures": gestures[start : start + 500]}
        await stage.people["alice"].ok("POST", f"{stage.path}/gestures", json=body)
    alice = await look(stage, "alice")
    await alice.until("model.items.size === count", count=CLIPS)
    page, lines = alice.page, []
    box = await page.locator("#clips").bounding_box()
    assert box is not None

    async def zoom() -> None:
        await page.mouse.move(box["x"] + 300, box["y"] + 120)
        await page.keyboard.down("Control")
        for n in range(40):
            await page.mouse.wheel(0, -90 if n < 27 else 90)
        await page.keyboard.up("Control")

    async def pan() -> None:
        for _ in range(40):
            await page.mouse.wheel(60, 0)

    for what, act in (("zooming", zoom), ("panning", pan)):
        frames = await frames_of(alice, act)
        drawn = sum(frame[1] for frame in frames)
        assert 10 <= drawn <= len(frames) + 1, "each frame of the screen is painted, and none twice"
        lines.append(tell(what, frames))
    await page.locator("#fit").click()
    frames = await frames_of(alice, zoom)
    lines.append(tell("zooming from all of it", frames))

    await alice.without_snapping()
    await alice.see("(view.ticksPerPixel = model.perFrame / 4, view.left = 0, editor.emit('view'))")
    from_ = await alice.spot("s7")

    async def drag() -> None:
        await alice.carry(from_, -1, rise=-60, steps=2)
        for n in range(40):
            await page.mouse.move(from_[0] + n * 15, from_[1] + n % 7)

    frames = await frames_of(alice, drag)
    lines.append(tell("dragging over the others", frames))
    over = sum(frame[2] for frame in frames)
    assert over >= 10, "the drag is drawn as it goes"
    await page.keyboard.down("Alt")
    await page.mouse.move(from_[0] + 585, from_[1])
    wanted = await alice.see("editor.drag.records.s7")
    await page.mouse.up()
    await page.keyboard.up("Alt")
    await alice.until("model.items.get('s7').start === wanted.start && !editor.drag", wanted=wanted)
    await alice.settled()
    assert await alice.see("toasts.refused") == []
    for line in lines:
        record_property("figure", f"playground, {CLIPS} clips, {line}")
