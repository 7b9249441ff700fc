"""What lies in and on tracks, clips and the timeline: effects with their keyframes, markers, annotations, links."""

from typing import Any, Final

from projections.otio import upgrade
from projections.otio.claims import Claims
from projections.otio.medias import rate_of
from projections.otio.ranks import settle_pile
from projections.otio.schema import Json, ours
from projections.otio.seen import Seen
from projections.otio.times import Ticks
from timeline_service.domain.time import Rate

Row = tuple[str, str, dict[str, Any]]
DERIVED: Final = frozenset({"Resolve_OTIO", "PremierePro_OTIO"})


class Inhabitants:
    """Reads them into the rows of one file."""

    def __init__(self, seen: Seen, claims: Claims, rows: list[Row], timeline_id: str) -> None:
        self.seen = seen
        self.report = seen.report
        self.claims = claims
        self.rows = rows
        self.timeline_id = timeline_id
        self.first_format = False

    def of_timeline(self, stack: Json) -> None:
        """Its markers and annotations, which lie on its stack."""
        self._notes(stack["markers"], self.timeline_id, self.seen.clock.rate, "")

    def of_track(self, thing: Json, id: str, place: str) -> None:
        """Effects, keyframes and notes of a track."""
        self._effects(thing["effects"], id, place, warps=False)
        self._notes(thing["markers"], id, self.seen.clock.rate, place)

    def of_clip(self, thing: Json, id: str, value: Json, place: str) -> None:
        """Effects, keyframes and notes of a clip."""
        self._effects(thing["effects"], id, place, warps=True)
        self._notes(thing["markers"], id, rate_of(value["media"], self.seen.clock.rate), place)

    # ---- effects
    def _effects(self, effects: list[Any], parent: str, place: str, *, warps: bool) -> None:
        ranked: list[tuple[str, Json, Json | None]] = []
        for number, thing in enumerate(effects):
            at = f"{place}/e{number}"
            block = ours(thing) or {}
            if (warps and upgrade.is_warp(thing)) or self._is_derived(thing, block):
                continue
            if "keyframes" in block and "record" not in block:
                self._keyframes(block["keyframes"], parent, at)
                continue
            id, own = self.claims.claim(thing, ("effect",), at)
            value = self.seen.effect(upgrade.open_wrapped(thing) if own is None else thing, own, parent, at)
            self.rows.append(("effect", id, value))
            ranked.append((id, value, own if id != at else None))
            if own is not None:
                self._keyframes(block.get("keyframes", []), id, at)
        settle_pile(ranked)

    def _is_derived(self, thing: Any, block: Json) -> bool:
        """Whether we made an effect for other programs; in the first format those did not say so."""
        if block or not self.first_format:
            return block.get("kind") == "derived"
        return upgrade.sound(thing, upgrade.EFFECTS) and bool(DERIVED & thing["metadata"].keys())

    def _keyframes(self, rows: Any, parent: str, place: str) -> None:
        for number, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict):
                id, own = self.claims.claim_block(row, "keyframe", f"{place}/k{number}")
                self.rows.append(("keyframe", id, {**own, "parent_id": parent}))

    # ---- notes
    def _notes(self, markers: list[Any], parent: str, rate: Rate, place: str) -> None:
        for number, marker in enumerate(markers):
            self._note(upgrade.normal(marker), parent, rate, f"{place}/m{number}")

    def _note(self, thing: Json, parent: str, rate: Rate, place: str) -> None:
        if thing["OTIO_SCHEMA"] != "Marker.2":
            raise upgrade.Malformed("an object has a schema that has no place there")
        kind = (ours(thing) or {}).get("kind")
        kind = "annotation" if kind == "annotation" else "marker"
        id, own = self.claims.claim(thing, (kind,), place)
        self.rows.append((kind, id, self.seen.note(thing, kind, own, parent, rate, place)))

    def loose_marker(self, marker: Any, track: str, by: Ticks, place: str) -> None:
        """A marker on a gap goes to the track, to the time it stands at."""
        thing = upgrade.normal(marker)
        self._note(thing, track, self.seen.clock.rate, place)
        value = self.rows[-1][2]
        value["time"] = max(0, value["time"] + round(by))

    def link_of(self, thing: Json) -> str | None:
        """The link that Resolve or Premiere put a stranger's clip in, as a label."""
        resolve, premiere = (thing["metadata"].get(name) for name in ("Resolve_OTIO", "fcp_xml"))
        number = resolve.get("Link Group ID") if isinstance(resolve, dict) else None
        if isinstance(number, int):
            return f"/link/{number}"
        links = premiere.get("link") if isinstance(premiere, dict) else None
        named = [link.get("linkclipref") for link in links if isinstance(link, dict)] if isinstance(links, list) else []
        refs = sorted(ref for ref in named if isinstance(ref, str))
        return f"/link/{refs[0]}" if len(refs) > 1 else None
