"""Tests that need a program of the system are marked; where it is absent they are skipped and say how to install it.

@pytest.mark.needs_program("node", "apt-get install nodejs")
"""

import os
import shutil

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("needs_program"):
            program, install = mark.args
            if shutil.which(program) is None and not os.environ.get("REQUIRE_PROGRAMS"):
                item.add_marker(pytest.mark.skip(reason=f"{program} is not installed: {install}"))
