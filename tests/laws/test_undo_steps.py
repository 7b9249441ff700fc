"""Named cases of undo: owners and subtrees, steps of several versions, revert and restore. Times are frames."""

import pytest

from tests.laws import writers
from tests.laws.acts import add, color, conflicts_of, insert, trim
from tests.laws.session import FRAME, Session, owned, values
from timeline_service.domain import errors
from timeline_service.domain.undo import Conflict


# ---- maps, owners, subtrees
def test_a_key_that_was_not_there_goes_away_again_and_back() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    before = owned(s.state)
    s.write("A", "set_key", writers.set_key("a", "scene", 3))
    after = owned(s.state)
    s.undo("A")
    assert "metadata.scene" not in s.value("a") and owned(s.state) == before
    s.redo("A")
    assert owned(s.state) == after


def test_a_key_that_another_added_to_my_new_clip_keeps_its_creation() -> None:
    s = Session()
    version = add(s, "A", "a", "v1", 0, 10)
    theirs = s.write("B", "set_key", writers.set_key("a", "scene", 3))
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert conflicts_of(caught) == [Conflict(version, 0, "foreign_owner", "a", "metadata.scene", theirs, "B").as_dict()]


def test_a_key_that_somebody_took_away_is_remembered_by_a_clip_that_comes_back() -> None:
    s = Session()
    add(s, "B", "a", "v1", 0, 10)
    s.write("B", "set_key", writers.set_key("a", "scene", 3))
    s.write("B", "set_key", writers.set_key("a", "scene", None))
    s.do("A", type="remove_clip", clip_id="a")
    before = owned(s.state)
    s.undo("A")
    assert s.redo("A") == [] and owned(s.state) == before


def test_writers_of_different_keys_do_not_meet() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    s.write("A", "set_key", writers.set_key("a", "scene", 3))
    s.write("B", "set_key", writers.set_key("a", "take", 4))
    assert s.undo("A") == []
    assert s.value("a")["metadata.take"] == 4 and "metadata.scene" not in s.value("a")


def test_the_undo_of_a_delete_brings_the_subtree_back_with_everybodys_fields() -> None:
    s = Session()
    add(s, "B", "a", "v1", 0, 10)
    s.do("C", type="add_crop_keyframe", keyframe_id="k", clip_id="a", frame=12, x=0, y=0, width=500_000, height=500_000)
    s.do("C", type="add_marker", marker_id="m", parent_id="a", time=12)
    before = owned(s.state)
    s.do("A", type="remove_clip", clip_id="a")
    assert not any(s.alive(id) for id in ("a", "k", "m"))
    s.undo("A")
    assert owned(s.state) == before


def test_creating_deleting_and_undoing_both_is_no_conflict_with_oneself() -> None:
    s = Session()
    before = owned(s.state)
    add(s, "A", "a", "v1", 0, 10)
    s.do("A", type="remove_clip", clip_id="a")
    assert (s.undo("A"), s.undo("A")) == ([], [])
    assert owned(s.state) == before


def test_the_creation_of_the_timeline_is_nobodys_to_undo() -> None:
    s = Session()
    for _ in ("v2", "v1"):
        s.undo("setup")
    with pytest.raises(errors.NothingToUndo):
        s.undo("setup")


# ---- several versions in one step
def test_a_transaction_is_one_step_and_one_event() -> None:
    s = Session()
    add(s, "C", "c", "v1", 40, 10)
    before = owned(s.state)
    add(s, "A", "a", "v1", 0, 10, transaction_id="t")
    trim(s, "A", "a", "end", -2, transaction_id="t")
    insert(s, "A", "b", "v1", 0, 5, transaction_id="t")
    after, version = owned(s.state), s.state.version
    assert s.undo("A") == []
    assert (owned(s.state), s.state.version) == (before, version + 1)
    assert s.redo("A") == []
    assert owned(s.state) == after
    s.undo("A")
    assert owned(s.state) == before


def test_each_version_of_a_step_stays_a_unit_of_its_own() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    add(s, "C", "b", "v1", 20, 10)
    first = color(s, "A", ["a"], "3", transaction_id="t")
    color(s, "A", ["b"], "4", transaction_id="t")
    color(s, "B", ["a"], "5")
    assert [c.version for c in s.undo("A")] == [first]
    assert (s.value("a")["color"], s.value("b")["color"]) == ("5", "0")
    color(s, "B", ["a", "b"], "6")
    assert {c.unit for c in s.undo("B")} == set()


def test_redo_of_a_step_remakes_what_its_later_versions_need() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10, transaction_id="t")
    color(s, "A", ["a"], "3", transaction_id="t")
    s.undo("A")
    units = [c.unit for c in s.event_of(s.state.version).changes]
    assert units == sorted(units) and len(set(units)) == 2
    assert s.redo("A") == []
    assert s.value("a")["color"] == "3"


def test_another_between_two_versions_of_a_step_is_heeded() -> None:
    s = Session()
    first = add(s, "A", "a", "v1", 0, 10, transaction_id="t")
    color(s, "B", ["a"], "5")
    trim(s, "A", "a", "end", -2, transaction_id="t")
    assert [c.version for c in s.undo("A")] == [first]
    assert s.frame("a", "duration") == 10


# ---- revert
def test_another_may_revert_a_version_and_take_that_back() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    before = owned(s.state)
    version = trim(s, "A", "a", "end", -2)
    after = owned(s.state)
    assert s.revert("B", [version]) == []
    assert owned(s.state) == before
    assert s.undo("B") == [] and owned(s.state) == after
    assert s.redo("B") == [] and owned(s.state) == before
    assert s.undo("B") == [] and owned(s.state) == after


def test_a_revert_that_was_taken_back_leaves_the_owner_as_before() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    before = owned(s.state)
    version = s.do("A", type="remove_clip", clip_id="a")
    s.revert("C", [version])
    s.undo("C")
    assert s.undo("A") == [] and owned(s.state) == before


def test_a_revert_leaves_the_owner_free_to_undo_what_is_older() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    color(s, "A", ["a"], "3")
    newer = color(s, "A", ["a"], "4")
    s.revert("B", [newer])
    s.undo("A", on_blocked="next")
    assert s.value("a")["color"] == "0"


def test_a_revert_minds_what_others_wrote_since() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    version = color(s, "A", ["a"], "3")
    theirs = color(s, "C", ["a"], "4")
    with pytest.raises(errors.UndoConflict) as caught:
        s.revert("B", [version])
    assert conflicts_of(caught) == [Conflict(version, 0, "foreign_owner", "a", "color", theirs, "C").as_dict()]
    s.revert("B", [version], "force")
    assert s.value("a")["color"] == "0"


def test_all_that_one_actor_did_between_two_versions_is_reverted_newest_first() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    before = owned(s.state)
    mine = [color(s, "A", ["a"], "3")]
    add(s, "B", "b", "v1", 40, 10)
    mine.append(insert(s, "A", "i", "v1", 0, 5))
    mine.append(trim(s, "A", "a", "end", -2))
    assert s.revert("C", mine) == []
    after = owned(s.state)
    assert after.pop("b")[0]["start"] == 40 * FRAME
    assert after == before


def test_a_revert_of_edits_and_a_restore_together_is_undone_on_the_right_ground() -> None:
    s = Session()
    goal = add(s, "C", "a", "v1", 20, 2)
    insert(s, "B", "b", "v1", 0, 10)
    restored = s.restore("A", goal)
    inserted = insert(s, "A", "d", "v1", 0, 3)
    before = owned(s.state)
    assert s.revert("B", [restored, inserted]) == []
    assert s.frame("a") == 30
    insert(s, "C", "up", "v1", 0, 1)
    s.undo("C")
    assert s.undo("B") == []
    assert owned(s.state) == before


def test_the_creation_cannot_be_reverted() -> None:
    s = Session()
    with pytest.raises(errors.UndoConflict) as caught:
        s.revert("A", [1])
    assert [c["code"] for c in conflicts_of(caught)] == ["not_undoable"]


def test_an_undo_can_be_reverted_like_a_redo() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    color(s, "A", ["a"], "3")
    after = owned(s.state)
    s.undo("A")
    assert s.revert("B", [s.state.version]) == []
    assert owned(s.state) == after


# ---- restore
def test_a_restore_puts_sets_and_drops_all_kinds_of_records() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    s.do("A", type="add_crop_keyframe", keyframe_id="k", clip_id="a", frame=12, x=0, y=0, width=500_000, height=500_000)
    s.do("A", type="add_marker", marker_id="m", parent_id="v1", time=3)
    s.write("A", "set_key", writers.set_key("a", "scene", 3))
    goal = s.state.version
    s.do("B", type="remove_clip", clip_id="a")
    s.do("B", type="add_track", kind="video", track_id="v3")
    add(s, "B", "b", "v3", 0, 10)
    s.do("B", type="set_timeline", name="other", metadata={"x": 1})
    s.do("B", type="split", clip_id="b", at=5, new_id="r")
    before = owned(s.state)
    s.restore("C", goal)
    assert values(s.state) == values(s.fold(goal))
    assert s.undo("C") == []
    assert owned(s.state) == before
    assert s.redo("C") == []
    assert values(s.state) == values(s.fold(goal))


def test_a_restore_to_the_present_changes_nothing() -> None:
    s = Session()
    with pytest.raises(errors.NoChange):
        s.restore("A", s.state.version)


def test_a_restore_does_not_write_on_a_locked_track() -> None:
    s = Session()
    goal = add(s, "A", "a", "v1", 0, 10)
    color(s, "A", ["a"], "3")
    s.write("B", "lock", writers.set_fields("track", "v1", locked=True))
    with pytest.raises(errors.TrackLocked):
        s.restore("C", goal)
