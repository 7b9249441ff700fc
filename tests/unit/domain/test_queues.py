"""How far queues have come: folded from the events, kept by forks and snapshots, bounded, and no part of the hash."""

import hashlib
import zlib

import msgspec
import pytest

from projections import fold, snapshots
from tests.world import World
from timeline_service.domain import event, queues
from timeline_service.domain.state import State, digest


def sent(world: World, client_id: str, seq: int, actor: str = "ann") -> None:
    """A gesture of a queue, decided and kept."""
    decision = world.decide({"type": "set_timeline", "name": f"{client_id} {seq} {world.state.version}"}, actor=actor)
    decision.state.note_seq(actor, client_id, seq)
    world.keep(decision._replace(body=event.queued(decision.body, client_id, seq)), actor)


@pytest.fixture
def world() -> World:
    world = World()
    for client_id, seq, actor in (("tab", 1, "ann"), ("tab", 7, "bob"), ("tab", 3, "ann"), ("phone", 9, "ann")):
        sent(world, client_id, seq, actor)
    sent(world, "tab", 2)  # sent again, later than what came after it
    return world


def test_the_highest_of_each_persons_client_counts(world: World) -> None:
    folded = world.fold()
    assert folded.queues == world.state.queues
    asked = (("ann", "tab"), ("bob", "tab"), ("ann", "phone"), ("bob", "phone"), ("ann", None))
    assert [queues.last_seq(folded.queues, *one) for one in asked] == [3, 7, 9, 0, 0]


def test_a_fork_and_its_origin_do_not_see_each_other(world: World) -> None:
    before = dict(world.state.queues)
    other = world.copy()
    sent(other, "tab", 50)
    assert world.state.queues == before
    sent(world, "tab", 60)
    assert (queues.last_seq(world.state.queues, "ann", "tab"), queues.last_seq(other.state.queues, "ann", "tab")) == (
        60,
        50,
    )


def test_a_snapshot_keeps_them_in_their_order(world: World) -> None:
    loaded = snapshots.load(*snapshots.dump(world.state))
    assert list(loaded.queues.items()) == list(world.state.queues.items())
    sent(world, "tab", 80)
    assert fold.replay(world.rows[loaded.version :], loaded).queues == world.state.queues


def test_a_snapshot_of_before_there_were_queues_is_read() -> None:
    """What was saved then has one field less; queues begin with the events after it."""
    world = World()
    saved = snapshots.dump(world.state)[0]
    unpacked = msgspec.msgpack.decode(zlib.decompress(saved[snapshots.SEAL :]))
    packed = zlib.compress(msgspec.msgpack.encode(unpacked[:-1]), snapshots.LEVEL)
    old = snapshots.load(hashlib.sha256(packed).digest() + packed)
    assert (old.version, old.queues) == (1, {})
    sent(world, "tab", 4)
    assert fold.replay(world.rows[1:], old).queues == {"ann tab": 4}


def test_the_queue_that_moved_longest_ago_is_forgotten() -> None:
    known: queues.Queues = {}
    for number in range(queues.KEPT):
        queues.note(known, "ann", str(number), 5)
    queues.note(known, "ann", "0", 6)
    queues.note(known, "ann", "new", 1)
    assert (len(known), queues.last_seq(known, "ann", "0"), queues.last_seq(known, "ann", "1")) == (queues.KEPT, 6, 0)


def test_a_state_is_the_same_whoever_sent_it(world: World) -> None:
    bare = State()
    fold.extend(bare, [(version, actor, _unsigned(body), schema) for version, actor, body, schema in world.rows])
    assert (bare.queues, digest(bare)) == ({}, digest(world.state))


def _unsigned(body: bytes) -> bytes:
    return event.encode(msgspec.structs.replace(event.decode(body), client_id=None, seq=None))
