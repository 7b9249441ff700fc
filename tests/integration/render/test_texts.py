"""Titles and captions: where the ink is, in which colour, and what is said about letters that the font lacks."""

import numpy as np
import pytest

from tests.instrument import reading
from tests.integration.render import edits
from timeline_service.domain import records
from workers.render import colour, engine, plan_records, texts
from workers.render import plan as plans

SIZE = (320, 180)
FRAME = 28_224_000


def record(kind: str, id: str, /, **given) -> dict:
    return {"id": id, **records.new(kind, **given)}


def rendered(tmp_path, *, media=None, captions=(), tracks=(), frames=3, **fields):
    """(pictures, report) of a clip under some captions."""
    media = media or {"generator": "color", "params": {"color": "#808080"}}
    state = {
        "timeline": record("timeline", "tl", name="", rate={"num": 25, "den": 1}, width=SIZE[0], height=SIZE[1]),
        "tracks": [record("track", "v1", kind="video", order="a"), *tracks],
        "clips": [record("clip", "c", track_id="v1", start=0, duration=frames * FRAME, media=media, **fields)],
        "captions": list(captions),
    }
    plan = plans.build_plan(plan_records.from_records(state, {}), edits.preset())
    done = engine.render(plan, {}, tmp_path / "out.mp4")
    return list(reading.pictures(tmp_path / "out.mp4")), list(done.report)


def title(**params) -> dict:
    return {"generator": "title", "params": {"text": "HHHH", **params}}


def ink(planes: reading.Planes, level: float = 235, off: float = 40) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what has about that luma."""
    there = np.abs(planes.y - level) < off
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def test_a_title_is_white_in_the_middle_of_nothing(tmp_path):
    pictures, report = rendered(tmp_path, media=title(size=200_000))
    assert report == []
    left, top, right, bottom = ink(pictures[1])
    assert (left + right) / 2 == pytest.approx(160, abs=2) and (top + bottom) / 2 == pytest.approx(90, abs=6)
    assert 20 <= bottom - top <= 36  # capital letters of a font of 36 pixels
    assert pictures[1].y[:40].max() < 20


def test_a_title_is_where_and_how_it_says(tmp_path):
    media = title(text="II", size=100_000, color="#ff0000", background="#0000ff", x=250_000, y=750_000)
    pictures, _ = rendered(tmp_path, media=media)
    blue, red = colour.levels("#0000ff"), colour.levels("#ff0000")
    box = np.abs(pictures[1].u - blue[1]) < 10
    rows, columns = np.flatnonzero(box.any(axis=1)), np.flatnonzero(box.any(axis=0))
    assert (columns[0] + columns[-1] + 1) == pytest.approx(80, abs=2) and (rows[0] + rows[-1] + 1) == pytest.approx(
        135, abs=2
    )
    assert (np.abs(pictures[1].y - red[0]) < 6).any()


def test_lines_break_at_words_and_stay_inside(tmp_path):
    pictures, _ = rendered(tmp_path, media=title(text="word " * 12, size=150_000))
    left, top, right, bottom = ink(pictures[1])
    assert left >= 10 and right <= 310 and bottom - top > 60


@pytest.mark.parametrize(("align", "side"), [("left", 0), ("right", 1)])
def test_lines_are_aligned_to_each_other(tmp_path, align, side):
    pictures, _ = rendered(tmp_path, media=title(text="HHHHHHHH\nHH", size=150_000, align=align))
    _, top, _, bottom = ink(pictures[1])
    middle = (top + bottom) // 2
    first = ink(reading.Planes(pictures[1].y[:middle], None, None))
    second = ink(reading.Planes(pictures[1].y[middle:], None, None))
    assert first[2 * side] == pytest.approx(second[2 * side], abs=1)
    assert abs(first[2 - 2 * side] - second[2 - 2 * side]) > 20


def test_a_title_can_be_moved_turned_and_faded_like_a_picture(tmp_path):
    fields = {"params.rotation": 90_000, "params.opacity": 500_000}
    pictures, _ = rendered(tmp_path, media=title(size=100_000), **fields)
    left, top, right, bottom = ink(pictures[1], level=(235 + 16) / 2)
    assert bottom - top > 2 * (right - left)


CAPTIONS = (record("track", "s", kind="caption", order="z"),)


def test_a_caption_lies_over_everything_at_the_bottom_for_its_time(tmp_path):
    caption = record("caption", "s1", track_id="s", start=FRAME, duration=2 * FRAME, text="HHHH")
    pictures, report = rendered(tmp_path, tracks=CAPTIONS, captions=[caption], frames=4)
    assert report == []
    plain = pictures[0].y.mean()
    furthest = [np.abs(planes.y.astype(int) - pictures[0].y).max() for planes in pictures]
    assert [far > 60 for far in furthest] == [False, True, True, False]
    left, top, right, bottom = ink(pictures[1], level=235)
    assert top > 140 and bottom < 178 and (left + right) / 2 == pytest.approx(160, abs=2)
    # Around the letters it is darker than the picture: they can be read on white, too.
    assert pictures[1].y[top - 4, left:right].mean() < plain - 30


def test_a_caption_in_its_own_style(tmp_path):
    style = {"params.color": "#000000", "params.background": "#ffffff", "params.y": 100_000}
    caption = record("caption", "s1", track_id="s", start=0, duration=2 * FRAME, text="HHHH", **style)
    pictures, _ = rendered(tmp_path, tracks=CAPTIONS, captions=[caption])
    _, top, _, bottom = ink(pictures[1], level=16, off=30)
    assert 5 < top < bottom < 32


def test_letters_that_the_font_lacks_are_named_once(tmp_path):
    caption = record("caption", "s1", track_id="s", start=0, duration=3 * FRAME, text="Grüße 漢字 漢")
    _, report = rendered(tmp_path, tracks=CAPTIONS, captions=[caption])
    assert report == [{"code": "glyphs_missing", "clip_id": "s1", "characters": "字漢"}]
    assert texts.lacking("The quick brown fox jumps over 0123456789 lazy dogs, isn't it?") == ""
    assert texts.lacking("Grüße, señor Ångström, Łódź, Привет, Ελληνικά") == ""
    assert texts.writable("Ａ 漢") == "A 漢"
