"""The only clock and the only dice. The core gets time and ids as arguments."""

import os
import time
import uuid
from datetime import UTC, datetime


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """The present in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def new_id() -> uuid.UUID:
    """A UUID of version 7: milliseconds since 1970 first (RFC 9562), so that keys of one table arrive in order."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return uuid.UUID(
        int=(millis << 80) | (0x7 << 76) | ((random >> 68) << 64) | (0b10 << 62) | (random & ((1 << 62) - 1))
    )
