"""The semantic diff of two states of one timeline: what a person would say has happened between them.

    fields that differ   ->   words (moved, trimmed, retimed, re-cropped, …)   ->   sentences

Forks of one state share the records that neither wrote, so a small edit on a large timeline is a small diff.
"""

from collections import Counter, defaultdict
from typing import Any, Final

from projections import diff_sentences, diff_words, view
from projections.diff_words import ANIMATED, Entry
from timeline_service.domain import records
from timeline_service.domain.state import Record, State

ORDER: Final = {kind: place for place, kind in enumerate(records.RESTORE_ORDER)}


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
        "duration": {"before": view.duration(before), "after": view.duration(after)},
        "counts": {kind: dict(sorted(words.items())) for kind, words in counts.items()},
        "records": [
            {
                "kind": entry.kind,
                "id": entry.id,
                "name": entry.record.value.get("name", ""),
                "changes": list(entry.words),
                "fields": entry.fields,
            }
            for entry in entries
        ],
        "sentences": diff_sentences.sentences(after, entries),
    }


def affected(found: dict[str, Any]) -> dict[str, list[str]]:
    """Of a diff: the ids of the records that differ, by kind."""
    ids: dict[str, list[str]] = defaultdict(list)
    for record in found["records"]:
        ids[record["kind"]].append(record["id"])
    return dict(ids)


def _entries(before: State, after: State) -> list[Entry]:
    found = []
    for id in before.records.keys() | after.records.keys():
        was, is_ = before.records.get(id), after.records.get(id)
        if was is not is_:
            entry = _compare(_alive(was), _alive(is_))
            if entry is not None:
                found.append(entry)
    return sorted(_animated(found, after), key=lambda entry: (ORDER[entry.kind], entry.id))


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
    if not fields:
        return None
    return Entry(new.kind, new.id, tuple(diff_words.words(old, new, fields)), old, new, fields)


def _animated(entries: list[Entry], after: State) -> list[Entry]:
    """Keyframes speak for what they are on: a clip is said to be re-cropped, once, however many keyframes differ."""
    said: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "keyframe":
            word = ANIMATED.get(entry.record.value["property"], "animated")
            if word not in said[entry.record.value["parent_id"]]:
                said[entry.record.value["parent_id"]].append(word)
    known = {entry.id for entry in entries}
    told = [
        entry if entry.came_or_went else entry._replace(words=(*entry.words, *sorted(said.get(entry.id, ()))))
        for entry in entries
    ]
    for id, words in said.items():
        holder = after.find(id)
        if holder is not None and id not in known:
            told.append(Entry(holder.kind, id, tuple(sorted(words)), holder, holder, {}))
    return told
