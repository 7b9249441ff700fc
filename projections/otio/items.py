"""One record as one OTIO object, without what lies in it: that is the business of `write`.

`Clock` is only asked whether a foreign media reference still says what the record says.
"""

from collections.abc import Callable
from typing import Final

from projections.otio import kept, meanings, medias, schema, upgrade
from projections.otio.kept import FIELD
from projections.otio.report import Report
from projections.otio.schema import NAMESPACE, Json
from projections.otio.times import Clock
from timeline_service.domain import clip_time
from timeline_service.domain.time import Rate

CAPTION: Final = "timeline_service.caption"
RAW: Final = {
    "clip": ("color", "source_range", "name"),
    "track": ("kind", "source_range", "name"),
    "transition": ("transition_type", "in_offset", "out_offset", "name"),
    "marker": ("color", "marked_range", "name", "comment"),
    "annotation": ("color", "marked_range", "name", "comment"),
    "caption": ("color", "source_range", "name"),
    "timeline": ("canvas", "global_start_time", "name"),
    "sequence": ("source_range", "name"),
    "effect": ("name",),
}
"""Fields of OTIO objects that say more than a record may be able to: kept as they were where they do."""


class Items:
    """Writes records as OTIO objects at the rate of one timeline."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.clock = Clock(rate, Report())

    def bare(self, kind: str, value: Json) -> Json:
        """The object of a record alone, nothing of others put back: what a foreign object is compared with."""
        bare = {name: field for name, field in value.items() if name != FIELD}
        if kind in ("marker", "annotation"):
            return self.note(kind, "", bare, self.rate)
        build: Callable[[str, Json], Json] = getattr(self, kind)
        return build("", bare)

    def clip(self, id: str, value: Json, *, link: int | None = None) -> Json:
        """`Clip.2`, or for a nest the `Stack.1` into which its tracks go. `link` numbers the link for Resolve."""
        derived = None if link is None else {"Resolve_OTIO": {"Link Group ID": link}}
        return _with_record("clip", id, value, lambda bare: self._clip(value, bare, derived))

    def _clip(self, value: Json, bare: bool, derived: Json | None) -> Json:
        held = {} if bare else kept.of(value)
        media = value["media"]
        media_rate = medias.rate_of(media, self.rate)
        first, _ = clip_time.source_span(value)
        start, length = schema.rational_time(first, media_rate), schema.rational_time(value["duration"], self.rate)
        nest = "sequence_id" in media
        more: Json = {"children": []}
        if not nest:
            given, active = medias.references(media, media_rate, kept.part(held, "media"), self.clock)
            more = {"media_references": given, "active_media_reference_key": active}
        plain = schema.item(
            "Stack.1" if nest else "Clip.2",
            value["name"],
            metadata={},
            source_range=schema.time_range(start, length),
            **more,
        )
        plain["enabled"] = value["enabled"]
        plain["effects"] = self._warps(value, held)
        color = kept.part(held, "raw").get("color")
        colored = value["color"] is not None and meanings.color_of(color) == value["color"]
        return kept.dress(plain, held, None if bare else derived, ("color",) if colored else ())

    def _warps(self, value: Json, held: Json) -> list[Json]:
        speed = value["speed"]
        there = held.get("warp")
        known = isinstance(there, list) and all(upgrade.sound(warp, upgrade.WARPS) for warp in there)
        if known and there and meanings.warped(there) == (speed, value["reversed"]):
            return [upgrade.emitted(warp, upgrade.WARPS, dict(warp)) for warp in there]
        if speed["num"] == speed["den"] and not value["reversed"]:
            return []
        scalar = speed["num"] / speed["den"]
        return [schema.linear_time_warp(-scalar if value["reversed"] and scalar else scalar)]

    def caption(self, id: str, value: Json) -> Json:
        """A `Clip.2` with a generator that has the text."""
        zero, length = schema.rational_time(0, self.rate), schema.rational_time(value["duration"], self.rate)

        def build(bare: bool) -> Json:
            plain = schema.item(
                "Clip.2",
                value["name"],
                metadata={},
                source_range=schema.time_range(zero, length),
                media_references={
                    schema.DEFAULT_MEDIA: schema.generator_reference(CAPTION, None, {"text": value["text"]})
                },
                active_media_reference_key=schema.DEFAULT_MEDIA,
            )
            plain["enabled"] = value["enabled"]
            return kept.dress(plain, {} if bare else kept.of(value))

        return _with_record("caption", id, value, build)

    def track(self, id: str, value: Json) -> Json:
        """`Track.1` without children."""

        def build(bare: bool) -> Json:
            held = {} if bare else kept.of(value)
            kind = meanings.KINDS[value["kind"]]
            plain = schema.item("Track.1", value["name"], metadata={}, source_range=None, children=[], kind=kind)
            plain["enabled"] = value["enabled"]
            said = kept.part(held, "raw").get("kind")
            raw = ("kind",) if isinstance(said, str) and meanings.track_kind(said) == value["kind"] else ()
            derived = {"Resolve_OTIO": {"Locked": True}} if value["locked"] and not bare else None
            return kept.dress(plain, held, derived, raw)

        return _with_record("track", id, value, build)

    def transition(self, id: str, value: Json) -> Json:
        """`Transition.1`."""

        def build(bare: bool) -> Json:
            held = {} if bare else kept.of(value)
            before, after = (schema.rational_time(value[end], self.rate) for end in ("in_offset", "out_offset"))
            kind = meanings.TRANSITIONS.get(value["kind"], meanings.CUSTOM)
            plain = schema.transition(value["name"], kind, before, after, {})
            said = kept.part(held, "raw").get("transition_type")
            raw = (
                ("transition_type",)
                if isinstance(said, str) and meanings.transition_kind(said) == value["kind"]
                else ()
            )
            return kept.dress(plain, held, None, raw)

        return _with_record("transition", id, value, build)

    def note(self, kind: str, id: str, value: Json, rate: Rate) -> Json:
        """A marker or an annotation as `Marker.2`, its times at the rate of what it lies on."""

        def build(bare: bool) -> Json:
            held = {} if bare else kept.of(value)
            times = [schema.rational_time(value[end], rate) for end in ("time", "duration")]
            name = value.get("name", "")
            plain = schema.marker(name, value["color"], value["comment"], schema.time_range(*times), {})
            derived = {"Resolve_OTIO": {"Keywords": [], "Note": value["comment"]}} if value["comment"] else None
            return kept.dress(plain, held, None if bare else derived)

        return _with_record(kind, id, value, build)

    def effect(self, id: str, value: Json) -> Json:
        """`Effect.1`, or the effect of another program as it was."""
        held = kept.of(value)
        raw = held.get("effect")
        if raw is None:
            return _with_record("effect", id, value, lambda bare: self._effect(value, {} if bare else held))
        made = upgrade.emitted(raw, upgrade.EFFECTS, schema.effect("", value["kind"], {}))
        made |= {"name": value["name"], "enabled": value["enabled"]}
        record = value
        if kept.stored(foreign_effect(made)) == value[FIELD]:
            record = {name: field for name, field in value.items() if name != FIELD}
        made["metadata"] = {**made["metadata"], NAMESPACE: {**_block(made), **schema.own("effect", id, record)}}
        return made

    @staticmethod
    def _effect(value: Json, held: Json) -> Json:
        plain = schema.effect(value["name"], value["kind"], {})
        plain["enabled"] = value["enabled"]
        return kept.dress(plain, held)


def _block(thing: Json) -> Json:
    return schema.ours(thing) or {}


def _with_record(kind: str, id: str, value: Json, build: Callable[[bool], Json]) -> Json:
    """The object with the record in our block; what is kept goes there too where re-emitting would not give it back."""
    made, record = build(False), value
    if FIELD in value and kept.stored(kept.gather(made, build(True), RAW[kind])) == value[FIELD]:
        record = {name: field for name, field in value.items() if name != FIELD}
    made["metadata"][NAMESPACE] = {**_block(made), **schema.own(kind, id, record)}
    return made


def foreign_effect(thing: Json) -> Json:
    """What is kept of an effect that we do not know: all of it, but for our block."""
    opened = upgrade.open_wrapped(thing)
    metadata = opened.get("metadata") if isinstance(opened, dict) else None
    if isinstance(metadata, dict) and NAMESPACE in metadata:
        opened = {**opened, "metadata": {name: value for name, value in metadata.items() if name != NAMESPACE}}
    return {"effect": opened}
