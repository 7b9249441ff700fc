"""Fixtures for all tests. Each plugin beside this file holds one subject."""

pytest_plugins = ("tests.figures", "tests.fixtures_programs", "tests.fixtures_servers")
