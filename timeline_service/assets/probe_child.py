"""Read the facts of one media file in a process of its own: `python -I probe_child.py LIMITS < FILE`, JSON out.

The file comes from anybody, and demuxers and decoders are large. So this process reads what it was handed, and
FFmpeg may open nothing by name; a closed list of formats keeps out playlists dressed up as films; limits are small;
where the system allows it there is no network. It imports nothing of ours; `probe.py` starts and bounds it,
`mediainfo.py` makes sense of what it prints.
"""

import array
import base64
import contextlib
import ctypes
import json
import resource
import signal
import sys
from fractions import Fraction
from typing import Any

import av
import av.container
import av.error
import av.stream

FORMATS = "mov,mp4,m4a,matroska,webm,mp3,wav,flac,ogg,png_pipe,jpeg_pipe,webp_pipe"
STREAMS = 32
PATIENCE = 256  # packets that may go by before the first frame comes out of a decoder
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1


class Unfit(Exception):
    """The file is refused; the argument is the stable code."""


def main(limits: dict[str, int]) -> dict[str, Any]:
    """The facts, or `{"refused": code}`."""
    confine(limits)
    try:
        return read(limits)
    except Unfit as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "media_too_large"}
    except (av.error.FFmpegError, ValueError, OverflowError, EOFError):
        return {"refused": "media_unreadable"}


def confine(limits: dict[str, int]) -> None:
    """Give up what reading does not need. What the system refuses to take away is not missed: the rest holds."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.unshare(_NEW_USER | _NEW_NET)  # a network with no way out, not even to this machine
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_CPU: limits["cpu_s"],
        resource.RLIMIT_AS: limits["memory"],
    }
    for kind, limit in wanted.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


def read(limits: dict[str, int]) -> dict[str, Any]:
    """Look at every packet of the first picture and sound streams, and at one decoded frame of each."""
    options = {
        "fd": "0",
        "protocol_whitelist": "fd",
        "format_whitelist": FORMATS,
        "max_streams": str(STREAMS),
        "max_pixels": str(limits["pixels"]),
    }
    with av.open("fd:", options=options, metadata_errors="replace") as container:
        picture = next((s for s in container.streams.video if not is_cover(s)), None)
        sound = next(iter(container.streams.audio), None)
        chosen = [Reading(stream, limits) for stream in (picture, sound) if stream is not None]
        if not chosen:
            raise Unfit("media_unsupported")
        for stream in container.streams:
            if stream not in (picture, sound):
                with contextlib.suppress(AttributeError):
                    stream.discard = av.stream.Discard.all
        by_index = {reading.stream.index: reading for reading in chosen}
        for packet in container.demux([reading.stream for reading in chosen]):
            by_index[packet.stream.index].take(packet)
        facts = {reading.stream.type: reading.facts() for reading in chosen}
        return {
            "format": container.format.name,
            "duration": container.duration,
            "video": facts.get("video"),
            "audio": facts.get("audio"),
        }


def is_cover(stream: Any) -> bool:
    """Whether this is the cover picture of a song."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


class Reading:
    """What goes by of one stream."""

    def __init__(self, stream: Any, limits: dict[str, int]) -> None:
        context = stream.codec_context
        if context is None:
            raise Unfit("media_unsupported")
        if stream.type == "video" and context.width * context.height > limits["pixels"]:
            raise Unfit("media_too_large")
        context.thread_count = 1
        context.options = {"max_pixels": str(limits["pixels"])}  # for a size that only decoding tells
        self.stream = stream
        self.pixels = limits["pixels"]
        self.most = limits["packets"]
        self.times = array.array("q")
        self.keys = array.array("q")
        self.end: int | None = None
        self.untimed = 0
        self.dropped = 0
        self.frame: Any = None

    def take(self, packet: Any) -> None:
        """Note one packet; decode until there has been a frame."""
        if self.frame is None and len(self.times) <= PATIENCE:
            self.frame = next(iter(packet.decode()), None)
        if not packet.size:
            return
        if packet.is_discard:
            self.dropped += 1
            return
        if packet.pts is None:
            self.untimed += 1
            return
        if len(self.times) >= self.most:
            raise Unfit("media_too_large")
        self.times.append(packet.pts)
        if packet.is_keyframe and self.stream.type == "video":
            self.keys.append(packet.pts)
        self.end = max(self.end if self.end is not None else packet.pts, packet.pts + (packet.duration or 0))

    def facts(self) -> dict[str, Any]:
        """All of it as JSON."""
        if self.frame is None:
            raise Unfit("media_unreadable")
        stream, context = self.stream, self.stream.codec_context
        common = {
            "codec": context.name,
            "time_base": ratio(stream.time_base),
            "start": stream.start_time,
            "duration": stream.duration,
            "declared": stream.frames,
            "dropped": self.dropped,
            "untimed": self.untimed,
            "end": self.end,
        }
        return common | (self._picture() if stream.type == "video" else self._sound())

    def _picture(self) -> dict[str, Any]:
        stream, context, frame = self.stream, self.stream.codec_context, self.frame
        if frame.width * frame.height > self.pixels:
            raise Unfit("media_too_large")
        return {
            "times": packed(self.times),
            "keys": packed(self.keys),
            "width": frame.width,
            "height": frame.height,
            "pixel_format": frame.format.name,
            "pixel_aspect": ratio(stream.sample_aspect_ratio or context.sample_aspect_ratio),
            "rotation": frame.rotation,
            "rates": [ratio(rate) for rate in (stream.guessed_rate, stream.average_rate, stream.base_rate)],
            "colour": [int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace), int(frame.color_range)],
        }

    def _sound(self) -> dict[str, Any]:
        return {
            "packets": len(self.times),
            "first": min(self.times, default=None),
            "sample_rate": self.frame.sample_rate,
            "channels": len(self.frame.layout.channels),
        }


def packed(numbers: "array.array[int]") -> str:
    """64-bit integers of this machine as base64."""
    return base64.b64encode(numbers.tobytes()).decode()


def ratio(value: Fraction | None) -> list[int] | None:
    """A fraction as JSON."""
    return None if not value else [value.numerator, value.denominator]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))))
