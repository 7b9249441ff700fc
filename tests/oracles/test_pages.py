"""docs/otio-divergences.md and docs/ges-agreement.md say what the gestures do; each row is an edit made here."""

from pathlib import Path

import pytest

from tests.oracles import divergences, pages
from tests.oracles.divergences import Row


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.name)
def test_the_page_is_current(path: Path) -> None:
    assert path.read_text() == pages.PAGES[path](), "run `python -m tests.oracles.pages`"


@pytest.mark.parametrize("row", [row for row in divergences.ROWS if row.strip], ids=lambda row: row.call)
def test_ours_is_what_counting_frames_says(row: Row) -> None:
    code, ours = divergences.run(row)
    counted = divergences.counted(row)
    assert (code or ours.items()) == counted
    if code:
        assert ours.items() == list(row.before)


def test_a_clip_that_is_fitted_fills_the_gap_with_all_its_frames() -> None:
    """24 frames at half speed are 48 frames long and show every source frame twice."""
    row = next(row for row in divergences.ROWS if row.strip is None)
    code, ours = divergences.run(row)
    clip = ours.at(48)
    assert not code
    assert (clip.value["start"], clip.value["duration"]) == (48 * ours.frame, 48 * ours.frame)
    assert [ours.shown(48 + k) for k in range(48)] == [("N", 1000 + k // 2) for k in range(48)]
    assert ours.shown(47) == ("A", 147)
    assert ours.shown(96) == ("C", 300)


def test_what_lies_on_a_clip_is_neither_doubled_nor_left_behind() -> None:
    assert divergences.markers_of_a_split() == "early on the left half, late on the right half"
    assert divergences.dissolve_of_a_removed_clip() == "0 transitions"
    assert divergences.slip_before_the_source() == "refused, `no_handle`; nothing changes"
