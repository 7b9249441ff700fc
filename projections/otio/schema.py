"""The OTIO objects we write, as plain dictionaries in the schema versions of OTIO 0.18.1.

Every field that OTIO itself would write is written, so that its reader and writer give the same file back.
"""

from typing import Any, Final

from projections.otio import packing
from timeline_service.domain.time import Rate

NAMESPACE: Final = "timeline_service"
FORMAT: Final = 2
"""Of our metadata. 1 had no transitions, effects, captions, annotations and nests; it is read still."""
DEFAULT_MEDIA: Final = "DEFAULT_MEDIA"

Json = dict[str, Any]


def rational_time(ticks: int, rate: Rate) -> Json:
    """`RationalTime.1` at a rate; exact where the tick is a frame of it."""
    whole, rest = divmod(ticks, rate.ticks_per_frame)
    value = float(whole) if not rest else ticks / rate.ticks_per_frame
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": as_float(rate), "value": value}


def time_range(start: Json, duration: Json) -> Json:
    """`TimeRange.1`."""
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": duration, "start_time": start}


def item(schema: str, name: str, *, metadata: Json, source_range: Json | None, **fields: Any) -> Json:
    """What tracks, clips, gaps and stacks have in common."""
    return {
        "OTIO_SCHEMA": schema,
        "metadata": metadata,
        "name": name,
        "source_range": source_range,
        "effects": [],
        "markers": [],
        "enabled": True,
        "color": None,
        **fields,
    }


def gap(duration: Json, rate: Rate) -> Json:
    """`Gap.1`: nothing, for a while."""
    return item("Gap.1", "", metadata={}, source_range=time_range(rational_time(0, rate), duration))


def effect(name: str, effect_name: str, metadata: Json) -> Json:
    """`Effect.1`. A schema of our own would make the file unreadable for everybody else; metadata does not."""
    return {
        "OTIO_SCHEMA": "Effect.1",
        "metadata": metadata,
        "name": name,
        "effect_name": effect_name,
        "enabled": True,
    }


def linear_time_warp(scalar: float) -> Json:
    """`LinearTimeWarp.1`; negative plays backwards. `FreezeFrame.1` where nothing moves."""
    kind = "LinearTimeWarp" if scalar else "FreezeFrame"
    return {
        "OTIO_SCHEMA": f"{kind}.1",
        "metadata": {},
        "name": "Speed" if scalar else "Freeze",
        "effect_name": kind,
        "enabled": True,
        "time_scalar": scalar,
    }


def transition(name: str, kind: str, before: Json, after: Json, metadata: Json) -> Json:
    """`Transition.1`: shown from `before` the cut until `after` it."""
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": metadata,
        "name": name,
        "in_offset": before,
        "out_offset": after,
        "transition_type": kind,
    }


def marker(name: str, color: str, comment: str, marked: Json, metadata: Json) -> Json:
    """`Marker.2`."""
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": metadata,
        "name": name,
        "color": color,
        "marked_range": marked,
        "comment": comment,
    }


def external_reference(url: str, name: str, available: Json | None, metadata: Json) -> Json:
    """`ExternalReference.1`."""
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": metadata,
        "name": name,
        "available_range": available,
        "available_image_bounds": None,
        "target_url": url,
    }


def generator_reference(kind: str, available: Json | None, parameters: Json) -> Json:
    """`GeneratorReference.1`."""
    return {
        "OTIO_SCHEMA": "GeneratorReference.1",
        "metadata": {},
        "name": kind,
        "available_range": available,
        "available_image_bounds": None,
        "generator_kind": kind,
        "parameters": parameters,
    }


def missing_reference(available: Json | None, metadata: Json | None = None) -> Json:
    """`MissingReference.1`."""
    return {
        "OTIO_SCHEMA": "MissingReference.1",
        "metadata": metadata or {},
        "name": "",
        "available_range": available,
        "available_image_bounds": None,
    }


def as_float(rate: Rate) -> float:
    """Frames per second as OTIO has it."""
    return rate.num / rate.den


def own(kind: str, id: str, record: Json, **more: Json | list[Any] | bool) -> Json:
    """Our block in the metadata of an OTIO object: the record that it shows."""
    return {"kind": kind, "id": id, "record": packing.pack_record(record), **more}


def ours(thing: Any) -> Json | None:
    """Our block in the metadata of an OTIO object, if it has one."""
    metadata = thing.get("metadata") if isinstance(thing, dict) else None
    found = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else None
