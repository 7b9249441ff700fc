"""The sentences of a diff: one a record, and one for all that moved together."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from projections.diff_words import ANIMATED, Entry, word
from timeline_service.domain import records
from timeline_service.domain.state import Record, State

LONGEST: Final = 40
"""So many characters of a caption name it."""
PHRASES: Final = {
    "opacity set": "set the opacity of",
    "animated": "changed the keyframes of",
    **{said: f"changed the {name} keyframes of" for name, said in ANIMATED.items() if name != "crop"},
}
"""Words that need more words in a sentence; the others stand before the name as they are."""


def sentences(after: State, entries: Iterable[Entry]) -> list[str]:
    """What happened to each record, and once for all that moved together; keyframes are told with what they are on."""
    told: list[str] = []
    together: dict[tuple[str, str, int], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind == "keyframe":
            continue
        by = _distance(entry)
        if by is not None:
            together[entry.words[0], _track(entry), by].append(entry)
        else:
            told.append(_sentence(entry, after))
    for (went, track, by), moved in together.items():
        told.append(f"{went} {_all(moved, track, after)} {_span(after, by)} {'later' if by > 0 else 'earlier'}")
    return told


def _all(entries: list[Entry], track: str, after: State) -> str:
    if len(entries) == 1:
        return named(entries[0].record, after)
    kinds = {entry.kind for entry in entries}
    things = f"{kinds.pop()}s" if track and len(kinds) == 1 else "items"
    return f"{len(entries)} {things}" + (f" on {after.name_of(track)}" if track else "")


def _distance(entry: Entry) -> int | None:
    """How far a record moved in time, if that is all that happened to it."""
    time = records.KINDS[entry.kind].time
    if time is None or entry.words not in (("moved",), ("shifted",)) or set(entry.fields) != {time}:
        return None
    moved: int = entry.fields[time]["after"] - entry.fields[time]["before"]
    return moved


def _track(entry: Entry) -> str:
    return str(entry.record.value.get("track_id", ""))


def _sentence(entry: Entry, after: State) -> str:
    name = named(entry.record, after)
    if entry.came_or_went:
        kind = "" if entry.kind in ("transition", "effect") else f"{entry.kind} "
        return f"{entry.words[0]} {kind}{name}"
    return "; ".join(_phrase(said, name, entry, after) for said in entry.words)


def _phrase(said: str, name: str, entry: Entry, after: State) -> str:
    fields = entry.fields
    if said == "renamed":
        return f'renamed {entry.kind} "{fields["name"]["before"]}" to "{fields["name"]["after"]}"'
    if said == "moved" and "track_id" in fields:
        source, target = (after.name_of(fields["track_id"][side]) for side in ("before", "after"))
        return f"moved {name} from {source} to {target}"
    if said.startswith("trimmed") and "duration" in fields:
        by = fields["duration"]["after"] - fields["duration"]["before"]
        edge = said.replace("trimmed", "trimmed the")
        return f"{edge} of {name}, {_span(after, by)} {'longer' if by > 0 else 'shorter'}"
    if said == "retimed":
        was, now = (fields["speed"][side] for side in ("before", "after"))
        return f"retimed {name} from {_ratio(was)} to {_ratio(now)}"
    if said == "changed":
        return f"changed {', '.join(_changed(entry))} of {name}"
    return f"{PHRASES.get(said, said)} {name}"


def _changed(entry: Entry) -> list[str]:
    """The fields for which there is no better word."""
    told = entry.fields.items()
    return sorted(field for field, both in told if word(entry.kind, field, both["before"], both["after"]) == "changed")


def named(record: Record, state: State) -> str:
    """A record for a sentence: its name, or what it is and where."""
    value: dict[str, Any] = record.value
    if value.get("name"):
        return f'"{value["name"]}"'
    if record.kind == "caption":
        text = str(value["text"])
        return f'"{text}"' if len(text) <= LONGEST else f'"{text[:LONGEST]}…"'
    if record.kind == "effect":
        return f"the effect {value['kind']} on {state.name_of(value['parent_id'])}"
    if record.kind == "transition":
        sides = [state.name_of(value[side]) for side in ("left_id", "right_id") if value[side] is not None]
        at = "between" if len(sides) == 2 else "at the head of" if value["left_id"] is None else "at the end of"
        return f"the {value['kind']} {at} {' and '.join(sides)}"
    return record.id


def _ratio(speed: dict[str, int]) -> str:
    return f"{100 * speed['num'] / speed['den']:g} %"


def _span(state: State, ticks: int) -> str:
    frames = abs(ticks) / state.rate.ticks_per_frame
    return f"{frames:g} frame{'' if frames == 1 else 's'}"
