"""Named cases of undo around cuts, bonds, nests, ripples over tracks and locks. Times are frames.

The rule numbers are those of tests/undo_model/README.md.
"""

from typing import Any

import pytest

from tests.laws.acts import add, conflicts_of, insert, place, trim
from tests.laws.session import Session, owned
from timeline_service.domain import errors


def cut(s: Session, actor: str = "C") -> None:
    """a [0, 10) and b [10, 20) touch, with the transition x on the cut, all of it one actor's."""
    add(s, actor, "a", "v1", 0, 10)
    add(s, actor, "b", "v1", 10, 10)
    cross(s, actor, "x", "a", "b")


def cross(s: Session, actor: str, id: str, left: str | None, right: str | None, lead: int = 1, trail: int = 1) -> int:
    return s.do(
        actor, type="add_transition", transition_id=id, left_id=left, right_id=right, in_offset=lead, out_offset=trail
    )


def told(conflicts: list[Any]) -> list[tuple[Any, ...]]:
    found = [conflict if isinstance(conflict, dict) else conflict.as_dict() for conflict in conflicts]
    return [(c["code"], c["record"], c["field"], c["owner_version"], c["actor"]) for c in found]


# ---- transitions (12)
def test_a_transition_comes_back_with_its_cut() -> None:
    s = Session()
    cut(s)
    before = owned(s.state)
    place(s, "A", "b", "v1", 30)
    assert not s.alive("x")
    after = owned(s.state)
    assert s.undo("A") == [] and owned(s.state) == before
    assert s.redo("A") == [] and owned(s.state) == after


def test_a_move_is_undone_without_the_transition_whose_other_clip_went_away() -> None:
    """Whole units would hold A's move fast for ever, even against force: the neighbour is B's to move."""
    s = Session()
    cut(s)
    mine = place(s, "A", "b", "v1", 30)
    theirs = place(s, "B", "a", "v2", 0)
    assert told(s.undo("A")) == [("left_out", "x", "exists", theirs, "B")]
    assert s.frame("b") == 10 and not s.alive("x")
    before = owned(s.state)
    assert s.redo("A") == [] and s.frame("b") == 30
    assert s.undo("A") == [] and owned(s.state) == before
    assert s.event_of(mine).changes


def test_a_deleted_clip_comes_back_without_the_transition_to_a_clip_that_is_gone() -> None:
    s = Session()
    cut(s)
    s.do("A", type="remove_clip", clip_id="b")
    theirs = s.do("B", type="remove_clip", clip_id="a")
    assert told(s.undo("A")) == [("left_out", "x", "exists", theirs, "B")]
    assert s.alive("b") and not s.alive("x")


def test_a_transition_does_not_come_back_to_a_cut_on_which_another_lies() -> None:
    s = Session()
    cut(s)
    place(s, "A", "b", "v1", 30)
    add(s, "B", "n", "v1", 10, 5)
    theirs = cross(s, "B", "y", "a", "n")
    place(s, "B", "n", "v1", 50)
    cross(s, "B", "z", "a", None, 1, 0)
    assert theirs and not s.alive("y")
    assert [conflict.code for conflict in s.undo("A")] == ["left_out"]
    assert s.frame("b") == 10 and s.alive("z") and not s.alive("x")


def test_fail_does_not_go_on_without_the_transition() -> None:
    s = Session()
    cut(s)
    place(s, "A", "b", "v1", 30)
    place(s, "B", "a", "v2", 0)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "fail")
    assert [c["code"] for c in conflicts_of(caught)] == ["left_out"]
    assert s.frame("b") == 30


def test_a_transition_alone_comes_back_or_conflicts() -> None:
    s = Session()
    cut(s)
    s.do("A", type="remove_transition", transition_id="x")
    place(s, "B", "b", "v1", 30)
    for policy in ("skip", "force"):
        with pytest.raises(errors.UndoConflict) as caught:
            s.undo("A", policy)  # type: ignore[arg-type]
        assert [c["code"] for c in conflicts_of(caught)] == ["not_adjacent"]
    s.undo("B")
    assert s.undo("A") == [] and s.alive("x")


def test_a_split_is_undone_though_somebody_took_the_transition_away_that_went_over() -> None:
    s = Session()
    cut(s)
    s.do("A", type="split", clip_id="a", at=5, new_id="right")
    assert s.value("x")["left_id"] == "right"
    s.do("B", type="remove_transition", transition_id="x")
    assert s.undo("A") == []
    assert s.frame("a", "duration") == 10 and not s.alive("right") and not s.alive("x")


def test_an_undo_that_would_part_the_clips_of_a_transition_conflicts_and_force_drops_it() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    add(s, "C", "b", "v1", 30, 10)
    place(s, "A", "b", "v1", 10)
    theirs = cross(s, "B", "x", "a", "b")
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert told(conflicts_of(caught)) == [("would_separate", "x", None, theirs, "B")]
    before = owned(s.state)
    s.undo("A", "force")
    assert s.frame("b") == 30 and not s.alive("x")
    assert s.redo("A") == [] and owned(s.state) == before


def test_a_closed_gap_is_not_opened_again_under_a_transition() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    add(s, "C", "b", "v1", 15, 10)
    s.do("A", type="close_gap", track_id="v1", at=12)
    cross(s, "B", "x", "a", "b")
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert [c["code"] for c in conflicts_of(caught)] == ["would_separate"]
    s.undo("A", "force")
    assert s.frame("b") == 15 and not s.alive("x")


# ---- bonds (11)
def test_a_clip_that_comes_back_alone_into_a_link_is_not_linked() -> None:
    s = Session()
    for track, id in (("v1", "a"), ("v2", "b")):
        add(s, "C", id, track, 0, 10)
    add(s, "C", "c", "v2", 10, 10)
    s.do("C", type="link", clip_ids=["a", "b", "c"], link_id="sync")
    s.do("A", type="remove_clip", clip_id="c", single=True)
    s.do("B", type="unlink", clip_ids=["a"])
    assert s.value("b")["link_id"] is None
    before = owned(s.state)
    assert s.undo("A") == []
    assert s.alive("c") and s.value("c")["link_id"] is None
    assert s.redo("A") == [] and owned(s.state) == before
    s.undo("A")
    assert s.undo("B") == [] and {s.value(id)["link_id"] for id in ("a", "b")} == {"sync"}


def test_an_undo_that_leaves_a_clip_alone_in_a_link_unlinks_it_and_redo_links_it_again() -> None:
    s = Session()
    for start, id in ((0, "a"), (10, "b"), (20, "c")):
        add(s, "C", id, "v1", start, 10)
    s.do("B", type="link", clip_ids=["a", "b"], link_id="sync")
    s.do("A", type="link", clip_ids=["c"], link_id="sync")
    s.do("C", type="unlink", clip_ids=["b"])
    before = owned(s.state)
    assert s.undo("A") == []
    assert {s.value(id)["link_id"] for id in "abc"} == {None}
    assert s.redo("A") == [] and owned(s.state) == before


def test_a_move_of_linked_clips_is_undone_whole_or_not_at_all() -> None:
    s = Session()
    for track, id in (("v1", "a"), ("v2", "b")):
        add(s, "C", id, track, 0, 10)
    s.do("C", type="link", clip_ids=["a", "b"])
    s.do("A", type="move", clip_ids=["a"], delta=5)
    theirs = s.do("B", type="move", clip_ids=["b"], delta=5, single=True)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert {(c["record"], c["actor"], c["owner_version"]) for c in conflicts_of(caught)} == {("b", "B", theirs)}
    assert (s.frame("a"), s.frame("b")) == (5, 10)


# ---- nests (6, 10)
def test_a_nest_in_which_another_has_put_a_clip_stays() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    s.do("A", type="nest", clip_ids=["a"], clip_id="n", sequence_id="scene")
    inside = s.value("a")["track_id"]
    theirs = add(s, "B", "b", inside, 20, 5)
    for policy, code in (("skip", "has_new_children"), ("force", "in_use")):
        with pytest.raises(errors.UndoConflict) as caught:
            s.undo("A", policy)  # type: ignore[arg-type]
        found = conflicts_of(caught)
        assert ("b", theirs, "B", code) in {(c["record"], c["owner_version"], c["actor"], c["code"]) for c in found}
    s.undo("B")
    s.undo("A")
    assert s.value("a")["track_id"] == "v1" and not s.alive("scene")


def test_an_undo_never_makes_a_nest_that_contains_itself() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    s.do("C", type="nest", clip_ids=["a"], clip_id="n", sequence_id="inner")
    s.do("C", type="nest", clip_ids=["n"], clip_id="m", sequence_id="outer")
    inner = s.value("a")["track_id"]
    shown = {"type": "add_clip", "media": {"sequence_id": "inner"}, "start": 30, "duration": 5, "clip_id": "again"}
    s.do("A", **shown, track_id="v1")
    s.do("A", type="remove_clip", clip_id="again")
    with pytest.raises(errors.Refused) as refused:
        s.do("B", **{**shown, "clip_id": "loop"}, track_id=inner)
    assert refused.value.stable_code == "circular_nest"
    assert s.undo("A") == [] and s.alive("again")


# ---- ripples over tracks, markers (3, 4)
def test_a_ripple_over_all_tracks_is_undone_on_all_or_on_none() -> None:
    s = Session()
    add(s, "C", "a", "v1", 10, 10)
    add(s, "C", "b", "v2", 10, 10)
    s.do("C", type="add_marker", marker_id="m", time=15)
    before = owned(s.state)
    gap = {"type": "add_gap", "track_id": "v1", "at": 5, "duration": 4, "scope": "sync_locked", "ripple_markers": True}
    s.do("A", **gap)
    assert (s.frame("a"), s.frame("b"), s.frame("m", "time")) == (14, 14, 19)
    mine = s.do("B", type="add_marker", marker_id="n", time=6)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert told(conflicts_of(caught)) == [("shift_not_invertible", "n", "time", mine, "B")]
    assert (s.frame("a"), s.frame("b"), s.frame("m", "time")) == (14, 14, 19)
    s.undo("B")
    assert s.undo("A") == [] and owned(s.state) == before


def test_two_ripples_over_tracks_are_undone_in_either_order() -> None:
    s = Session()
    for n in range(4):
        add(s, "C", f"a{n}", "v1", 10 * n, 10)
        add(s, "C", f"b{n}", "v2", 10 * n, 10)
    before = owned(s.state)
    for actor, pair in (("A", ["a1", "b1"]), ("B", ["a2", "b2"])):
        s.do(actor, type="ripple_delete", clip_ids=pair, scope="sync_locked")
    s.undo("A")
    s.undo("B")
    assert owned(s.state) == before


# ---- locks (10)
def test_a_lock_names_who_locked() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    trim(s, "A", "a", "end", -2)
    locked = s.do("B", type="lock_track", track_id="v1", locked=True)
    for policy in ("skip", "force"):
        with pytest.raises(errors.UndoConflict) as caught:
            s.undo("A", policy)  # type: ignore[arg-type]
        assert told(conflicts_of(caught)) == [("track_locked", "v1", "locked", locked, "B")]
    with pytest.raises(errors.UndoConflict):
        s.revert("B", [locked - 1])
    s.undo("B")
    s.undo("A")
    assert s.frame("a", "duration") == 10


def test_my_own_lock_holds_back_my_own_undo_until_it_is_undone() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    trim(s, "A", "a", "end", -2)
    s.do("A", type="lock_track", track_id="v1", locked=True)
    s.undo("A")  # the lock is the newest step
    s.undo("A")
    assert s.frame("a", "duration") == 10


# ---- who is in the way
def test_hard_conflicts_name_whose_work_is_in_the_way() -> None:
    s = Session()
    add(s, "A", "a", "v1", 0, 10)
    place(s, "A", "a", "v1", 20)
    theirs = add(s, "B", "b", "v1", 5, 10)
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A", "force")
    assert told(conflicts_of(caught)) == [("overlap", "a", "start", theirs, "B")]


def test_a_clip_that_is_gone_is_told_with_who_took_it() -> None:
    s = Session()
    add(s, "C", "a", "v1", 0, 10)
    trim(s, "A", "a", "end", -2)
    gone = s.do("B", type="remove_clip", clip_id="a")
    for policy in ("skip", "force"):
        with pytest.raises(errors.UndoConflict) as caught:
            s.undo("A", policy)  # type: ignore[arg-type]
        assert told(conflicts_of(caught)) == [("record_missing", "a", "exists", gone, "B")]


def test_a_place_that_is_gone_is_told_with_who_cut_it_away() -> None:
    s = Session()
    add(s, "A", "a", "v1", 12, 2)
    place(s, "A", "a", "v2", 0)
    add(s, "B", "b", "v1", 10, 10)
    cut_away = s.do("B", type="ripple_delete", clip_ids=["b"])
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert told(conflicts_of(caught)) == [("place_gone", "a", "start", cut_away, "B")]


def test_a_ripple_that_was_taken_back_is_told_with_who_took_it_back() -> None:
    s = Session()
    add(s, "C", "a", "v1", 10, 10)
    ripple = s.do("A", type="add_gap", track_id="v1", at=5, duration=4)
    s.revert("B", [ripple])
    with pytest.raises(errors.UndoConflict) as caught:
        s.undo("A")
    assert told(conflicts_of(caught)) == [("shift_already_reversed", "v1", None, ripple + 1, "B")]


# ---- transactions (14)
def test_a_transaction_of_which_another_changed_a_part_is_undone_but_for_that_part() -> None:
    s = Session()
    cut(s)
    first = place(s, "A", "b", "v1", 30, transaction_id="drag")
    trim(s, "A", "a", "end", -2, transaction_id="drag")
    theirs = place(s, "B", "b", "v2", 0)
    found = s.undo("A")
    assert {(c.version, c.record, c.owner_version, c.actor) for c in found} == {(first, "b", theirs, "B")}
    assert s.frame("a", "duration") == 10
    with pytest.raises(errors.NothingToUndo):
        s.undo("A")


def test_what_a_gesture_dissolved_in_a_transaction_comes_back_with_it() -> None:
    s = Session()
    cut(s)
    s.do("C", type="link", clip_ids=["a", "b"], link_id="sync")
    before = owned(s.state)
    s.do("A", type="remove_clip", clip_id="b", single=True, transaction_id="t")
    insert(s, "A", "n", "v1", 10, 5, transaction_id="t")
    assert s.value("a")["link_id"] is None and not s.alive("x")
    assert s.undo("A") == [] and owned(s.state) == before
