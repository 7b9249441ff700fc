"""The messages of the stream: one socket per timeline, JSON text frames, the kind of message in `t`.

    C hello → S welcome, then snapshot or events up to the head
    C push | undo | redo | restore → S result (after the commit), and S events to everybody, the author too
    C pull → S events      C ping → S pong      C recv      C presence → S presence (others, never stored)
    S error: the message was refused and nothing happened      S resync: pull, a frame is missing

Versions of a socket go up by one without a gap: an `events` frame starts where the last one ended. A message that is
refused never closes the socket, unless they are many. Examples of all: docs/stream.md. Version history: 1, the first.
"""

from enum import IntEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from timeline_service.api.wire import Id, Strict, TargetActor, TargetTransaction, TargetVersion, Version
from timeline_service.domain.gesture import RecordId, Text

PROTOCOL: Final = 1
HELLO_WITHIN_S: Final = 5.0
HELLO_BYTES: Final = 64 * 1024
FRAME_BYTES: Final = 256 * 1024
PING_MS: Final = 10_000
REPLAY_EVENTS: Final = 500
REPLAY_BYTES: Final = 256 * 1024
SNAPSHOT_BYTES: Final = 1024 * 1024
MAX_PULL: Final = 500

Seen = Annotated[int, Field(ge=0, le=2**53 - 1)]
Tag = Annotated[Text, StringConstraints(max_length=64)]


class Close(IntEnum):
    """Why the service closes a stream."""

    BAD = 4400
    """What was sent is not this protocol, repeatedly or in the first frame."""
    UNAUTHENTICATED = 4401
    """No valid token or ticket, or it has expired."""
    FORBIDDEN = 4403
    """Not a member, or not any more."""
    SLOW = 4408
    """The reader is too slow; connect again with after_version."""
    FLOOD = 4429
    """Far too many messages."""
    MOVE = 4503
    """The service stops here; connect again."""


class Hello(Strict):
    """The first frame, within five seconds. Without `after_version` a snapshot comes first."""

    t: Literal["hello"]
    proto: Literal[1] = 1
    token: Annotated[str, StringConstraints(max_length=8192)] = Field(description="a ticket or a JWT")
    timeline_id: Id | None = None
    client_id: Tag | None = None
    tab_id: Tag | None = None
    after_version: Seen | None = Field(default=None, description="the last version that the client has")
    epoch: Tag | None = Field(default=None, description="of the welcome that after_version was learnt under")
    schema_: Annotated[int, Field(ge=1, le=2**31)] | None = Field(
        default=None, alias="schema", description="the newest schema of events that the client can read"
    )


class Transaction(Strict):
    """Gestures that are one undo step, over several pushes."""

    id: RecordId
    label: Text | None = None
    phase: Literal["begin", "update", "commit"] | None = None


class Push(Strict):
    """Gestures, as over HTTP. `base` is the version that their author saw."""

    t: Literal["push"]
    batch: Tag
    gestures: list[dict[str, Any]] = Field(min_length=1, max_length=500)
    base: Version | None = None
    atomic: bool = True
    dry_run: bool = False
    expected_version: Version | None = None
    expect: dict[str, Any] | None = None
    transaction: Transaction | None = None


class Flip(Strict):
    """Undo or redo. `base` is accepted as in a push, and has no effect: an undo has no positions to carry."""

    t: Literal["undo", "redo"]
    batch: Tag | None = None
    gesture_id: RecordId | None = None
    base: Version | None = None
    target: TargetVersion | TargetTransaction | TargetActor | None = None
    policy: Literal["skip", "fail", "force"] = "skip"
    on_blocked: Literal["stop", "next"] = "stop"
    dry_run: bool = False


class Restore(Strict):
    """Make the timeline what it was."""

    t: Literal["restore"]
    version: Version
    batch: Tag | None = None
    gesture_id: RecordId | None = None
    reason: Text | None = None
    dry_run: bool = False


class Pull(Strict):
    """Ask for events after a version."""

    t: Literal["pull"]
    after_version: Seen
    limit: Annotated[int, Field(ge=1, le=MAX_PULL)] = MAX_PULL


class Recv(Strict):
    """How far the client has come."""

    t: Literal["recv"]
    version: Seen


class Ping(Strict):
    """Answered by a pong with the same number; a pong is taken in silence."""

    t: Literal["ping", "pong"]
    n: Seen = 0


class Presence(Strict):
    """Where somebody is and what they are dragging: told to the others, never stored."""

    t: Literal["presence"]
    n: Seen = 0
    playhead: int | None = None
    selection: list[RecordId] | None = Field(default=None, max_length=500)
    cursor: dict[str, Any] | None = None
    tool: Tag | None = None
    preview: dict[str, Any] | None = None


Message = Push | Flip | Restore | Pull | Recv | Ping | Presence
MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="t")])
