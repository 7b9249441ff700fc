"""Words of the audit log."""

import pytest

from tests.unit.domain.examples import row
from timeline_service.domain import wording
from timeline_service.domain.time import Rate


@pytest.mark.parametrize(
    ("rate", "frame", "said"),
    [
        (Rate(24, 1), 108, "00:00:04:12"),
        (Rate(30000, 1001), 29, "00:00:00:29"),
        (Rate(30000, 1001), 107_892, "00:59:56:12"),
        (Rate(120, 1), 119, "00:00:00:119"),
        (Rate(25, 1), -26, "-00:00:01:01"),
    ],
)
def test_timecode(rate: Rate, frame: int, said: str) -> None:
    assert wording.timecode(frame * rate.ticks_per_frame, rate) == said


def test_frames() -> None:
    rate = Rate(24, 1)
    assert [wording.frames(n, rate) for n in (29_400_000, -58_800_000, 14_700_000)] == [
        "1 frame",
        "2 frames",
        "0.5 frames",
    ]


def test_listed() -> None:
    state = row(*((id, 10 * n, 5) for n, id in enumerate("abcde"))).state
    assert wording.listed(state, ["a"]) == '"A"'
    assert wording.listed(state, ["a", "b"]) == '"A" and "B"'
    assert wording.listed(state, ["a", "b", "c"]) == '"A", "B" and "C"'
    assert wording.listed(state, list("abcde")) == '"A", "B", "C" and 2 more'
