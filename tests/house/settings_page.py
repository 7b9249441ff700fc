"""The table of settings in docs/operations.md, read out of timeline_service/settings.py.

python -m tests.house.settings_page       writes the table into the page
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from timeline_service.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operations.md"
BEGIN = "<!-- settings: written by `python -m tests.house.settings_page` -->\n"
END = "<!-- end of settings -->\n"


@dataclass(frozen=True)
class Entry:
    """One setting: the variable, the room's class, and the way to its value from `Settings`."""

    variable: str
    room: type[BaseSettings]
    path: tuple[str, ...]
    field: FieldInfo

    def value(self, settings: Settings) -> Any:
        """What it is set to."""
        found: Any = settings
        for name in self.path:
            found = getattr(found, name)
        return found


def entries(model: type[BaseSettings] = Settings, path: tuple[str, ...] = ()) -> Iterator[Entry]:
    """Every setting, the plain ones of a class before those of its rooms."""
    rooms = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            rooms.append((field.annotation, (*path, name)))
        else:
            alias = field.validation_alias
            variable = alias if isinstance(alias, str) else f"{model.model_config.get('env_prefix', '')}{name}".upper()
            yield Entry(variable, model, (*path, name), field)
    for room, inner in rooms:
        yield from entries(room, inner)


def shown(value: Any) -> str:
    """A default as it would be written in the environment; nothing where there is none."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "" if value is None or value in ("", []) else f"`{value}`"


def table() -> str:
    """The tables, one for each room."""
    parts: list[str] = []
    room: type[BaseSettings] | None = None
    for entry in entries():
        if entry.room is not room:
            room = entry.room
            parts.append(
                f"\n**{room.__name__}.** {(room.__doc__ or '').strip()}\n\n| variable | default | |\n|---|---|---|\n"
            )
        default = shown(entry.field.get_default(call_default_factory=True))
        parts.append(f"| `{entry.variable}` | {default} | {entry.field.description or ''} |\n")
    return "".join(parts)


def page(text: str) -> str:
    """The page with the present table in it."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
    sys.stdout.write(f"wrote {PAGE.relative_to(ROOT)}\n")
