"""Pictures as the engine works on them: three 8-bit planes, 4:2:0, BT.709, limited range, upright; some with alpha."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from workers.render.sample import Bytes

EXACT: Final = int(Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT)
HD_WIDTH: Final = 1280
HD_HEIGHT: Final = 720
# The numbers of ISO/IEC 23091-2 that decoders report as a frame's matrix.
MATRIX_RGB, MATRIX_BT709, MATRIX_UNKNOWN, MATRIX_FCC, MATRIX_SMPTE240M = 0, 1, 2, 4, 7
MATRIX_BT2020: Final = (9, 10)
RGB_OR_GREY: Final = ("yuvj", "rgb", "bgr", "gbr", "gray", "argb", "abgr", "pal8", "ya")
RED, BLUE = Fraction(2126, 10_000), Fraction(722, 10_000)
"""The shares of red and blue in BT.709's luma."""
FULL: Final = 255

Cover = NDArray[np.uint16]
"""How much a pixel is covered, 0..256."""
Planes = tuple[Bytes, Bytes, Bytes]
Box = tuple[int, int, int, int]
"""x, y, width, height in even pixels."""


@dataclass(frozen=True, slots=True)
class Pixmap:
    """A picture. With `alpha` (at the size of luma, and of chroma; 255 is opaque) its planes are multiplied by it.

    `box`: outside of it everything is transparent; None: not known.
    """

    planes: Planes
    alpha: tuple[Bytes, Bytes] | None = None
    box: Box | None = None

    @property
    def all_planes(self) -> Sequence[Bytes]:
        return (*self.planes, *(self.alpha or ()))


class Normaliser:
    """Turns decoded frames into the engine's planes. Frames that already are so are not copied."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def pixmap(self, frame: av.VideoFrame, *, with_alpha: bool) -> Pixmap:
        """The frame; its planes are views of its memory where nothing had to be converted."""
        transparent = with_alpha and has_alpha(frame)
        if transparent or not _is_working(frame):
            frame = self._reformatter.reformat(
                frame,
                format="yuva420p" if transparent else "yuv420p",
                src_colorspace=matrix_of(frame),
                dst_colorspace=Colorspace.ITU709,
                src_color_range=range_of(frame),
                dst_color_range=ColorRange.MPEG,
                interpolation=EXACT,
                threads=1,
            )
        planes = (view(frame, 0), view(frame, 1), view(frame, 2))
        turns = round(frame.rotation / 90) % 4  # counter-clockwise, as numpy turns
        if not transparent:
            return Pixmap(_turned(planes, turns) if turns else planes)
        alpha = view(frame, 3)
        return multiplied(_turned(planes, turns), np.ascontiguousarray(np.rot90(alpha, turns)))


def has_alpha(frame: av.VideoFrame) -> bool:
    """Whether the frame's format has transparency."""
    return frame.format.name == "pal8" or any(component.is_alpha for component in frame.format.components)


def multiplied(planes: Planes, alpha: Bytes) -> Pixmap:
    """Straight planes and their alpha as a picture; one that is opaque everywhere has none."""
    if alpha.min() == FULL:
        return Pixmap(planes)
    half = halved(alpha)
    y, u, v = (
        ((plane.astype(np.uint16) * widened(part) + 128) >> 8).astype(np.uint8)
        for plane, part in zip(planes, (alpha, half, half), strict=True)
    )
    return Pixmap((y, u, v), (alpha, half))


def halved(plane: Bytes) -> Bytes:
    """A plane at the size of chroma: the mean of each two by two."""
    height, width = plane.shape
    even = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge").astype(np.uint16)
    mean = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2] + 2) >> 2
    return mean.astype(np.uint8)


def widened(alpha: Bytes) -> Cover:
    """0..255 as 0..256, so that a shift divides."""
    wide = alpha.astype(np.uint16)
    wide += wide >> 7
    return wide


def levels(color: str) -> tuple[int, int, int]:
    """Y, U, V of "#rrggbb"."""
    red, green, blue = (Fraction(int(color[at : at + 2], 16), 255) for at in (1, 3, 5))
    luma = RED * red + (1 - RED - BLUE) * green + BLUE * blue
    return (
        round(16 + 219 * luma),
        round(128 + 224 * (blue - luma) / (2 * (1 - BLUE))),
        round(128 + 224 * (red - luma) / (2 * (1 - RED))),
    )


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
    if frame.color_range == ColorRange.JPEG or frame.format.name.startswith(RGB_OR_GREY):
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
