"""Links: clips that share time. What is done to the time of one is done to all of them.

V1 |   A   |      V1 |  A |  B |     a cut through some of them: what begins at or after it is linked anew,
A1 |   a   |  ->  A1 |  a |  b |     left stays with left and right with right
"""

from collections.abc import Iterable

from timeline_service.domain import surgery
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State


def following(state: State, clip_id: str, single: bool) -> list[str]:
    """The clip and, unless it is to go alone, its linked partners; the clip first."""
    return [clip_id] if single else surgery.together(state, [clip_id], "link_id")


def part(draft: Draft, rights: Iterable[str]) -> None:
    """After cuts: `rights` are the new right halves. Of a link with two sides the left one keeps the label."""
    for _, id in sorted((draft.state.records[id].value["start"], id) for id in rights):
        half = draft.state.records[id].value
        if half["link_id"] is not None:
            _part_at(draft, half["link_id"], half["start"])


def _part_at(draft: Draft, label: str, at: int) -> None:
    clips = draft.state.bound("link_id", label)
    left = [clip.id for clip in clips if clip.value["start"] < at]
    right = [clip.id for clip in clips if clip.value["start"] >= at]
    if not left or not right:
        return
    other = draft.new_id("link", label) if len(left) > 1 else label
    for ids, name in ((left, label), (right, other)):
        for id in ids:
            draft.set(id, {"link_id": name if len(ids) > 1 else None})


def sides(state: State, left_id: str, right_id: str, single: bool) -> tuple[list[str], list[str]]:
    """What moves with the cut between two clips: clips whose ends do, clips whose starts do.

    The partners of the left clip and those of the right one; where both are of one link, those with the same cut.
    """
    ends, starts = following(state, left_id, single), following(state, right_id, single)
    if right_id not in ends:
        return ends, starts
    at = state.records[right_id].value["start"]
    clips = [state.records[id] for id in ends]
    return (
        [clip.id for clip in clips if clip.value["start"] + clip.value["duration"] == at],
        [clip.id for clip in clips if clip.value["start"] == at],
    )


def pairs(state: State, left_id: str, right_id: str) -> list[tuple[str, str]]:
    """Partners of two clips that touch each other as these do, each in one pair."""
    lefts, rights = sides(state, left_id, right_id, single=False)
    places = ((id, state.records[id].value) for id in rights if id not in (left_id, right_id))
    starts = {(value["track_id"], value["start"]): id for id, value in places}
    found: list[tuple[str, str]] = []
    for id in lefts:
        clip = state.records[id].value
        partner = starts.get((clip["track_id"], clip["start"] + clip["duration"]))
        if partner is not None and id not in (left_id, right_id, *(right for _, right in found)):
            found.append((id, partner))
    return found


def merge(draft: Draft, clip_id: str, label: str) -> None:
    """What bears a label is linked to a clip from now on, and to its partners."""
    others = [clip.id for clip in draft.state.bound("link_id", label)]
    own = draft.state.records[clip_id].value["link_id"] or label
    for id in others:
        draft.set(id, {"link_id": own})
    if others:
        draft.set(clip_id, {"link_id": own})
