"""Results of pushes: one fate of a batch, refusals that say why and whose fault it is, limits."""

from typing import Any

import pytest

from tests.api import streaming
from tests.api.conftest import Person, Studio, trim
from timeline_service.api import wire


def join(studio: Studio, person: Person, **hello: Any) -> Any:
    return streaming.opened(studio.service.url, studio.timeline_id, person.token, **hello)


async def test_a_refusal_names_the_field_and_its_owner(studio: Studio) -> None:
    bob = await studio.member("editor")
    await studio.apply(trim("c1", -10))
    await studio.apply(trim("c1", -10), by=bob)
    found = {"record": "c1", "field": "duration", "owner_version": 5, "actor": str(bob.id)}
    stale = trim("c1", gesture_id="g", expect={"clip.c1.duration": 1})
    async with join(studio, studio.owner, after_version=5) as stream:
        await stream.send(t="push", batch="b", gestures=[stale])
        [one] = (await stream.until("result", batch="b"))["r"]
        assert (one["code"], one["retry"], one["conflicts"]) == ("stale_field", False, [found])
        await stream.send(t="undo", batch="u", policy="fail")
        [one] = (await stream.until("result", batch="u"))["r"]
        assert (one["code"], one["retry"], found in one["conflicts"]) == ("undo_conflict", False, True)
    each = await studio.apply(stale, atomic=False)
    assert (each["results"][0]["retry"], each["results"][0]["conflicts"]) == (False, [found])
    wire.EditAnswer.model_validate(each)


async def test_a_resend_is_a_duplicate(studio: Studio) -> None:
    push = {"t": "push", "batch": "b1", "gestures": [trim("c1", -5, gesture_id="once")]}
    async with join(studio, studio.owner, after_version=3) as stream:
        await stream.send(**push)
        first = await stream.until("result", batch="b1")
    # The answer was lost; the client comes back and sends again.
    async with join(studio, studio.owner, after_version=3) as stream:
        await stream.send(**push | {"batch": "b2"})
        again = await stream.until("result", batch="b2")
    assert again["r"][0]["how"] == "duplicate"
    assert again["r"][0]["version"] == first["r"][0]["version"] == 4
    assert await studio.version() == 4


async def test_an_atomic_batch_has_one_fate(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3) as stream:
        gestures = [trim("c1", -1, gesture_id="a"), trim("nope", -1, gesture_id="b"), trim("c1", -1, gesture_id="c")]
        await stream.send(t="push", batch="b", gestures=gestures)
        result = await stream.until("result", batch="b")
        assert [one["code"] for one in result["r"]] == ["batch_refused", "clip_missing", "batch_refused"]
        assert await studio.version() == 3


@pytest.mark.parametrize("stream_limits", [{"gestures_per_second": 1, "gestures_burst": 5}])
async def test_more_gestures_than_allowed_are_answered_with_when(studio: Studio) -> None:
    async with join(studio, studio.owner, after_version=3) as stream:
        for n in range(8):
            await stream.send(t="push", batch=f"b{n}", gestures=[trim("c1", gesture_id=f"g{n}")])
        results: dict[str, Any] = {}
        while len(results) < 8:
            result = await stream.until("result")
            results[result["batch"]] = result["r"][0]
        taken = [batch for batch, one in results.items() if one["ok"]]
        limited = [one for one in results.values() if not one["ok"]]
        assert len(taken) >= 5
        for one in limited:
            assert (one["code"], one["retry"]) == ("rate_limited", True)
            assert one["details"]["retry_after_ms"] > 0
        await stream.send(t="ping", n=1)
        await stream.until("pong")
    assert await studio.version() == 3 + len(taken)


@pytest.mark.parametrize("stream_limits", [{"gestures_per_second": 0.001, "gestures_burst": 3}])
async def test_many_sockets_of_one_person_share_the_limit(studio: Studio) -> None:
    bob = await studio.member("editor")
    codes = []
    for n in range(4):
        async with join(studio, studio.owner, after_version=3) as stream:
            await stream.send(t="push", batch="b", gestures=[trim("c1", gesture_id=f"g{n}")])
            codes.append((await stream.until("result"))["r"][0].get("code"))
    assert codes == [None, None, None, "rate_limited"]
    async with join(studio, bob, after_version=3) as stream:  # others have their own
        await stream.send(t="push", batch="b", gestures=[trim("c1")])
        assert (await stream.until("result"))["r"][0]["ok"]
