"""Named cases of undo and redo: each a counterexample that once shaped a rule, or a rule of its own.

Times are frames unless said otherwise.
"""

import pytest

from tests.laws import writers
from tests.laws.acts import add, color, conflicts_of, insert, place, trim
from tests.laws.session import FRAME, Session, owned, values
from timeline_service.domain import changes, errors
from timeline_service.domain.undo import Conflict, Policy


# ---- the cases of the research model
def test_a_pair_of_shifts_does_not_cancel_before_those_between_are_passed() -> None:
    s = Session()
    add(s, "A", "a", "v1", 10, 2)
    place(s, "A", "a", "v2", 0)
    insert(s, "B", "b", "v1", 0, 5)
    insert(s, "C", "c", "v1", 12, 3)  # before B's insert this was 7, upstream of 10
    s.undo("B")
    s.undo("A")
    assert s.frame("a") == 13


def test_neighbouring_ripple_deletes_can_both_be_undone() -> None:
    s = Session()
    for n in range(3):
        add(s, "C", f"c{n}", "v1", 10 * n, 10)
    s.do("A", type="ripple_delete", clip_ids=["c1"])
    s.do("B", type="ripple_delete", clip_ids=["c2"])  # swallows [10, 20), and with it A's place 10
    s.undo("A")
    s.undo("B")
    assert (s.frame("c1"), s.frame("c2")) == (10, 20)


def test_an_insert_right_behind_an_insert_does_not_block_its_undo() -> None:
    s = Session()
    insert(s, "A", "a", "v1", 0, 5)
    insert(s, "B", "b", "v1", 5, 3)
    s.undo("A")
    assert s.frame("b") == 0


def test_a_place_is_track_and_start_together() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 2)
    place(s, "A", "a", "v1", 8)
    place(s, "B", "a", "v2", 8)  # B chose v2 at 8; start alone would still be A's
    with pytest.raises(errors.UndoConflict):
        s.undo("A")


def test_a_restore_takes_the_shifts_back_for_carry() -> None:
    s = Session()
    add(s, "A", "a", "v1", 10, 2)
    goal = place(s, "A", "a", "v2", 0)
    insert(s, "B", "b", "v1", 0, 5)
    s.restore("C", goal)
    s.undo("A")
    assert s.frame("a") == 10


def test_a_restore_may_consist_of_reversals_alone() -> None:
    s = Session()
    add(s, "A", "a", "v1", 10, 2)
    goal = place(s, "A", "a", "v2", 0)
    insert(s, "B", "b", "v1", 0, 5)
    s.do("B", type="remove_clip", clip_id="b")  # the values are those of the goal, the ground is not
    s.restore("C", goal)
    assert all(isinstance(c, changes.Shift) for c in s.event_of(s.state.version).changes)
    s.undo("A")
    assert s.frame("a") == 10


def test_restores_do_not_double_the_reversals() -> None:
    s = Session()
    goal = add(s, "A", "a", "v1", 10, 2)
    insert(s, "B", "b", "v1", 0, 5)
    for n in range(10):
        color(s, "A", ["a"], str(n + 1))
        s.restore("C", goal)
    assert len(s.state.shifts) == 2


def test_the_befores_of_a_restore_are_older_than_its_reversals() -> None:
    s = Session()
    goal = add(s, "A", "a", "v1", 20, 2)
    insert(s, "B", "b", "v1", 0, 10)
    s.restore("C", goal)
    insert(s, "B", "d", "v1", 25, 5)  # behind a
    s.undo("C")
    assert s.frame("a") == 30


def test_a_restore_that_gives_a_child_a_new_parent_can_be_undone() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 5)
    s.write("A", "add_key", writers.add_key("k", "a", 3 * FRAME))
    goal = s.write("A", "split", writers.split_and_hand_over("a", 2 * FRAME, "right"))
    s.undo("A")
    s.restore("B", goal)
    assert s.value("k")["parent_id"] == "right"
    s.undo("B")
    assert s.value("k")["parent_id"] == "a" and not s.alive("right")


def test_the_undo_of_a_trim_never_moves_the_other_edge() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    trim(s, "A", "a", "start", 4)
    insert(s, "B", "b", "v1", 2, 2)  # between the old and the new start
    s.do("B", type="remove_clip", clip_id="b")
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert [c["code"] for c in conflicts_of(caught)] == ["ground_moved_between"]
    s.undo("A", "force")
    assert s.frame("a") == 0


def test_the_undo_of_a_creation_is_refused_while_others_work_on_its_subtree() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    s.do("A", type="split", clip_id="a", at=5, new_id="right")
    version = s.write("B", "add_key", writers.add_key("k", "right", FRAME))
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert conflicts_of(caught)[0] == {
        "version": version - 1, "unit": 0, "code": "has_new_children", "record": "k", "field": None,
        "owner_version": version, "actor": "B",
    }  # fmt: skip
    s.undo("A", "force")
    s.redo("A")
    assert s.alive("k") and s.state.author(s.state.records["k"].exists) == "B"


def test_a_restore_across_tracks_can_be_undone_after_a_ripple() -> None:
    s = Session()
    goal = add(s, "A", "a", "v1", 0, 2)
    place(s, "A", "a", "v2", 0)
    trim(s, "A", "a", "end", 1)
    s.restore("B", goal)
    insert(s, "C", "c", "v2", 0, 5)
    s.undo("B")
    assert (s.value("a")["track_id"], s.frame("a")) == ("v2", 5)


# ---- what conflicts tell
def test_conflicts_name_every_field_with_its_event_and_actor() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    mine = trim(s, "A", "a", "start", 2)
    moved = s.do("B", type="move", clip_ids=["a"], delta=20)
    longer = trim(s, "C", "a", "end", 1)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert conflicts_of(caught) == [
        Conflict(mine, 0, "foreign_owner", "a", "duration", longer, "C").as_dict(),
        Conflict(mine, 0, "foreign_owner", "a", "start", moved, "B").as_dict(),
        Conflict(mine, 0, "foreign_owner", "a", "track_id", moved, "B").as_dict(),
    ]


def test_skip_undoes_the_units_that_are_still_mine_and_tells_the_others() -> None:
    s = Session()
    for n in range(3):
        add(s, "C", f"c{n}", "v1", 10 * n, 10)
    painted = color(s, "A", ["c0", "c1", "c2"], "7")
    theirs = color(s, "B", ["c1"], "8")
    assert s.undo("A") == [Conflict(painted, 1, "foreign_owner", "c1", "color", theirs, "B")]
    assert [s.value(f"c{n}")["color"] for n in range(3)] == ["0", "8", "0"]


def test_fail_changes_nothing_where_one_unit_conflicts() -> None:
    s = Session()
    for n in range(2):
        add(s, "C", f"c{n}", "v1", 10 * n, 10)
    color(s, "A", ["c0", "c1"], "7")
    color(s, "B", ["c1"], "8")
    before = values(s.state)
    with pytest.raises(errors.UndoConflict):
        s.undo("A", "fail")
    assert values(s.state) == before


def test_force_writes_over_others_but_not_over_the_laws() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    place(s, "A", "a", "v1", 20)
    add(s, "B", "b", "v1", 5, 10)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "force")
    assert [(c["code"], c["record"]) for c in conflicts_of(caught)] == [("overlap", "a")]


def test_next_passes_over_a_blocked_entry_and_keeps_it() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    add(s, "C", "b", "v1", 20, 10)
    color(s, "A", ["b"], "3")
    blocked = color(s, "A", ["a"], "4")
    color(s, "B", ["a"], "5")
    assert [c.version for c in s.undo("A", on_blocked="next")] == [blocked]
    assert (s.value("a")["color"], s.value("b")["color"]) == ("5", "0")
    assert [entry.versions for entry in s.state.stacks["A"].undo] == [(blocked,)]


def test_nothing_to_undo_and_nothing_to_redo() -> None:
    s = Session()
    with pytest.raises(errors.NothingToUndo) as caught:
        s.undo("A")
    assert caught.value.stable_code == "nothing_to_undo"
    with pytest.raises(errors.NothingToUndo) as caught:
        s.redo("A")
    assert caught.value.stable_code == "nothing_to_redo"


def test_only_my_own_edit_clears_my_redo() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    color(s, "A", ["a"], "3")
    s.undo("A")
    add(s, "B", "b", "v1", 20, 10)
    s.redo("A")
    assert s.value("a")["color"] == "3"
    s.undo("A")
    add(s, "A", "c", "v1", 40, 10)
    with pytest.raises(errors.NothingToUndo):
        s.redo("A")


def test_a_redo_that_gave_back_what_another_wrote_is_not_mine_to_undo() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    color(s, "A", ["a"], "3")
    color(s, "B", ["a"], "5")
    s.undo("A", "force")  # over B's 5
    s.redo("A")  # gives it back, B's again
    assert s.value("a")["color"] == "5"
    with pytest.raises(errors.UndoConflict):
        s.undo("A")


# ---- locks and ground
def test_a_lock_is_heeded_when_the_undo_runs_and_force_does_not_break_it() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    color(s, "A", ["a"], "3")
    s.write("B", "lock", writers.set_fields("track", "v1", locked=True))
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "force")
    assert [c["code"] for c in conflicts_of(caught)] == ["track_locked"]
    s.undo("B")
    s.undo("A")
    assert s.value("a")["color"] == "0"


def test_a_ripple_on_a_track_that_is_locked_now_is_not_undone() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    insert(s, "A", "i", "v1", 0, 5)
    s.write("A", "remove", writers.drop("clip", "i"))
    s.write("B", "lock", writers.set_fields("track", "v1", locked=True))
    policies: tuple[Policy, ...] = ("skip", "force")
    for policy in policies:
        with pytest.raises(errors.UndoConflict):
            s.undo("A", policy)


def test_a_ripple_that_was_restored_away_is_not_undone_again_even_by_force() -> None:
    s = Session()
    goal = add(s, "C", "a", "v1", 0, 10)
    insert(s, "A", "i", "v1", 0, 5)
    s.restore("C", goal)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "force")
    assert {c["code"] for c in conflicts_of(caught)} == {"record_missing"}
    s.write("A", "ripple", writers.ripple_everywhere(0, 4 * FRAME))
    goal = s.state.version - 1
    s.restore("C", goal)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "force")
    assert {c["code"] for c in conflicts_of(caught)} == {"shift_already_reversed"}


def test_a_place_that_was_cut_away_is_gone_even_for_force() -> None:
    s = Session()
    add(s, "A", "a", "v1", 12, 2)
    place(s, "A", "a", "v2", 0)
    add(s, "B", "b", "v1", 10, 10)
    s.do("B", type="ripple_delete", clip_ids=["b"])
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "force")
    assert [c["code"] for c in conflicts_of(caught)] == ["place_gone"]
    s.undo("B")  # b is back, and with it the place
    s.undo("B")
    s.undo("A")
    assert s.frame("a") == 12


def test_a_marker_of_a_track_is_carried_with_it() -> None:
    s = Session()
    s.do("A", type="add_marker", marker_id="m", parent_id="v1", time=8)
    s.write("A", "place_marker", writers.place_marker("m", "v1", 20 * FRAME, 0))
    insert(s, "B", "b", "v1", 0, 5)
    assert s.frame("m", "time") == 25
    s.undo("A")
    assert s.frame("m", "time") == 13


def test_a_marker_of_the_timeline_is_carried_by_its_own_ground_only() -> None:
    s = Session()
    s.do("A", type="add_marker", marker_id="m", time=8)
    s.write("A", "place_marker", writers.place_marker("m", "timeline", 20 * FRAME, 0))
    insert(s, "B", "b", "v1", 0, 5)
    assert s.frame("m", "time") == 20
    s.write("B", "ripple", writers.ripple_everywhere(0, 3 * FRAME))
    s.undo("A")
    assert s.frame("m", "time") == 11


def test_a_marker_that_changed_its_ground_goes_back_by_the_ground_it_came_from() -> None:
    s = Session()
    s.do("A", type="add_marker", marker_id="m", parent_id="v1", time=8)
    s.write("A", "place_marker", writers.place_marker("m", "v2", 8 * FRAME, 0))
    insert(s, "B", "b", "v1", 0, 5)
    s.undo("A")
    assert (s.value("m")["parent_id"], s.frame("m", "time")) == ("v1", 13)


def test_a_marker_of_a_clip_and_a_keyframe_count_in_the_source_and_are_never_carried() -> None:
    s = Session()
    add(s, "C", "a", "v1", 10, 10)
    s.do("A", type="add_marker", marker_id="m", parent_id="a", time=12)
    s.do("A", type="add_crop_keyframe", keyframe_id="k", clip_id="a", frame=12, x=0, y=0, width=500_000, height=500_000)
    s.do("A", type="remove_clip", clip_id="a")
    s.write("B", "ripple", writers.ripple_everywhere(0, 5 * FRAME))
    s.undo("A")
    assert (s.frame("a"), s.frame("m", "time"), s.frame("k", "time")) == (15, 12, 12)


def test_a_ripple_over_all_grounds_is_undone_on_all_of_them() -> None:
    s = Session()
    add(s, "C", "a", "v1", 10, 10)
    add(s, "C", "b", "v2", 20, 10)
    s.do("C", type="add_marker", marker_id="m", time=15)
    before = owned(s.state)
    s.write("A", "ripple", writers.ripple_everywhere(5 * FRAME, 4 * FRAME))
    assert (s.frame("a"), s.frame("b"), s.frame("m", "time")) == (14, 24, 19)
    s.undo("A")
    assert owned(s.state) == before
