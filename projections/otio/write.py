"""A state as OpenTimelineIO JSON, at any version; OTIO 0.18.1 reads it, and `read` gives the state back exactly.

    Timeline.1 ─ Stack.1 ─ Track.1 ─ Gap.1 | Clip.2 (media reference, LinearTimeWarp.1, Effect.1, Marker.2)

What OTIO has no place for (ids, integer ticks, crop keyframes, locks) lies in `metadata.timeline_service`, in integers.
Crop keyframes are there and, derived, as Resolve's and Premiere's own blocks.
"""

from typing import Any

import orjson

from projections.otio import reframing, schema
from projections.otio.schema import NAMESPACE, Json
from timeline_service.domain import clip_time
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Rate

KINDS = {"video": "Video", "audio": "Audio", "caption": "Caption"}


def to_json(state: State, *, head_hash: str = "") -> bytes:
    """The file, indented. `head_hash` names the event that the state was folded to."""
    return orjson.dumps(timeline(state, head_hash=head_hash), option=orjson.OPT_INDENT_2)


def timeline(state: State, *, head_hash: str = "") -> Json:
    """`Timeline.1` as a dictionary."""
    record = state.records[state.timeline_id]
    rate = state.rate
    tracks = sorted(state.living("track"), key=lambda track: (track.value["order"], track.id))
    ordered = [track for kind in KINDS for track in tracks if track.value["kind"] == kind]
    markers = [_marker(marker, rate) for marker in _markers(state, record.id)]
    stack = schema.item(
        "Stack.1", "tracks", metadata={}, source_range=None, children=[_track(state, track) for track in ordered]
    )
    stack["markers"] = markers
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {
            NAMESPACE: {
                "format": schema.FORMAT,
                "id": record.id,
                "version": state.version,
                "head_hash": head_hash,
                "record": record.value,
            }
        },
        "name": record.value["name"],
        "global_start_time": schema.rational_time(record.value["start_timecode"], rate),
        "canvas": None,
        "tracks": stack,
    }


def _track(state: State, track: Record) -> Json:
    rate, children, at = state.rate, [], 0
    for clip in sorted(state.inside(track.id, "clip"), key=lambda clip: (clip.value["start"], clip.id)):
        start = clip.value["start"]
        if start > at:
            children.append(schema.gap(schema.rational_time(start - at, rate), rate))
        children.append(_clip(state, clip))
        at = start + clip.value["duration"]
    shown = schema.item(
        "Track.1",
        track.value["name"],
        metadata={NAMESPACE: {"id": track.id, "record": track.value}},
        source_range=None,
        children=children,
        kind=KINDS[track.value["kind"]],
    )
    shown["enabled"] = track.value["enabled"]
    shown["markers"] = [_marker(marker, rate) for marker in _markers(state, track.id)]
    return shown


def _clip(state: State, clip: Record) -> Json:
    value, rate = clip.value, state.rate
    media_rate = _media_rate(value, rate)
    first, _ = clip_time.source_span(value)
    shown = schema.item(
        "Clip.2",
        value["name"],
        metadata={NAMESPACE: {"id": clip.id, "record": value}},
        source_range=schema.time_range(
            schema.rational_time(first, media_rate), schema.rational_time(value["duration"], rate)
        ),
        media_references={"DEFAULT_MEDIA": _media(value, media_rate)},
        active_media_reference_key="DEFAULT_MEDIA",
    )
    shown["enabled"] = value["enabled"]
    shown["effects"] = _effects(state, clip)
    shown["markers"] = [_marker(marker, media_rate) for marker in _markers(state, clip.id)]
    return shown


def _effects(state: State, clip: Record) -> list[Json]:
    value, found = clip.value, []
    speed = value["speed"]
    if speed["num"] != speed["den"] or value["reversed"]:
        scalar = speed["num"] / speed["den"]
        found.append(schema.linear_time_warp(-scalar if value["reversed"] else scalar))
    keyframes = sorted(state.inside(clip.id, "keyframe"), key=lambda key: (key.value["property"], key.value["time"]))
    for name in sorted({key.value["property"] for key in keyframes}):
        keys = [{"id": key.id, "record": key.value} for key in keyframes if key.value["property"] == name]
        block = {"format": schema.FORMAT, "unit": "ppm", "keyframes": keys}
        found.append(schema.effect(name, f"{NAMESPACE}.{name}", {NAMESPACE: block}))
    picture = state.records[state.timeline_id].value
    crop = [key.value for key in keyframes if key.value["property"] == "crop"]
    found += reframing.effects(value, crop, (picture["width"], picture["height"]), state.rate)
    return found


def _media(clip: dict[str, Any], rate: Rate) -> Json:
    media = clip["media"]
    available = None
    if "available" in media:
        start, duration = media["available"]["start"], media["available"]["duration"]
        available = schema.time_range(schema.rational_time(start, rate), schema.rational_time(duration, rate))
    if "generator" in media:
        return schema.generator_reference(media["generator"], available, media.get("params", {}))
    if "asset_id" in media:
        return schema.external_reference(f"timeline-service://assets/{media['asset_id']}", "", available, {})
    if "url" in media:
        return schema.external_reference(media["url"], "", available, {})
    return schema.missing_reference(available)


def _markers(state: State, parent: str) -> list[Record]:
    return sorted(state.inside(parent, "marker"), key=lambda marker: (marker.value["time"], marker.id))


def _marker(marker: Record, rate: Rate) -> Json:
    value = marker.value
    marked = schema.time_range(schema.rational_time(value["time"], rate), schema.rational_time(value["duration"], rate))
    metadata = {NAMESPACE: {"id": marker.id, "record": value}}
    return schema.marker(value["name"], value["color"], value["comment"], marked, metadata)


def _media_rate(clip: dict[str, Any], otherwise: Rate) -> Rate:
    rate = clip["media"].get("rate")
    return Rate(rate["num"], rate["den"]) if rate else otherwise
