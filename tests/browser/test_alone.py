"""One person: with the keyboard alone, with the crop window, in the past, and from nothing."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser

from tests.api.conftest import Service
from tests.browser.conftest import SHADE, Open, Set, both, clip
from tests.browser.window import opened

pytestmark = pytest.mark.asyncio(loop_scope="session")
MakeSet = Callable[..., Awaitable[Set]]
FRAME = 28_224_000


async def test_a_whole_session_without_a_mouse(make_set: MakeSet, look: Open) -> None:
    stage = await make_set()
    alice = await look(stage, "alice")
    await alice.key("Tab", "Enter")  # the link that skips the bar
    await alice.until("document.activeElement.id === 'clips'")
    assert stage.timeline_id in alice.page.url, "the fragment is still the timeline's"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert await alice.see(outline) == "solid", "the focus is seen"
    await alice.key("Tab")
    assert await alice.see("editor.active") == "c1"
    await alice.key("Tab", "Tab")
    option = alice.page.locator(f"#{await alice.see('document.activeElement.getAttribute(`aria-activedescendant`)')}")
    assert await option.get_attribute("aria-selected") == "true"
    assert (await option.inner_text()).startswith("c3, Picture, from 00:00:06:00, 2 s")
    assert "c3" in await alice.page.locator("#says").inner_text()
    await alice.key(".", ".", ",")
    await alice.until_clip("c3", 151, 50)
    await alice.key("Alt+Shift+ArrowRight")
    await alice.until_clip("c3", 161, 50)
    await alice.key("Home", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+ArrowRight", "ArrowLeft")
    assert await alice.see("editor.playhead") == (161 + 25 - 1) * FRAME
    await alice.key("s")
    await alice.until("model.items.size === 4")
    await alice.until_clip("c3", 161, 24)
    await alice.key("ArrowLeft", "ArrowLeft", "o")
    await alice.until_clip("c3", 161, 22)
    await alice.key("Shift+Tab", "[", "[")
    await alice.until_clip("c1", 0, 48)
    await alice.until_clip("c2", 48, 52)
    await alice.key("Alt+ArrowUp")
    await alice.until("model.items.get('c2').track.id === 'v2'")
    await alice.key("Control+z")
    await alice.until("model.items.get('c2').track.id === 'v1'")
    await alice.key("Control+Shift+z")
    await alice.until("model.items.get('c2').track.id === 'v2'")
    await alice.key("Delete")
    await alice.until("!model.items.has('c2')")
    await alice.key("l")
    await alice.until("document.getElementById('play').getAttribute('aria-pressed') === 'true'")
    await alice.key("k", "?")
    assert await alice.page.locator("#keys kbd", has_text="J").first.is_visible()
    await alice.key("Escape")
    await alice.settled()
    assert await alice.see("toasts.refused") == []


async def test_the_crop_window_makes_keyframes(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor", cut=[*TRACK, clip("c1", 0, 100)])
    alice, bob = await both(look, stage)
    await bob.click("c1")
    await alice.click("c1")
    await alice.park(20)
    grip = await alice.page.locator('#crop i[data-edge="se"]').bounding_box()
    assert grip is not None
    middle = (grip["x"] + 11, grip["y"] + 11)
    await alice.page.mouse.move(*middle)
    await alice.page.mouse.down()
    await alice.page.mouse.move(middle[0] - 120, middle[1] - 50, steps=5)
    await bob.page.locator(".ghost-crop").wait_for()
    await alice.page.mouse.up()
    key = await bob.until("model.items.get('c1').crops[0]")
    assert key["time"] == (200 + 20) * FRAME and key["value"]["x"] == 0
    assert key["value"]["width"] == pytest.approx(key["value"]["height"], abs=2), "the aspect of the frame is kept"
    assert 500_000 < key["value"]["width"] < 900_000
    await bob.until("document.querySelectorAll('.ghost-crop').length === 0")
    box = await alice.page.locator("#crop").bounding_box()
    assert box is not None
    await alice.page.mouse.move(box["x"] + 60, box["y"] + 60)
    await alice.page.mouse.down()
    await alice.page.mouse.move(box["x"] + 100, box["y"] + 60, steps=4)
    await alice.page.mouse.up()
    await bob.until("model.items.get('c1').crops.length === 1 && model.items.get('c1').crops[0].value.x > 20000")
    await alice.park(60)
    await alice.page.locator("#crop").focus()
    await alice.key("ArrowRight", "ArrowRight", "Enter")
    await bob.until("model.items.get('c1').crops.length === 2")
    await alice.page.locator("#panel-clip select").first.select_option("hold")
    await bob.until("model.items.get('c1').crops[0].interpolation === 'hold'")
    await alice.without_snapping()
    x, y = await alice.spot("c1", 0.2, 0.0)
    await alice.drag((x, y + 58 - 16), 15)  # the diamond at frame 20
    await bob.until("model.items.get('c1').crops[0].time > 220 * model.perFrame")
    await alice.page.get_by_label("Delete keyframe").first.click()
    await bob.until("model.items.get('c1').crops.length === 1")
    kinds = [event["type"] for event in await stage.events()][3:]
    assert kinds == [
        "add_crop_keyframe",
        "update_crop_keyframe",
        "add_crop_keyframe",
        "update_crop_keyframe",
        "move_crop_keyframe",
        "delete_crop_keyframe",
    ]


TRACK = [{"type": "add_track", "track_id": "v1", "kind": "video", "name": "Picture"}]


async def test_the_past_is_shown_and_restored(make_set: MakeSet, look: Open) -> None:
    stage = await make_set()
    alice = await look(stage, "alice")
    await alice.click("c3")
    await alice.key("Delete")
    await alice.until("!model.items.has('c3')")
    await alice.settled()
    head = await alice.see("client.version")
    await alice.page.locator("#tab-history").click()
    await alice.page.locator("#panel-history .what", has_text="removed").wait_for()
    slider = alice.page.locator("#version")
    await slider.focus()
    await alice.key("Home")
    await alice.until("editor.past?.version === 1 && model.tracks.length === 0")
    await slider.fill(str(head - 1))
    await alice.until("editor.past?.version === head - 1 && model.items.has('c3')", head=head)
    await alice.click("c2")
    await alice.key("Delete")
    await alice.page.locator(".toast", has_text="as it was").wait_for()
    assert await alice.see("client.version") == head, "the past is not edited"
    assert f"version {head - 1} of {head}" in await alice.page.locator("#version-label").inner_text()
    await alice.page.locator("#restore").click()
    await alice.until("editor.past === null && model.items.has('c3') && client.version === head + 1", head=head)
    await alice.page.locator("#undo").click()
    await alice.until("!model.items.has('c3')")


async def test_a_stranger_begins_with_nothing(house: Service, browser: Browser) -> None:
    stranger = await house.person("stranger")
    async with opened(browser, f"{house.url}/play", "stranger", str(stranger.id)) as window:
        page = window.page
        await page.locator("#gate-token").fill("not.a.token")
        await page.get_by_role("button", name="Open", exact=True).click()
        await page.locator("#gate-error", has_text="token").wait_for()
        assert [said for said in window.troubles if "401" not in said] == []
        await page.route("**/api/**", lambda route: route.abort())
        await page.get_by_role("button", name="Open", exact=True).click()
        await page.locator("#gate-error", has_text="The service does not answer.").wait_for()
        await page.unroute("**/api/**")
        window.troubles.clear()  # the browser notes these two itself
        await page.locator("#gate-token").fill(stranger.token)
        await page.get_by_role("button", name="Open", exact=True).click()
        await page.get_by_role("button", name="Demo timeline with 12 clips").click()
        await window.until("model.items.size === 12 && client.pendingCount === 0")
        assert stranger.token not in page.url and "timeline=" in page.url
        before = await window.see("client.version")
        await page.reload()
        await window.until("client.version === before && model.items.size === 12", before=before)
        for name in ("Colour", "Title", "Tone", "Caption 3 s", "Marker", "Audio track"):
            await page.locator("#add").click()
            await page.get_by_role("menuitem", name=name).click()
            await window.settled()
        assert await window.see("[model.items.size, model.markers.length]") == [16, 1]
        assert await window.see("toasts.refused") == []
        lock = page.get_by_role("button", name="Lock Picture")
        await lock.click()
        await window.until("model.tracks.find((track) => track.name === 'Picture').locked")
        assert await lock.get_attribute("aria-pressed") == "true"
        assert window.troubles == []


async def test_a_link_takes_its_token_out_of_the_address(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(cut=[*TRACK, clip("c1", 0, media=SHADE, source_in=0)])
    alice = await look(stage, "alice")
    assert "token" not in alice.page.url and stage.timeline_id in alice.page.url
    assert await alice.see("history.length") <= 2
    await alice.page.reload()
    await alice.until("client.status === 'open' && model.items.size === 1")
