"""From a file on this machine to a film that plays, in one window, rendered by a real worker."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests import media
from tests.browser.conftest import Open, Set

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("worker")]
MakeSet = Callable[..., Awaitable[Set]]


async def test_a_film_is_uploaded_cut_and_exported(make_set: MakeSet, look: Open, tmp_path: Path) -> None:
    film = media.film(tmp_path / "holiday.mp4", rate=25, frames=40, size=(160, 90), sound=True)
    stage = await make_set(cut=[])
    for name in ("Another", "A third"):  # she has more workspaces than the one of this timeline
        await stage.people["alice"].ok("POST", "/api/v1/workspaces", json={"name": name})
    alice = await look(stage, "alice")
    assert await alice.see("session.workspace()") == stage.workspace_id
    page = alice.page
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Upload a film…").click()
    await (await choosing.value).set_files(film)
    await alice.until("model.items.size === 1 && client.pendingCount === 0")
    assert await alice.see("[...model.items.values()][0].label") == "holiday.mp4"
    clip_id = await alice.see("[...model.items.keys()][0]")
    assert await alice.clip(clip_id) == (0, 40)
    await alice.park(12)
    await alice.key("o")
    await alice.until_clip(clip_id, 0, 12)
    picture = "document.getElementById('source-picture').getContext('2d').getImageData(20, 20, 1, 1).data[3]"
    assert await alice.until(f"!document.getElementById('source-picture').hidden && {picture}") == 255
    await page.locator("#export").click()
    await page.locator("#preset").select_option("source")
    await page.locator("#export-go").click()
    await page.locator("#film").wait_for()
    facts = "(() => { const film = document.getElementById('film'); return film.readyState >= 2 && [film.videoWidth, film.videoHeight, film.duration]; })()"
    width, height, seconds = await alice.until(facts)
    assert (width, height) == (1920, 1080) and seconds == pytest.approx(12 / 25, abs=0.1)
    await page.evaluate("document.getElementById('film').play()")
    await alice.until("document.getElementById('film').currentTime > 0")
    assert "12 frames" in await page.locator("#export-body").inner_text()
