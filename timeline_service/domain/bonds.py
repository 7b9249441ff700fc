"""Bonds: labels that clips share. A link binds them in time, a group in place; of one clip alone there is neither."""

from collections.abc import Iterable
from typing import Literal

from timeline_service.domain import errors
from timeline_service.domain.draft import Draft

Bond = Literal["link_id", "group_id"]


def join(draft: Draft, bond: Bond, clip_ids: Iterable[str], label: str) -> None:
    """Give clips a label; they leave the one that they had.

    Raises RecordMissing, Wrong for one clip alone, KindMismatch for clips of several sequences: they share no time.
    """
    for clip_id in clip_ids:
        draft.set(draft.get("clip", clip_id).id, {bond: label})
    bound = draft.state.bound(bond, label)
    if len(bound) < 2:
        raise errors.Wrong(reason="name at least two clips, or the label of others")
    sequences = {draft.get("track", clip.value["track_id"]).value["sequence_id"] for clip in bound}
    if len(sequences) > 1:
        raise errors.KindMismatch(reason="clips of several sequences", clip_ids=[clip.id for clip in bound])


def part(draft: Draft, bond: Bond, clip_ids: Iterable[str] | None, label: str | None) -> None:
    """Take the label from the clips named, or from all that have it. Raises Wrong unless one of both is given."""
    if (clip_ids is None) == (label is None):
        raise errors.Wrong(reason=f"give either clip_ids or {bond}")
    if clip_ids is None:
        clip_ids = [clip.id for clip in draft.state.bound(bond, label or "")]
    for clip_id in clip_ids:
        draft.set(draft.get("clip", clip_id).id, {bond: None})
