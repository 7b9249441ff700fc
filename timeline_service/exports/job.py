"""Jobs as values: what is asked, how far it is, what came of it.

queued ──claim──> running ──publish──> completed
  │  ^              │  │
  │  └─retry, lost──┘  ├──> failed      (for good, or after the last attempt)
  └────────────────────┴──> canceled
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from timeline_service.domain.preset import Preset

State = Literal["queued", "running", "completed", "failed", "canceled"]
FINISHED: Final = frozenset({"completed", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt came to nothing. `code` is stable, `details` is JSON."""

    code: str
    message: str
    retryable: bool
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A finished rendering in the object store. Size in bytes, duration in ticks, SHA-256 as hex.

    `report` names what could not be shown as asked: [{code, …}].
    """

    key: str
    filename: str
    content_type: str
    size: int
    sha256: str
    duration: int
    frames: int
    report: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was at `revision`, which grows with every change that a reader could see.

    `progress` goes from 0 to 1 and never back; it is 1 only when the artifact is published. `error` is the one of the
    last attempt that failed, and so may stand beside a job that is queued again.
    """

    id: UUID
    workspace_id: UUID
    kind: str
    state: State
    phase: str
    progress: float
    frames_done: int
    frames_total: int | None
    attempt: int
    max_attempts: int
    cancel_requested: bool
    error: Failure | None
    timeline_id: UUID
    version: int
    preset: str
    engine_version: str
    artifact: Artifact | None
    created_by: UUID
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime
    revision: int

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINISHED


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be rendered: two equal requests are one job."""

    timeline_id: UUID
    version: int
    preset: Preset
    engine_version: str

    def identity(self) -> dict[str, Any]:
        """All that decides the artifact, JSON-ready."""
        return {
            "timeline_id": str(self.timeline_id),
            "version": self.version,
            "preset": asdict(self.preset),
            "engine": self.engine_version,
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed attempt: who holds `token` may write to the job, until somebody else gets a higher one."""

    job_id: UUID
    workspace_id: UUID
    attempt: int
    token: int
    owner: str
    request: Request
    handle: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Beat:
    """How far a running attempt is; written with each renewal of its lease."""

    phase: str
    progress: float
    frames_done: int = 0
    frames_total: int | None = None


Ticket = tuple[UUID, int]
"""Job and attempt: what is handed to the queue."""
