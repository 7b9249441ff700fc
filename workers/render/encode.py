"""The output file: H.264 and AAC in MP4, the same bytes for the same pictures and samples.

Pinned: threads (x264 decides by them), `cpu-independent` (vector units round alike), bitexact (no versions, no dates).
Sound is encoded once, from start to end, so there are no seams; its priming is hidden by the edit list.
"""

import math
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

import av
import numpy as np
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc

from workers.render import colour
from workers.render.audio import Samples
from workers.render.canvas import BLACK
from workers.render.plan import RenderPlan
from workers.render.plan_input import Preset
from workers.render.plan_parts import SAMPLE_RATE
from workers.render.sample import Bytes

Encoder = Literal["libx264", "h264_nvenc"]
X264: Final = "libx264"
NVENC: Final = "h264_nvenc"
PROBE: Final = 256
"""Side of the picture that tries an encoder out; hardware refuses very small ones."""


class Picture:
    """An output picture to paint on. Its planes are arrays over the memory that goes to the encoder."""

    def __init__(self, width: int, height: int) -> None:
        self.frame = av.VideoFrame(width, height, "yuv420p")
        self.planes: tuple[Bytes, Bytes, Bytes] = (
            colour.view(self.frame, 0),
            colour.view(self.frame, 1),
            colour.view(self.frame, 2),
        )

    def blacken(self) -> None:
        """Paint it black."""
        for plane, level in zip(self.planes, BLACK, strict=True):
            plane[...] = level


class Writer:
    """Encodes and muxes. Pictures and sound are given in order; `finish` makes the file whole."""

    def __init__(self, plan: RenderPlan, path: Path, encoder: Encoder = X264) -> None:
        preset = plan.preset
        # Edit lists count in movie time: this scale has whole numbers for every frame and every sample.
        scale = math.lcm(SAMPLE_RATE, plan.rate_num)
        self._container = av.open(
            str(path),
            "w",
            format=preset.container,
            options={"movflags": "+faststart", "fflags": "+bitexact", "movie_timescale": str(scale)},
        )
        rate = Fraction(plan.rate_num, plan.rate_den)
        self._video = self._container.add_stream(encoder, rate=rate, options=_options(preset, encoder))
        context = self._video.codec_context
        context.width, context.height, context.pix_fmt = plan.width, plan.height, "yuv420p"
        context.time_base = 1 / rate
        context.gop_size = max(1, round(rate * preset.gop_seconds))
        context.thread_count = preset.threads
        context.color_range = ColorRange.MPEG
        context.colorspace = colour.MATRIX_BT709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        context.flags |= Flags.bitexact | Flags.closed_gop
        self._audio = self._container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        self._audio.codec_context.bit_rate = preset.audio_bitrate
        self._audio.codec_context.flags |= Flags.bitexact
        self._frames = 0
        self._samples = 0

    @property
    def samples(self) -> int:
        """How many samples were written."""
        return self._samples

    def picture(self, picture: Picture) -> None:
        """The next picture; it belongs to the encoder from now on."""
        frame = picture.frame
        frame.pts = self._frames
        frame.time_base = self._video.codec_context.time_base
        frame.pict_type = PictureType.NONE
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def sound(self, block: Samples) -> None:
        """The next samples."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        frame.pts = self._samples
        self._samples += block.shape[1]
        self._container.mux(self._audio.encode(frame))

    def finish(self) -> None:
        """Flush both encoders and write the index in front."""
        self._container.mux(self._video.encode(None))
        self._container.mux(self._audio.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Close without flushing; the file is of no use."""
        self._container.close()


def best() -> Encoder:
    """NVENC where this machine really encodes a picture with it, else libx264.

    Drivers, containers and builds promise encoders that then do not open, so nothing but a try will tell.
    """
    try:
        context = av.CodecContext.create(NVENC, "w")
        context.width, context.height, context.pix_fmt = PROBE, PROBE, "yuv420p"
        context.time_base = Fraction(1, 30)
        picture = Picture(PROBE, PROBE)
        picture.blacken()
        picture.frame.pts = 0
        packets = [*context.encode(picture.frame), *context.encode(None)]
    except (FFmpegError, ValueError):
        return X264
    return NVENC if packets else X264


def _options(preset: Preset, encoder: Encoder) -> dict[str, str]:
    if encoder == NVENC:
        return {"preset": "p4", "rc": "vbr", "cq": str(preset.crf), "forced-idr": "1"}
    return {
        "preset": preset.speed,
        "crf": str(preset.crf),
        "x264-params": "cpu-independent=1:open-gop=0:sliced-threads=0",
    }
