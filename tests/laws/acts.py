"""Short words for the named cases of undo. Times are frames."""

from typing import Any

import pytest

from tests.laws import writers
from tests.laws.session import FRAME, Session
from timeline_service.domain import errors


def add(s: Session, actor: str, id: str, track: str, start: int, duration: int, **more: Any) -> int:
    return s.write(actor, "add_clip", writers.add_clip(id, track, start * FRAME, duration * FRAME, 10 * FRAME), **more)


def insert(s: Session, actor: str, id: str, track: str, start: int, duration: int, **more: Any) -> int:
    return s.write(actor, "insert", writers.ripple_insert(id, track, start * FRAME, duration * FRAME), **more)


def place(s: Session, actor: str, id: str, track: str, start: int, **more: Any) -> int:
    return s.write(actor, "place", writers.place(id, track, start * FRAME), **more)


def color(s: Session, actor: str, ids: list[str], name: str, **more: Any) -> int:
    return s.write(actor, "set_color", writers.set_color(ids, name), **more)


def trim(s: Session, actor: str, id: str, edge: str, delta: int, **more: Any) -> int:
    return s.do(actor, type="trim", clip_id=id, edge=edge, delta=delta, **more)


def conflicts_of(caught: pytest.ExceptionInfo[errors.UndoConflict]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caught.value.details["conflicts"]
    return found
