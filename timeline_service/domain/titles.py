"""Titles: clips whose media is the generator `title`."""

from timeline_service.domain import errors, wording
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record, State


def find(draft: Draft, clip_id: str) -> Record:
    """The title of that id. Raises RecordMissing, KindMismatch for a clip that is none."""
    clip = draft.get("clip", clip_id)
    if clip.value["media"].get("generator") != "title":
        raise errors.KindMismatch(clip_id=clip.id, wanted="a title")
    return clip


def named(state: State, clip_id: str) -> str:
    """A title for a sentence: by its text."""
    text = state.records[clip_id].value["media"].get("params", {}).get("text")
    return wording.quoted(text) if isinstance(text, str) and text else state.name_of(clip_id)
