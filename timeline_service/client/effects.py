"""What a `Sync` asks of whoever holds the socket, and what it has to tell. It does nothing by itself."""

from typing import Any

import msgspec


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one gesture: an entry of a `result` frame (docs/stream.md). `gesture` is as it was decided."""

    gesture_id: str | None
    ok: bool
    version: int | None = None
    how: str | None = None
    changes: list[dict[str, Any]] = []
    gesture: dict[str, Any] | None = None
    description: str | None = None
    code: str | None = None
    message: str | None = None
    details: dict[str, Any] = {}
    retry: bool = False
    conflicts: list[dict[str, Any]] = []

    @property
    def turned_away(self) -> bool:
        """Not refused, only not taken now, or nobody knows: the same gesture is to be sent again.

        What somebody else has leased is refused: it would wait for a person.
        """
        return not self.ok and self.retry and self.code != "leased"


class Send(msgspec.Struct, frozen=True):
    """Send this frame."""

    frame: dict[str, Any]


class Fetch(msgspec.Struct, frozen=True):
    """Fetch what is too large for the stream, and give it to `Sync.supply`: the snapshot at `url`, whose bytes have
    this `sha256` (hex), or, where there is no url, the event of this version. Old ones lapse with the connection.
    """

    version: int
    url: str | None = None
    sha256: str | None = None


class Opened(msgspec.Struct, frozen=True):
    """The session has begun; the frame is the service's."""

    welcome: dict[str, Any]


class Event(msgspec.Struct, frozen=True):
    """The next event of the timeline was taken into the confirmed state, in order and without a gap."""

    item: dict[str, Any]


class Changed(msgspec.Struct, frozen=True):
    """What is to be drawn has changed: `state`, `peers`, `leases` or `undo`."""

    what: str


class Settled(msgspec.Struct, frozen=True):
    """A push, undo, redo or restore has its results, one per gesture, refused ones among them; it left the queue."""

    batch: str
    results: tuple[Result, ...]
    frame: dict[str, Any]
    """The service's `result`, with all that it tells beside the results."""


class Refused(msgspec.Struct, frozen=True):
    """One gesture was refused and its effect is gone from the state; `sent` is the gesture as it was sent."""

    batch: str
    result: Result
    sent: dict[str, Any]


class Leased(msgspec.Struct, frozen=True):
    """A record was leased or let go, or (`code`) an attempt of ours was answered with who holds it."""

    frame: dict[str, Any]


class Wait(msgspec.Struct, frozen=True):
    """Call `Sync.resumed` after so many milliseconds, unless the connection is lost before."""

    ms: int


class Draining(msgspec.Struct, frozen=True):
    """The process stops: it will close the socket, and takes new connections no more. Connect after so many ms."""

    reconnect_ms: int


class Told(msgspec.Struct, frozen=True):
    """The service could make nothing of a message (`error`)."""

    frame: dict[str, Any]


class Diverged(msgspec.Struct, frozen=True):
    """What came does not fit what is here. The confirmed state is dropped; connect again, and a snapshot comes."""

    reason: str


Effect = Send | Fetch | Opened | Event | Changed | Settled | Refused | Leased | Wait | Draining | Told | Diverged
