"""The queue of gestures without a result, as a value: what a client saves, so that a restart loses nothing."""

from typing import Any

import msgspec


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Frames in the order in which they are to be sent, and the highest number given to a gesture so far.

    The queue belongs to one `client_id` and one timeline: the service remembers numbers per actor and client.
    """

    client_id: str
    timeline_id: str
    seq: int = 0
    frames: tuple[dict[str, Any], ...] = ()
