"""How far the queues of gestures have come: per person and client the highest `seq` that was committed.

A client that keeps a queue while it is away learns from it what to send again. Folded from the events; a lower bound,
for only the newest queues are kept.
"""

from typing import Final

KEPT: Final = 1_000
Queues = dict[str, int]
"""`actor client_id` → seq, the queue that moved last at the end."""


def note(queues: Queues, actor: str, client_id: str, seq: int) -> None:
    """A gesture of a queue was committed; the queue that moved longest ago goes where there are too many."""
    key = f"{actor} {client_id}"
    queues[key] = max(queues.pop(key, 0), seq)
    if len(queues) > KEPT:
        del queues[next(iter(queues))]


def last_seq(queues: Queues, actor: str, client_id: str | None) -> int:
    """The highest seq of a client that is known to be committed; 0 when none is."""
    return 0 if client_id is None else queues.get(f"{actor} {client_id}", 0)
