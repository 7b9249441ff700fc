"""Pictures as the engine works on them: three 8-bit planes, 4:2:0, BT.709, limited range, upright."""

from typing import Final

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from workers.render.sample import Bytes

EXACT: Final = int(Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT)
HD_WIDTH: Final = 1280
HD_HEIGHT: Final = 720
# The numbers of ISO/IEC 23091-2 that decoders report as a frame's matrix.
MATRIX_RGB, MATRIX_BT709, MATRIX_UNKNOWN, MATRIX_FCC, MATRIX_SMPTE240M = 0, 1, 2, 4, 7
MATRIX_BT2020: Final = (9, 10)

Planes = tuple[Bytes, Bytes, Bytes]


class Normaliser:
    """Turns decoded frames into the engine's planes. Frames that already are so are not copied."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def planes(self, frame: av.VideoFrame) -> Planes:
        """Y, U, V of the frame; views of its memory where nothing had to be converted."""
        if not _is_working(frame):
            frame = self._reformatter.reformat(
                frame,
                format="yuv420p",
                src_colorspace=matrix_of(frame),
                dst_colorspace=Colorspace.ITU709,
                src_color_range=range_of(frame),
                dst_color_range=ColorRange.MPEG,
                interpolation=EXACT,
                threads=1,
            )
        planes = (view(frame, 0), view(frame, 1), view(frame, 2))
        turns = round(frame.rotation / 90) % 4  # counter-clockwise, as numpy turns
        return _turned(planes, turns) if turns else planes


def view(frame: av.VideoFrame, index: int) -> Bytes:
    """A plane of a frame as an array over its own memory; rows may be padded, the view is not."""
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def matrix_of(frame: av.VideoFrame) -> Colorspace:
    """The matrix a frame was made with; unmarked ones by the usual rule: HD is BT.709, smaller is BT.601."""
    matrix = frame.colorspace
    if matrix in MATRIX_BT2020:
        return Colorspace.BT2020
    if matrix == MATRIX_UNKNOWN:
        return Colorspace.ITU709 if frame.width >= HD_WIDTH or frame.height >= HD_HEIGHT else Colorspace.ITU601
    known = {
        MATRIX_RGB: Colorspace.ITU709,
        MATRIX_BT709: Colorspace.ITU709,
        MATRIX_FCC: Colorspace.FCC,
        MATRIX_SMPTE240M: Colorspace.SMPTE240M,
    }
    return known.get(matrix, Colorspace.ITU601)


def range_of(frame: av.VideoFrame) -> ColorRange:
    """Full or limited; unmarked frames are limited unless their format says otherwise."""
    if frame.color_range == ColorRange.JPEG or frame.format.name.startswith(("yuvj", "rgb", "bgr", "gbr", "gray")):
        return ColorRange.JPEG
    return ColorRange.MPEG


def _is_working(frame: av.VideoFrame) -> bool:
    return (
        frame.format.name == "yuv420p" and matrix_of(frame) == Colorspace.ITU709 and range_of(frame) == ColorRange.MPEG
    )


def _turned(planes: Planes, turns: int) -> Planes:
    """Upright planes. Chroma keeps its siting to half a pixel, as every player's rotation does."""
    y, u, v = (np.ascontiguousarray(np.rot90(plane, turns)) for plane in planes)
    return y, u, v
