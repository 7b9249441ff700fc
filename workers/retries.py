"""Which failures are worth another attempt, and how long to wait for it.

arq retries nothing but its own Retry, and a crash uses its tries up (it counts them at the start); so what an error
means for the job is decided here and written into the job's row.
"""

import errno
import random

from projections import reader
from timeline_service.exports import failures
from timeline_service.exports.job import Failure
from timeline_service.kit import database, errors
from workers.render import errors as render_errors

_DICE = random.SystemRandom()


class AttemptFailed(Exception):
    """Somebody has said already why the attempt failed: the engine, in another process."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def failure_of(error: BaseException) -> Failure:
    """An exception as a job keeps it. What nobody foresaw is a defect, which another attempt would only repeat."""
    match error:
        case AttemptFailed():
            return error.failure
        case render_errors.RenderError():
            return Failure(error.code, error.message, error.retryable, error.details)
        case reader.TimelineHeld():
            return failures.TimelineUnreadable.failure(version=error.version)
        case errors.ServiceError():
            return Failure(error.stable_code, error.message, error.retryable, error.details)
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return failures.DiskFull.failure()
        case _ if database.is_transient(error):
            return failures.DatabaseAway.failure()
        case TimeoutError() | OSError():
            return failures.ReadOrWriteFailed.failure(type=type(error).__name__)
        case _:
            return failures.Unforeseen.failure(type=type(error).__name__)


def wait_s(attempt: int, *, base_s: float, cap_s: float) -> float:
    """Seconds before the attempt after this one: half to all of a wait that doubles from `base_s` up to `cap_s`."""
    longest = min(cap_s, base_s * 2.0 ** min(attempt - 1, 30))
    return longest * _DICE.uniform(0.5, 1.0)
