"""Small real media files for tests, made with the FFmpeg that the service uses."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np


def film(
    path: Path,
    *,
    rate: Fraction | int = 24,
    frames: int = 24,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    times: list[int] | None = None,
    base: Fraction | None = None,
    sound: bool = False,
    rotation: int = 0,
    container: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A film of grey frames; `times` are presentation times in units of `base` (default: n, 1/rate)."""
    base = base or 1 / Fraction(rate)
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        stream: Any = out.add_stream(codec, rate=Fraction(rate), options={"g": "12", "bf": "2", "sc_threshold": "0"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = stream.codec_context.time_base = base
        if rotation:
            stream.set_display_rotation(rotation)
        track = out.add_stream("aac", rate=48_000, layout="stereo") if sound else None
        for number, at in enumerate(times or range(frames)):
            grey = np.full((size[1], size[0]), (number * 5) % 200 + 20, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="gray8").reformat(format="yuv420p")
            frame.pts, frame.time_base = at, base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if track is not None:
            write_tone(out, track, float(frames / Fraction(rate)))
    return path


def song(path: Path, *, codec: str = "pcm_s16le", seconds: float = 1.5, sample_rate: int = 48_000) -> Path:
    """A tone."""
    with av.open(str(path), "w") as out:
        write_tone(out, out.add_stream(codec, rate=sample_rate, layout="stereo"), seconds, sample_rate)
    return path


def write_tone(out: Any, stream: Any, seconds: float, sample_rate: int = 48_000) -> None:
    count = round(seconds * sample_rate)
    wave = (np.sin(np.arange(count) / 20) * 8000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None, :], format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = sample_rate, 0, Fraction(1, sample_rate)
    resampler = av.AudioResampler(stream.codec_context.format, "stereo", sample_rate, stream.codec_context.frame_size)
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        out.mux(stream.encode(piece))
    out.mux(stream.encode(None))


def still(path: Path, size: tuple[int, int] = (96, 64)) -> Path:
    """A picture, PNG or JPEG by the name."""
    codec, form = ("png", "rgb24") if path.suffix == ".png" else ("mjpeg", "yuvj420p")
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as out:
        stream: Any = out.add_stream(codec)
        stream.width, stream.height, stream.pix_fmt = *size, form
        frame = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), format="rgb24")
        out.mux(stream.encode(frame.reformat(format=form)))
        out.mux(stream.encode(None))
    return path
