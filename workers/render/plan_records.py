"""From the records of a timeline state to the planner's input. What has no picture here is noted, never dropped."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from timeline_service.domain import time
from workers.render import errors, interpolate
from workers.render.plan_input import (
    FULL,
    PPM,
    UNMOVED,
    UNTURNED,
    CaptionInput,
    ClipInput,
    EffectInput,
    Generator,
    MediaFacts,
    PlanInput,
    Style,
    TrackInput,
    TransitionInput,
)

Records = Mapping[str, Any]

COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
BLACK: Final = "#000000"
TONE, HIGHEST = 1000, 20_000
"""Hertz of a tone that does not say it, and the highest that can be heard."""
EFFECTS: Final = {"brightness": "amount", "contrast": "amount", "saturation": "amount", "blur": "radius"}
"""Kinds of effects that are drawn, and the parameter (ppm) that says how; see `effects`."""
CURVES: Final = {
    "transform": ("x", "y", "scale_x", "scale_y"),
    "crop": ("x", "y", "width", "height"),
    "opacity": (),
    "rotation": (),
    "volume": (),
}
"""Properties of clips that are drawn or heard, and the names of their numbers."""
CAPTION: Final = Style("", size=50_000, background=BLACK, y=900_000, box=600_000)


def media_key(media: Records) -> str | None:
    """The key under which the facts and the file of a clip's media are looked up; None for generators and missing."""
    if media.get("missing"):
        return None
    key = media.get("asset_id") or media.get("url")
    return str(key) if key else None


def reachable(state: Mapping[str, Any]) -> set[str]:
    """The ids of the tracks that are shown or heard: enabled, of the root sequence or of a nest that is used."""
    tracks: dict[str | None, list[Records]] = {}
    for track in state.get("tracks", ()):
        if track.get("enabled", True):
            tracks.setdefault(track.get("sequence_id"), []).append(track)
    nests: dict[str, set[str]] = {}
    for clip in state.get("clips", ()):
        if clip.get("enabled", True) and (nest := clip["media"].get("sequence_id")) is not None:
            nests.setdefault(clip["track_id"], set()).add(nest)
    found: set[str] = set()
    seen: set[str | None] = {None}
    waiting: list[str | None] = [None]
    while waiting:
        for track in tracks.get(waiting.pop(), ()):
            found.add(track["id"])
            fresh = nests.get(track["id"], set()) - seen
            seen |= fresh
            waiting.extend(fresh)
    return found


def from_records(state: Mapping[str, Any], facts: Mapping[str, MediaFacts]) -> PlanInput:
    """The planner's input from a folded state.

    `state`: {"timeline": record, "tracks": [...], "clips": [...], …}, each record a dict of its id and fields (DESIGN
    §3, maps as flat keys), lists in any order. `facts`: by asset id or URL (see `media_key`).
    Raises MissingMedia, MediaFactsUnknown, UnsupportedMedia (all with `clip_id`), BadCrop.
    """
    timeline = state["timeline"]
    reading = _Reading(state, facts, reachable(state))
    tracks = sorted(state.get("tracks", ()), key=lambda track: (track["order"], track["id"]))
    return PlanInput(
        rate=time.rate_of(timeline["rate"]["num"], timeline["rate"]["den"]),
        width=timeline["width"],
        height=timeline["height"],
        tracks=tuple(reading.track(track) for track in tracks),
        clips=tuple(reading.clip(clip) for clip in state.get("clips", ())),
        transitions=tuple(reading.transition(record) for record in state.get("transitions", ())),
        captions=tuple(
            _caption(record)
            for record in state.get("captions", ())
            if record.get("enabled", True) and record["track_id"] in reading.tracks
        ),
        notes=tuple(reading.all_notes()),
    )


@dataclass
class _Reading:
    """One state on its way to a plan: what hangs on each record, and what could not be taken along."""

    state: Mapping[str, Any]
    facts: Mapping[str, MediaFacts]
    tracks: set[str]
    notes: list[dict[str, Any]] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    keys: dict[str, dict[str, list[Records]]] = field(default_factory=dict)
    effects: dict[str, list[Records]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in self.state.get("keyframes", ()):
            self.keys.setdefault(key["parent_id"], {}).setdefault(key["property"], []).append(key)
        for effect in self.state.get("effects", ()):
            if effect.get("enabled", True):
                self.effects.setdefault(effect["parent_id"], []).append(effect)

    def all_notes(self) -> Iterable[dict[str, Any]]:
        yield from self.notes
        for name, count in sorted(self.unknown.items()):
            yield {"code": "keyframes_not_drawn", "property": name, "count": count}
        if drawings := len(self.state.get("annotations", ())):
            yield {"code": "annotations_not_drawn", "count": drawings}

    def track(self, record: Records) -> TrackInput:
        used = record["id"] in self.tracks
        self._name_unknown(record["id"], {"volume"}, used=used)
        return TrackInput(
            id=record["id"],
            kind=record["kind"],
            enabled=record.get("enabled", True),
            muted=record.get("muted", False),
            solo=record.get("solo", False),
            gain=record.get("gain", 0),
            sequence_id=record.get("sequence_id"),
            volume=self._keys(record["id"], "volume"),
            effects=self._effects(record["id"], "track_id") if used else (),
        )

    def clip(self, record: Records) -> ClipInput:
        clip_id = record["id"]
        enabled = record.get("enabled", True) and record["track_id"] in self.tracks
        speed = record.get("speed") or {"num": 1, "den": 1}
        self._name_unknown(clip_id, set(CURVES), used=enabled)
        return ClipInput(
            id=clip_id,
            track_id=record["track_id"],
            start=record["start"],
            duration=record["duration"],
            media=self._media(record) if enabled else None,
            source_in=record.get("source_in", 0),
            map_offset=record.get("map_offset", 0),
            speed_num=speed["num"],
            speed_den=speed["den"],
            reversed=record.get("reversed", False),
            enabled=enabled,
            gain=record.get("gain", 0),
            fade_in=record.get("fade_in", 0),
            fade_out=record.get("fade_out", 0),
            crop=tuple(
                interpolate.CropKey(key.time, x, y, width, height, key.interpolation)
                for key in self._keys(clip_id, "crop")
                for x, y, width, height in (key.values,)
            ),
            sequence_id=record["media"].get("sequence_id") if enabled else None,
            transform=self._curve(record, "transform", UNMOVED),
            rotation=self._curve(record, "rotation", UNTURNED),
            opacity=self._curve(record, "opacity", FULL),
            volume=self._keys(clip_id, "volume"),
            is_heard=record.get("params.sound") is not False,
            effects=self._effects(clip_id, "clip_id") if enabled else (),
        )

    def transition(self, record: Records) -> TransitionInput:
        kind = record.get("kind", "dissolve")
        params = sorted(name.removeprefix("params.") for name in record if name.startswith("params."))
        if params:
            self.notes.append({"code": "transition_params_not_drawn", "kind": kind, "params": params})
        return TransitionInput(
            id=record["id"],
            left_id=record.get("left_id"),
            right_id=record.get("right_id"),
            kind=kind,
            in_offset=record.get("in_offset", 0),
            out_offset=record.get("out_offset", 0),
        )

    def _name_unknown(self, parent: str, known: set[str], *, used: bool) -> None:
        for name, keys in self.keys.get(parent, {}).items() if used else ():
            if name not in known:
                self.unknown[name] += len(keys)

    def _keys(self, parent: str, name: str) -> tuple[interpolate.Key, ...]:
        found = self.keys.get(parent, {}).get(name, ())
        return tuple(sorted((_key(record) for record in found), key=lambda key: key.time))

    def _curve(self, record: Records, name: str, default: interpolate.Curve) -> interpolate.Curve:
        value = record.get(f"params.{name}")
        static = default.static if value is None else _numbers(name, value)
        return interpolate.Curve(static, self._keys(record["id"], name))

    def _effects(self, parent: str, field_name: str) -> tuple[EffectInput, ...]:
        """The drawn effects of a record in their order; the others are noted."""
        drawn = []
        for record in sorted(self.effects.get(parent, ()), key=lambda effect: (effect["order"], effect["id"])):
            kind = record["kind"]
            name = f"params.{EFFECTS.get(kind)}"
            value = record.get(name)
            keys = self._keys(record["id"], name)
            if kind not in EFFECTS or not all(len(key.values) == 1 for key in keys) or not (keys or _is_whole(value)):
                self.notes.append({"code": "effect_not_drawn", field_name: parent, "kind": kind})
                continue
            self._name_unknown(record["id"], {name}, used=True)
            drawn.append(EffectInput(kind, interpolate.Curve((0 if keys or value is None else value,), keys)))
        return tuple(drawn)

    def _media(self, record: Records) -> MediaFacts | None:
        """The facts of a clip's media; None for a nest, and for what is not drawn."""
        media = record["media"]
        if media.get("sequence_id") is not None:
            return None
        if media.get("generator") is not None:
            return self._generated(record["id"], media)
        key = media_key(media)
        if key is None:
            if not media.get("missing"):
                raise errors.UnsupportedMedia(clip_id=record["id"], media=sorted(media))
            raise errors.MissingMedia(clip_id=record["id"])
        if key not in self.facts:
            raise errors.MediaFactsUnknown(clip_id=record["id"], media=key)
        return self.facts[key]

    def _generated(self, clip_id: str, media: Records) -> MediaFacts | None:
        made = _generator(media["generator"], media.get("params") or {})
        if made is None:
            self.notes.append({"code": "generator_not_drawn", "clip_id": clip_id, "generator": media["generator"]})
            return None
        timeline = self.state["timeline"]
        size = (0, 0) if made.hertz else (timeline["width"], timeline["height"])
        return generated(made, *size)


def generated(made: Generator, width: int, height: int) -> MediaFacts:
    """The facts of what a generator makes; the same thing has the same key, whatever clip shows it."""
    digest = hashlib.sha256(json.dumps(asdict(made), sort_keys=True).encode()).hexdigest()
    return MediaFacts(f"generated:{digest[:24]}", width, height, has_audio=bool(made.hertz), generator=made)


def _generator(kind: str, params: Records) -> Generator | None:
    """What a generator makes; None where it cannot be made of these parameters."""
    if kind == "black":
        return Generator(color=BLACK)
    if kind == "color" and _is_color(params.get("color")):
        return Generator(color=params["color"].lower())
    if kind == "tone" and _is_whole(hertz := params.get("hertz", TONE)) and 0 < hertz <= HIGHEST:
        return Generator(hertz=hertz)
    if kind == "title" and isinstance(params.get("text"), str):
        return Generator(style=_style(Style(params["text"]), params))
    return None


def _style(default: Style, params: Records) -> Style:
    """A style with what the parameters say, within what can be seen; what they say wrongly is as if unsaid."""
    said: dict[str, Any] = {}
    for name, low, high in (("size", 1000, 2 * PPM), ("x", -PPM, 2 * PPM), ("y", -PPM, 2 * PPM)):
        if _is_whole(params.get(name)):
            said[name] = max(low, min(high, params[name]))
    if _is_color(params.get("color")):
        said["color"] = params["color"].lower()
    if "background" in params and (params["background"] is None or _is_color(params["background"])):
        said |= {"background": params["background"] and params["background"].lower(), "box": PPM}
    if params.get("align") in ("left", "center", "right"):
        said["align"] = params["align"]
    return Style(**{**asdict(default), **said})


def _caption(record: Records) -> CaptionInput:
    params = {name.removeprefix("params."): value for name, value in record.items() if name.startswith("params.")}
    style = _style(Style(**{**asdict(CAPTION), "text": record["text"]}), params)
    return CaptionInput(record["id"], record["track_id"], record["start"], record["duration"], style)


def _key(record: Records) -> interpolate.Key:
    way = record.get("interpolation", "linear")
    return interpolate.Key(record["time"], _numbers(record["property"], record["value"]), way)


def _numbers(name: str, value: Any) -> tuple[int, ...]:
    """The whole numbers of a property's value, in the order in which the plan keeps them."""
    if isinstance(value, Mapping):
        names: Sequence[str] = CURVES.get(name, ()) or sorted(value)
        default = dict(zip(CURVES["transform"], UNMOVED.static, strict=True)) if name == "transform" else {}
        return tuple(value[part] if part in value else default[part] for part in names)
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _is_color(value: Any) -> bool:
    return isinstance(value, str) and COLOR.fullmatch(value) is not None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
