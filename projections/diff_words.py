"""The words of a diff: which fields of a record differ, and what a person says to that.

speed 1/1 -> 2/1   retimed        speed 1/1 -> 0/1   frozen        link_id null -> l1   linked
start moved, written by somebody   moved      start moved by a ripple upstream   shifted
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from timeline_service.domain import clip_time
from timeline_service.domain.state import Record

FRAME: Final = {"source_in", "map_offset"}
"""Fields of a clip that say which part of its source it shows."""

WORDS: Final[dict[str, dict[str, str]]] = {
    "timeline": {"name": "renamed", "rate": "conformed", "width": "resized", "height": "resized"},
    "sequence": {"name": "renamed"},
    "track": {"name": "renamed", "order": "reordered", "gain": "levelled", "sequence_id": "moved"},
    "clip": {
        "name": "renamed", "reversed": "reversed", "media": "replaced", "color": "recoloured", "gain": "levelled",
        "fade_in": "faded", "fade_out": "faded", "params.transform": "transformed", "params.rotation": "rotated",
        "params.opacity": "opacity set",
    },
    "transition": {
        "name": "renamed", "kind": "restyled", "in_offset": "resized", "out_offset": "resized", "left_id": "moved",
        "right_id": "moved", "params.*": "adjusted",
    },
    "effect": {
        "name": "renamed", "kind": "replaced", "order": "reordered", "parent_id": "moved", "params.*": "adjusted",
    },
    "caption": {"name": "renamed", "text": "reworded", "params.*": "restyled"},
    "marker": {
        "name": "renamed", "parent_id": "moved", "color": "recoloured", "comment": "commented", "duration": "resized",
    },
    "annotation": {
        "parent_id": "moved", "shape": "redrawn", "color": "recoloured", "comment": "commented", "duration": "resized",
    },
    "keyframe": {"parent_id": "moved"},
}  # fmt: skip
"""Kind → field → what is said when it differs; a field that is not listed has been `changed`."""
SWITCHES: Final = {
    "enabled": ("enabled", "disabled"),
    "locked": ("locked", "unlocked"),
    "muted": ("muted", "unmuted"),
    "solo": ("soloed", "unsoloed"),
    "link_id": ("linked", "unlinked"),
    "group_id": ("grouped", "ungrouped"),
}
"""Field → what is said when it is true, or there at all, and when it is not."""
ANIMATED: Final = {
    "crop": "re-cropped",
    "transform": "transform animated",
    "rotation": "rotation animated",
    "opacity": "opacity animated",
    "volume": "volume animated",
}
"""Property of keyframes → what is said of the record that they are on; `animated` of any other."""


class Entry(NamedTuple):
    """One record that differs. `words` says how, `fields` what it was and is."""

    kind: str
    id: str
    words: tuple[str, ...]
    old: Record | None
    new: Record | None
    fields: dict[str, dict[str, Any]]

    @property
    def record(self) -> Record:
        """The record as it is, or as it was before it went."""
        record = self.new or self.old
        assert record is not None
        return record

    @property
    def came_or_went(self) -> bool:
        return self.old is None or self.new is None


def words(old: Record, new: Record, fields: Iterable[str]) -> list[str]:
    """What happened to a record of which these fields differ."""
    left = set(fields)
    found = _placing(old, new, left)
    for field in sorted(left):
        found.append(word(new.kind, field, old.value.get(field), new.value.get(field)))
    return list(dict.fromkeys(found))


def word(kind: str, field: str, was: Any, now: Any) -> str:
    """What is said when a single field differs."""
    if field in SWITCHES:
        return SWITCHES[field][0 if now else 1]
    if field == "speed":
        return "frozen" if not now["num"] else "unfrozen" if not was["num"] else "retimed"
    known = WORDS.get(kind, {})
    return known.get(field) or known.get(f"{field.partition('.')[0]}.*") or "changed"


def _placing(old: Record, new: Record, left: set[str]) -> list[str]:
    """What became of place, length and source; takes the fields that it accounts for out of `left`."""
    if new.kind == "clip":
        return _placing_of_clip(old, new, left)
    if new.kind == "caption":
        return _placing_of_caption(old, new, left)
    if "time" in left and new.kind in ("marker", "annotation", "keyframe"):
        left -= {"time"}
        return [_went(old, new, "time")]
    return []


def _placing_of_clip(old: Record, new: Record, left: set[str]) -> list[str]:
    was, now = old.value, new.value
    placed = left & {"track_id", "start", "duration", *FRAME}
    retimed = left & {"speed", "reversed"}
    left -= placed
    if retimed:
        return [_went(old, new, "start")] if placed & {"track_id", "start"} else []
    if "duration" not in placed:
        found = [_went(old, new, "start")] if placed & {"track_id", "start"} else []
        return [*found, "slipped"] if placed & FRAME else found
    at_start = _same_end(was, now) if was["reversed"] else bool(placed & FRAME)
    stays = _same_end(was, now) or clip_time.cut_start(was, now["start"] - was["start"]).items() <= now.items()
    return _trimmed(old, new, placed, at_start=at_start, stays=stays)


def _placing_of_caption(old: Record, new: Record, left: set[str]) -> list[str]:
    placed = left & {"track_id", "start", "duration"}
    left -= placed
    if "duration" not in placed:
        return [_went(old, new, "start")] if placed else []
    at_start = _same_end(old.value, new.value)
    return _trimmed(old, new, placed, at_start=at_start, stays=at_start)


def _same_end(was: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether the start moved and the end did not."""
    moved = bool(now["start"] != was["start"])
    return moved and bool(now["start"] + now["duration"] == was["start"] + was["duration"])


def _trimmed(old: Record, new: Record, placed: set[str], *, at_start: bool, stays: bool) -> list[str]:
    """Trimmed at one edge, and moved as well unless its start moved because it was trimmed there."""
    moved = "track_id" in placed or ("start" in placed and not (at_start and stays))
    return [*([_went(old, new, "start")] if moved else []), "trimmed start" if at_start else "trimmed end"]


def _went(old: Record, new: Record, field: str) -> str:
    """A shift never becomes the owner of what it moves: the same owner at another place was shifted."""
    if old.value.get("track_id") != new.value.get("track_id") or old.value[field] == new.value[field]:
        return "moved"
    return "shifted" if old.owner(field) == new.owner(field) else "moved"
