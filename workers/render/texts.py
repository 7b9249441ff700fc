"""Titles and captions as pictures: white on a box or on nothing, lines broken at words, in Source Sans.

    ┌────────────────────┐
    │     The End  ←─────┼── lines, aligned to each other, their block's centre at (x, y)
    └────────────────────┘
The font comes from a package, none of the system is used, so that a text looks the same everywhere: Latin, Greek,
Cyrillic. For what it lacks the plain letter is drawn where there is one, or a box; either is said.
"""

import importlib.util
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from workers.render.colour import FULL, Box, Pixmap, halved, levels, multiplied
from workers.render.plan_input import PPM, Style
from workers.render.sample import Bytes

PACKAGE: Final = "font_source_sans_pro"
WIDEST: Final = 900_000
"""ppm of the width that a line may take."""
LINE: Final = 1.25
"""Distance of lines, in sizes of the font."""
PADDING: Final = 0.3
"""What the background has around the text, in sizes of the font."""
BEYOND_UNICODE: Final = "\U0010ffff"
MOST_LETTERS: Final = 5000


@lru_cache(maxsize=8)
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(font_file(), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def font_file() -> Path:
    """Where the package of the font lies; it is data, so it is found and not imported. Raises FileNotFoundError."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        return Path(folder) / "files" / "SourceSansPro-Regular.ttf"
    raise FileNotFoundError(f"the package {PACKAGE} is not installed; run `uv sync`")


def picture(style: Style, width: int, height: int) -> Pixmap:
    """A text on nothing, as large as the frame."""
    size = max(4, height * style.size // PPM)
    font = font_of(size)
    lines = broken(writable(style.text[:MOST_LETTERS]), font, width * WIDEST // PPM)
    text = Image.new("L", (width, height))
    block = _block(lines, font, style, size, (width, height))
    pen = ImageDraw.Draw(text)
    for n, line in enumerate(lines):
        room = block[2] - block[0] - font.getlength(line)
        left = block[0] + {"left": 0.0, "center": room / 2, "right": room}[style.align]
        pen.text((round(left), round(block[1] + n * LINE * size)), line, fill=FULL, font=font)
    paper = Image.new("L", (width, height))
    if style.background is not None:
        around = round(PADDING * size)
        box = (block[0] - around, block[1] - around, block[2] + around, block[3] + around)
        ImageDraw.Draw(paper).rectangle(box, fill=FULL * style.box // PPM)
    return _coloured(np.asarray(text), np.asarray(paper), style)


def lacking(text: str) -> str:
    """The characters of a text that the font does not have, each once."""
    font = font_of(32)
    unknown = _shape(font, BEYOND_UNICODE)
    letters = sorted({letter for letter in text[:MOST_LETTERS] if not letter.isspace()})
    return "".join(letter for letter in letters if _shape(font, letter) == unknown)


def writable(text: str) -> str:
    """The text with the plain letters for those that the font does not have."""
    for letter in lacking(text):
        plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
        plain = plain if plain != letter else letter.casefold()
        if not lacking(plain):
            text = text.replace(letter, plain)
    return text


def broken(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Lines no wider than `room` pixels, broken between words where they can be; a longer word sticks out."""
    lines: list[str] = []
    for paragraph in text.replace("\t", " ").splitlines():
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and font.getlength(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _block(
    lines: list[str], font: ImageFont.FreeTypeFont, style: Style, size: int, frame: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of all lines, about the point that the style says."""
    wide = max((font.getlength(line) for line in lines), default=0.0)
    high = ((len(lines) - 1) * LINE + 1.0) * size
    left = round(frame[0] * style.x / PPM - wide / 2)
    top = round(frame[1] * style.y / PPM - high / 2)
    return left, top, left + round(wide), top + round(high)


def _coloured(text: Bytes, paper: Bytes, style: Style) -> Pixmap:
    """The text's colour where the text is, over the background's where that is."""
    wide = text.astype(np.uint16)
    alpha = (wide + (paper * (FULL - wide) + FULL // 2) // FULL).astype(np.uint8)
    ink, ground = levels(style.color), levels(style.background or style.color)
    half = halved(text)
    planes = [
        ((part * np.uint16(a) + (FULL - part) * np.uint16(b) + FULL // 2) // FULL).astype(np.uint8)
        for part, a, b in zip((wide, half.astype(np.uint16), half.astype(np.uint16)), ink, ground, strict=True)
    ]
    made = multiplied((planes[0], planes[1], planes[2]), alpha)
    return Pixmap(made.planes, made.alpha, _box(alpha))


def _box(alpha: Bytes) -> Box:
    """The even box of what is not wholly transparent."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return 0, 0, 2, 2
    x, y = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    return x, y, (int(columns[-1]) // 2 + 1) * 2 - x, (int(rows[-1]) // 2 + 1) * 2 - y


def _shape(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
