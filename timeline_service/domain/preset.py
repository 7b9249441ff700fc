"""An output format as a value: it is part of a plan's hash and of an export's identity."""

from dataclasses import dataclass
from typing import Final, Literal

ENGINE_VERSION: Final = "2"
"""Part of the identity of an export: raised when the same plan would give other pixels or samples."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A named output format. Sizes None: the timeline's. Bit rates in bit/s."""

    name: str
    width: int | None = None
    height: int | None = None
    video_codec: Literal["h264"] = "h264"
    speed: str = "veryfast"
    crf: int = 20
    threads: int = 4
    gop_seconds: int = 2
    audio_bitrate: int = 192_000
    container: Literal["mp4"] = "mp4"
