"""How a clip's picture and sound move, as DaVinci Resolve and Premiere Pro have it: derived, never read back over ours.

A reframing crop that fills the frame is Transform (Resolve) or Motion (Premiere) there; their Crop masks.

    scale     fit of the window into the frame / fit of the whole picture into it, times that of the transform
    position  how far the picture's centre lies from the frame's, in sizes of the frame

Resolve counts frames from the clip's start, Premiere seconds of the source.
"""

from typing import Any, Final, NamedTuple

from projections.otio import schema
from projections.otio.medias import rate_of
from projections.otio.schema import NAMESPACE, Json
from timeline_service.domain import animation, clip_time
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import Rate

WHOLE: Final = 1_000_000
START_OF_TIME: Final = -10_800_000.0
"""The position that Premiere gives a value which does not change."""
POSED: Final = ("crop", "transform", "rotation")


class Pose(NamedTuple):
    """How the picture lies in the frame: scale over fit and over its own pixels, offset of centres in frame sizes."""

    zoom: float
    native_scale: float
    right: float
    down: float


class Posed(NamedTuple):
    """A pose at a time of the clip, with its transform and rotation in degrees clockwise."""

    t: int
    zoom_x: float
    zoom_y: float
    native_scale: float | None
    right: float
    down: float
    degrees: float


def pose(window: Json, picture: tuple[int, int], frame: tuple[int, int]) -> Pose:
    """Where the picture lies when the window (ppm of the picture) is fitted into the frame."""
    (width, height), (frame_width, frame_height) = picture, frame
    window_width, window_height = window["width"] * width / WHOLE, window["height"] * height / WHOLE
    scale = min(frame_width / window_width, frame_height / window_height)
    whole = min(frame_width / width, frame_height / height)
    centre_x = window["x"] * width / WHOLE + window_width / 2
    centre_y = window["y"] * height / WHOLE + window_height / 2
    right = (width / 2 - centre_x) * scale / frame_width
    down = (height / 2 - centre_y) * scale / frame_height
    return Pose(scale / whole, scale, right, down)


def effects(state: State, clip: Record, keyframes: list[Record]) -> list[Json]:
    """Resolve's and Premiere's effects of a clip; nothing for what rests at its default or has no known size."""
    value = clip.value
    animated = {key.value["property"] for key in keyframes}
    found: list[Json] = []
    if animated.intersection(POSED) or "params.transform" in value or "params.rotation" in value:
        found += _motion(state, clip, [key for key in keyframes if key.value["property"] in POSED])
    if "opacity" in animated or "params.opacity" in value:
        found += _opacity(state, clip, [key for key in keyframes if key.value["property"] == "opacity"])
    if "volume" in animated or value["gain"]:
        found.append(_volume(state, clip, [key for key in keyframes if key.value["property"] == "volume"]))
    for effect in found:
        effect["metadata"][NAMESPACE] = {"kind": "derived"}
    return found


# ---------------------------------------------------------------- what is where, when
def _times(clip: Json, keyframes: list[Record]) -> list[int]:
    """The clip ticks of keyframes; of a clip without any, its start."""
    times = {
        clip_tick(clip, key.value["time"]) if key.value["property"] == "crop" else key.value["time"]
        for key in keyframes
    }
    return sorted(times) or [0]


def clip_tick(clip: Json, source: int) -> int:
    """The tick of the clip (0 = its first, may lie outside it) that shows a source tick first; 0 in a freeze."""
    speed = clip["speed"]
    if not speed["num"]:
        return 0
    t: int = -(-(source - clip["source_in"]) * speed["den"] // speed["num"]) - clip["map_offset"]
    return clip["duration"] - 1 - t if clip["reversed"] else t


def _number(state: State, clip: Record, name: str, t: int) -> float:
    value = animation.value_at(state, clip.id, name, t)
    assert not isinstance(value, dict | list)
    return float(value)


def _map(state: State, clip: Record, name: str, t: int) -> dict[str, float]:
    value = animation.value_at(state, clip.id, name, t)
    assert isinstance(value, dict)
    return {part: float(number) for part, number in value.items()}


def _posed(state: State, clip: Record, t: int) -> Posed | None:
    media, frame = clip.value["media"], state.records[state.timeline_id].value
    transform = _map(state, clip, "transform", t)
    window = _map(state, clip, "crop", clip_time.source_at(clip.value, t))
    sized = "width" in media and "height" in media
    if not sized and any(window[side] != full for side, full in (("width", WHOLE), ("height", WHOLE))):
        return None
    size = (media["width"], media["height"]) if sized else (frame["width"], frame["height"])
    crop = pose(window, size, (frame["width"], frame["height"]))
    scale_x, scale_y = transform["scale_x"] / WHOLE, transform["scale_y"] / WHOLE
    return Posed(
        t,
        crop.zoom * scale_x,
        crop.zoom * scale_y,
        crop.native_scale * scale_y if sized else None,
        crop.right * scale_x + transform["x"] / WHOLE,
        crop.down * scale_y + transform["y"] / WHOLE,
        _number(state, clip, "rotation", t) / 1000,
    )


def _motion(state: State, clip: Record, keyframes: list[Record]) -> list[Json]:
    poses = [found for t in _times(clip.value, keyframes) if (found := _posed(state, clip, t)) is not None]
    if not poses:
        return []
    rate = state.rate
    transform = [
        _resolve("transformationZoomX", 1.0, (0.0, 100.0), [(p.t, p.zoom_x) for p in poses], rate),
        _resolve("transformationZoomY", 1.0, (0.0, 100.0), [(p.t, p.zoom_y) for p in poses], rate),
        _resolve("transformationPan", 0.0, (-4.0, 4.0), [(p.t, p.right) for p in poses], rate),
        _resolve("transformationTilt", 0.0, (-4.0, 4.0), [(p.t, -p.down) for p in poses], rate),
    ]
    if any(p.degrees for p in poses):
        turns = [(p.t, -p.degrees) for p in poses]
        transform.append(_resolve("transformationRotationAngle", 0.0, (-360.0, 360.0), turns, rate))
    motion = [_premiere("Position", 1, [(p.t, {"X": 0.5 + p.right, "Y": 0.5 + p.down}) for p in poses], clip, rate)]
    if poses[0].native_scale is not None:
        sizes = [(p.t, (p.native_scale or 0.0) * 100) for p in poses]
        motion.append(_premiere("Scale", 2, sizes, clip, rate))
    if any(p.degrees for p in poses):
        motion.append(_premiere("Rotation", 5, [(p.t, p.degrees) for p in poses], clip, rate))
    return [_resolve_effect("Transform", 2, transform), _premiere_effect("Motion", "AE.ADBE Motion", motion)]


def _opacity(state: State, clip: Record, keyframes: list[Record]) -> list[Json]:
    values = [(t, _number(state, clip, "opacity", t) / 10_000) for t in _times(clip.value, keyframes)]
    percent = _premiere("Opacity", 1, values, clip, state.rate)
    return [
        _resolve_effect("Composite", 1, [_resolve("opacity", 100.0, (0.0, 100.0), values, state.rate)]),
        _premiere_effect("Opacity", "AE.ADBE Opacity", [percent]),
    ]


def _volume(state: State, clip: Record, keyframes: list[Record]) -> Json:
    values = [(t, _number(state, clip, "volume", t) / 100) for t in _times(clip.value, keyframes)]
    decibel = _resolve("volume", 0.0, (-100.0, 30.0), values, state.rate)
    return _resolve_effect("Fairlight Clip Volume and Fades", 62, [decibel], name="Volume")


# ---------------------------------------------------------------- their words for it
def _resolve_effect(effect: str, number: int, parameters: list[Json], *, name: str = "") -> Json:
    block = {"Effect Name": effect, "Enabled": True, "Name": name or effect, "Parameters": parameters, "Type": number}
    return schema.effect("", "Resolve Effect", {"Resolve_OTIO": block})


def _resolve(
    name: str, default: float, limits: tuple[float, float], values: list[tuple[int, float]], rate: Rate
) -> Json:
    keys = {str(t // rate.ticks_per_frame): {"Value": value, "Variant Type": "Double"} for t, value in values}
    return {
        "Default Parameter Value": default,
        "Key Frames": keys if len(values) > 1 else {},
        "Parameter ID": name,
        "Parameter Value": values[0][1],
        "Variant Type": "Double",
        "maxValue": limits[1],
        "minValue": limits[0],
    }


def _premiere_effect(name: str, match_name: str, parameters: list[Json]) -> Json:
    block = {"IsIntrinsic": True, "MatchName": match_name, "Parameters": parameters}
    return schema.effect("", name, {"PremierePro_OTIO": block})


def _premiere(name: str, number: int, values: list[tuple[int, Any]], clip: Record, rate: Rate) -> Json:
    if len(values) == 1:
        still = {"OTIO_SCHEMA": "RationalTime.1", "rate": schema.as_float(rate), "value": START_OF_TIME}
        return {"DisplayName": name, "ID": number, "StartValue": {"Position": still, "Value": values[0][1]}}
    media_rate = rate_of(clip.value["media"], rate)
    keys = [
        {"Position": schema.rational_time(clip_time.source_at(clip.value, t), media_rate), "Value": value}
        for t, value in values
    ]
    return {"DisplayName": name, "ID": number, "Keyframes": keys}
