"""A timeline as an SVG picture for reviews: a row for each track, highest on top, a box for each clip."""

from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from projections.otio.schema import Json

WIDTH: Final = 1600.0
_LABEL: Final = 120.0
_ROW: Final = 44.0
_RULER: Final = 24.0
_LETTER: Final = 7.0
_STEPS: Final = (0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18000, 36000)
_TICKS: Final = 12
_STYLE: Final = """
text{font:12px sans-serif}.video{fill:#9bc1e8}.audio{fill:#a6d7a4}.caption{fill:#e8d49b}.off{opacity:.4}
.row{fill:#f2f2f2}.box{stroke:#345;stroke-width:.5}.cut{fill:#7a5195}.ruler{stroke:#999;stroke-width:.5}
"""


def draw(found: Json) -> bytes:
    """The picture of an inventory, in UTF-8."""
    ends = [clip["start"] + clip["duration"] for clip in found["clips"]]
    length = max(ends, default=0.0) or 1.0
    scale = (WIDTH - _LABEL) / length
    rows = _rows(found["tracks"])
    height = _RULER + _ROW * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}">',
        f"<title>{_text(found['name'])}</title><style>{_STYLE}</style>",
        *_ruler(length, scale, height),
    ]
    for index, track in enumerate(found["tracks"]):
        top = rows[index]
        parts.append(f'<rect class="row" x="{_LABEL:g}" y="{top:g}" width="{WIDTH - _LABEL:g}" height="{_ROW - 4:g}"/>')
        parts.append(f'<text x="4" y="{top + 24:g}">{_text(track["name"] or track["kind"])}</text>')
    parts += [_clip(clip, found["tracks"], rows, scale) for clip in found["clips"]]
    parts += [_transition(each, rows, scale) for each in found["transitions"]]
    return "\n".join([*parts, "</svg>", ""]).encode()


def shown(found: Json) -> Json:
    """Of an inventory, what the picture shows: no timecode, nothing of the source's times, of effects, notes, nests."""
    unseen: Json = {"source": -1.0, "effects": 0, "markers": 0, "color": None}
    return found | {
        "clips": [clip | unseen for clip in found["clips"]],
        "transitions": [each | {"before": -1.0, "after": -1.0} for each in found["transitions"]],
        **dict.fromkeys(("markers", "nests", "nested_clips"), 0),
        "start": 0.0,
        "ours": [],
    }


def _rows(tracks: list[Json]) -> dict[int, float]:
    """Track → the top of its row: pictures with the highest track on top, then sound and the rest in order."""
    pictures = [index for index, track in enumerate(tracks) if track["kind"] == "video"]
    others = [index for index, track in enumerate(tracks) if track["kind"] != "video"]
    return {index: _RULER + _ROW * row for row, index in enumerate([*reversed(pictures), *others])}


def _ruler(length: float, scale: float, height: float) -> list[str]:
    step = next((each for each in _STEPS if length / each <= _TICKS), length / _TICKS)
    parts = []
    for number in range(int(length / step) + 1):
        x = _LABEL + number * step * scale
        parts.append(f'<line class="ruler" x1="{x:.2f}" x2="{x:.2f}" y1="0" y2="{height:g}"/>')
        parts.append(f'<text x="{x + 2:.2f}" y="14">{number * step:g} s</text>')
    return parts


def _clip(clip: Json, tracks: list[Json], rows: dict[int, float], scale: float) -> str:
    x, width, top = _LABEL + clip["start"] * scale, clip["duration"] * scale, rows[clip["track"]]
    kind = tracks[clip["track"]]["kind"]
    off = "" if clip["enabled"] and tracks[clip["track"]]["enabled"] else " off"
    speed = "" if clip["speed"] == 1 else f" {clip['speed']:g}×"
    name = clip["name"] + speed
    told = f"{name}\n{clip['media']}\n{clip['start']:g} s + {clip['duration']:g} s"
    shown = name[: max(0, int((width - 6) / _LETTER))]
    label = f'<text x="{x + 3:.2f}" y="{top + 24:g}">{_text(shown)}</text>' if shown else ""
    attributes = f'x="{x:.2f}" y="{top:g}" width="{width:.2f}" height="{_ROW - 4:g}"'
    return f"<g><title>{_text(told)}</title><rect class={quoteattr(f'box {kind}{off}')} {attributes}/>{label}</g>"


def _transition(transition: Json, rows: dict[int, float], scale: float) -> str:
    x, top = _LABEL + transition["at"] * scale, rows[transition["track"]]
    points = f"{x - 6:.2f},{top:g} {x + 6:.2f},{top:g} {x:.2f},{top + 10:g}"
    return f'<polygon class="cut" points="{points}"><title>{_text(transition["kind"])}</title></polygon>'


def _text(text: Any) -> str:
    return escape("".join(letter for letter in str(text) if letter >= " " or letter in "\n\t"))
