"""Any OTIO file as records of ours: its structure, walked from the decoded JSON. OTIO itself never sees it.

    Timeline > Stack > Track > Clip, Gap, Transition, Stack or Track (a nest)

The structure is a closed list of schemas; unknown ones are kept, as they are, where they are effects, media or
metadata. Records that the file carries of ours keep their ids; the others are named by their place: `/0/3`.
"""

import hashlib
from typing import Any, Final

import orjson

from projections.otio import fitting, kept, upgrade
from projections.otio.claims import Claims
from projections.otio.inhabitants import Inhabitants
from projections.otio.kept import FIELD
from projections.otio.layout import Layout, Slot, Window, spread
from projections.otio.ranks import settle
from projections.otio.report import Report
from projections.otio.schema import Json, ours
from projections.otio.seen import Seen, within_noise
from projections.otio.times import Clock
from timeline_service.domain.transitions import SIDES

DEEPEST: Final = 16
Row = tuple[str, str, dict[str, Any]]


class Reader:
    """Reads one file. `rows` are the records found so far, `timeline_id` the parent of what lies on the timeline."""

    def __init__(self, clock: Clock, report: Report, timeline_id: str) -> None:
        self.clock = clock
        self.report = report
        self.claims = Claims()
        self.seen = Seen(clock, report)
        self.layout = Layout(clock, report)
        self.rows: list[Row] = []
        self.inside = Inhabitants(self.seen, self.claims, self.rows, timeline_id)
        self.sequences: dict[str, Any] = {}
        self.nests: dict[bytes, str] = {}
        self.clips: dict[str, Json] = {}

    # ---- sequences
    def sequence(self, layers: list[Any], id: str | None, place: str, window: Window | None = None) -> None:
        """The tracks of a sequence (None: of the root), lowest first. What is no track is one of its own."""
        found: list[tuple[str, Json, Json | None]] = []
        for number, layer in enumerate(layers):
            at = f"{place}/{number}"
            thing = layer
            if upgrade.name_of(layer) != "Track.1":
                if not isinstance(layer, dict):
                    raise upgrade.Malformed("a layer of a stack is no object")
                self.report.approximated("layer", at)
                thing = {"OTIO_SCHEMA": "Track.1", "name": layer.get("name") or "", "children": [layer]}
            found.append(self._track(upgrade.normal(thing), id, at, window))
        settle(found)

    def _track(
        self, thing: Json, sequence: str | None, place: str, window: Window | None
    ) -> tuple[str, Json, Json | None]:
        id, own = self.claims.claim(thing, ("track",), place)
        value = self.seen.track(thing, own, sequence, place)
        self.rows.append(("track", id, value))
        self.inside.of_track(thing, id, place)
        slots = spread(self.layout, thing, place, window)
        gaps: Json = {}
        self._items(slots, id, value, place, gaps)
        if gaps:
            value[FIELD] = kept.stored({**kept.of(value), "gaps": gaps})
        return id, value, own if id != place else None

    # ---- what lies on a track
    def _items(self, slots: list[Slot], track: str, value: Json, place: str, gaps: Json) -> None:
        kind = value["kind"]
        grid = self.clock.rate.ticks_per_frame if kind == "video" else 1
        there: dict[int, str] = {}
        before = 0
        for slot in slots:
            at = f"{place}/{slot.number}"
            if slot.schema == "Gap.1":
                self._gap(slot, track, grid, gaps, at)
            elif slot.schema != "Transition.1":
                found = self._item(slot, track, kind, grid, before, at)
                if found is not None:
                    there[slot.number], before = found
        if slots and slots[-1].schema == "Gap.1" and slots[-1].end > slots[-1].start:
            self.report.approximated("gap_at_the_end", f"{place}/{slots[-1].number}")
        self._transitions(slots, there, grid, place)

    def _gap(self, slot: Slot, track: str, grid: int, gaps: Json, place: str) -> None:
        thing = slot.thing
        plain = self.layout.plain_gap(thing)
        found = kept.gather(thing, plain, ("name", "color"))
        found.pop("warp", None)
        if thing["effects"] or not thing["enabled"]:
            self.report.lost("effect_on_gap", place)
        if found:
            gaps.setdefault(str(self.clock.edge(slot.start, grid)), found)
        given = thing["source_range"]
        first = self.clock.ticks(given["start_time"]) if given else 0
        for number, marker in enumerate(thing["markers"]):
            self.report.approximated("marker_on_gap", place)
            self.inside.loose_marker(marker, track, slot.start - first, f"{place}/m{number}")

    def _item(self, slot: Slot, track: str, kind: str, grid: int, before: int, place: str) -> tuple[str, int] | None:
        """A clip, a nest or a caption: its id and where it ends. None for what has no length on the grid."""
        thing = slot.thing
        id, own = self.claims.claim(thing, ("caption",) if kind == "caption" else ("clip",), place)
        start, end = self._edges(slot, own, grid, place)
        start = max(start, before)
        if end <= start:
            self.report.lost("too_short", place)
            return None
        where = {"track_id": track, "start": start, "duration": end - start}
        if kind == "caption":
            value = self._caption(thing, own, where, place)
            self.rows.append(("caption", id, value))
        else:
            value = self._clip(slot, id, own, where, kind, place)
        return id, end

    def _edges(self, slot: Slot, own: Json | None, grid: int, place: str) -> tuple[int, int]:
        exact = (own["start"], own["start"] + own["duration"]) if own is not None else None
        edges = (slot.start, slot.end)
        if exact is None:
            return self.clock.edge(edges[0], grid, place), self.clock.edge(edges[1], grid, place)
        start, end = (
            known if within_noise(at, known) else self.clock.edge(at, grid, place)
            for at, known in zip(edges, exact, strict=True)
        )
        if within_noise(slot.end - slot.start, own["duration"] if own else 0) and own:
            end = start + own["duration"]
        return start, end

    def _caption(self, thing: Json, own: Json | None, where: Json, place: str) -> Json:
        if own is None:
            self.report.approximated("caption", place)
            return self.seen.foreign_caption(thing, where, place)
        return self.seen.caption(thing, own, where, place)

    def _clip(self, slot: Slot, id: str, own: Json | None, where: Json, kind: str, place: str) -> Json:
        thing = slot.thing
        value = self.seen.clip(thing, own, where, kind == "audio", place)
        if slot.cut and value["speed"]["num"] and not value["reversed"]:
            value["source_in"] += round(slot.cut * value["speed"]["num"] / value["speed"]["den"])
        if "children" in thing:
            sequence = self._nest(thing, own, place)
            if value["media"].get("sequence_id") != sequence:
                value["media"] = {"sequence_id": sequence}
        elif kind == "audio" and value["media"].get("generator") not in (None, "tone"):
            value["media"] = {"missing": True}
        if own is None:
            value["link_id"] = self.inside.link_of(thing)
        fitting.source(value, self.report, place)
        self.seen.keep("clip", thing, own, value)
        self.rows.append(("clip", id, value))
        self.clips[id] = value
        self.inside.of_clip(thing, id, value, place)
        return value

    def _nest(self, thing: Json, own: Json | None, place: str) -> str:
        """The sequence of a nest: read where it is met first; a copy that nobody has changed is the same one."""
        if place.count("/") > 2 * DEEPEST:
            raise upgrade.Malformed("compositions are nested deeper than 16")
        layers: list[Any] = [thing] if upgrade.name_of(thing) == "Track.1" else thing["children"]
        block = (ours(thing) or {}) if own is not None else {}
        known = own["media"].get("sequence_id") if own is not None else None
        if known in self.sequences and (self.sequences[known] == layers or (block.get("copy") and not layers)):
            return str(known)
        given = block.get("sequence")
        alike = hashlib.sha256(orjson.dumps(layers)).digest() if layers and known is None else b""
        if alike in self.nests:
            return self.nests[alike]
        if isinstance(given, dict):
            id, record = self.claims.claim_block(given, "sequence", f"{place}/s")
        elif block.get("copy") and not layers and known is not None:
            return str(known)
        else:
            id, record = f"{place}/s", {"name": self.seen.text(thing["name"], place)}
        self.sequences[id] = layers
        self.nests |= {alike: id} if alike else {}
        self.rows.append(("sequence", id, record))
        bare: Json = {"source_range": None, "effects": [], "markers": [], "metadata": {}}
        inner = layers if layers is thing["children"] else [{**thing, **bare}]
        self.sequence(inner, id, f"{place}/s")
        return id

    # ---- transitions
    def _transitions(self, slots: list[Slot], there: dict[int, str], grid: int, place: str) -> None:
        taken: dict[str, int] = {}
        for slot in slots:
            if slot.schema != "Transition.1":
                continue
            at = f"{place}/{slot.number}"
            id, own = self.claims.claim(slot.thing, ("transition",), at)
            neighbours = (there.get(slot.number - 1), there.get(slot.number + 1))
            sides = dict(zip(SIDES, neighbours, strict=True))
            for side, offset in zip(SIDES, ("in_offset", "out_offset"), strict=True):
                if own is not None and own[side] is None and not own[offset] and _nothing(slot.thing[offset]):
                    sides[side] = None
            if not self._touching(sides):
                self.report.lost("transition", at)
                continue
            value = self.seen.transition(slot.thing, own, sides, at)
            if fitting.transition(value, self.clips, taken, grid, self.report, at):
                self.seen.keep("transition", slot.thing, own, value)
                self.rows.append(("transition", id, value))

    def _touching(self, sides: dict[str, str | None]) -> bool:
        """Whether there is a clip, or two that touch after all rounding."""
        left, right = (self.clips.get(sides[side] or "") for side in SIDES)
        if left is None or right is None:
            return left is not right
        return bool(left["start"] + left["duration"] == right["start"])


def _nothing(time: Json | None) -> bool:
    return time is None or not time["value"]
