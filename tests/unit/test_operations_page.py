"""docs/operations.md: its table of settings is the one of the code, and every variable in it works."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from tests.house import settings_page
from timeline_service.settings import Settings

ENTRIES = list(settings_page.entries())


def test_the_table_is_current() -> None:
    text = settings_page.PAGE.read_text()
    assert settings_page.page(text) == text, "run `python -m tests.house.settings_page`"


def test_every_setting_says_what_it_is_for_and_none_is_there_twice() -> None:
    assert [entry.variable for entry in ENTRIES if not entry.field.description] == []
    assert len({entry.variable for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.variable)
def test_the_variable_is_read(entry: settings_page.Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ENTRIES:
        monkeypatch.delenv(other.variable, raising=False)
    text, value = another(entry.value(Settings()), entry.field.annotation)
    monkeypatch.setenv(entry.variable, text)
    found = entry.value(Settings())
    assert (found.get_secret_value() if isinstance(found, SecretStr) else found) == value


def another(default: Any, annotation: Any) -> tuple[str, Any]:
    """Another value than the default, as text and as it is read."""
    choices = [choice for choice in get_args(annotation) if isinstance(choice, str)]
    if choices:
        return choices[-1], choices[-1]
    match default:
        case int() | float():
            return str(default + 1), default + 1
        case Path():
            return "/elsewhere", Path("/elsewhere")
        case list():
            return '["https://a.test"]', ["https://a.test"]
    return ("7", 7) if int in get_args(annotation) else ("other", "other")


def test_files_that_the_page_names_are_there() -> None:
    root = settings_page.ROOT
    for name in re.findall(r"`((?:docs|tests|timeline_service)/[\w/.]+\.\w+)`", settings_page.PAGE.read_text()):
        assert (root / name).is_file(), name
