"""Two people, one timeline: what is decided again, what is refused and what it says, over the socket as over HTTP."""

import asyncio
from typing import Any

import pytest

from tests.api import streaming
from tests.api.conftest import Person, Studio, add_clip, trim

FRAME = 28_224_000
"""Ticks of a frame at 25 fps."""


def join(studio: Studio, person: Person, after: int = 3, **hello: Any) -> Any:
    return streaming.opened(studio.service.url, studio.timeline_id, person.token, after_version=after, **hello)


async def pushed(stream: streaming.Stream, *gestures: dict[str, Any], batch: str = "b", **more: Any) -> list[Any]:
    """The results of a push."""
    await stream.send(t="push", batch=batch, gestures=list(gestures), **more)
    return list((await stream.until("result", batch=batch))["r"])


async def test_s11_what_lies_behind_a_ripple_is_carried_and_said_to_be_rebased(studio: Studio) -> None:
    bob = await studio.member("editor")
    await studio.apply(add_clip("c2", 100, 50), add_clip("c3", 200, 50))
    async with join(studio, studio.owner, 5) as one, join(studio, bob, 5) as two:
        [rippled] = await pushed(one, {"type": "ripple_delete", "clip_ids": ["c1"]})
        assert (rippled["ok"], rippled["version"]) == (True, 6)
        # Bob saw version 5: his marker at frame 210 stands ten frames into c3, which lies a hundred earlier now.
        [moved] = await pushed(two, {"type": "move", "clip_ids": ["c3"], "to": {"start": 210}}, base=5)
        assert (moved["how"], moved["gesture"]["to"]["start"]) == ("rebased", 110 * FRAME), moved
        [same] = await pushed(two, trim("c2", -1), base=6)
        assert same["how"] == "committed"


async def test_s11_an_expected_field_that_somebody_wrote_names_version_and_author(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with join(studio, studio.owner) as one, join(studio, bob) as two:
        [named] = await pushed(one, {"type": "rename", "id": "c1", "name": "Intro"})
        assert named["ok"], named
        rename = {"type": "rename", "id": "c1", "name": "Opening", "gesture_id": "r1"}
        [stale] = await pushed(two, {**rename, "expect": {"clip.c1.name": ""}}, base=3)
        assert (stale["ok"], stale["code"], stale["retry"]) == (False, "stale_field", False)
        owner = {"record": "c1", "field": "name", "owner_version": 4, "actor": str(studio.owner.id)}
        assert stale["conflicts"] == [owner]
        # Who has seen it may go on, under the same id; what is expected of the whole push is checked too.
        [whole] = await pushed(two, rename, expect={"clip.c1.name": "Outro"})
        assert whole["code"] == "stale_field"
        [taken] = await pushed(two, {**rename, "expect": {"clip.c1.name": "Intro"}}, base=4)
        assert (taken["ok"], taken["version"]) == (True, 5)
        # Without expect the later one wins, as everywhere.
        [over] = await pushed(one, {"type": "rename", "id": "c1", "name": "Intro again"}, base=4)
        assert over["ok"]


async def test_s11_a_pinned_version_is_refused_with_what_was_missed(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with join(studio, studio.owner) as one, join(studio, bob) as two:
        await pushed(one, trim("c1", -1, gesture_id="first"))
        for atomic in (True, False):
            results = await pushed(two, trim("c1", -2), trim("c1", -3), expected_version=3, atomic=atomic)
            assert [one["code"] for one in results] == ["version_conflict"] * 2
            assert [missed["gesture_id"] for missed in results[0]["details"]["events"]] == ["first"]
        [taken] = await pushed(two, trim("c1", -2), expected_version=4)
        assert taken["version"] == 5


async def test_s11_people_on_different_clips_never_conflict(studio: Studio) -> None:
    """Both expect of their own clip what they saw last, and both go on from the version they began with."""
    bob = await studio.member("editor")
    await studio.apply(add_clip("c2", 200))
    async with join(studio, studio.owner, 4) as one, join(studio, bob, 4) as two:

        async def shorten(stream: streaming.Stream, clip: str) -> list[Any]:
            results = []
            for n in range(40):
                seen = {f"clip.{clip}.duration": (100 - n) * FRAME}
                results += await pushed(stream, trim(clip, -1, expect=seen), base=4, batch=f"{clip}{n}")
            return results

        both = await asyncio.gather(shorten(one, "c1"), shorten(two, "c2"))
        results = [result for results in both for result in results]
        assert {result["how"] for result in results} == {"committed"}, results
        await asyncio.gather(one.until_version(84), two.until_version(84))
        assert one.items == two.items


async def test_s10_one_fate_or_each_its_own(studio: Studio) -> None:
    good, bad = trim("c1", -1, gesture_id="good"), trim("nope", -1, gesture_id="bad")
    after = {"type": "rename", "id": "c1", "name": "x", "gesture_id": "later", "after": ["bad"]}
    async with join(studio, studio.owner) as stream:
        whole = await pushed(stream, good, bad, after)
        assert [result["code"] for result in whole] == ["batch_refused", "clip_missing", "batch_refused"]
        assert await studio.version() == 3
        each = await pushed(stream, good, bad, after, atomic=False)
        assert [result.get("code") for result in each] == [None, "clip_missing", "blocked_by"]
        assert each[2]["details"]["by"] == ["bad"]
        assert await studio.version() == 4


async def test_s08_a_repeat_is_a_duplicate_over_any_connection(studio: Studio) -> None:
    gesture = trim("c1", -1, gesture_id="once")
    async with join(studio, studio.owner) as stream:
        [first] = await pushed(stream, gesture)
        [again] = await pushed(stream, {**gesture, "seq": 9})  # the number in a queue is no part of what was asked
        assert (again["how"], again["version"], again["changes"]) == ("duplicate", first["version"], first["changes"])
    async with join(studio, studio.owner, client_id="another") as stream:
        [again] = await pushed(stream, gesture)
        assert (again["how"], again["version"]) == ("duplicate", 4)
        [reused] = await pushed(stream, trim("c1", -2, gesture_id="once"))
        assert reused["code"] == "gesture_id_reused"
        for kind in ("undo", "restore"):
            message = {"t": kind, "batch": kind, "gesture_id": kind} | ({"version": 3} if kind == "restore" else {})
            await stream.send(**message)
            done = (await stream.until("result", batch=kind))["r"]
            await stream.send(**message)
            assert [one["version"] for one in (await stream.until("result", batch=kind))["r"]] == [
                one["version"] for one in done
            ]
    over_http = await studio.apply(gesture)
    assert [(one["how"], one["version"]) for one in over_http["results"]] == [("duplicate", 4)]


BATCHES: dict[str, dict[str, Any]] = {
    "accepted": {"gestures": [trim("c1", -5, gesture_id="a")]},
    "rebased and expected": {
        "gestures": [
            {"type": "add_clip", **add_clip("n", 400, 10), "gesture_id": "b", "expect": {"track.v1.name": ""}}
        ],
        "base": 2,
    },
    "each alone": {
        "gestures": [
            {"type": "rename", "id": "c1", "name": "A", "gesture_id": "c"},
            trim("nope", -1, gesture_id="d"),
            {"type": "rename", "id": "c1", "name": "B", "gesture_id": "e", "after": ["d"]},
            trim("c1", -1, gesture_id="f", expect={"clip.c1.name": "C"}),
            {"type": "nonsense", "gesture_id": "g"},
        ],
        "atomic": False,
    },
    "a dry run": {"gestures": [trim("c1", -5, gesture_id="h")], "dry_run": True},
    "a transaction": {
        "gestures": [trim("c1", -1, gesture_id="i"), trim("c1", -2, gesture_id="j")],
        "transaction": {"id": "t"},
    },
}


@pytest.mark.parametrize("name", BATCHES)
async def test_s11_the_same_push_over_http_and_socket_comes_to_the_same(
    name: str, studio: Studio, make_studio: Any
) -> None:
    """Two timelines that are alike, one push each: only what names the timeline may differ."""
    batch = BATCHES[name]
    other = await make_studio()
    async with join(studio, studio.owner) as stream:
        await stream.send(t="push", batch="b", **batch)
        result = await stream.until("result", batch="b")
    body = {key: value for key, value in batch.items() if key not in {"base", "transaction"}}
    body |= {"base_version": batch["base"]} if "base" in batch else {}
    body |= {"transaction_id": batch["transaction"]["id"]} if "transaction" in batch else {}
    answer = await other.owner.ok("POST", f"{other.timeline}/gestures", json=body)
    assert alike(result["r"], studio) == alike(answer["results"], other)
    for field in ("diff", "duration_before", "duration_after", "affected"):
        assert alike(result.get(field), studio) == alike(answer.get(field), other)
    assert (result["head"], result["current_version"]) == (answer["version"], answer["current_version"])
    mine, theirs = [await one.owner.ok("GET", one.timeline) for one in (studio, other)]
    assert alike(mine, studio) == alike(theirs, other)


def alike(value: Any, studio: Studio) -> Any:
    """Without what says which timeline and whose it is."""
    if isinstance(value, dict):
        return {name: alike(inner, studio) for name, inner in value.items() if name not in {"head_hash", "state_hash"}}
    if isinstance(value, list):
        return [alike(inner, studio) for inner in value]
    names = {studio.timeline_id: "timeline", studio.workspace_id: "workspace", str(studio.owner.id): "owner"}
    return names.get(value, value) if isinstance(value, str) else value
