"""Media of clips and OTIO's media references, in both directions.

asset_id   ExternalReference.1 timeline-service://assets/…     generator   GeneratorReference.1
url        ExternalReference.1                                 missing     MissingReference.1
url        ImageSequenceReference.1 (in only)                  sequence_id none: the clip is a Stack.1
"""

from typing import Any, Final

from projections.otio import packing, schema, upgrade
from projections.otio.schema import Json
from projections.otio.times import Clock, OutOfTime
from timeline_service.domain.time import Rate

ASSETS: Final = "timeline-service://assets/"
LONGEST_URL: Final = 2048
_GENERATORS: Final = {"black": "black", "slug": "black", "color": "color", "tone": "tone", "title": "title"}
_DEFAULTS: Final[dict[str, Json]] = {
    "color": {"color": "#000000"},
    "tone": {"hertz": 1000},
    "title": {"text": ""},
}
STILLS: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".exr", ".dpx", ".psd", ".tga", ".heic")
IDENTITY: Final = ("asset_id", "url", "generator", "missing", "sequence_id", "timeline_id")


def rate_of(media: Json, otherwise: Rate) -> Rate:
    """The rate at which the times of a source are written."""
    rate = media.get("rate")
    return Rate(rate["num"], rate["den"]) if rate else otherwise


def reference(media: Json, rate: Rate) -> Json:
    """The media reference of a clip."""
    available = None
    if "available" in media:
        start, duration = media["available"]["start"], media["available"]["duration"]
        available = schema.time_range(schema.rational_time(start, rate), schema.rational_time(duration, rate))
    if "generator" in media:
        return schema.generator_reference(media["generator"], available, _parameters(media))
    if "asset_id" in media:
        return schema.external_reference(f"{ASSETS}{media['asset_id']}", "", available, {})
    if "url" in media:
        return schema.external_reference(media["url"], "", available, {})
    return schema.missing_reference(available)


def _parameters(media: Json) -> Json:
    packed = packing.pack(media.get("params", {}))
    return packed if isinstance(packed, dict) else {}


def references(media: Json, rate: Rate, kept: Json, clock: Clock) -> tuple[Json, str]:
    """All media references of a clip and the key of the active one: as they came in, while they still say the media."""
    there, active = _pair(kept)
    known = isinstance(there, dict) and isinstance(active, str) and active in there
    if known and _says(there[active], media, clock):
        given = {k: upgrade.emitted(thing, upgrade.MEDIA, schema.missing_reference(None)) for k, thing in there.items()}
        return given, active
    return {schema.DEFAULT_MEDIA: reference(media, rate)}, schema.DEFAULT_MEDIA


def _pair(held: Json) -> tuple[Any, Any]:
    return held.get("references"), held.get("active")


def _says(thing: Any, media: Json, clock: Clock) -> bool:
    try:
        said = media_of(thing, clock, sounding=media.get("generator") == "tone")
    except OutOfTime:
        return False
    return all(said.get(name) == media.get(name) for name in IDENTITY)


def media_of(thing: Any, clock: Clock, sounding: bool = False) -> Json:
    """What we can say of a reference; `missing` where that is nothing. Size and rate are not in OTIO."""
    opened = upgrade.open_wrapped(thing)
    name = upgrade.name_of(opened)
    known = upgrade.sound(opened, upgrade.MEDIA)
    media: Json = _known_media(opened, name, sounding) if known else {"missing": True}
    available = opened.get("available_range") if known else None
    if isinstance(available, dict) and "generator" not in media:
        start, duration = (round(clock.ticks(available[end])) for end in ("start_time", "duration"))
        if start >= 0 and duration >= 0:
            media["available"] = {"start": start, "duration": duration}
        if available["duration"]["value"] <= 1 and _is_still(str(media.get("url"))) and not sounding:
            media["kind"] = "image"
    return media


def _known_media(thing: Json, name: str, sounding: bool) -> Json:
    if name == "ExternalReference.1":
        return _external(thing["target_url"])
    if name == "ImageSequenceReference.1":
        digits = f"%0{int(thing['frame_zero_padding'])}d" if thing["frame_zero_padding"] else "%d"
        base = thing["target_url_base"]
        between = "/" if base and not base.endswith("/") else ""
        return _external(f"{base}{between}{thing['name_prefix']}{digits}{thing['name_suffix']}")
    if name == "GeneratorReference.1":
        kind = _GENERATORS.get(thing["generator_kind"].lower())
        if kind is not None and (kind == "tone") == sounding:
            given = packing.unpack(thing["parameters"])
            params = given if isinstance(given, dict) and given and _whole(given) else _DEFAULTS.get(kind, {})
            return {"generator": kind, "params": params} if params else {"generator": kind}
    return {"missing": True}


def _is_still(url: str) -> bool:
    """Whether an address ends as those of single pictures do."""
    return url.lower().endswith(STILLS)


def _external(url: str) -> Json:
    id = url.removeprefix(ASSETS)
    if id != url and 0 < len(id) <= 64:
        return {"asset_id": id}
    return {"url": url} if 0 < len(url) <= LONGEST_URL and "\x00" not in url else {"missing": True}


def _whole(value: Any) -> bool:
    """JSON without floats, as the parameters of our generators are."""
    if isinstance(value, dict):
        return all(_whole(inner) for inner in value.values())
    if isinstance(value, list):
        return all(_whole(inner) for inner in value)
    return not isinstance(value, float)
