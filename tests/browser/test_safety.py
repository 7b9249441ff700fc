"""What others have typed is never read as markup, and a token never stays where somebody finds it."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import SHADE, Open, Set, clip
from tests.browser.window import opened

pytestmark = pytest.mark.asyncio(loop_scope="session")
MakeSet = Callable[..., Awaitable[Set]]
MARKUP = "\"><img src=x onerror='globalThis.broken=1'><script>globalThis.broken=1</script>"
CUT = [
    {"type": "set_timeline", "name": MARKUP},
    {"type": "add_track", "track_id": "v1", "kind": "video", "name": MARKUP},
    {"type": "add_track", "track_id": "k1", "kind": "caption", "name": MARKUP},
    clip("c1", 0, name=MARKUP, media=SHADE, source_in=0),
    clip("c2", 50, name=MARKUP, media={"generator": "title", "params": {"text": MARKUP}}, source_in=0),
    {"type": "add_caption", "track_id": "k1", "start": 0, "duration": 40, "text": MARKUP},
    {"type": "add_marker", "time": 10, "name": MARKUP},
]


async def test_names_are_text_wherever_they_stand(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor", cut=CUT)
    bob = stage.people["bob"]
    alice = await look(stage, "alice")
    await alice.see(
        "(client.peers.set('x', {session_id: 'x', actor: {id: 'x', name}, role: name}), session.emit('peers', client.peers))",
        name=MARKUP,
    )
    await alice.click("c2")
    await bob.ok(
        "POST", f"{stage.path}/gestures", json={"gestures": [{"type": "lock_track", "track_id": "v1", "locked": True}]}
    )
    await alice.until("model.trackById.get('v1').locked")
    await alice.key(".")
    toast = alice.page.locator('.toast[data-code="track_locked"]')
    await toast.wait_for()
    assert "<img" in await toast.inner_text()
    for tab in ("refused", "history", "clip"):
        await alice.page.locator(f"#tab-{tab}").click()
        await alice.page.locator(f"#panel-{tab}", has_text="<img").wait_for()
    assert "<img" in await alice.page.locator("#name").inner_text()
    assert await alice.page.locator("#heads .called", has_text="<img").count() == 2
    assert await alice.see("[...document.querySelectorAll('[src]')].map((one) => new URL(one.src).pathname)") == [
        "/play/main.js", "/play/icon.svg", "/play/icon.svg",
    ]  # fmt: skip
    assert await alice.see("globalThis.broken === undefined")


async def test_another_link_in_the_same_tab_opens_and_hides_its_token(make_set: MakeSet, look: Open) -> None:
    stage, other = await make_set(), await make_set()
    alice = await look(stage, "alice")
    token = other.people["alice"].token
    async with alice.page.expect_event("load"):
        await alice.page.goto(other.link("alice"))  # the fragment alone is another: that loads no page
    await alice.until("session.timelineId === id && client.status === 'open'", id=other.timeline_id)
    assert token not in alice.page.url
    assert stage.people["alice"].token not in str(await alice.see("[{...sessionStorage}, {...localStorage}]"))


async def test_a_token_goes_nowhere_but_into_a_header(make_set: MakeSet, browser: Browser) -> None:
    stage = await make_set(cut=CUT)
    token = stage.people["alice"].token
    asked: list[tuple[str, str | None]] = []
    async with opened(browser, "about:blank", "alice", "") as alice:
        alice.page.on(
            "request", lambda request: asked.append((request.url.partition("#")[0], request.headers.get("referer")))
        )
        alice.page.on("websocket", lambda socket: asked.append((socket.url, None)))
        await alice.page.goto(stage.link("alice"))
        await alice.until("client.status === 'open' && model.items.size === 3")
        assert len(asked) > 40 and any(url.startswith("ws:") for url, _ in asked)
        assert [url for url, referrer in asked if token in url or referrer] == []
        assert token not in await alice.page.evaluate(
            "JSON.stringify([location.href, document.cookie, {...localStorage}, history.state])"
        )


async def test_a_button_that_was_clicked_takes_no_arrows_away(make_set: MakeSet, look: Open) -> None:
    stage = await make_set()
    alice = await look(stage, "alice")
    await alice.page.locator("#zoom-in").click()
    await alice.key("End", "ArrowUp", "ArrowRight")
    assert await alice.see("editor.playhead / model.perFrame") == 151
    await alice.until("document.activeElement.id === 'zoom-in'")


async def test_a_small_window_reaches_every_control(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(cut=CUT)
    alice = await look(stage, "alice")
    outside = """[...document.querySelectorAll("#app button, #app input, #app select, #app canvas")]
      .filter((one) => one.checkVisibility() && !one.closest(".bar, .panel, .heads-box"))
      .map((one) => [one.id, one.getBoundingClientRect()])
      .filter(([, box]) => box.left < -1 || box.right > innerWidth + 1).map(([id]) => id)"""
    for number, (width, height) in enumerate([(390, 800), (700, 390), (1024, 700)], 2):
        await alice.page.set_viewport_size({"width": width, "height": height})
        await alice.page.locator("#clips").scroll_into_view_if_needed()
        await alice.click("c1", 0.3)
        assert await alice.see(outside) == [], (width, height)
        await alice.page.locator("#fit").click()
        await alice.page.locator("#add").click()
        await alice.page.get_by_role("menuitem", name="Marker").click()
        await alice.until("model.markers.length === number", number=number)
        assert await alice.page.locator("#program-picture").is_visible()
        await alice.settled()
        await alice.page.locator("#older").click()
        await alice.until("editor.past !== null")
        assert await alice.see(outside) == [], "nor in the past"
        await alice.page.locator("#back-to-now").click()
        await alice.until("editor.past === null")
