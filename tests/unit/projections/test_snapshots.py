"""A snapshot gives back the whole state, and notices every flipped byte."""

import pytest

from projections import fold, snapshots
from tests.laws.acts import add, color, insert
from tests.laws.session import Session, owned
from timeline_service.domain.state import canonical


@pytest.fixture
def session() -> Session:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    add(s, "B", "b", "v1", 20, 10)
    s.do("B", type="remove_clip", clip_id="b")  # a tombstone
    insert(s, "A", "i", "v1", 0, 5)
    s.do("C", type="set_timeline", metadata={"ratio": 1.5, "deep": {"x": [None, True]}, "gone": 1})
    s.do("C", type="set_timeline", metadata={"gone": None})
    color(s, "A", ["a"], "3", transaction_id="t")
    color(s, "A", ["a"], "4", transaction_id="t")
    s.undo("A")
    return s


def test_everything_comes_back(session: Session) -> None:
    again = snapshots.load(*snapshots.dump(session.state))
    assert canonical(again) == canonical(session.state)
    assert again.stacks == session.state.stacks
    assert list(again.authors) == list(session.state.authors)
    assert (again.version, again.timeline_id) == (session.state.version, session.state.timeline_id)


def test_a_loaded_state_goes_on_like_the_one_that_was_saved(session: Session) -> None:
    saved = snapshots.dump(session.state)
    session.redo("A")
    session.undo("A")
    add(session, "B", "c", "v1", 40, 10)
    again = fold.replay(session.rows[snapshots.load(*saved).version :], snapshots.load(*saved))
    assert canonical(again) == canonical(session.state)
    assert again.stacks == session.state.stacks


def test_a_loaded_state_shares_nothing_with_its_forks(session: Session) -> None:
    loaded = snapshots.load(*snapshots.dump(session.state))
    before = owned(loaded)
    other = session.copy()
    other.state = loaded.fork()
    color(other, "A", ["a"], "9")
    assert owned(loaded) == before


def test_the_same_state_is_the_same_bytes(session: Session) -> None:
    assert snapshots.dump(session.state) == snapshots.dump(session.fold(session.state.version))


def test_every_flipped_byte_is_noticed(session: Session) -> None:
    data, _ = snapshots.dump(session.state)
    for place in range(len(data)):
        with pytest.raises(snapshots.Damaged):
            snapshots.load(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


@pytest.mark.parametrize("length", [0, 1, 31, 32, 100])
def test_a_cut_off_snapshot_is_noticed(session: Session, length: int) -> None:
    data, _ = snapshots.dump(session.state)
    with pytest.raises(snapshots.Damaged):
        snapshots.load(data[:length])


def test_a_sound_snapshot_of_another_state_is_noticed(session: Session) -> None:
    data, _ = snapshots.dump(session.state)
    _, other = snapshots.dump(session.fold(session.state.version - 1))
    with pytest.raises(snapshots.Damaged):
        snapshots.load(data, other)
