"""The real service of tests/api, for clients of it."""

from tests.api.conftest import (  # noqa: F401 - fixtures, found by their names
    make_studio,
    service,
    settings,
    stream_limits,
    studio,
)
