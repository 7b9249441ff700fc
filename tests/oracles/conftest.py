"""Tests that take `oracle` ask GStreamer Editing Services. Without it they are skipped and say how to install it; with
REQUIRE_GES=1 (CI, where it could be installed) they fail instead. The answers in ges_recorded.json need nothing."""

import os
from collections.abc import Iterator

import pytest

from tests.oracles import ges


@pytest.fixture(scope="session")
def oracle() -> Iterator[ges.Ges]:
    """A running GES."""
    python = ges.python_with_ges()
    if python is None and not os.environ.get("REQUIRE_GES"):
        pytest.skip(f"GES is not installed: {ges.INSTALL}")
    assert python is not None, f"GES is not installed: {ges.INSTALL}"
    with ges.running(python) as running:
        yield running
