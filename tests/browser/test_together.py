"""Two people in two windows on one timeline, with their mice: each sees what the other does, and keeps their own."""

from collections.abc import Awaitable, Callable

import pytest

from tests.browser.conftest import Open, Set, both

pytestmark = pytest.mark.asyncio(loop_scope="session")
MakeSet = Callable[..., Awaitable[Set]]


async def test_s14_a_drag_is_a_preview_and_then_one_event(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor")
    alice, bob = await both(look, stage)
    before = len(await stage.events())
    await alice.without_snapping()
    await alice.carry(await alice.spot("c3"), 40)
    preview = await bob.until(
        "[...client.peers.values()].find((peer) => peer.preview?.records?.c3)?.preview.records.c3"
    )
    assert preview["track_id"] == "v1"
    at = 150 + await alice.see("editor.drag.delta / model.perFrame")
    assert preview["start"] <= at * 28_224_000
    ghost = """(() => { const item = model.items.get("c3"); const ratio = devicePixelRatio;
      const pen = document.getElementById("over").getContext("2d");
      const x = view.x([...client.peers.values()][0].preview.records.c3.start + item.duration * 0.1);
      return pen.getImageData(x * ratio, (view.y(item.track) + 30) * ratio, 1, 1).data[3] > 60; })()"""
    await bob.until(ghost)
    assert await bob.clip("c3") == (150, 50)
    assert len(await stage.events()) == before, "nothing is stored while it is dragged"
    await alice.drop()
    await bob.until_clip("c3", round(at), 50)
    await alice.settled()
    assert await alice.clip("c3") == (round(at), 50)
    assert len(await stage.events()) == before + 1
    await bob.until("[...client.peers.values()].every((peer) => !Object.keys(peer.preview?.records ?? {}).length)")


async def test_trim_roll_and_cut_by_mouse(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor")
    alice, bob = await both(look, stage)
    await alice.without_snapping()
    await alice.drag(await alice.edge("c3", "end"), -20)
    await bob.until("model.items.get('c3').duration < 50 * model.perFrame")
    start, duration = await bob.clip("c3") or (0, 0)
    assert start == 150 and 25 <= duration <= 34
    await alice.drag(await alice.edge("c3", "start"), 10)
    await bob.until("model.items.get('c3').start > 150 * model.perFrame")
    trimmed = await bob.clip("c3")
    assert trimmed is not None and sum(trimmed) == start + duration, "the end stays"
    await bob.page.locator("#tool-roll").click()
    await bob.drag(await bob.edge("c2", "start"), 12)
    await alice.until("model.items.get('c2').start > 50 * model.perFrame")
    left, right = await alice.clip("c1"), await alice.clip("c2")
    assert left is not None and right is not None
    assert left[1] == right[0] and sum(right) == 100, "a roll moves the cut alone"
    await bob.page.locator("#tool-blade").click()
    await bob.page.mouse.click(*await bob.spot("c1", 0.5))
    await alice.until("[...model.items.values()].length === 4")
    assert [event["type"] for event in await stage.events()][-4:] == ["trim", "trim", "roll", "split"]


async def test_both_drag_at_the_same_time(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor")
    alice, bob = await both(look, stage)
    for window in (alice, bob):
        await window.without_snapping()
    await alice.carry(await alice.spot("c3"), 30)
    await bob.carry(await bob.edge("c2", "end"), 15)
    await alice.until("[...client.peers.values()].some((peer) => peer.preview?.records?.c2)")
    await bob.until("[...client.peers.values()].some((peer) => peer.preview?.records?.c3)")
    await alice.drop()
    await bob.drop()
    for window in (alice, bob):
        await window.until("client.pendingCount === 0 && model.items.get('c3').start > 150 * model.perFrame")
        await window.until("model.items.get('c2').duration > 50 * model.perFrame")
    for clip_id in ("c1", "c2", "c3"):
        assert await alice.clip(clip_id) == await bob.clip(clip_id)
    assert await alice.see("toasts.refused.length") == await bob.see("toasts.refused.length") == 0


async def test_undo_takes_back_my_own_step_only(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor")
    alice, bob = await both(look, stage)
    await alice.click("c3")
    await alice.key(".", ".")
    await bob.until_clip("c3", 152, 50)
    await bob.click("c2")
    await bob.key("Shift+Delete")
    await alice.until("!model.items.has('c2')")
    await alice.until("client.undoState.can_undo")
    assert "Undo: you" in await alice.page.locator("#undo").get_attribute("title")
    await alice.page.locator("#undo").click()
    await bob.until("model.items.get('c3').start === 101 * model.perFrame")  # 151, and what bob closed up
    assert not await alice.see("model.items.has('c2')"), "what bob did stays"
    await bob.key("Control+z")
    await alice.until_clip("c2", 50, 50)
    await alice.until_clip("c3", 151, 50)
    await alice.page.locator("#redo").click()
    await bob.until_clip("c3", 152, 50)


async def test_what_is_refused_is_said_with_the_reason(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="editor")
    alice, bob = await both(look, stage)
    before = len(await stage.events())
    await alice.without_snapping()
    await alice.drag(await alice.spot("c3"), -100)
    toast = alice.page.locator('.toast[data-code="overlap"]')
    await toast.wait_for()
    said = await toast.inner_text()
    assert "Refused: move “c3”" in said and "Alt" in said and "overlap" in said
    assert await alice.clip("c3") == (150, 50), "what was refused is taken back"
    assert len(await stage.events()) == before
    await alice.page.locator("#tab-refused").click()
    assert "overlap" in await alice.page.locator("#panel-refused .refusal").inner_text()
    await bob.click("c3")
    await bob.key("h")
    await alice.until("client.leases.has('c3')")
    await alice.click("c3")
    await alice.key(".")
    toast = alice.page.locator('.toast[data-code="leased"]')
    await toast.wait_for()
    assert stage.people["bob"].subject in await toast.inner_text(), "who is in the way"
    await bob.key("h")
    await alice.until("!client.leases.has('c3')")
    await alice.key(".")
    await bob.until_clip("c3", 151, 50)


async def test_who_is_here_and_where(make_set: MakeSet, look: Open) -> None:
    stage = await make_set(bob="viewer")
    alice, bob = await both(look, stage)
    await alice.park(60)
    await alice.click("c2", 0.3)
    peer = await bob.until(
        "[...client.peers.values()].find((one) => one.selection?.includes('c2') && one.cursor?.track)"
    )
    assert peer["playhead"] == 60 * 28_224_000 and peer["cursor"]["track"] == "v1"
    assert await bob.page.locator("#people li").count() == 2
    await bob.click("c2")
    await bob.key("Delete")
    await bob.page.locator(".toast", has_text="You are here as viewer").wait_for()
    assert await bob.clip("c2") == (50, 50)
    await alice.page.close()
    await bob.until("client.peers.size === 0")
    await bob.until("document.querySelectorAll('#people li').length === 1")
