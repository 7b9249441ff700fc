"""Transitions, nests, freezes and speeds, read back from rendered files: each picture, and the sound in step."""

from fractions import Fraction

import numpy as np
import pytest

from tests.instrument import picture, reading
from tests.integration.render import edits
from timeline_service.domain import records
from workers.render import engine, plan_records
from workers.render import plan as plans

RATE = edits.rate_of(Fraction(30))
FRAME = RATE.ticks_per_frame
SIZE = (192, 108)
FACTS_OF = {"a": 0, "b": 3}
SECOND = 48_000


def record(kind: str, id: str, /, **given) -> dict:
    return {"id": id, **records.new(kind, **given)}


def clip(id: str, start: int, frames: int, source: str = "a", **given) -> dict:
    """A clip of the 30-frame source a or the 60-frame source b; start, length and `first` in output frames."""
    source_in = given.pop("first", 0) * FRAME
    given = {"track_id": "v1", "media": {"asset_id": f"source-{FACTS_OF.get(source, 0)}"}, **given}
    return record("clip", id, start=start * FRAME, duration=frames * FRAME, source_in=source_in, **given)


@pytest.fixture
def shown(footage, addresses, tmp_path):
    """Renders records: (the pictures, the path of the file, the plan)."""

    def render(*clips: dict, tracks=(), **given):
        timeline = record("timeline", "tl", name="", rate=RATE.as_dict(), width=SIZE[0], height=SIZE[1])
        first = record("track", "v1", kind="video", order="a")
        state = {"timeline": timeline, "tracks": [first, *tracks], "clips": list(clips), **given}
        facts = {f"source-{item.source_id}": edits.facts_of(item) for item in footage}
        plan = plans.build_plan(plan_records.from_records(state, facts), edits.preset())
        engine.render(plan, {key: addresses[key] for key in plan.files}, tmp_path / "out.mp4")
        return list(reading.pictures(tmp_path / "out.mp4")), tmp_path / "out.mp4", plan

    return render


def transition(left: str | None, right: str | None, before: int, after: int, kind: str = "dissolve") -> dict:
    return record(
        "transition", "t", left_id=left, right_id=right, kind=kind, in_offset=before * FRAME, out_offset=after * FRAME
    )


def seen(pictures) -> list[tuple[int, int] | None]:
    """(source, frame) of each picture, None for black."""
    found = [reading.identify(planes) for planes in pictures]
    return [(one.source_id, one.frame) if one else None for one in found]


def chroma(*parts: tuple[float, tuple[int, int] | None]) -> tuple[float, float]:
    """The mixture of the chroma of frames of sources, by their shares; None is black."""
    pairs = [(share, picture.chroma(*frame) if frame else (128, 128)) for share, frame in parts]
    return sum(share * pair[0] for share, pair in pairs), sum(share * pair[1] for share, pair in pairs)


def test_a_dissolve_mixes_the_handles_of_both_and_nothing_else_changes(shown):
    clips = clip("l", 0, 20, first=10), clip("r", 20, 20, "b", first=10)
    pictures, _, plan = shown(*clips, transitions=[transition("l", "r", 4, 6)])
    assert plan.notes == ()
    found = seen(pictures)
    assert found[:16] == [(0, 10 + n) for n in range(16)]
    assert found[26:] == [(3, 20 + 2 * (n - 20)) for n in range(26, 40)]
    for n in range(16, 26):
        part = (n - 16) / 10
        due = chroma((1 - part, (0, 10 + n)), (part, (3, 20 + 2 * (n - 20))))
        assert (pictures[n].u.mean(), pictures[n].v.mean()) == pytest.approx(due, abs=1.5)


def test_the_middle_of_a_dissolve_is_the_mean_of_both_pictures(shown):
    clips = clip("l", 0, 10, first=10), clip("r", 10, 10, "b", first=10, **{"params.rotation": 180_000})
    apart, _, _ = shown(*clips)
    frozen = {"speed": {"num": 0, "den": 1}}
    still = [{**one, **frozen} for one in clips]
    left, right = shown(still[0])[0][5], shown({**still[1], "start": 0})[0][5]
    mixed, _, _ = shown(*still, transitions=[transition("l", "r", 4, 4)])
    for plane in "yuv":
        mean = (getattr(left, plane) + getattr(right, plane)) / 2
        off = np.abs(getattr(mixed[10], plane) - mean)
        assert off.mean() < 1 and np.percentile(off, 99) <= 3
    assert seen(apart)[:10] == [(0, 10 + n) for n in range(10)]


def test_at_a_null_side_it_fades_from_and_to_black(shown):
    pictures, _, _ = shown(clip("c", 0, 10, first=5), transitions=[transition(None, "c", 0, 5, "fade")])
    for n, planes in enumerate(pictures):
        due = chroma((1 - min(1, n / 5), None), (min(1, n / 5), (0, 5 + n)))
        assert (planes.u.mean(), planes.v.mean()) == pytest.approx(due, abs=1.5)
    pictures, _, _ = shown(clip("c", 0, 10, first=5), transitions=[transition("c", None, 5, 0, "fade")])
    for n, planes in enumerate(pictures):
        share = min(1, (10 - n) / 5)
        assert (planes.u.mean(), planes.v.mean()) == pytest.approx(
            chroma((share, (0, 5 + n)), (1 - share, None)), abs=1.5
        )


def test_a_wipe_uncovers_the_right_clip_from_the_left(shown):
    clips = clip("l", 0, 10, first=10), clip("r", 10, 10, "b", first=10)
    pictures, _, _ = shown(*clips, transitions=[transition("l", "r", 4, 4, "wipe")])
    for n in range(7, 14):
        edge = (n - 6) * 24
        new, old = pictures[n].part((0, 0, edge - 4, 108)), pictures[n].part((edge + 4, 0, 188 - edge, 108))
        assert reading.identify(new) == reading.Seen(3, 2 * n)
        assert reading.identify(old) == reading.Seen(0, 10 + n)


def test_sound_is_cross_faded_over_the_same_span_and_keeps_its_step(shown, noises):
    clips = clip("l", 0, 30), clip("r", 30, 30, "b", first=15)
    _, path, _ = shown(*clips, transitions=[transition("l", "r", 15, 15)])
    heard = reading.sound(path)[0]
    # 0.5 s to 1.5 s both are heard: each is found in the mix where it should be, and the power stays what it was.
    for source, at in (("source-0", 0), ("source-3", -SECOND // 2)):
        due = noises[source][0]
        quarter = slice(3 * SECOND // 4, 5 * SECOND // 4)
        lag, alike = reading.lag(heard[quarter], due[quarter.start + at : quarter.stop + at])
        assert abs(lag) <= 48 and alike > 0.5
    powers = [float((part**2).mean()) for part in np.array_split(heard[: 2 * SECOND], 8)]
    assert powers == pytest.approx([powers[0]] * 8, rel=0.2)


def test_a_freeze_shows_one_frame_and_is_silent(shown):
    still = clip("c", 10, 20, first=7, speed={"num": 0, "den": 1})
    pictures, path, plan = shown(clip("b", 0, 10), still)
    assert seen(pictures) == [*((0, n) for n in range(10)), *[(0, 7)] * 20]
    assert len(plan.sounds) == 1
    assert np.abs(reading.sound(path)[:, 18_000:]).max() < 0.003


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"speed": {"num": 2, "den": 1}}, [5 + 2 * n for n in range(12)]),
        ({"speed": {"num": 1, "den": 2}}, [5 + n // 2 for n in range(12)]),
        ({"reversed": True}, [16 - n for n in range(12)]),
        ({"reversed": True, "speed": {"num": 2, "den": 1}}, [5 + (12 * 2 - 1 - 2 * n) for n in range(12)]),
    ],
)
def test_speeds_show_the_planned_frames_alone_and_through_a_nest(shown, fields, due):
    pictures, _, _ = shown(clip("c", 0, 12, first=5, **fields))
    assert [frame for _, frame in seen(pictures)] == due
    pictures, _, _ = shown(*nest(clip("c", 3, 12, first=5, track_id="n1", **fields), first=3), tracks=INNER)
    assert [frame for _, frame in seen(pictures)] == due


INNER = (record("track", "n1", kind="video", order="a", sequence_id="s"),)


def nest(*inner: dict, frames: int = 12, **given) -> tuple[dict, ...]:
    return (clip("nest", 0, frames, media={"sequence_id": "s"}, **given), *inner)


def test_speed_segments_follow_each_other_without_a_seam(shown):
    """Three clips of one file, at 1, 2 and 1/2, each from where the one before it ended."""
    parts = [
        clip("p0", 0, 10, **{"params.segments": "s"}),
        clip("p1", 10, 10, first=10, speed={"num": 2, "den": 1}, **{"params.segments": "s"}),
        clip("p2", 20, 10, first=30, speed={"num": 1, "den": 2}, **{"params.segments": "s"}),
    ]
    pictures, _, _ = shown(*parts)
    due = [*range(10), *range(10, 30, 2), *(30 + n // 2 for n in range(10))]
    assert [frame for _, frame in seen(pictures)] == due


def test_a_nest_shows_and_plays_what_is_in_it_in_step(shown, noises):
    inner = clip("x", 0, 20, "b", track_id="n1"), clip("y", 20, 40, track_id="n1", first=20)
    pictures, path, _ = shown(*nest(*inner, frames=50, first=10), tracks=INNER)
    assert seen(pictures) == [*((3, 20 + 2 * n) for n in range(10)), *((0, 20 + n) for n in range(40))]
    heard = reading.sound(path)[0]
    lag, alike = reading.lag(heard[16_000:64_000], noises["source-0"][0, 32_000:80_000])
    assert lag == 0 and alike > 0.8


def test_a_nest_at_double_speed_and_one_backwards(shown, noises):
    inner = clip("x", 0, 10, "b", track_id="n1"), clip("y", 10, 40, track_id="n1")
    pictures, _, _ = shown(*nest(*inner, speed={"num": 2, "den": 1}), tracks=INNER)
    assert seen(pictures) == [*((3, 4 * n) for n in range(5)), *((0, 2 * n) for n in range(7))]
    pictures, path, _ = shown(*nest(*inner, frames=40, reversed=True), tracks=INNER)
    assert seen(pictures) == [*((0, 29 - n) for n in range(30)), *((3, 19 - 2 * n) for n in range(10))]
    lag, alike = reading.lag(reading.sound(path)[0, :SECOND], noises["source-0"][0, :SECOND][::-1])
    assert abs(lag) <= 1 and alike > 0.8


def test_a_nest_is_one_picture_that_may_be_moved_and_is_transparent_where_it_is_empty(shown):
    inner = [
        clip("x", 0, 12, track_id="n1", **{"params.transform": {"x": -250_000, "y": 0, "scale_x": 500_000, "scale_y": 500_000}})
    ]  # fmt: skip
    tracks = (*INNER, record("track", "v0", kind="video", order="0"))
    below = clip("below", 0, 12, "b", track_id="v0")
    pictures, _, _ = shown(*nest(*inner), below, tracks=tracks)
    assert reading.identify(pictures[3].part((4, 31, 88, 46))) == reading.Seen(0, 3)
    assert reading.identify(pictures[3].part((100, 0, 92, 108))) == reading.Seen(3, 6)
    half = {"params.opacity": 500_000, "params.rotation": 180_000}
    pictures, _, _ = shown(*nest(*inner, **half), below, tracks=tracks)
    assert reading.identify(pictures[3].part((0, 0, 92, 108))) == reading.Seen(3, 6)
    mixed = pictures[3].part((104, 36, 80, 36))
    assert (mixed.u.mean(), mixed.v.mean()) == pytest.approx(chroma((0.5, (0, 3)), (0.5, (3, 6))), abs=1.5)


def test_a_nest_within_a_nest(shown):
    tracks = (*INNER, record("track", "m1", kind="video", order="a", sequence_id="m"))
    inner = clip("mid", 0, 30, media={"sequence_id": "m"}, track_id="n1", first=4), clip("x", 0, 40, "b", track_id="m1")
    pictures, _, plan = shown(*nest(*inner, first=3), tracks=tracks)
    assert seen(pictures) == [(3, 14 + 2 * n) for n in range(12)] and len(plan.nests) == 2


def test_a_transition_inside_a_nest_is_mixed_there(shown):
    inner = clip("l", 0, 6, track_id="n1", first=10), clip("r", 6, 6, "b", track_id="n1", first=10)
    pictures, _, _ = shown(*nest(*inner), tracks=INNER, transitions=[transition("l", "r", 2, 2)])
    due = chroma((0.5, (0, 16)), (0.5, (3, 20)))
    assert (pictures[6].u.mean(), pictures[6].v.mean()) == pytest.approx(due, abs=1.5)
