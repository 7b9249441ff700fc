"""What one OTIO object says, as the fields of a record.

Of a stranger's object that is all there is. Of one that carries a record of ours, the record stands wherever the OTIO
fields are what we would write for it; where another program has changed them, what they say now counts.
"""

from collections.abc import Callable
from typing import Any, Final

from projections.otio import kept, meanings, medias, upgrade
from projections.otio.items import RAW, Items, foreign_effect
from projections.otio.kept import FIELD
from projections.otio.report import Report
from projections.otio.schema import Json
from projections.otio.times import NOISE, Clock, Ticks, listed
from timeline_service.domain import clip_time, records
from timeline_service.domain.json_value import storable_text
from timeline_service.domain.time import MAX_TICKS, Rate

LONGEST: Final = 1000
LONGEST_COMMENT: Final = 10_000
_SHOWN: Final = (
    "name", "source_range", "enabled", "media_references", "active_media_reference_key", "color",
)  # fmt: skip


class Seen:
    """Reads objects (normal, see upgrade) at the rate of one file. `own` is the record that an object carries."""

    def __init__(self, clock: Clock, report: Report) -> None:
        self.clock = clock
        self.report = report
        self.items = Items(clock.rate)

    def text(self, said: str, where: str, most: int = LONGEST) -> str:
        """A text that a record can hold."""
        try:
            held = storable_text(said)[:most]
        except ValueError:
            held = said.replace("\x00", "")[:most]
        if held != said:
            self.report.approximated("text", where)
        return held

    # ---- clips and nests
    def clip(self, thing: Json, own: Json | None, place: Json, sounding: bool, where: str) -> Json:
        """A clip at its place (track_id, start and duration). What is kept of it is seen to when it fits there."""
        if own is None:
            said = self._clip_fields(thing, sounding, where)
            value = records.new("clip", **place, **{"media": {"missing": True}, **said})
            self._note_clip(thing, value, where)
        else:
            value = {name: field for name, field in own.items() if name != FIELD} | place
            self._follow(thing, own, value, sounding, where)
        return value

    def _follow(self, thing: Json, own: Json, value: Json, sounding: bool, where: str) -> None:
        """Take over what another program has changed in a clip of ours."""
        expected = self.items.clip("", own)
        if _shown(thing) == _shown(expected) or kept.same(_shown(thing), _shown(expected)):
            return
        said, usual = self._clip_fields(thing, sounding, where), self._clip_fields(expected, sounding, where)
        moved = said.pop("source_in") - usual.pop("source_in")
        if "media" in said and said["media"] != usual["media"]:
            same = all(said["media"].get(name) == own["media"].get(name) for name in medias.IDENTITY)
            said["media"] = {**own["media"], **said["media"]} if same else said["media"]
        value |= {name: field for name, field in said.items() if field != usual[name]}
        if (said["speed"], said["reversed"]) != (usual["speed"], usual["reversed"]):
            first, _ = clip_time.source_span(own)
            value |= {"source_in": first + moved, "map_offset": 0}
        elif abs(moved) > NOISE:
            value["source_in"] += moved

    def _clip_fields(self, thing: Json, sounding: bool, where: str) -> Json:
        given = thing["source_range"]
        speed, backwards = meanings.warped([effect for effect in thing["effects"] if upgrade.is_warp(effect)])
        fields: Json = {
            "speed": speed,
            "reversed": backwards,
            "name": self.text(thing["name"], where),
            "enabled": thing["enabled"],
            "color": meanings.color_of(thing["color"]),
        }
        if thing["OTIO_SCHEMA"] == "Clip.2":
            active = thing["media_references"][thing["active_media_reference_key"]]
            media = fields["media"] = medias.media_of(active, self.clock, sounding)
            given = given or available_range(thing)
            rate = listed(given["start_time"]["rate"]) if given else None
            if rate is not None and rate != self.clock.rate:
                media["rate"] = rate.as_dict()
        fields["source_in"] = round(self.clock.ticks(given["start_time"])) if given else 0
        return fields

    def _note_clip(self, thing: Json, value: Json, where: str) -> None:
        if "missing" in value["media"] and "media_references" in thing:
            active = thing["media_references"][thing["active_media_reference_key"]]
            if upgrade.name_of(active) != "MissingReference.1":
                self.report.approximated("media", where)
        exact = 1.0
        for warp in thing["effects"]:
            exact *= abs(warp["time_scalar"]) if upgrade.is_warp(warp) else 1.0
        if abs(exact - value["speed"]["num"] / value["speed"]["den"]) > 1e-9 * exact:
            self.report.approximated("speed", where)

    # ---- what else lies on tracks
    def caption(self, thing: Json, own: Json, place: Json, where: str) -> Json:
        """A caption of ours at its place."""
        value = {name: field for name, field in own.items() if name != FIELD} | place
        expected = self.items.caption("", own)
        self._words(thing, expected, value, ("name", "enabled"), where)
        active = thing["media_references"][thing["active_media_reference_key"]]
        said = active.get("parameters") if isinstance(active, dict) else None
        text = said.get("text") if isinstance(said, dict) else None
        if isinstance(text, str):
            value["text"] = self.text(text, where, LONGEST_COMMENT)
        self.keep("caption", thing, own, value)
        return value

    def foreign_caption(self, thing: Json, place: Json, where: str) -> Json:
        """A clip on a caption track of a stranger: its text is its name, or what its generator or effects say."""
        said = next(iter(_texts(thing)), thing["name"])
        value = records.new("caption", **place, text=self.text(said, where), enabled=thing["enabled"])
        self.keep("caption", thing, None, value)
        return value

    def transition(self, thing: Json, own: Json | None, sides: Json, where: str) -> Json:
        """A transition between `sides`; whether it fits there and what is kept of it is seen to later (see fitting)."""
        offsets = {end: self.clock.duration(thing[end]) if thing[end] else 0 for end in ("in_offset", "out_offset")}
        kind = meanings.transition_kind(thing["transition_type"])
        if own is None:
            value = records.new("transition", kind=kind, name=self.text(thing["name"], where), **sides)
            value |= {end: round(ticks) for end, ticks in offsets.items()}
            if kind == "custom":
                self.report.approximated("transition_kind", where)
        else:
            value = {name: field for name, field in own.items() if name != FIELD} | sides
            expected = self.items.transition("", own)
            self._words(thing, expected, value, ("name",), where)
            if thing["transition_type"] != expected["transition_type"]:
                value["kind"] = kind
            value |= {end: round(ticks) for end, ticks in offsets.items() if abs(ticks - own[end]) > NOISE}
        return value

    # ---- notes and effects
    def note(self, thing: Json, kind: str, own: Json | None, parent: str, rate: Rate, where: str) -> Json:
        """A marker (of a stranger: always one) or an annotation; `rate` is that at which we would write its times."""
        given = thing["marked_range"]
        time = self.clock.ticks(given["start_time"]) if given else 0
        duration = self.clock.duration(given["duration"]) if given else 0
        comment = self.text(thing["comment"], where, LONGEST_COMMENT)
        if own is None:
            name, color = self.text(thing["name"], where), meanings.color_of(thing["color"]) or "RED"
            value = records.new("marker", parent_id=parent, time=0, name=name, color=color, comment=comment)
            value |= {"time": round(time), "duration": round(duration)}
            if value["time"] < 0 or value["time"] + value["duration"] > MAX_TICKS:
                self.report.approximated("marker", where)
                value["time"] = min(max(0, value["time"]), MAX_TICKS - value["duration"])
        else:
            value = {name: field for name, field in own.items() if name != FIELD} | {"parent_id": parent}
            expected = self.items.note(kind, "", own, rate)
            self._words(thing, expected, value, ("name",) if kind == "marker" else (), where)
            if not kept.same(thing["color"], expected["color"]):
                value["color"] = meanings.color_of(thing["color"]) or own["color"]
            value["comment"] = comment
            for end, ticks in (("time", time), ("duration", duration)):
                if abs(ticks - own[end]) > NOISE:
                    value[end] = max(0, round(ticks))
        self.keep(kind, thing, own, value, lambda bare: self.items.note(kind, "", bare, rate))
        return value

    def effect(self, thing: Any, own: Json | None, parent: str, where: str) -> Json:
        """An effect. Of a stranger's nothing is understood; all of it is kept."""
        known = upgrade.sound(thing, upgrade.EFFECTS)
        if own is None:
            value = records.new("effect", parent_id=parent, kind="otio", order="V")
            if known:
                value |= {"name": self.text(thing["name"], where), "enabled": thing["enabled"]}
            value[FIELD] = kept.stored(foreign_effect(thing))
            self.report.approximated("effect", where)
            return value
        value = own | {"parent_id": parent}
        if known:
            expected = self.items.effect("", own)
            self._words(thing, expected, value, ("name", "enabled"), where)
            if FIELD not in own and own["kind"] != "otio":
                self.keep("effect", thing, None, value)
            elif FIELD not in own:
                value[FIELD] = kept.stored(foreign_effect(thing))
        return value

    def track(self, thing: Json, own: Json | None, sequence: str | None, where: str) -> Json:
        """A track; its order is seen to when all of its sequence are known."""
        if own is None:
            name = self.text(thing["name"], where)
            kind = meanings.track_kind(thing["kind"])
            if thing["kind"].lower() not in meanings.KINDS:
                self.report.approximated("track_kind", where)
            value = records.new("track", kind=kind, name=name, order="V", sequence_id=sequence)
            value["enabled"] = thing["enabled"]
            resolve = thing["metadata"].get("Resolve_OTIO")
            value["locked"] = isinstance(resolve, dict) and resolve.get("Locked") is True
        else:
            value = {name: field for name, field in own.items() if name != FIELD} | {"sequence_id": sequence}
            self._words(thing, self.items.track("", own), value, ("name", "enabled"), where)
        self.keep("track", thing, own, value)
        return value

    # ---- how
    def _words(self, thing: Json, expected: Json, value: Json, names: tuple[str, ...], where: str) -> None:
        for name in names:
            if thing[name] != expected[name]:
                value[name] = self.text(thing[name], where) if isinstance(thing[name], str) else thing[name]

    def keep(
        self, kind: str, thing: Json, own: Json | None, value: Json, write: Callable[[Json], Json] | None = None
    ) -> None:
        """What the object says beyond the record. What our block has of it stands while nothing has changed."""
        write = write or (lambda record: self.items.bare(kind, record))
        if own is not None and FIELD in own:
            bare = write({name: field for name, field in own.items() if name != FIELD})
            usual = write(own) if kind in ("marker", "annotation") else self._full(kind, own)
            if kept.same(kept.gather(thing, bare, RAW[kind]), kept.gather(usual, bare, RAW[kind])):
                value[FIELD] = own[FIELD]
                return
        found = kept.gather(thing, write({n: field for n, field in value.items() if n != FIELD}), RAW[kind])
        if found:
            value[FIELD] = kept.stored(found)

    def _full(self, kind: str, own: Json) -> Json:
        build: Callable[[str, Json], Json] = getattr(self.items, kind)
        return build("", own)


def _shown(thing: Json) -> list[Any]:
    return [thing.get(name) for name in _SHOWN] + [effect for effect in thing["effects"] if upgrade.is_warp(effect)]


def available_range(clip: Json) -> Json | None:
    """The available range of the active media of a clip, if it is known."""
    active = upgrade.open_wrapped(clip["media_references"][clip["active_media_reference_key"]])
    found = active.get("available_range") if upgrade.sound(active, upgrade.MEDIA) else None
    return found if isinstance(found, dict) else None


def within_noise(ticks: Ticks, exact: int) -> bool:
    """Whether a time read is one of ours, but for the last bits of doubles."""
    return -NOISE <= ticks - exact <= NOISE


def _texts(clip: Json) -> list[str]:
    active = upgrade.open_wrapped(clip["media_references"][clip["active_media_reference_key"]])
    parameters = active.get("parameters") if isinstance(active, dict) else None
    text = parameters.get("text") if isinstance(parameters, dict) else None
    return [text] if isinstance(text, str) else []
