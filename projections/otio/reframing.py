"""Crop keyframes as DaVinci Resolve and Premiere Pro have them: derived blocks, never read back over ours.

A reframing crop that fills the frame is Transform (Resolve) or Motion (Premiere) there; their Crop masks.

    scale     fit of the window into the frame / fit of the whole picture into it
    position  how far the picture's centre lies from the frame's, in sizes of the frame
"""

from typing import Any, Final, NamedTuple

from projections.otio import schema
from timeline_service.domain.time import Rate

WHOLE: Final = 1_000_000
START_OF_TIME: Final = -10_800_000.0
"""The position that Premiere gives a value which does not change."""


class Pose(NamedTuple):
    """How the picture lies in the frame: scale over fit and over its own pixels, offset of centres in frame sizes."""

    zoom: float
    native_scale: float
    right: float
    down: float


def pose(window: dict[str, int], picture: tuple[int, int], frame: tuple[int, int]) -> Pose:
    """Where the picture lies when the window is fitted into the frame."""
    (width, height), (frame_width, frame_height) = picture, frame
    window_width, window_height = window["width"] * width / WHOLE, window["height"] * height / WHOLE
    scale = min(frame_width / window_width, frame_height / window_height)
    whole = min(frame_width / width, frame_height / height)
    centre_x = window["x"] * width / WHOLE + window_width / 2
    centre_y = window["y"] * height / WHOLE + window_height / 2
    right = (width / 2 - centre_x) * scale / frame_width
    down = (height / 2 - centre_y) * scale / frame_height
    return Pose(scale / whole, scale, right, down)


def effects(
    clip: dict[str, Any], keyframes: list[dict[str, Any]], frame: tuple[int, int], rate: Rate
) -> list[dict[str, Any]]:
    """Resolve's Transform and Premiere's Motion for a clip with crop keyframes; nothing where sizes are unknown."""
    media = clip["media"]
    if not keyframes or "width" not in media or "height" not in media:
        return []
    picture = (media["width"], media["height"])
    poses = [(key["time"], pose(key["value"], picture, frame)) for key in keyframes]
    media_rate = Rate(media["rate"]["num"], media["rate"]["den"]) if media.get("rate") else rate
    return [_resolve(clip, poses, rate), _premiere(poses, media_rate)]


def _resolve(clip: dict[str, Any], poses: list[tuple[int, Pose]], rate: Rate) -> dict[str, Any]:
    parameters = [
        _resolve_parameter("transformationZoomX", 1.0, 0.0, 100.0, [(t, p.zoom) for t, p in poses], clip, rate),
        _resolve_parameter("transformationZoomY", 1.0, 0.0, 100.0, [(t, p.zoom) for t, p in poses], clip, rate),
        _resolve_parameter("transformationPan", 0.0, -4.0, 4.0, [(t, p.right) for t, p in poses], clip, rate),
        _resolve_parameter("transformationTilt", 0.0, -4.0, 4.0, [(t, -p.down) for t, p in poses], clip, rate),
    ]
    block = {"Effect Name": "Transform", "Enabled": True, "Name": "Transform", "Parameters": parameters, "Type": 2}
    return schema.effect("", "Resolve Effect", {"Resolve_OTIO": block})


def _resolve_parameter(
    name: str,
    default: float,
    lowest: float,
    highest: float,
    values: list[tuple[int, float]],
    clip: dict[str, Any],
    rate: Rate,
) -> dict[str, Any]:
    keys = {str(record_frame(clip, time, rate)): {"Value": value, "Variant Type": "Double"} for time, value in values}
    return {
        "Default Parameter Value": default,
        "Key Frames": keys if len(values) > 1 else {},
        "Parameter ID": name,
        "Parameter Value": values[0][1],
        "Variant Type": "Double",
        "maxValue": highest,
        "minValue": lowest,
    }


def record_frame(clip: dict[str, Any], source: int, rate: Rate) -> int:
    """The frame of the clip (0 = its first, may lie outside it) that shows a source tick."""
    speed = clip["speed"]
    t: int = -(-(source - clip["source_in"]) * speed["den"] // speed["num"]) - clip["map_offset"]
    if clip["reversed"]:
        t = clip["duration"] - 1 - t
    return t // rate.ticks_per_frame


def _premiere(poses: list[tuple[int, Pose]], rate: Rate) -> dict[str, Any]:
    positions = [(time, {"X": 0.5 + p.right, "Y": 0.5 + p.down}) for time, p in poses]
    scales = [(time, p.native_scale * 100) for time, p in poses]
    parameters = [_premiere_parameter("Position", 1, positions, rate), _premiere_parameter("Scale", 2, scales, rate)]
    block = {"IsIntrinsic": True, "MatchName": "AE.ADBE Motion", "Parameters": parameters}
    return schema.effect("", "Motion", {"PremierePro_OTIO": block})


def _premiere_parameter(name: str, number: int, values: list[tuple[int, Any]], rate: Rate) -> dict[str, Any]:
    if len(values) == 1:
        still = {"OTIO_SCHEMA": "RationalTime.1", "rate": schema.as_float(rate), "value": START_OF_TIME}
        return {"DisplayName": name, "ID": number, "StartValue": {"Position": still, "Value": values[0][1]}}
    keys = [{"Position": schema.rational_time(time, rate), "Value": value} for time, value in values]
    return {"DisplayName": name, "ID": number, "Keyframes": keys}
