"""Valkey or Redis: one pool per process, calls that always end, and one error when it is away.

Nothing in it is the only copy of anything, so callers degrade instead of failing:

    with redis.unavailable_on_error():
        await client.xadd(stream, {"events": frame})
"""

import contextlib
from collections.abc import Iterator

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from timeline_service.kit import errors

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0
POOL_TIMEOUT_S = 2.0
RETRIES = 3


def create_client(
    url: str, *, client_name: str, max_connections: int = 32, answer_timeout_s: float = ANSWER_TIMEOUT_S
) -> Redis:
    """A client with a pool of its own; nothing is connected yet. Close it with `aclose()`.

    A command whose connection broke is sent again up to three times within about a second, so it may arrive twice:
    what readers get must carry its own order (a timeline's version). Blocking reads (XREAD BLOCK, pub/sub) block for
    less than `answer_timeout_s`, or use a client with a longer one.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        client_name=client_name,
        max_connections=max_connections,
        timeout=POOL_TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=answer_timeout_s,
        socket_keepalive=True,
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), RETRIES),
        retry_on_error=[exceptions.ConnectionError, exceptions.TimeoutError, exceptions.BusyLoadingError],
    )
    return Redis.from_pool(pool)


@contextlib.contextmanager
def unavailable_on_error() -> Iterator[None]:
    """Turn "it is away", "it is full" and "it is loading" into `errors.Unavailable` (code `redis_unavailable`)."""
    try:
        yield
    except (
        exceptions.ConnectionError,
        exceptions.TimeoutError,
        exceptions.ReadOnlyError,
        exceptions.OutOfMemoryError,
        OSError,
    ) as error:
        raise errors.Unavailable("Redis does not answer; try again.", code="redis_unavailable") from error
