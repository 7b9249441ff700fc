"""One error for everything that means "Redis is away"."""

import pytest
from redis import exceptions

from timeline_service.kit import errors, redis


@pytest.mark.parametrize(
    "kind",
    [
        exceptions.ConnectionError,
        exceptions.TimeoutError,
        exceptions.BusyLoadingError,
        exceptions.ReadOnlyError,
        exceptions.OutOfMemoryError,
        OSError,
    ],
)
def test_away_full_or_loading_is_unavailable(kind):
    with pytest.raises(errors.Unavailable) as caught, redis.unavailable_on_error():
        raise kind("x")
    assert caught.value.stable_code == "redis_unavailable"
    assert caught.value.retryable


def test_a_mistake_of_ours_stays_what_it_is():
    with pytest.raises(exceptions.ResponseError), redis.unavailable_on_error():
        raise exceptions.ResponseError("WRONGTYPE")
