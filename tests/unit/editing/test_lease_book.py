"""What a process knows of a timeline's leases, while it changes."""

import time

from timeline_service.editing.lease_book import LeaseBook
from timeline_service.editing.lease_store import Page
from timeline_service.editing.leases import Holder, Lease

ALICE = Holder("session", "alice", "Alice")


def lease(record: str, revision: int) -> Lease:
    return Lease(record, ALICE, 0, 15_000, revision, time.monotonic() + 60)


async def test_s15_who_decides_by_the_leases_of_a_moment_is_not_disturbed_by_later_ones() -> None:
    """A large edit is decided in a thread, which walks over them while the loop goes on."""
    book = LeaseBook()
    for number in range(3):
        book.apply(f"c{number}", lease(f"c{number}", number + 1), number + 1)
    walk = iter(book.standing().leases.items())
    next(walk)
    book.apply("c9", lease("c9", 9), 9)
    book.apply("c0", None, 10)
    assert [record for record, _ in walk] == ["c1", "c2"]
    assert [*book.standing().leases] == ["c1", "c2", "c9"]
    walk = iter(book.standing().leases)
    next(walk)
    book.turn(Page("11", [lease("c1", 2)]))
    book.close()
    assert [*walk] == ["c2", "c9"]
    assert not book.standing().leases


async def test_s15_the_asker_hears_nothing_older_than_its_answer() -> None:
    """The end of the lease before may still wait to be sent when the answer to the next claim goes out."""
    book = LeaseBook()
    told: dict[str, list[tuple[str, bool]]] = {"asker": [], "other": []}
    for name, heard in told.items():
        book.listeners[name] = lambda record, frame, heard=heard: heard.append((record, frame is None))
    book.apply("c1", lease("c1", 1), 1)
    book.apply("c1", None, 2)
    book.apply("c1", lease("c1", 3), 3, but="asker")
    book.apply("c1", lease("c1", 1), 1, but="asker")
    assert told["other"] == [("c1", False)] * 3
    assert told["asker"] == [("c1", False), ("c1", False), ("c1", True)]
    book.close()
