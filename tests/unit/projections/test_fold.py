"""The fold goes on from anywhere, leaves its start alone, and stops at what it does not understand."""

import pytest

from projections import fold
from tests.laws import writers
from tests.laws.acts import add, color, trim
from tests.laws.session import Session, owned
from timeline_service.domain import event
from timeline_service.domain.state import canonical


@pytest.fixture
def session() -> Session:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    trim(s, "B", "a", "end", -2)
    color(s, "A", ["a"], "3")
    s.undo("A")
    return s


def test_from_zero_and_from_every_version_the_same_state_comes_out(session: Session) -> None:
    whole = fold.replay(session.rows)
    for version in range(session.state.version + 1):
        again = fold.replay(session.rows[version:], session.fold(version))
        assert canonical(again) == canonical(whole) == canonical(session.state)
        assert again.stacks == session.state.stacks


def test_the_start_stays_as_it_is(session: Session) -> None:
    start = session.fold(4)
    before = owned(start)
    fold.replay(session.rows[4:], start)
    assert (start.version, owned(start)) == (4, before)


def poisoned(session: Session, body: bytes, schema_version: int = event.SCHEMA_VERSION) -> fold.Poison:
    version = session.state.version + 1
    with pytest.raises(fold.Poison) as caught:
        fold.replay([*session.rows, (version, "A", body, schema_version)])
    assert caught.value.version == version
    return caught.value


def test_a_schema_of_the_future_is_held_not_skipped(session: Session) -> None:
    assert "schema version 2" in poisoned(session, session.rows[-1][2], 2).reason


def test_an_unknown_change_is_held_not_skipped(session: Session) -> None:
    poisoned(session, b'{"changes":[{"op":"twist","id":"a"}],"description":"","gesture":{}}')


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"changes":7}', b"{}"])
def test_a_body_that_is_none_is_held(session: Session, body: bytes) -> None:
    poisoned(session, body)


def test_a_change_of_a_record_that_is_not_there_is_held(session: Session) -> None:
    poisoned(session, b'{"changes":[{"op":"set","kind":"clip","id":"nobody","fields":{"name":["",1,0]},"unit":0}]}')


def test_a_hole_in_the_log_is_held(session: Session) -> None:
    with pytest.raises(fold.Poison) as caught:
        fold.replay([*session.rows[:3], *session.rows[4:]])
    assert caught.value.version == 5


def test_the_fold_runs_no_gesture_code(session: Session) -> None:
    """What a draft wrote is enough; its gesture is known to nobody."""
    session.write("A", "unheard_of", writers.set_key("a", "scene", 1))
    assert canonical(fold.replay(session.rows)) == canonical(session.state)
