"""OTIO objects of any schema version up to today's, as those of 0.18.1: every field there, older names replaced.

Clip.1 media_reference   ->  Clip.2 media_references       Sequence.1  ->  Track.1
Marker.1, Marker.3       ->  Marker.2                      Filler.1    ->  Gap.1
"""

from typing import Any, Final

from projections.otio import packing, schema
from projections.otio.schema import DEFAULT_MEDIA, NAMESPACE, Json

Types = dict[str, tuple[str, Any]]

_NAMED: Final[Types] = {"metadata": ("map", None), "name": ("text", "")}
_ITEM: Final[Types] = {
    **_NAMED,
    "source_range": ("TimeRange.1?", None),
    "effects": ("list", None),
    "markers": ("list", None),
    "enabled": ("truth", True),
    "color": ("any", None),
}
_EFFECT: Final[Types] = {**_NAMED, "effect_name": ("text", ""), "enabled": ("truth", True)}
_MEDIA: Final[Types] = {
    **_NAMED,
    "available_range": ("TimeRange.1?", None),
    "available_image_bounds": ("Box2d.1?", None),
}

FIELDS: Final[dict[str, Types]] = {
    "Timeline.1": {
        **_NAMED,
        "global_start_time": ("RationalTime.1?", None),
        "canvas": ("any", None),
        "tracks": ("map", None),
    },
    "SerializableCollection.1": {**_NAMED, "children": ("list", None)},
    "Stack.1": {**_ITEM, "children": ("list", None)},
    "Track.1": {**_ITEM, "children": ("list", None), "kind": ("text", "Video")},
    "Gap.1": _ITEM,
    "Clip.2": {**_ITEM, "media_references": ("map", None), "active_media_reference_key": ("text", DEFAULT_MEDIA)},
    "Transition.1": {
        **_NAMED,
        "in_offset": ("RationalTime.1?", None),
        "out_offset": ("RationalTime.1?", None),
        "transition_type": ("text", ""),
    },
    "Marker.2": {**_NAMED, "color": ("any", "RED"), "marked_range": ("TimeRange.1?", None), "comment": ("text", "")},
    "Effect.1": _EFFECT,
    "TimeEffect.1": _EFFECT,
    "LinearTimeWarp.1": {**_EFFECT, "time_scalar": ("number", 1.0)},
    "FreezeFrame.1": {**_EFFECT, "time_scalar": ("number", 0.0)},
    "MissingReference.1": _MEDIA,
    "ExternalReference.1": {**_MEDIA, "target_url": ("text", "")},
    "GeneratorReference.1": {**_MEDIA, "generator_kind": ("text", ""), "parameters": ("map", None)},
    "ImageSequenceReference.1": {
        **_MEDIA,
        "target_url_base": ("text", ""),
        "name_prefix": ("text", ""),
        "name_suffix": ("text", ""),
        "start_frame": ("number", 1),
        "frame_step": ("number", 1),
        "rate": ("number", 1.0),
        "frame_zero_padding": ("number", 0),
        "missing_frame_policy": ("text", "error"),
    },
}  # fmt: skip
ALIASES: Final = {
    "Clip.1": "Clip.2",
    "Sequence.1": "Track.1",
    "Filler.1": "Gap.1",
    "Marker.1": "Marker.2",
    "Marker.3": "Marker.2",
    "SerializeableCollection.1": "SerializableCollection.1",
}
MEDIA: Final = frozenset(name for name, fields in FIELDS.items() if fields.items() >= _MEDIA.items())
WARPS: Final = frozenset({"LinearTimeWarp.1", "FreezeFrame.1"})
EFFECTS: Final = frozenset({"Effect.1", "TimeEffect.1", *WARPS})


_PLAIN: Final = {"map": dict, "text": str, "list": list, "truth": bool}


class Malformed(ValueError):
    """An object is not what its schema says; the message says which field, without repeating what stands there."""


def name_of(thing: Any) -> str:
    """The schema of an object, under its present name; empty for what is none."""
    name = thing.get("OTIO_SCHEMA") if isinstance(thing, dict) else None
    return ALIASES.get(name, name) if isinstance(name, str) else ""


def normal(thing: Json) -> Json:
    """The object in today's schema with all its fields. Raises Malformed."""
    name = name_of(thing)
    fields = FIELDS.get(name)
    if fields is None:
        raise Malformed("an object has a schema that has no place there")
    full = {**thing, "OTIO_SCHEMA": name}
    for field, (kind, default) in fields.items():
        value = full.get(field)
        if type(value) is _PLAIN.get(kind):
            continue
        if value is None:
            full[field] = {} if kind == "map" else [] if kind == "list" else default
        elif not _fits(value, kind):
            raise Malformed(f"the {field} of a {name} is not what it should be")
    if full.get("effects"):
        full["effects"] = [effect(given) for given in full["effects"] if given is not None]
    if name == "Clip.2":
        _with_references(full)
    return full


def _with_references(clip: Json) -> None:
    single = clip.pop("media_reference", None)
    if not clip["media_references"]:
        clip["media_references"] = {DEFAULT_MEDIA: single if single is not None else schema.missing_reference(None)}
    if clip["active_media_reference_key"] not in clip["media_references"]:
        clip["active_media_reference_key"] = min(clip["media_references"])
    clip["media_references"] = {key: _opaque(given, MEDIA) for key, given in clip["media_references"].items()}


def _opaque(thing: Any, allowed: frozenset[str]) -> Any:
    """Normal if it is one of the schemas that we know; else as it is."""
    if name_of(thing) not in allowed:
        return thing if thing is not None else schema.missing_reference(None)
    try:
        return normal(thing)
    except Malformed:
        return thing


def effect(thing: Any) -> Any:
    """An effect, normal if its schema is known."""
    return _opaque(thing, EFFECTS)


def is_warp(thing: Any) -> bool:
    """Whether an effect changes speed in a way that we understand. One that is switched off changes nothing."""
    scalar = thing.get("time_scalar") if isinstance(thing, dict) else None
    known = name_of(thing) in WARPS and _fits(scalar, "number") and isinstance(thing.get("metadata"), dict)
    return known and thing.get("enabled") is not False


def sound(thing: Any, wanted: frozenset[str]) -> bool:
    """Whether an object is a normal one of these schemas, with fields of the right types."""
    name = name_of(thing)
    if name not in wanted or not thing.keys() >= FIELDS[name].keys():
        return False
    return all(_fits(thing[field], kind) or _nothing(thing[field], kind) for field, (kind, _) in FIELDS[name].items())


def emitted(thing: Any, wanted: frozenset[str], wrapper: Json) -> Json:
    """An opaque object where OTIO reads it: as it is if OTIO can, else its text in a wrapper of a schema it knows."""
    if sound(thing, wanted) and NAMESPACE not in thing["metadata"]:
        known = FIELDS[name_of(thing)].keys() - {"metadata", "parameters"}
        if all(packing.pack(value) is value for field, value in thing.items() if field not in known):
            return dict(thing)
    wrapper["metadata"] = {NAMESPACE: {"wrapped": packing.pack({packing.TEXT: thing})}}
    return wrapper


def open_wrapped(thing: Any) -> Any:
    """What `emitted` was given."""
    block = schema.ours(thing)
    if block is None or "wrapped" not in block:
        return thing
    opened = packing.unpack(block["wrapped"])
    return opened.get(packing.TEXT) if isinstance(opened, dict) else thing


def _nothing(value: Any, kind: str) -> bool:
    return value is None and kind.endswith("?")


def _fits(value: Any, kind: str) -> bool:
    if kind == "any":
        return True
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in _PLAIN:
        return isinstance(value, _PLAIN[kind])
    return packing.is_value(value, kind.rstrip("?")) or _loose(value, kind)


def _loose(value: Any, kind: str) -> bool:
    """Times with more fields than OTIO would keep, as some programs write them."""
    if kind.startswith("RationalTime") and isinstance(value, dict):
        return _fits(value.get("value"), "number") and _fits(value.get("rate"), "number")
    if kind.startswith("TimeRange") and isinstance(value, dict):
        return all(_fits(value.get(end), "RationalTime.1") for end in ("start_time", "duration"))
    return False
