"""Files as other programs write them, built small: every part is plain JSON in the schema that is named."""

import json
from typing import Any

from projections.otio import read, write
from tests.world import World
from timeline_service.domain import importing
from timeline_service.domain.draft import Facts

Json = dict[str, Any]


def at(value: float, rate: float = 24) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(start: float, duration: float, rate: float = 24) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": at(start, rate), "duration": at(duration, rate)}


def url(address: str = "https://media.example/a.mov", available: Json | None = None, **more: Any) -> Json:
    return {"OTIO_SCHEMA": "ExternalReference.1", "target_url": address, "available_range": available, **more}


def clip(name: str, source: Json | None, media: Json | None = None, **more: Any) -> Json:
    known = {"media_references": {"DEFAULT_MEDIA": media or url()}, "active_media_reference_key": "DEFAULT_MEDIA"}
    return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": source, **known, **more}


def gap(duration: float, rate: float = 24, **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, duration, rate), **more}


def transition(before: float, after: float, kind: str = "SMPTE_Dissolve", **more: Any) -> Json:
    offsets = {"in_offset": at(before), "out_offset": at(after)}
    return {"OTIO_SCHEMA": "Transition.1", "transition_type": kind, **offsets, **more}


def track(*children: Json, kind: str = "Video", **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Track.1", "kind": kind, "children": list(children), **more}


def stack(*children: Json, **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Stack.1", "children": list(children), **more}


def timeline(*tracks: Json, **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Timeline.1", "name": "Cut", "tracks": stack(*tracks), **more}


def parsed(file: Json) -> read.Imported:
    return read.from_json(json.dumps(file).encode())


def brought(file: Json | bytes, world: World | None = None, gesture: str = "in") -> World:
    """The timeline after the import of a file, into an empty one where none is given."""
    world = World() if world is None else world
    imported = read.from_json(file) if isinstance(file, bytes) else parsed(file)
    rows = (imported.timeline, imported.records, imported.origin)
    result = importing.bring_in(world.state, *rows, Facts(gesture), actor="ann")
    other = world.copy()
    other.state = result.state
    return other


def exported(world: World) -> Json:
    file: Json = json.loads(write.to_json(world.state))
    return file


def what(imported: read.Imported, how: str = "approximated") -> dict[str, int]:
    """What a report says: {what: count}."""
    return {row["what"]: row["count"] for row in imported.report[how]}


def of_kind(imported: read.Imported, kind: str) -> list[Json]:
    return [value for known, _, value in imported.records if known == kind]
