"""Which records of a file are which of the timeline's, when it comes in again after a trip through another program.

By id where the file still has ids; else clips by (media, source in, order), the longest run that both have in common;
then what is around them: tracks by the clips that lie on them, transitions by their clips, markers by time and name.

timeline   A  B  C  D   +   file   A  C  B'  D      ->   A, C and D are the longest run that both have; B' is B if its
                                                         media says so
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

from timeline_service.domain import clip_time
from timeline_service.domain.state import State

Row = tuple[str, str, dict[str, Any]]

NEAR: Final = 10_000
"""Ticks (14 µs) to which source times are compared: doubles have been in between."""
MOST_TWINS: Final = 16
"""So many clips of one key are tried for one; a film of one shot repeated ten thousand times is matched by order."""
IDENTITY: Final = ("asset_id", "url", "generator", "sequence_id")


def match(state: State, rows: list[Row]) -> dict[str, str]:
    """Ids in the file → ids of living records of the same kind."""
    found = {id: id for kind, id, _ in rows if state.find(id, kind) is not None}
    Matcher(state, rows, found).strangers()
    return found


class Matcher:
    """Finds those that have no id of ours. `found` grows."""

    def __init__(self, state: State, rows: list[Row], found: dict[str, str]) -> None:
        self.state = state
        self.found = found
        self.taken = set(found.values())
        self.strangers_of: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self.names = {id: value.get("name", "") for kind, id, value in rows if kind == "sequence"}
        self.places = {id: place for place, (kind, id, _) in enumerate(rows) if kind == "track"}
        for kind, id, value in rows:
            if id not in found and not is_ours(id):
                self.strangers_of[kind].append((id, value))

    def strangers(self) -> None:
        """All kinds, in the order in which one helps the next."""
        self._clips()
        self._tracks()
        self._sequences()
        self._by_key("transition", lambda value: (value["left_id"], value["right_id"]))
        for kind in ("marker", "annotation"):
            self._by_key(kind, lambda value: (value["parent_id"], value["time"] // NEAR, value.get("name", "")))

    def _clips(self) -> None:
        ordered = sorted(self.strangers_of["clip"], key=lambda row: (self.places[row[1]["track_id"]], row[1]["start"]))
        living = self._living_clips()
        for key in (self._shown, self._media):
            mine = [(id, value) for id, value in living if id not in self.taken]
            theirs = [(id, value) for id, value in ordered if id not in self.found]
            ours, others = (
                [key(value, self._name_here) for _, value in mine],
                [key(value, self._name_there) for _, value in theirs],
            )
            for left, right in common_run(ours, others):
                self._take(theirs[right][0], mine[left][0])
            self._leftovers(mine, ours, theirs, others)

    def _leftovers(self, mine: Any, ours: list[Hashable], theirs: Any, others: list[Hashable]) -> None:
        """What was moved past others: by key, first to first."""
        free = defaultdict(list)
        for (id, _), key in zip(mine, ours, strict=True):
            if id not in self.taken:
                free[key].append(id)
        for (id, _), key in zip(theirs, others, strict=True):
            if id not in self.found and free[key]:
                self._take(id, free[key].pop(0))

    def _living_clips(self) -> list[tuple[str, dict[str, Any]]]:
        def place(id: str) -> tuple[str, str, str, int, str]:
            value = self.state.records[id].value
            track = self.state.records[value["track_id"]].value
            return (track["sequence_id"] or "", track["kind"] != "video", track["order"], value["start"], id)

        ids = sorted((clip.id for clip in self.state.living("clip")), key=place)
        return [(id, self.state.records[id].value) for id in ids]

    def _shown(self, value: dict[str, Any], name: Callable[[str], str]) -> Hashable:
        return (*self._media(value, name), (clip_time.source_span(value)[0] + NEAR // 2) // NEAR)

    @staticmethod
    def _media(value: dict[str, Any], name: Callable[[str], str]) -> tuple[Hashable, ...]:
        media = value["media"]
        if "sequence_id" in media:
            return ("sequence", name(media["sequence_id"]))
        known = next(((n, media[n]) for n in IDENTITY if n in media), None)
        return known if known is not None and known[0] != "generator" else (str(known), value["name"])

    def _name_here(self, sequence: str) -> str:
        return str(self.state.records[sequence].value["name"])

    def _name_there(self, sequence: str) -> str:
        return str(self.names.get(sequence, ""))

    def _tracks(self) -> None:
        """Where most of its clips have gone; else the first of its kind and sequence that is left."""
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        for id, value in self.strangers_of["clip"]:
            if id in self.found:
                votes[value["track_id"]][self.state.records[self.found[id]].value["track_id"]] += 1
        for id, value in self.strangers_of["track"]:
            for track, _ in votes[id].most_common():
                if track not in self.taken and self.state.records[track].value["kind"] == value["kind"]:
                    self._take(id, track)
                    break
        root = [track for track in self.state.inside(None, "track") if track.id not in self.taken]
        root.sort(key=lambda track: (track.value["order"], track.id))
        for id, value in self.strangers_of["track"]:
            if id not in self.found and value["sequence_id"] is None:
                same = [
                    track.id for track in root if track.value["kind"] == value["kind"] and track.id not in self.taken
                ]
                if same:
                    self._take(id, same[0])

    def _sequences(self) -> None:
        """Those that matched nests show."""
        for id, value in self.strangers_of["clip"]:
            shown = value["media"].get("sequence_id")
            if id in self.found and shown is not None and shown not in self.found and not is_ours(shown):
                here = self.state.records[self.found[id]].value["media"].get("sequence_id")
                if here is not None and here not in self.taken:
                    self._take(shown, here)

    def _by_key(self, kind: str, key: Callable[[dict[str, Any]], Hashable]) -> None:
        """What lies between or on records that are known by now."""
        there: dict[Hashable, list[str]] = defaultdict(list)
        for record in sorted(self.state.living(kind), key=lambda record: record.id):
            if record.id not in self.taken:
                there[key(record.value)].append(record.id)
        for id, value in self.strangers_of[kind]:
            here = {name: self.found.get(str(field), field) for name, field in value.items() if name.endswith("_id")}
            twins = there.get(key({**value, **here}))
            if twins:
                self._take(id, twins.pop(0))

    def _take(self, id: str, known: str) -> None:
        self.found[id] = known
        self.taken.add(known)


def is_ours(id: str) -> bool:
    """Whether an id is a record's, and not a place in a file."""
    return not id.startswith("/")


def common_run(ours: list[Hashable], others: list[Hashable]) -> list[tuple[int, int]]:
    """The longest run of keys that two lists have in the same order: pairs of places, rising in both."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, key in enumerate(ours):
        places[key].append(place)
    met: Counter[Hashable] = Counter()
    ends: list[int] = []
    links: list[tuple[int, int, Any]] = []
    tops: list[int] = []
    for other, key in enumerate(others):
        nth = met[key]
        met[key] += 1
        twins = places.get(key, [])[max(0, nth - MOST_TWINS // 2) : nth + MOST_TWINS // 2 + 1]
        for place in reversed(twins):
            at = bisect_left(ends, place)
            links.append((place, other, tops[at - 1] if at else None))
            if at == len(ends):
                ends.append(place)
                tops.append(len(links) - 1)
            else:
                ends[at], tops[at] = place, len(links) - 1
    return list(reversed(list(_followed(links, tops[-1] if tops else None))))


def _followed(links: list[tuple[int, int, Any]], last: int | None) -> Iterable[tuple[int, int]]:
    while last is not None:
        place, other, last = links[last]
        yield place, other
