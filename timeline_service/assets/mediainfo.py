"""What a media file is, in our terms. Pure: what the reading process printed in, a checked value out.

Times are ticks, floored; sizes are upright pixels; a rate is one of the closed list or unknown.
"""

import array
import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

import msgspec

from timeline_service.domain import errors, time
from timeline_service.domain.time import Rate

Kind = Literal["video", "audio", "image"]

# Code points of ITU-T H.273 that editing and rendering tell apart; others are "unknown" (None).
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "smpte432"}
_TRANSFERS = {1: "bt709", 6: "smpte170m", 8: "linear", 13: "srgb", 14: "bt2020-10", 16: "smpte2084", 18: "arib-std-b67"}
_MATRICES = {0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
_RANGES = {1: "tv", 2: "pc"}
_EXACT_CONTAINERS = ("mov", "matroska")  # they declare how much they hold, so that a cut-off file shows


class Failure(StrEnum):
    """Why a file is no media of ours: the stable codes of an asset whose status is `failed`."""

    UNREADABLE = "media_unreadable"  # damaged, empty, of no known format, or it crashed the reader
    UNSUPPORTED = "media_unsupported"  # readable, but there is neither picture nor sound that we can decode
    TOO_LARGE = "media_too_large"  # more pixels, packets or memory than a source may need
    TRUNCATED = "media_truncated"  # it ends before it said it would
    TIMEOUT = "media_timeout"  # reading it took longer than it may


class Unfit(Exception):
    """The file cannot be used; `code` says why."""

    def __init__(self, code: Failure) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Colour:
    """How the numbers of a picture mean colours; None = the file does not say."""

    primaries: str | None
    transfer: str | None
    matrix: str | None
    range: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture stream.

    `width`, `height`: as shown, `rotation` (clockwise degrees that a decoder's frame must be turned by) applied.
    `rate` is exact if not `variable`: frame n is then the one nearest to n frames after the first. `average`: frames
    per second as measured. `start`: time of the first frame by the container's clock, ticks. `keyframes`: numbers of
    the frames where decoding can begin.
    """

    codec: str
    pixel_format: str
    width: int
    height: int
    rotation: int
    pixel_aspect: tuple[int, int]
    colour: Colour
    rate: Rate | None
    average: tuple[int, int] | None
    variable: bool
    frame_count: int
    start: int
    duration: int
    keyframes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound stream; `start` by the container's clock, in ticks, like `duration`."""

    codec: str
    sample_rate: int
    channels: int
    start: int
    duration: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """One media file. `duration` is that of the picture, of the sound without one, None for a still."""

    kind: Kind
    format: str
    duration: int | None
    picture: Picture | None
    sound: Sound | None


class _RawStream(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    codec: str
    time_base: tuple[int, int]
    start: int | None
    duration: int | None
    declared: int
    dropped: int
    untimed: int
    end: int | None


class _RawPicture(_RawStream, kw_only=True):
    times: str
    keys: str
    width: int
    height: int
    pixel_format: str
    pixel_aspect: tuple[int, int] | None
    rotation: int
    rates: list[tuple[int, int] | None]
    colour: tuple[int, int, int, int]


class _RawSound(_RawStream, kw_only=True):
    packets: int
    first: int | None
    sample_rate: int
    channels: int


class _Raw(msgspec.Struct, forbid_unknown_fields=True):
    format: str | None = None
    duration: int | None = None
    video: _RawPicture | None = None
    audio: _RawSound | None = None
    refused: Failure | None = None


def parse(printed: bytes) -> MediaInfo:
    """What the reading process printed, as a MediaInfo. Raises `Unfit`; the process is not trusted."""
    try:
        raw = msgspec.json.decode(printed, type=_Raw)
        if raw.refused is not None:
            raise Unfit(raw.refused)
        return _media(raw)
    except (msgspec.DecodeError, binascii.Error, ValueError, ZeroDivisionError) as problem:
        raise Unfit(Failure.UNREADABLE) from problem


def _media(raw: _Raw) -> MediaInfo:
    name = raw.format or ""
    if name.endswith("_pipe"):
        return _still(name, raw.video)
    if name.startswith(_EXACT_CONTAINERS):
        _check_whole(raw)
    picture = _picture(raw.video) if raw.video else None
    sound = _sound(raw.audio) if raw.audio else None
    main = picture or sound
    if main is None:
        raise Unfit(Failure.UNSUPPORTED)
    if main.duration <= 0 or main.duration > time.MAX_TICKS:
        raise Unfit(Failure.UNREADABLE)
    return MediaInfo("video" if picture else "audio", name, main.duration, picture, sound)


def _still(name: str, raw: _RawPicture | None) -> MediaInfo:
    if raw is None:
        raise Unfit(Failure.UNSUPPORTED)
    shape = _shape(raw)
    picture = Picture(
        **shape, rate=None, average=None, variable=False, frame_count=1, start=0, duration=0, keyframes=(0,)
    )
    return MediaInfo("image", name, None, picture, None)


def _check_whole(raw: _Raw) -> None:
    """A file that was cut off still plays to the cut; it must not become an asset that ends too early."""
    for stream, counted in (
        (raw.video, len(_unpacked(raw.video.times)) if raw.video else 0),
        (raw.audio, raw.audio.packets if raw.audio else 0),
    ):
        if stream is None:
            continue
        missing = stream.declared - stream.dropped - stream.untimed - counted
        if missing > 0:
            raise Unfit(Failure.TRUNCATED)
    ends = [stream.end * Fraction(*stream.time_base) for stream in (raw.video, raw.audio) if stream and stream.end]
    # Matroska declares no number of packets, but a length (in microseconds here).
    if raw.duration and max(ends, default=Fraction(0)) < Fraction(raw.duration, 1_000_000) * Fraction(9, 10):
        raise Unfit(Failure.TRUNCATED)


def _picture(raw: _RawPicture) -> Picture:
    base = Fraction(*raw.time_base)
    times = sorted(_unpacked(raw.times))
    if not times or raw.end is None:
        raise Unfit(Failure.UNREADABLE)
    rate, variable = rate_of(times, base, [Fraction(*rate) for rate in raw.rates if rate])
    average = Fraction(len(times) - 1) / ((times[-1] - times[0]) * base) if times[-1] > times[0] else None
    numbers = {at: number for number, at in enumerate(times)}
    return Picture(
        **_shape(raw),
        rate=rate,
        average=(average.numerator, average.denominator) if average else None,
        variable=variable,
        frame_count=len(times),
        start=time.floor_ticks(times[0] * base),
        duration=_length(times, raw.end, base, None if variable else rate),
        keyframes=tuple(sorted({numbers[at] for at in _unpacked(raw.keys)})),
    )


def _length(times: list[int], end: int, base: Fraction, rate: Rate | None) -> int:
    """Ticks from the first frame to the end of the last.

    At a known rate that is so many frames exactly: a container that counts in milliseconds would lose the last one.
    """
    if rate is not None:
        return len(times) * rate.ticks_per_frame
    return time.floor_ticks((end - times[0]) * base)


def rate_of(times: list[int], base: Fraction, told: list[Fraction]) -> tuple[Rate | None, bool]:
    """The rate of frames at `times` (sorted, in units of `base` seconds), and whether it varies.

    The rate that was measured comes first, then those that the container tells. It is one of the closed list under
    which each frame falls, rounded, on its own number; else the frames vary, and the rate is the nearest to their
    average, if any is near.
    """
    span = (times[-1] - times[0]) * base
    measured = [(len(times) - 1) / span] if span else []
    near = [rate for rate in map(_snapped, measured + told) if rate is not None]
    for rate in dict.fromkeys(near):
        if _regular(times, base, Fraction(rate.num, rate.den)):
            return rate, False
    if not near and measured and _regular(times, base, measured[0]):
        return None, False
    return (near[0] if near else None), len(times) > 1


def _regular(times: list[int], base: Fraction, rate: Fraction) -> bool:
    # |(t - t0)·base·rate - n| < 1/2, in whole numbers: films have hundreds of thousands of frames.
    scale = base * rate
    num, den = scale.numerator, scale.denominator
    first = times[0]
    return all(-den < 2 * ((at - first) * num - number * den) < den for number, at in enumerate(times))


def _snapped(rate: Fraction) -> Rate | None:
    try:
        return time.snap_rate(rate)
    except errors.RateUnknown:
        return None


def _shape(raw: _RawPicture) -> dict[str, Any]:
    if not (0 < raw.width <= 65_536 and 0 < raw.height <= 65_536):
        raise Unfit(Failure.UNREADABLE)
    # The container's matrix turns counter-clockwise; we say what has to be done to a frame, clockwise.
    rotation = -round(raw.rotation / 90) * 90 % 360
    turned = rotation in {90, 270}
    num, den = raw.pixel_aspect or (1, 1)
    primaries, transfer, matrix, extent = raw.colour
    return {
        "codec": raw.codec,
        "pixel_format": raw.pixel_format,
        "width": raw.height if turned else raw.width,
        "height": raw.width if turned else raw.height,
        "rotation": rotation,
        "pixel_aspect": ((den, num) if turned else (num, den)) if num > 0 and den > 0 else (1, 1),
        "colour": Colour(
            _PRIMARIES.get(primaries), _TRANSFERS.get(transfer), _MATRICES.get(matrix), _RANGES.get(extent)
        ),
    }


def _sound(raw: _RawSound) -> Sound:
    base = Fraction(*raw.time_base)
    if raw.first is None or raw.end is None or not 0 < raw.sample_rate <= 768_000 or not 0 < raw.channels <= 64:
        raise Unfit(Failure.UNREADABLE)
    # Encoders begin with samples that are not to be heard: the stream starts where hearing does.
    first = raw.start if raw.start is not None else raw.first
    length = raw.duration or raw.end - first
    return Sound(
        raw.codec, raw.sample_rate, raw.channels, time.floor_ticks(first * base), time.floor_ticks(length * base)
    )


def _unpacked(text: str) -> list[int]:
    numbers = array.array("q")
    numbers.frombytes(base64.b64decode(text, validate=True))
    return numbers.tolist()
