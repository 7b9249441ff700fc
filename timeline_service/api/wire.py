"""What clients send and get, as models. Requests are strict: no unknown field, no coercion."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from timeline_service.access import roles
from timeline_service.api.wire_looking import Diff, UndoState
from timeline_service.domain.creation import Side
from timeline_service.domain.gesture import RecordId, Text
from timeline_service.domain.media import RateValue

Id = Annotated[UUID, Field(strict=False)]
Version = Annotated[int, Field(ge=1, le=2**53 - 1)]
Seq = Annotated[int, Field(ge=0, le=2**53 - 1)]
Tag = Annotated[Text, StringConstraints(min_length=1, max_length=64)]
Name = Annotated[Text, StringConstraints(min_length=1, max_length=200)]


class Strict(BaseModel):
    """A request."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class NewWorkspace(Strict):
    name: Name = Field(examples=["Documentary"])


class NewMember(Strict):
    person_id: Id
    role: roles.Role


class NewTimeline(Strict):
    """`id` and `gesture_id` may be minted by the client, so that a retry makes no second timeline."""

    workspace_id: Id
    name: Text = Field(default="", examples=["Rough cut"])
    rate: RateValue = Field(examples=[{"num": 25, "den": 1}])
    width: Side = Field(examples=[1920])
    height: Side = Field(examples=[1080])
    id: Id | None = None
    gesture_id: RecordId | None = None


class Gestures(Strict):
    """A batch of gestures, one version each. Atomic by default: all or none."""

    gestures: list[dict[str, Any]] = Field(min_length=1, max_length=500)
    atomic: bool = Field(default=True, description="false: each alone, the others stand")
    dry_run: bool = Field(default=False, description="answer what would happen and store nothing")
    base_version: Version | None = Field(default=None, description="what the author saw; positions are carried from it")
    expected_version: Version | None = Field(default=None, description="refuse unless the timeline is at this version")
    expect: dict[str, Any] | None = Field(
        default=None, description="kind.id.field → the value it must have", examples=[{"clip.c7.enabled": True}]
    )
    transaction_id: RecordId | None = Field(default=None, description="gestures that are undone together")
    client_id: Tag | None = Field(default=None, description="of the queue that the gestures' `seq` counts in")


class ClipAction(Strict):
    """A gesture on one clip, by the name of the clip alone."""

    action: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")] = Field(examples=["add_crop_keyframe"])
    data: dict[str, Any] = Field(default_factory=dict)
    timeline_id: Id | None = Field(default=None, description="needed when several timelines hold the clip")
    gesture_id: RecordId | None = None
    base_version: Version | None = None
    dry_run: bool = False


class TargetVersion(Strict):
    version: Version


class TargetTransaction(Strict):
    transaction_id: RecordId


class TargetActor(Strict):
    """Everything by one person within a range of versions."""

    model_config = ConfigDict(populate_by_name=True)
    actor_id: Id
    from_: Version = Field(alias="from")
    to: Version


class Undo(Strict):
    """Without `target`: my newest step."""

    gesture_id: RecordId | None = None
    base_version: Version | None = Field(
        default=None,
        description="accepted as everywhere; without effect, for a step that is taken back has no positions to carry",
    )
    target: TargetVersion | TargetTransaction | TargetActor | None = None
    policy: Literal["skip", "fail", "force"] = Field(default="skip", description="what to do with others' later edits")
    on_blocked: Literal["stop", "next"] = "stop"
    dry_run: bool = False
    client_id: Tag | None = None
    seq: Seq | None = None


class Restore(Strict):
    version: Version
    gesture_id: RecordId | None = None
    dry_run: bool = False
    client_id: Tag | None = None
    seq: Seq | None = None


class NewTicket(Strict):
    timeline_id: Id


class NewUpload(Strict):
    workspace_id: Id
    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    size: Annotated[int, Field(ge=1, le=2**53 - 1)]
    content_type: Annotated[str, StringConstraints(max_length=100)] = Field(examples=["video/mp4"])
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class NewExport(Strict):
    timeline_id: Id
    version: Version | None = Field(default=None, description="the newest when left out")
    preset: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")] = Field(examples=["vertical_1080p"])


# Answers. Hot ones are written as bytes; the models document them, and tests hold them to it.


class Workspace(BaseModel):
    id: UUID
    name: str
    role: roles.Role
    created_at: datetime


class Workspaces(BaseModel):
    items: list[Workspace]


class Member(BaseModel):
    person_id: UUID
    subject: str
    name: str
    role: roles.Role


class Members(BaseModel):
    items: list[Member]


class Person(BaseModel):
    id: UUID
    subject: str
    name: str


class FieldConflict(BaseModel):
    """A field that somebody has written since: in which version, and who."""

    record: str | None
    field: str | None
    owner_version: int
    actor: str | None


class GestureResult(BaseModel):
    """What became of one gesture."""

    gesture_id: str
    ok: bool
    version: int | None = None
    how: Literal["committed", "rebased", "duplicate", "noop", "dry_run"] | None = None
    changes: list[dict[str, Any]] = Field(default_factory=list)
    gesture: dict[str, Any] | None = Field(default=None, description="as decided: exact ticks, all ids")
    description: str | None = None
    code: str | None = Field(default=None, description="why not, when `ok` is false")
    message: str | None = None
    details: dict[str, Any] | None = None
    retry: bool | None = Field(default=None, description="whether the same gesture may succeed a moment later")
    conflicts: list[FieldConflict] | None = Field(default=None, description="what stands in the way, and whose it is")


class EditAnswer(BaseModel):
    """`version` is the head after the request, `current_version` how far its projection has come."""

    id: UUID
    version: int
    current_version: int
    head_hash: str
    results: list[GestureResult]
    conflicts: list[dict[str, Any]] = Field(default_factory=list)
    undo: UndoState | None = Field(default=None, description="of undo, redo and restore: what is next")
    diff: Diff | None = Field(default=None, description="of a dry run")
    duration_before: int | None = Field(default=None, description="of a dry run: ticks of the root sequence")
    duration_after: int | None = None
    affected: dict[str, list[str]] | None = Field(
        default=None, description="of a dry run: ids by kind of record", examples=[{"clip": ["c1", "c2"]}]
    )
    report: dict[str, Any] | None = Field(default=None, description="of an import: what came in, and what did not")


class Timeline(BaseModel):
    """A timeline at a version. Times are ticks of 1/705 600 000 s; `duration` is that of the root sequence."""

    model_config = ConfigDict(extra="allow")
    id: UUID
    workspace_id: UUID = Field(description="where it belongs: its media, its members")
    version: int
    state_hash: str
    head_hash: str
    name: str
    rate: dict[str, int]
    ticks_per_frame: int
    width: int
    height: int
    duration: int
    sequences: list[dict[str, Any]] = Field(description="nests; each with its own duration")
    tracks: list[dict[str, Any]]
    clips: list[dict[str, Any]]
    transitions: list[dict[str, Any]]
    effects: list[dict[str, Any]]
    captions: list[dict[str, Any]]
    markers: list[dict[str, Any]]
    annotations: list[dict[str, Any]]
    keyframes: list[dict[str, Any]]


class Event(BaseModel):
    """One entry of the audit log."""

    model_config = ConfigDict(extra="allow")
    version: int
    gesture_id: str
    type: str
    gesture: dict[str, Any]
    changes: list[dict[str, Any]]
    description: str
    actor: UUID
    recorded_at: datetime
    hash: str
    prev_hash: str
    transaction_id: str | None
    cause: dict[str, Any] | None = None
    client_id: str | None = None
    seq: int | None = None
    without_effect: dict[str, str] | None = None


class LargeEvent(BaseModel):
    """An event over 64 KB among others: ask for it alone, `?after_version={version - 1}&limit=1`."""

    version: int
    size: int = Field(description="bytes")
    by_ref: Literal[True]


class Events(BaseModel):
    items: list[Event | LargeEvent]
    next_cursor: str | None


class Verification(BaseModel):
    """`checked` events follow from each other; `broken_at` is the first version that does not."""

    ok: bool
    checked: int
    version: int
    head_hash: str
    broken_at: int | None
    trouble: Literal["event_altered", "events_missing", "head_differs"] | None


class Finding(BaseModel):
    """Something that may be wrong with the cut: `code` is stable, the words are for people."""

    code: str = Field(examples=["flash_frame"])
    severity: Literal["error", "warning", "info"]
    message: str
    advice: str = Field(description="what to do about it")
    records: list[str] = Field(description="ids, the one to act on first")
    track_id: str | None
    sequence_id: str | None = Field(description="whose ticks `start` and `end` are; null: the root sequence")
    start: int
    end: int
    details: dict[str, Any]


class Health(BaseModel):
    """A health audit. `links_unchecked` are links of different media that were not held against how they began."""

    id: UUID
    version: int
    limits: dict[str, int] = Field(description="from where on something counted: the query's, or the defaults")
    counts: dict[str, int] = Field(description="all findings by code", examples=[{"tiny_gap": 2}])
    findings: list[Finding] = Field(description="the worst first, then in the order of time; at most 1000")
    truncated: bool
    links_unchecked: list[str]


class Ticket(BaseModel):
    ticket: str = Field(description="send it as `token` in the stream's hello; once")
    expires_in: int = Field(description="seconds")


class Part(BaseModel):
    part: int
    url: str
    method: str
    headers: dict[str, str]
    size: int
    expires_at: datetime


class Upload(BaseModel):
    id: UUID
    workspace_id: UUID
    parts: list[Part]
    expires_at: datetime


class Asset(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: UUID
    workspace_id: UUID
    status: Literal["uploaded", "probing", "ready", "failed"]
    kind: str | None
    duration: int | None
    width: int | None
    height: int | None
    rate: dict[str, int] | None
    url: str | None = Field(default=None, description="a signed address of the file, for a short time")


class JobError(BaseModel):
    code: str
    message: str
    retryable: bool
    details: dict[str, Any]


class JobResult(BaseModel):
    url: str = Field(description="signed, for a short time")
    filename: str
    content_type: str
    size: int
    sha256: str
    duration: int
    frames: int
    report: list[dict[str, Any]]
    expires_at: datetime


class Job(BaseModel):
    id: UUID
    kind: str
    state: Literal["queued", "running", "completed", "failed", "canceled"]
    phase: str
    progress: float
    frames_done: int
    frames_total: int | None
    attempt: int
    max_attempts: int
    cancel_requested: bool
    error: JobError | None
    result: JobResult | None
    timeline_id: UUID
    version: int
    preset: str
    created_by: UUID
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    revision: int


class Jobs(BaseModel):
    items: list[Job]


class Alive(BaseModel):
    status: Literal["alive"]


class Ready(BaseModel):
    status: Literal["ready", "degraded", "unready"]
    checks: dict[str, bool]
    sandbox: list[str] = Field(
        description="what walls in the reading of strangers' files", examples=[["bubblewrap", "rlimits", "landlock"]]
    )
