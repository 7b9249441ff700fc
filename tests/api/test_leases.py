"""Leases: what is leased in one process holds in all, for other people, for a while."""

from tests.api.beside import beside, join, lease, push, until_free
from tests.api.conftest import Studio, add_clip, trim


async def test_s15_what_is_leased_is_refused_to_other_people_in_every_process(studio: Studio) -> None:
    bob = await studio.member("editor")
    await studio.apply(trim("c1", -1), by=bob)
    await studio.apply(add_clip("c2", 200))
    async with (
        beside(studio) as other,
        join(studio.service, studio, studio.owner) as one,
        join(other, studio, bob) as two,
    ):
        held = await lease(one, "c1", ttl_ms=60_000)
        assert held["holder"] == {
            "session_id": one.welcome["session_id"],
            "actor": {"id": str(studio.owner.id), "name": one.welcome["actor"]["name"]},
        }
        assert (await two.until("lease", record="c1"))["holder"] == held["holder"]
        [refused] = await push(two, trim("c1"))
        assert (refused["ok"], refused["code"], refused["retry"]) == (False, "leased", True)
        details = refused["details"]
        assert (details["record"], details["actor"]["id"], details["until"]) == (
            "c1",
            str(studio.owner.id),
            held["until"],
        )
        assert 0 < details["retry_after_ms"] <= 60_000
        # One by one each has its own fate, together they have one.
        each = await push(two, trim("c1"), trim("c2"), atomic=False)
        assert [(result["ok"], result.get("code")) for result in each] == [(False, "leased"), (True, None)]
        whole = await push(two, trim("c2"), trim("c1"))
        assert [result["code"] for result in whole] == ["batch_refused", "leased"]
        # Every way of writing is the same way.
        body = {"gestures": [trim("c1")]}
        assert await bob.refused("POST", f"{studio.timeline}/gestures", json=body) == (409, "leased")
        target = {"target": {"version": 4}}
        assert await bob.refused("POST", f"{studio.timeline}/undo", json=target) == (409, "leased")
        assert await bob.refused("POST", f"{studio.timeline}/restore", json={"version": 3}) == (409, "leased")
        assert await studio.version() == 6
        # The holder is free to, from anywhere.
        assert (await push(one, trim("c1")))[0]["ok"]
        await studio.apply(trim("c1"))
        assert (await lease(one, "c1", "release"))["holder"] is None
        await until_free(two, "c1")
        assert (await push(two, trim("c1")))[0]["ok"]


async def test_s15_a_leased_track_holds_what_lies_in_it_and_what_would_come(studio: Studio) -> None:
    bob = await studio.member("editor")
    await studio.apply({"type": "add_track", "track_id": "v2", "kind": "video"}, add_clip("d1", 0, track_id="v2"))
    async with join(studio.service, studio, studio.owner) as one, join(studio.service, studio, bob) as two:
        await lease(one, "v1")
        await two.until("lease", record="v1")
        for gesture in (
            trim("c1"),
            add_clip("c9", 500),
            {"type": "move", "clip_ids": ["d1"], "to": {"track_id": "v1", "start": 300}},
            {"type": "rename", "id": "v1", "name": "mine"},
        ):
            [result] = await push(two, gesture)
            assert result.get("code") == "leased", gesture
        assert (await push(two, trim("d1")))[0]["ok"]


async def test_s15_a_refused_acquire_is_told_to_the_asker_and_a_take_to_everybody(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with (
        beside(studio) as other,
        join(studio.service, studio, studio.owner) as one,
        join(other, studio, bob) as two,
    ):
        held = await lease(one, "c1")
        await two.until("lease", record="c1")
        refused = await lease(two, "c1")
        assert (refused["code"], refused["holder"]) == ("leased", held["holder"])
        renewed = await lease(one, "c1", "renew", ttl_ms=30_000)
        assert (renewed["holder"], renewed["ttl_ms"]) == (held["holder"], 30_000)
        assert "code" not in renewed
        taken = await lease(two, "c1", take=True)
        while taken["holder"] == held["holder"]:  # the renewal was told to both
            taken = await two.until("lease", record="c1")
        assert taken["holder"]["session_id"] == two.welcome["session_id"]
        told = await one.until("lease", record="c1", holder=taken["holder"])
        assert told["until"] == taken["until"]
        assert (await push(one, trim("c1")))[0]["code"] == "leased"
        # Who lost it does not give it up for the new holder.
        assert (await lease(one, "c1", "release"))["holder"] == taken["holder"]


async def test_s15_a_lease_ends_by_itself_with_its_session_and_with_its_process(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with beside(studio) as other, join(other, studio, bob) as two:
        async with join(studio.service, studio, studio.owner) as one:
            await lease(one, "c1", ttl_ms=1_000)
            await two.until("lease", record="c1")
            await until_free(two, "c1")
            assert (await push(two, trim("c1")))[0]["ok"]
            await lease(one, "c1", ttl_ms=60_000)
            await two.until("lease", record="c1", ttl_ms=60_000)
        await until_free(two, "c1")
        assert (await push(two, trim("c1")))[0]["ok"]


async def test_s15_the_welcome_tells_what_is_leased_and_a_process_without_sockets_looks(studio: Studio) -> None:
    bob = await studio.member("editor")
    async with beside(studio) as other, join(studio.service, studio, studio.owner) as one:
        await lease(one, "c1", ttl_ms=60_000)
        async with other.client(bob.token) as http:
            answer = await http.post(f"{studio.timeline}/gestures", json={"gestures": [trim("c1")]})
            assert (answer.status_code, answer.json()["error"]["code"]) == (409, "leased")
            assert answer.json()["error"]["retryable"]
        async with join(other, studio, bob) as two:
            [told] = two.welcome["leases"]
            assert (told["record"], told["ttl_ms"]) == ("c1", 60_000)
            assert told["holder"]["session_id"] == one.welcome["session_id"]


async def test_s15_who_may_lease_and_what(studio: Studio) -> None:
    viewer = await studio.member("viewer")
    async with join(studio.service, studio, viewer) as watching, join(studio.service, studio, studio.owner) as one:
        for stream, record, code in (
            (watching, "c1", "forbidden"),
            (one, "nothing", "record_missing"),
        ):
            await stream.send(t="lease", do="acquire", record=record)
            assert (await stream.until("error"))["code"] == code
        await studio.apply(
            *({"type": "add_marker", "parent_id": "c1", "time": 1, "marker_id": f"m{n}"} for n in range(201))
        )
        for n in range(200):
            await one.send(t="lease", do="acquire", record=f"m{n}")
        await one.until("lease", record="m199")
        await one.send(t="lease", do="acquire", record="m200")
        refused = await one.until("error")
        assert (refused["code"], refused["details"]) == ("too_many_leases", {"limit": 200, "record": "m200"})
        assert (await lease(one, "m0", "renew"))["holder"] is not None
        assert (await lease(one, "m0", "release"))["holder"] is None
        assert (await lease(one, "m200"))["holder"] is not None
