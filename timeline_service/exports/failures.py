"""Why an attempt came to nothing, where it was not the rendering that failed (see workers/render/errors.py for that).

JobError
├── WorkerLost           worker_lost, retryable
├── DatabaseAway         database_unavailable, retryable
├── DiskFull             disk_full, retryable
├── ReadOrWriteFailed    io_failed, retryable
├── TimelineUnreadable   timeline_unreadable
├── Unforeseen           internal_error
└── AttemptsExhausted    attempts_exhausted: a retryable failure, once too often
"""

from typing import Any, ClassVar

from timeline_service.exports.job import Failure


class JobError(Exception):
    """The job failed."""

    code: ClassVar[str] = "job_failed"
    retryable: ClassVar[bool] = False

    @classmethod
    def failure(cls, message: str | None = None, **details: Any) -> Failure:
        """As a job keeps it. Without `message`, what the class says of itself."""
        return Failure(cls.code, message or " ".join((cls.__doc__ or "").split()), cls.retryable, details)


class WorkerLost(JobError):
    """The worker died, or was not heard of for too long; another one starts again."""

    code = "worker_lost"
    retryable = True


class DatabaseAway(JobError):
    """The database did not answer."""

    code = "database_unavailable"
    retryable = True


class DiskFull(JobError):
    """The worker's disk is full."""

    code = "disk_full"
    retryable = True


class ReadOrWriteFailed(JobError):
    """The worker could not read or write a file."""

    code = "io_failed"
    retryable = True


class TimelineUnreadable(JobError):
    """An event of the timeline cannot be read by this release."""

    code = "timeline_unreadable"


class Unforeseen(JobError):
    """The export failed in a way that nobody foresaw; the log of the worker says more."""

    code = "internal_error"


class AttemptsExhausted(JobError):
    """Every attempt failed; `details.last` says how the last one did."""

    code = "attempts_exhausted"
