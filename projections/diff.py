"""The semantic diff of two states of one timeline: what a person would say has happened between them.

    fields that differ   ->   words (moved, trimmed, retimed, re-cropped, …)   ->   sentences

Forks of one state share the records that neither wrote, so a small edit on a large timeline is a small diff.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from timeline_service.domain import clip_time, records
from timeline_service.domain.state import Record, State

ORDER: Final = {kind: place for place, kind in enumerate(records.RESTORE_ORDER)}
FRAME: Final = {"source_in", "map_offset"}

WORDS: Final[dict[str, dict[str, str]]] = {
    "timeline": {"name": "renamed", "rate": "conformed", "width": "resized", "height": "resized"},
    "track": {"name": "renamed", "order": "reordered"},
    "clip": {
        "name": "renamed", "speed": "retimed", "reversed": "reversed", "media": "replaced", "color": "recoloured",
        "gain": "levelled", "fade_in": "faded", "fade_out": "faded", "link_id": "linked", "group_id": "grouped",
    },
    "marker": {"name": "renamed", "parent_id": "moved", "time": "moved", "color": "recoloured", "comment": "commented"},
    "keyframe": {"parent_id": "moved", "time": "moved"},
}  # fmt: skip
"""Kind → field → what is said when it differs; a field that is not listed has been `changed`."""
SWITCHES: Final = {
    "enabled": ("enabled", "disabled"),
    "locked": ("locked", "unlocked"),
    "muted": ("muted", "unmuted"),
    "solo": ("soloed", "unsoloed"),
}


class Entry(NamedTuple):
    """One record that differs. `words` says how, `fields` what it was and is."""

    kind: str
    id: str
    words: tuple[str, ...]
    old: Record | None
    new: Record | None
    fields: dict[str, dict[str, Any]]


def diff(before: State, after: State) -> dict[str, Any]:
    """`{from, to, duration: {before, after}, counts, records, sentences}`; times in ticks.

    Each of `records` is `{kind, id, name, changes, fields: {field: {before, after}}}`, parents before children.
    """
    entries = _entries(before, after)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in entries:
        counts[entry.kind].update(entry.words)
    return {
        "from": before.version,
        "to": after.version,
        "duration": {"before": _duration(before), "after": _duration(after)},
        "counts": {kind: dict(sorted(words.items())) for kind, words in counts.items()},
        "records": [
            {
                "kind": entry.kind,
                "id": entry.id,
                "name": _record(entry).value.get("name", ""),
                "changes": list(entry.words),
                "fields": entry.fields,
            }
            for entry in entries
        ],
        "sentences": _sentences(after, entries),
    }


def _entries(before: State, after: State) -> list[Entry]:
    found = []
    for id in before.records.keys() | after.records.keys():
        was, is_ = before.records.get(id), after.records.get(id)
        if was is not is_:
            entry = _compare(_alive(was), _alive(is_))
            if entry is not None:
                found.append(entry)
    found.sort(key=lambda entry: (ORDER[entry.kind], entry.id))
    return _recropped(found, after)


def _alive(record: Record | None) -> Record | None:
    return record if record is not None and record.alive else None


def _compare(old: Record | None, new: Record | None) -> Entry | None:
    if old is None and new is None:
        return None
    was: dict[str, Any] = {} if old is None else old.value
    now: dict[str, Any] = {} if new is None else new.value
    fields = {
        field: {"before": was.get(field), "after": now.get(field)}
        for field in sorted(was.keys() | now.keys())
        if was.get(field) != now.get(field)
    }
    if old is None or new is None:
        record = old or new
        assert record is not None
        return Entry(record.kind, record.id, ("removed",) if new is None else ("added",), old, new, fields)
    return Entry(new.kind, new.id, tuple(_words(new.kind, was, now, fields)), old, new, fields) if fields else None


def _words(kind: str, was: dict[str, Any], now: dict[str, Any], fields: Iterable[str]) -> list[str]:
    left = set(fields)
    words = []
    if kind == "clip":
        words = _placing(was, now, left)
    for field in sorted(left):
        if field in SWITCHES:
            words.append(SWITCHES[field][0 if now[field] else 1])
        else:
            words.append(WORDS.get(kind, {}).get(field, "changed"))
    return list(dict.fromkeys(words))


def _placing(was: dict[str, Any], now: dict[str, Any], left: set[str]) -> list[str]:
    """What became of place, length and source of a clip; takes the fields that it accounts for out of `left`."""
    placed = left & {"track_id", "start", "duration", *FRAME}
    retimed = left & {"speed", "reversed"}
    left -= placed
    words = []
    if "track_id" in placed:
        words.append("moved")
    if retimed:
        words += ["moved"] if "start" in placed else []
        return list(dict.fromkeys(words))
    by = now["start"] - was["start"]
    same_end = by and now["start"] + now["duration"] == was["start"] + was["duration"]
    if "duration" in placed:
        edge = "start" if (same_end if was["reversed"] else placed & FRAME) else "end"
        words.append(f"trimmed {edge}")
        by = 0 if edge == "start" and (same_end or clip_time.cut_start(was, by).items() <= now.items()) else by
    elif placed & FRAME:
        words.append("slipped")
    return list(dict.fromkeys((["moved"] if by else []) + words))


def _recropped(entries: list[Entry], after: State) -> list[Entry]:
    """Crop keyframes speak for their clip: it is said to be re-cropped, once."""
    cropped = {
        _record(entry).value["parent_id"]: None
        for entry in entries
        if entry.kind == "keyframe" and _record(entry).value["property"].startswith("crop")
    }
    told = [
        entry._replace(words=(*entry.words, "re-cropped"))
        if entry.id in cropped and entry.words not in (("added",), ("removed",))
        else entry
        for entry in entries
    ]
    known = {entry.id for entry in entries}
    for id in cropped:
        clip = after.find(id, "clip")
        if clip is not None and id not in known:
            told.append(Entry("clip", id, ("re-cropped",), clip, clip, {}))
    return sorted(told, key=lambda entry: (ORDER[entry.kind], entry.id))


def _sentences(after: State, entries: Iterable[Entry]) -> list[str]:
    """One sentence a record, and one for all that moved together; keyframes are told with their clips."""
    told: list[str] = []
    together: dict[tuple[str, int], list[str]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "keyframe" and _is_told(entry, after):
            continue
        by = _distance(entry)
        if by is not None:
            together[_track(entry), by].append(_name(entry))
        else:
            told.append(_sentence(entry, after))
    for (track, by), names in together.items():
        who = names[0] if len(names) == 1 else f"{len(names)} {'items' if not track else 'clips'}"
        on = f" on {after.name_of(track)}" if track and len(names) > 1 else ""
        told.append(f"moved {who}{on} {_span(after, by)} {'later' if by > 0 else 'earlier'}")
    return told


def _is_told(entry: Entry, after: State) -> bool:
    """Whether the keyframe's clip says it: it went or came with it, or is re-cropped."""
    value = _record(entry).value
    return after.find(value["parent_id"]) is None or value["property"].startswith("crop")


def _distance(entry: Entry) -> int | None:
    """How far a record moved in time, if that is all that happened to it."""
    time = records.KINDS[entry.kind].time
    if time is None or entry.words != ("moved",) or set(entry.fields) != {time}:
        return None
    moved: int = entry.fields[time]["after"] - entry.fields[time]["before"]
    return moved


def _track(entry: Entry) -> str:
    return str(_record(entry).value["track_id"]) if entry.kind == "clip" else ""


def _sentence(entry: Entry, after: State) -> str:
    name = _name(entry)
    if entry.words in (("added",), ("removed",)):
        return f"{entry.words[0]} {entry.kind} {name}"
    return "; ".join(_phrase(word, name, entry, after) for word in entry.words)


def _phrase(word: str, name: str, entry: Entry, after: State) -> str:
    fields = entry.fields
    if word == "renamed":
        return f'renamed {entry.kind} "{fields["name"]["before"]}" to "{fields["name"]["after"]}"'
    if word == "moved" and "track_id" in fields:
        source, target = (after.name_of(fields["track_id"][side]) for side in ("before", "after"))
        return f"moved {name} from {source} to {target}"
    if word.startswith("trimmed") and "duration" in fields:
        by = fields["duration"]["after"] - fields["duration"]["before"]
        edge = word.replace("trimmed", "trimmed the")
        return f"{edge} of {name}, {_span(after, by)} {'longer' if by > 0 else 'shorter'}"
    if word == "retimed":
        was, now = (fields["speed"][side] for side in ("before", "after"))
        return f"retimed {name} from {_ratio(was)} to {_ratio(now)}"
    if word == "changed":
        told = sorted(
            field for field in fields if WORDS.get(entry.kind, {}).get(field) is None and field not in SWITCHES
        )
        return f"changed {', '.join(told)} of {name}"
    return f"{word} {name}"


def _ratio(speed: dict[str, int]) -> str:
    return f"{100 * speed['num'] / speed['den']:g} %"


def _span(state: State, ticks: int) -> str:
    frames = abs(ticks) / state.rate.ticks_per_frame
    return f"{frames:g} frame{'' if frames == 1 else 's'}"


def _name(entry: Entry) -> str:
    name = _record(entry).value.get("name")
    return f'"{name}"' if name else entry.id


def _record(entry: Entry) -> Record:
    record = entry.new or entry.old
    assert record is not None
    return record


def _duration(state: State) -> int:
    return max((clip.value["start"] + clip.value["duration"] for clip in state.living("clip")), default=0)
