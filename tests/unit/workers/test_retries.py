"""Which failures are worth another attempt."""

import errno

import asyncpg
import pytest

from projections import fold, reader
from timeline_service.kit import errors
from workers import retries
from workers.render import errors as render_errors


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (render_errors.EngineCrashed(), "engine_crashed", True),
        (render_errors.SourceUnreadable(), "source_unreadable", False),
        (errors.Unavailable(code="database_unavailable"), "database_unavailable", True),
        (errors.NotFound(code="object_not_found"), "object_not_found", False),
        (reader.TimelineHeld(fold.Poison(7, "unknown change")), "timeline_unreadable", False),
        (OSError(errno.ENOSPC, "no space"), "disk_full", True),
        (FileNotFoundError(errno.ENOENT, "gone", "/tmp/x"), "io_failed", True),
        (TimeoutError(), "database_unavailable", True),
        (asyncpg.DeadlockDetectedError(), "database_unavailable", True),
        (ZeroDivisionError(), "internal_error", False),
    ],
)
def test_failures(error: Exception, code: str, retryable: bool) -> None:
    failure = retries.failure_of(error)
    assert (failure.code, failure.retryable) == (code, retryable)
    assert failure.message


def test_a_failure_tells_nothing_of_what_nobody_foresaw() -> None:
    failure = retries.failure_of(RuntimeError("postgresql://app:secret@host/"))
    assert "secret" not in failure.message and failure.details == {"type": "RuntimeError"}


def test_waits_double_up_to_a_cap() -> None:
    for attempt, longest in ((1, 2), (2, 4), (3, 8), (9, 60), (10_000, 60)):
        waits = [retries.wait_s(attempt, base_s=2, cap_s=60) for _ in range(50)]
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(set(waits)) > 1
