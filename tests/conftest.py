"""Fixtures for all tests. Each plugin beside this file holds one subject."""

pytest_plugins = ("tests.fixtures_programs", "tests.fixtures_servers")
