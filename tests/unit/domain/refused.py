"""How an example says that something is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from timeline_service.domain import errors


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[errors.Refused]]:
    """The block is refused with this code. test_refusals.py reads the codes out of the calls of this function."""
    with pytest.raises(errors.Refused) as caught:
        yield caught
    assert caught.value.stable_code == code
