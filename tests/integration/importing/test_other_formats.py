"""Files of other programs become records: where they lie in time, what is guessed is said."""

from typing import Any

import pytest

from projections.otio import sandbox
from projections.otio.formats.catalogue import FORMATS

FRAME = 705_600_000 // 25
EDIT = "{0:03d}  REEL{0}    {1}     C        {2} {3} {4} {5}\n* FROM CLIP NAME:  shot {0}\n"


def edl(*edits: tuple[str, str, str, str, str]) -> bytes:
    lines = [EDIT.format(number, *edit) for number, edit in enumerate(edits, 1)]
    return ("TITLE: Cut\nFCM: NON-DROP FRAME\n\n" + "".join(lines)).encode()


async def read(data: bytes, format: str = "edl") -> sandbox.Answer:
    return await sandbox.Sandbox().read(data, FORMATS[format], rate=25.0)


def clips(answer: sandbox.Answer) -> list[tuple[int, int, int]]:
    """(start, duration, source_in) in frames."""
    found: list[dict[str, Any]] = [value for kind, _, value in answer.records if kind == "clip"]
    return sorted((c["start"] // FRAME, c["duration"] // FRAME, c["source_in"] // FRAME) for c in found)


async def test_the_hour_of_an_edl_is_the_start_timecode_and_gaps_are_gaps() -> None:
    answer = await read(
        edl(
            ("V", "00:00:10:00", "00:00:12:00", "01:00:00:00", "01:00:02:00"),
            ("V", "00:00:20:00", "00:00:21:00", "01:00:03:00", "01:00:04:00"),
        )
    )
    assert clips(answer) == [(0, 50, 250), (75, 25, 500)]
    assert answer.timeline["start_timecode"] == 3600 * 25 * FRAME
    assert answer.report["lost"] == []


async def test_tracks_of_an_edl_that_begin_at_different_times_stay_apart() -> None:
    answer = await read(
        edl(
            ("V", "00:00:10:00", "00:00:12:00", "01:00:00:00", "01:00:02:00"),
            ("A", "00:00:20:00", "00:00:21:00", "01:00:01:00", "01:00:02:00"),
        )
    )
    assert clips(answer) == [(0, 50, 250), (25, 25, 500)]


async def test_an_edl_that_contradicts_itself_comes_in_and_it_is_said() -> None:
    answer = await read(
        edl(
            ("V", "00:00:00:00", "00:00:02:00", "00:00:00:00", "00:00:02:00"),
            ("V", "00:00:00:00", "00:00:02:01", "00:00:02:00", "00:00:04:00"),
        )
    )
    assert len(clips(answer)) == 2
    assert {"what": "record_times", "count": 1, "examples": []} in answer.report["approximated"]


@pytest.mark.parametrize("ntsc", [False, True])
async def test_a_sequence_of_final_cut_7(ntsc: bool) -> None:
    rate = f"<rate><timebase>30</timebase><ntsc>{str(ntsc).upper()}</ntsc></rate>"
    clip = (
        f"<clipitem id='{{0}}'><name>{{0}}</name><duration>900</duration>{rate}<start>{{1}}</start><end>{{2}}</end>"
        f"<in>60</in><out>{{3}}</out><file id='f{{0}}'><name>a</name><pathurl>file:///a.mov</pathurl>{rate}"
        "<duration>900</duration></file></clipitem>"
    )
    items = clip.format("one", 0, 30, 90) + clip.format("two", 45, 60, 75)
    text = f"<xmeml version='5'><sequence><name>s</name><duration>60</duration>{rate}<media><video><track>{items}"
    answer = await read(f"<!DOCTYPE xmeml>{text}</track></video></media></sequence></xmeml>".encode(), "fcp7")
    frame = 705_600_000 * 1001 // 30_000 if ntsc else 705_600_000 // 30
    found = sorted((v["start"], v["duration"], v["source_in"]) for kind, _, v in answer.records if kind == "clip")
    assert found == [(0, 30 * frame, 60 * frame), (45 * frame, 15 * frame, 60 * frame)]
