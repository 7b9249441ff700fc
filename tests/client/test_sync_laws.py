"""Whatever the network does: at rest every client shows what the service has, and each gesture happened at most once."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.scripted import Seat, Service
from timeline_service.client.effects import Settled
from timeline_service.client.pending import View, overlay
from timeline_service.client.snapshot import differences, state_of, values

STEPS = (
    "push", "push", "push", "up", "up", "up", "down", "down", "down", "drop", "connect", "restart", "busy", "resume",
    "lose", "swap", "backup",
)  # fmt: skip


def gesture(chance: random.Random, number: int) -> dict[str, Any]:
    clip = chance.choice(("t0c0", "t0c1", "t0c2", "t1c1", "t2c0"))
    track = chance.choice(("t0", "t1"))
    return chance.choice((
        {"type": "trim", "clip_id": clip, "edge": chance.choice(("start", "end")), "delta": chance.choice((-1, 1))},
        {"type": "ripple_trim", "clip_id": clip, "edge": "end", "delta": chance.choice((-1, 1, 2))},
        {"type": "rename", "id": clip, "name": f"n{number}"},
        {"type": "remove_clip", "clip_id": clip},
        {"type": "ripple_delete", "clip_ids": [clip], "ripple_markers": chance.random() < 0.5},
        {"type": "add_marker", "parent_id": track, "time": chance.randrange(30)},
        {"type": "split", "clip_id": clip, "at": chance.randrange(20)},
        {"type": "set_metadata", "id": clip, "metadata": {"note": {"by": number}}},
        {"type": "add_clip", "track_id": track, "media": {"asset_id": "film"}, "start": 40 + number, "duration": 1},
    ))  # fmt: skip


class Play:
    """Two clients, one service, and a network that does what the steps say."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.service = Service()
        self.seats = [Seat(self.service, name) for name in ("ann", "bob")]
        self.number = 0

    def step(self, seat: Seat, what: str) -> None:
        socket = seat.socket
        if what == "push":
            self.number += 1
            count = self.chance.choice((1, 1, 1, 2, 3))
            gestures = [gesture(self.chance, self.number) for _ in range(count)]
            seat.push(*gestures, atomic=self.chance.random() < 0.7)
        elif what == "connect":
            seat.connect()
        elif what == "drop":
            seat.drop()
        elif what == "restart":
            seat.restart()
        elif what == "busy":
            self.service.busy = self.chance.randrange(3)
        elif what == "backup" and self.chance.random() < 0.2:
            self.back_up()
        elif socket is not None:
            self.travel(seat, what)

    def back_up(self) -> None:
        """A service that comes back from a backup has lost its sockets."""
        self.service.back_to(max(30, len(self.service.items) - self.chance.randrange(4)))
        for seat in self.seats:
            seat.drop()

    def travel(self, seat: Seat, what: str) -> None:
        socket = seat.socket
        assert socket is not None
        if what == "up" and socket.up:
            socket.deliver_up()
        elif what == "down" and socket.down:
            seat.deliver_down()
        elif what == "resume":
            seat.take(seat.sync.resumed())
        elif what == "lose" and socket.down and socket.down[0]["t"] == "events" and len(socket.down) > 1:
            socket.down[0] = {"t": "resync", "reason": "gap", "after_version": socket.down[0]["from"] - 1}
        elif what == "swap" and [frame["t"] for frame in socket.down[-2:]] in (["events", "result"],):
            socket.down[-2:] = socket.down[:-3:-1]

    def check(self, seat: Seat) -> None:
        sync = seat.sync
        if sync.ready:
            fresh = overlay(sync.confirmed, sync._entries, sync._view)
            assert values(sync.state) == values(fresh)

    def rest(self) -> None:
        self.service.busy = 0
        for seat in self.seats:
            seat.connect()
        for _ in range(200):
            for seat in self.seats:
                seat.take(seat.sync.resumed())
                seat.settle()
        for seat in self.seats:
            assert (seat.sync.pending, seat.sync.shown) == ([], [])
            assert values(seat.sync.confirmed) == values(self.service.state) == values(seat.sync.state)
            told = [result.gesture_id for settled in seat.effects(Settled) for result in settled.results]
            assert sorted(told) == sorted({*told}), "a result was told twice"
        ids = [item["gesture_id"] for item in self.service.items]
        assert len(ids) == len({*ids})


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.tuples(st.integers(0, 1), st.sampled_from(STEPS)), max_size=80))
def test_any_interleaving_ends_in_the_services_state(seed: int, steps: list[tuple[int, str]]) -> None:
    play = Play(seed)
    for seat in play.seats:
        seat.connect()
    for who, what in steps:
        play.step(play.seats[who], what)
        play.check(play.seats[who])
    play.rest()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 25))
def test_a_snapshot_shows_what_was_folded(seed: int, count: int) -> None:
    play = Play(seed)
    ann = play.seats[0]
    ann.connect()
    for _ in range(count):
        play.step(ann, "push")
        ann.settle()
    read = state_of(play.service.snapshot())
    assert values(read) == values(play.service.state)
    assert read.members.keys() >= {key for key, ids in play.service.state.members.items() if ids}
    assert all({*read.members[key]} == {*ids} for key, ids in play.service.state.members.items() if ids)
    assert overlay(read, [], View("", {}, 0)) is read and differences(read, read.fork()) == {}
