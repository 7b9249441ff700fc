"""Where the children of a track lie: exact ticks from the lengths of all that comes before them."""

from dataclasses import dataclass
from typing import Any, Final

from projections.otio import schema, upgrade
from projections.otio.report import Report
from projections.otio.schema import Json
from projections.otio.seen import available_range
from projections.otio.times import Clock, Ticks

MOST_ITEMS: Final = 20_000
Window = tuple[Ticks, Ticks]
"""The part of a composition that is shown: from, to."""


class TooMany(ValueError):
    """The file has more items than an import takes."""


@dataclass(slots=True)
class Slot:
    """A child (normal, see upgrade) and where it lies; `cut` is how much of its beginning a window hides."""

    number: int
    thing: Json
    start: Ticks
    end: Ticks
    cut: Ticks = 0

    @property
    def schema(self) -> str:
        return str(self.thing["OTIO_SCHEMA"])


class Layout:
    """Lengths of items and compositions."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self.clock = clock
        self.report = report
        self.items = 0
        self._known: dict[int, tuple[Any, Ticks]] = {}

    def count(self) -> None:
        """One more item. Raises TooMany."""
        self.items += 1
        if self.items > MOST_ITEMS:
            raise TooMany

    def plain_gap(self, gap: Json) -> Json:
        """The gap that we would write."""
        plain = schema.gap({}, self.clock.rate)
        return {**plain, "source_range": gap["source_range"]}

    def length(self, thing: Json) -> Ticks:
        """Of a normal item, as OTIO has it: its source range, else what there is of it."""
        name = thing["OTIO_SCHEMA"]
        if name == "Transition.1":
            return 0
        given = thing["source_range"]
        if given is None and name == "Clip.2":
            given = available_range(thing)
        if given is not None:
            return self.clock.duration(given["duration"])
        return self._natural(thing) if "children" in thing else 0

    def _natural(self, composition: Json) -> Ticks:
        children = composition["children"]
        known = self._known.get(id(children))
        if known is not None:
            return known[1]
        things = [upgrade.normal(child) for child in children]
        lengths = [self.length(thing) for thing in things]
        longest = max(lengths, default=0)
        if composition["OTIO_SCHEMA"] == "Track.1":
            longest = sum(lengths) + self._overhang(things, 0, "in_offset") + self._overhang(things, -1, "out_offset")
        self._known[id(children)] = (children, longest)
        return longest

    def _overhang(self, things: list[Json], place: int, offset: str) -> Ticks:
        """A transition at either end of a track makes it longer, in OTIO."""
        end = things[place] if things else None
        if end is None or end["OTIO_SCHEMA"] != "Transition.1" or not end[offset]:
            return 0
        return self.clock.duration(end[offset])

    def window(self, thing: Json) -> Window | None:
        """The part of a composition that its source range shows."""
        given = thing["source_range"]
        if given is None:
            return None
        start = self.clock.ticks(given["start_time"])
        return start, start + self.clock.duration(given["duration"])


STRUCTURE: Final = ("Clip.2", "Gap.1", "Transition.1", "Stack.1", "Track.1")


def spread(layout: Layout, track: Json, place: str, outer: Window | None) -> list[Slot]:
    """The children of a track in the order of time. Raises Malformed for what may not lie on a track."""
    slots: list[Slot] = []
    at: Ticks = 0
    for number, child in enumerate(track["children"]):
        thing = upgrade.normal(child)
        if thing["OTIO_SCHEMA"] not in STRUCTURE:
            raise upgrade.Malformed("an object has a schema that has no place there")
        if thing["OTIO_SCHEMA"] != "Gap.1":
            layout.count()
        length = layout.length(thing)
        slots.append(Slot(number, thing, at, at + length))
        at += length
    for window in (layout.window(track), outer):
        if window is not None:
            layout.report.approximated("source_range_of_composition", place)
            slots = [shown for slot in slots if (shown := _seen_through(slot, window)) is not None]
    return slots


def _seen_through(slot: Slot, window: Window) -> Slot | None:
    low, high = window
    start, end = max(slot.start, low), min(slot.end, high)
    transition = slot.schema == "Transition.1" and low < slot.start < high
    if end <= start and not transition:
        return None
    return Slot(slot.number, slot.thing, start - low, end - low, slot.cut + start - slot.start)
