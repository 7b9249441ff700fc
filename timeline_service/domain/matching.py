"""Which records of a file are which of the timeline's, when it comes in again after a trip through another program.

By id where the file still has ids; else clips by (media, source in, order), the longest run that both have in common;
then what is around them: tracks by the clips that lie on them, transitions by their clips, markers by time and name.

timeline   A  B  C  D   +   file   A  C  B'  D      ->   A, C and D are the longest run that both have; B' is B if its
                                                         media says so
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, NamedTuple

from timeline_service.domain import clip_time, transitions
from timeline_service.domain.state import State

Row = tuple[str, str, dict[str, Any]]
Clip = tuple[str, dict[str, Any]]

NEAR: Final = 10_000
"""Ticks (14 µs) to which source times are compared: doubles have been in between."""
MOST_TWINS: Final = 16
"""So many clips of one key are tried for one; a film of one shot repeated ten thousand times is matched by order."""
KEPT: Final = "metadata.otio"
DERIVED: Final = frozenset({"Resolve_OTIO", "PremierePro_OTIO"})
DERIVED_NAMES: Final = ("Resolve Effect", "Motion", "Opacity")
"""Effects that we write for other programs beside our keyframes."""
IDENTITY: Final = ("asset_id", "url", "generator", "sequence_id")


class Match(NamedTuple):
    """Ids in the file → ids of living records of the same kind; and those that only show what we wrote for others."""

    found: dict[str, str]
    shadows: set[str]


def match(state: State, rows: list[Row]) -> Match:
    """Who is who."""
    found = {id: id for kind, id, _ in rows if state.find(id, kind) is not None}
    matcher = _Matcher(state, rows, found)
    matcher.strangers()
    return Match(found, matcher.shadows)


class _Matcher:
    """Finds those that have no id of ours. `found` grows."""

    def __init__(self, state: State, rows: list[Row], found: dict[str, str]) -> None:
        self.state = state
        self.found = found
        self.shadows: set[str] = set()
        self.taken = set(found.values())
        self.strangers_of: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self.tracks = {id: (place, value) for place, (kind, id, value) in enumerate(rows) if kind == "track"}
        for kind, id, value in rows:
            if id not in found and not is_ours(id):
                self.strangers_of[kind].append((id, value))

    def strangers(self) -> None:
        """All kinds, in the order in which one helps the next."""
        scopes: list[tuple[str | None, str | None]] = [(None, None)]
        while scopes:
            there, here = scopes.pop()
            self._clips(self._clips_there(there), self._clips_here(here))
            scopes += self._sequences()
        living = sorted(self.state.living("clip"), key=lambda clip: clip.id)
        self._clips(self.strangers_of["clip"], [(clip.id, clip.value) for clip in living])
        self._sequences()
        self._tracks()
        self._by_key("transition", lambda value: (value["left_id"], value["right_id"]))
        for side in transitions.SIDES:  # one clip may have faded alone
            self._by_key("transition", lambda value, side=side: value[side])  # type: ignore[misc]
        self._by_key("caption", lambda value: (value["track_id"], value["start"] // NEAR))
        self._by_key("caption", lambda value: (value["track_id"], value["text"]))
        self._by_key(
            "marker", lambda value: (value["parent_id"], value["time"] // NEAR, value["color"], value["comment"])
        )
        self._shadows()
        self._by_key("marker", lambda value: (value["parent_id"], value["time"] // NEAR, value["name"]))

    def _clips(self, ordered: list[Clip], living: list[Clip]) -> None:
        """What has stayed in its place, the longest run of those that show the same, the same in any order."""
        placed = [[self._placed(value) for _, value in clips] for clips in (living, ordered)]
        self._leftovers(living, placed[0], ordered, placed[1])
        for key in (self._shown, self._media):
            mine = [(id, value) for id, value in living if id not in self.taken]
            theirs = [(id, value) for id, value in ordered if id not in self.found]
            ours, others = (
                [key(value) for _, value in mine],
                [key(value) for _, value in theirs],
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

    def _clips_there(self, sequence: str | None) -> list[Clip]:
        """The clips of a sequence of the file: track by track, in the order of time."""
        of = {id: place for id, (place, value) in self.tracks.items() if value["sequence_id"] == sequence}
        found = [row for row in self.strangers_of["clip"] if row[1]["track_id"] in of]
        kinds = {id: value["kind"] != "video" for id, (_, value) in self.tracks.items()}
        return sorted(found, key=lambda row: (kinds[row[1]["track_id"]], of[row[1]["track_id"]], row[1]["start"]))

    def _clips_here(self, sequence: str | None) -> list[Clip]:
        """The clips of a sequence of the timeline, likewise."""
        tracks = sorted(
            self.state.inside(sequence, "track"), key=lambda t: (t.value["kind"] != "video", t.value["order"], t.id)
        )
        found = [sorted(self.state.inside(t.id, "clip"), key=lambda c: (c.value["start"], c.id)) for t in tracks]
        return [(clip.id, clip.value) for clips in found for clip in clips]

    def _shown(self, value: dict[str, Any]) -> Hashable:
        return (*self._media(value), (clip_time.source_span(value)[0] + NEAR // 2) // NEAR)

    def _placed(self, value: dict[str, Any]) -> Hashable:
        return (
            *self._media(value),
            clip_time.source_span(value)[0] // NEAR,
            value["start"] // NEAR,
            value["duration"] // NEAR,
        )

    @staticmethod
    def _media(value: dict[str, Any]) -> tuple[Hashable, ...]:
        media = value["media"]
        if "sequence_id" in media:
            return ("sequence",)
        known = next(((n, media[n]) for n in IDENTITY if n in media), None)
        return known if known is not None and known[0] != "generator" else (str(known), value["name"])

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
        for id, value in self.strangers_of["track"]:
            if id not in self.found:
                same = self._free_tracks(self.found.get(str(value["sequence_id"]), value["sequence_id"]), value["kind"])
                if same:
                    self._take(id, same[0])

    def _free_tracks(self, sequence: str | None, kind: str) -> list[str]:
        free = [t for t in self.state.inside(sequence, "track") if t.id not in self.taken and t.value["kind"] == kind]
        return [track.id for track in sorted(free, key=lambda track: (track.value["order"], track.id))]

    def _sequences(self) -> list[tuple[str | None, str | None]]:
        """Those that matched nests show: there, here."""
        found: list[tuple[str | None, str | None]] = []
        for id, value in self.strangers_of["clip"]:
            shown = value["media"].get("sequence_id")
            if id in self.found and shown is not None and shown not in self.found and not is_ours(shown):
                here = self.state.records[self.found[id]].value["media"].get("sequence_id")
                if here is not None and here not in self.taken:
                    self._take(shown, here)
                    found.append((shown, here))
        return found

    def _by_key(self, kind: str, key: Callable[[dict[str, Any]], Hashable]) -> None:
        """What lies between or on records that are known by now."""
        there: dict[Hashable, list[str]] = defaultdict(list)
        for record in sorted(self.state.living(kind), key=lambda record: record.id):
            if record.id not in self.taken:
                there[key(record.value)].append(record.id)
        for id, value in self.strangers_of[kind]:
            known = key(self._here(value)) if id not in self.found and id not in self.shadows else None
            twins = there.get(known) if known is not None else None
            if twins:
                self._take(id, twins.pop(0))

    def _here(self, value: dict[str, Any]) -> dict[str, Any]:
        """The same with references to what is known by now."""
        return value | {name: self.found.get(str(id), id) for name, id in value.items() if name.endswith("_id")}

    def _shadows(self) -> None:
        """Our effects, keyframes and annotations, which other programs take for effects and markers of any kind."""
        for kind, is_shadow in (("effect", self._is_our_effect), ("marker", self._is_our_annotation)):
            for id, value in self.strangers_of[kind]:
                here = self._here(value)
                if id not in self.found and self.state.find(here["parent_id"]) is not None and is_shadow(here):
                    self.shadows.add(id)

    def _is_our_effect(self, value: dict[str, Any]) -> bool:
        raw = value.get(KEPT, {}).get("effect")
        if not isinstance(raw, dict):
            return False
        kind, metadata = raw.get("effect_name"), raw.get("metadata")
        if str(kind).startswith("timeline_service.") or (isinstance(metadata, dict) and DERIVED & metadata.keys()):
            return True
        known = [effect.value for effect in self.state.inside(value["parent_id"], "effect")]
        return kind in DERIVED_NAMES or any(
            value.get(KEPT) == there.get(KEPT) or (kind, raw.get("name")) == (there["kind"], there["name"])
            for there in known
        )

    def _is_our_annotation(self, value: dict[str, Any]) -> bool:
        known = self.state.inside(value["parent_id"], "annotation")
        return any(value["time"] // NEAR == there.value["time"] // NEAR for there in known)

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
