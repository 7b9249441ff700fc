"""The messages of the stream: one socket per timeline, JSON text frames, the kind of message in `t`.

    C hello → S welcome, then snapshot or events up to the head
    C push | undo | redo | restore → S result (after the commit), and S events to everybody, the author too
    C pull → S events      C ping → S pong      C recv
    C presence → S presence      C lease → S lease      to the others, never stored
    S error: the message was refused and nothing happened      S resync: pull, a frame is missing
    S drain: this process stops, connect again

Versions of a socket go up by one without a gap: an `events` frame starts where the last one ended. A message that is
refused never closes the socket, unless they are many. The rules, numbered, and examples of all: docs/stream.md; the
models as AsyncAPI: docs/asyncapi.json.

A client that knows a `PROTOCOL` takes every `REVISION` of it: it passes over fields and kinds of message that are new.
1.1: last_seq, client_id and seq of events, leases, drain, snapshots in parts, undo in results.
"""

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from timeline_service.access.roles import Role
from timeline_service.api import wire
from timeline_service.api.wire import FieldConflict, Id, LargeEvent, Strict, Tag, Version
from timeline_service.api.wire_looking import Diff, UndoState
from timeline_service.domain.gesture import RecordId, Text

PROTOCOL: Final = 1
REVISION: Final = 1
SHAPE: Final = "2a03ad891077a0ade06ea9d7b48f81dee0f947d5e94800df24667c5cb5a1e5ec"
"""SHA-256 of the messages' shape (see asyncapi.shape): nobody changes the protocol without knowing it."""

HELLO_WITHIN_S: Final = 5.0
HELLO_BYTES: Final = 64 * 1024
FRAME_BYTES: Final = 256 * 1024
PRESENCE_BYTES: Final = 4 * 1024
PING_MS: Final = 10_000
REPLAY_EVENTS: Final = 500
REPLAY_BYTES: Final = 256 * 1024
PART_BYTES: Final = 256 * 1024
SNAPSHOT_BYTES: Final = 1024 * 1024
MAX_PULL: Final = 500
STRIKES: Final = 20

Seen = wire.Seq


class Close(IntEnum):
    """Why the service closes a stream; `advice` is what a client does about it."""

    advice: str

    def __new__(cls, code: int, advice: str) -> Self:
        """A number that knows what it means."""
        one = int.__new__(cls, code)
        one._value_ = code
        one.advice = advice
        return one

    BAD = 4400, "The first frame was no hello, or twenty messages were refused: mend the client."
    UNAUTHENTICATED = 4401, "No valid token or ticket, or it has expired: connect again with a new one."
    FORBIDDEN = 4403, "Not a member of the timeline's workspace, or not any more: do not connect again."
    SLOW = 4408, "The reader was too slow, 256 frames or 1 MB waited: connect again with after_version."
    REPLACED = 4409, "The same tab of the same client said hello again: do not connect again."
    OLD = 4410, "The client speaks another protocol or cannot read today's events: load a newer client."
    FLOOD = 4429, "Far too many messages: connect again later, and send less."
    MOVE = 4503, "The service cannot answer here now, or stops: connect again, a little later each time."


# ---- what the client says


class Hello(Strict):
    """The first frame, within five seconds. Without `after_version` a snapshot comes first."""

    t: Literal["hello"]
    proto: Annotated[int, Field(ge=0, le=2**31)] = Field(default=PROTOCOL, description="another than ours: close 4410")
    token: Annotated[str, StringConstraints(max_length=8192)] = Field(description="a ticket or a JWT")
    timeline_id: Id | None = None
    client_id: Tag | None = Field(default=None, description="of the queue of gestures that `seq` numbers")
    tab_id: Tag | None = Field(default=None, description="of the window: a newer hello of it replaces this session")
    after_version: Seen | None = Field(default=None, description="the last version that the client has")
    epoch: Tag | None = Field(default=None, description="of the welcome that after_version was learnt under")
    schema_: Annotated[int, Field(ge=0, le=2**31)] | None = Field(
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
    seq: Seen | None = None
    base: Version | None = None
    target: wire.TargetVersion | wire.TargetTransaction | wire.TargetActor | None = None
    policy: Literal["skip", "fail", "force"] = "skip"
    on_blocked: Literal["stop", "next"] = "stop"
    dry_run: bool = False


class Restore(Strict):
    """Make the timeline what it was."""

    t: Literal["restore"]
    version: Version
    batch: Tag | None = None
    gesture_id: RecordId | None = None
    seq: Seen | None = None
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


class Preview(Strict):
    """What a drag would do if it ended now: values of fields by the record's id, in the state's own units."""

    transaction_id: RecordId | None = None
    records: dict[RecordId, dict[str, Any]] = Field(default_factory=dict, max_length=500)


class Presence(Strict):
    """Where somebody is and what they are dragging: told to the others, never stored. 4 KB at most."""

    t: Literal["presence"]
    n: Seen = 0
    playhead: int | None = Field(default=None, description="ticks")
    selection: list[RecordId] | None = Field(default=None, max_length=500)
    cursor: dict[str, Any] | None = None
    tool: Tag | None = None
    preview: Preview | None = None


class Lease(Strict):
    """Reserve a record for a while. `take`: from whoever has it, openly."""

    t: Literal["lease"]
    do: Literal["acquire", "renew", "release"]
    record: RecordId
    ttl_ms: Annotated[int, Field(ge=1_000, le=60_000)] = 15_000
    take: bool = False


Message = Push | Flip | Restore | Pull | Recv | Ping | Presence | Lease
MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="t")])

# ---- what the service says. Hot ones are written as bytes; tests hold what is sent to these models.


class Told(BaseModel):
    """A message of the service, or a part of one. What is None by default is left out where it does not apply."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class Person(Told):
    id: UUID
    name: str


class Holder(Told):
    session_id: UUID
    actor: Person


class Peer(Holder):
    """A session, and the presence that it told last."""

    role: Role
    n: int | None = None
    playhead: int | None = None
    selection: list[str] | None = None
    cursor: dict[str, Any] | None = None
    tool: str | None = None
    preview: Preview | None = None


class LeaseHeld(Told):
    record: str
    holder: Holder
    until: datetime
    ttl_ms: int


class Limits(Told):
    """Pushes in flight per socket; gestures per second and at once, of one person on one timeline; bytes of a frame."""

    inflight: int
    gestures_s: float
    burst: int
    frame_kb: int


class Welcome(Told):
    """The first frame of the service. After it come a snapshot or events, up to the head."""

    t: Literal["welcome"]
    proto: Literal[1]
    session_id: UUID
    actor: Person
    role: Role
    timeline_id: UUID
    head: int
    epoch: str
    mode: Literal["replay", "snapshot"]
    last_seq: int = Field(description="the highest committed seq of this client_id, a lower bound; 0: none")
    limits: Limits
    ping_ms: int
    undo: UndoState
    leases: list[LeaseHeld]
    peers: list[Peer]


class Snapshot(Told):
    """A part of the timeline as GET answers it: lists of all parts are joined. Or where to fetch it whole."""

    t: Literal["snapshot"]
    version: int
    part: int
    parts: int
    data: dict[str, Any] | None = None
    url: str | None = None
    sha256: str | None = None


class EventItem(Told):
    """One entry of the audit log."""

    version: int
    gesture_id: str
    type: str
    actor: UUID
    recorded_at: datetime
    hash: str
    prev_hash: str
    correlation_id: str | None
    schema_version: int
    transaction_id: str | None
    gesture: dict[str, Any]
    changes: list[dict[str, Any]]
    description: str
    cause: dict[str, Any] | None = None
    client_id: str | None = None
    seq: int | None = None
    without_effect: dict[str, str] | None = None


class Events(Told):
    """The versions `from` to `to`; none where a pull found no more."""

    t: Literal["events"]
    from_: int = Field(alias="from")
    to: int
    items: list[EventItem | LargeEvent]


class Accepted(Told):
    """A gesture that was taken; `gesture` is as it was decided."""

    gesture_id: str
    ok: Literal[True]
    version: int | None
    how: Literal["committed", "rebased", "duplicate", "noop", "dry_run"]
    changes: list[dict[str, Any]]
    gesture: dict[str, Any] | None
    description: str | None


class Refused(Told):
    """A gesture that was not; `retry`: the same may succeed a moment later."""

    gesture_id: str | None
    ok: Literal[False]
    code: str
    message: str
    details: dict[str, Any]
    retry: bool
    conflicts: list[FieldConflict] | None = None


class Result(Told):
    """What became of a push, undo, redo or restore, after the commit: an entry per gesture, in order."""

    t: Literal["result"]
    batch: str | None
    head: int
    current_version: int | None = None
    r: list[Annotated[Accepted | Refused, Field(discriminator="ok")]]
    conflicts: list[dict[str, Any]] | None = None
    undo: UndoState | None = Field(default=None, description="of undo, redo and restore")
    diff: Diff | None = Field(default=None, description="of a dry run, as the three below")
    duration_before: int | None = None
    duration_after: int | None = None
    affected: dict[str, list[str]] | None = None


class PresenceTold(Peer):
    """What somebody else does; `here`: they came, or went."""

    t: Literal["presence"]
    here: bool | None = None


class LeaseTold(Told):
    """Who has a record now. To everybody; with `code` to the one who was refused, alone."""

    t: Literal["lease"]
    record: str
    holder: Holder | None
    until: datetime | None
    ttl_ms: int | None
    code: Literal["leased"] | None = None


class Pong(Told):
    t: Literal["pong"]
    n: int


class Error(Told):
    """A message that was none: nothing happened."""

    t: Literal["error"]
    code: str
    message: str
    details: dict[str, Any]


class Resync(Told):
    """A frame is missing that the service cannot mend here: pull."""

    t: Literal["resync"]
    reason: str
    after_version: int


class Drain(Told):
    """This process stops: connect again after so long, it closes with 4503."""

    t: Literal["drain"]
    reconnect_ms: int


Answer = Welcome | Snapshot | Result | Events | PresenceTold | LeaseTold | Pong | Error | Resync | Drain
ANSWER: Final[TypeAdapter[Answer]] = TypeAdapter(Annotated[Answer, Field(discriminator="t")])
