"""Layers over each other: what is not covered shows what is below, moved and turned pictures land where they should."""

from fractions import Fraction

import av
import numpy as np
import pytest

from tests.instrument import reading
from tests.integration.render import edits
from workers.render import engine, interpolate, plan_input, plan_records
from workers.render import plan as plans

RATE = edits.rate_of(Fraction(30))
FRAME = RATE.ticks_per_frame
SIZE = (192, 108)
TRACKS = (plan_input.TrackInput("v1", "video"), plan_input.TrackInput("v2", "video"))
RED, BLUE = (63, 102, 240), (32, 240, 118)
"""#ff0000 and #0000ff in BT.709, limited range."""
CODES = 2.0
"""What the encoder may take from a level."""


def color(name: str, rgb: str, **given) -> plan_input.ClipInput:
    facts = plan_records.generated(plan_input.Generator(color=rgb), *SIZE)
    return plan_input.ClipInput(
        **{"id": name, "track_id": "v1", "start": 0, "duration": 4 * FRAME, "media": facts, **given}
    )


def film(name: str, footage, **given) -> plan_input.ClipInput:
    facts = edits.facts_of(footage)
    return plan_input.ClipInput(
        **{"id": name, "track_id": "v1", "start": 0, "duration": 4 * FRAME, "media": facts, **given}
    )


def rendered(tmp_path, clips, *, addresses=None, size=SIZE, tracks=TRACKS, **given):
    """(the pictures of a rendering, its report)."""
    timeline = plan_input.PlanInput(RATE, *size, tuple(tracks), tuple(clips), **given)
    plan = plans.build_plan(timeline, edits.preset())
    done = engine.render(plan, {key: addresses[key] for key in plan.files}, tmp_path / "out.mp4")
    return list(reading.pictures(tmp_path / "out.mp4")), done.report


def levels(planes: reading.Planes, box=None) -> tuple[float, float, float]:
    part = planes.part(box) if box else planes
    return float(part.y.mean()), float(part.u.mean()), float(part.v.mean())


def curve(*values: int) -> interpolate.Curve:
    return interpolate.Curve(values)


def scaled(x: int, y: int, scale_x: int, scale_y: int) -> interpolate.Curve:
    return curve(x, y, scale_x, scale_y)


def test_a_colour_is_that_colour(tmp_path):
    pictures, report = rendered(tmp_path, [color("c", "#ff0000")])
    assert len(pictures) == 4 and report == ()
    assert levels(pictures[2]) == pytest.approx(RED, abs=CODES)


@pytest.mark.parametrize("opacity", [500_000, 250_000, 10_000])
def test_opacity_mixes_with_what_is_below(tmp_path, opacity):
    clips = [color("low", "#ff0000"), color("high", "#0000ff", track_id="v2", opacity=curve(opacity))]
    pictures, _ = rendered(tmp_path, clips)
    due = [(low * (1_000_000 - opacity) + high * opacity) / 1_000_000 for low, high in zip(RED, BLUE, strict=True)]
    assert levels(pictures[1]) == pytest.approx(due, abs=CODES)


def test_half_of_nothing_is_half_of_black(tmp_path):
    pictures, _ = rendered(tmp_path, [color("c", "#ff0000", opacity=curve(500_000))])
    assert levels(pictures[1]) == pytest.approx([(16 + 63) / 2, (128 + 102) / 2, (128 + 240) / 2], abs=CODES)


def test_fades_go_evenly_from_and_to_what_is_below(tmp_path):
    clips = [
        color("low", "#0000ff", duration=10 * FRAME),
        color("high", "#ff0000", track_id="v2", duration=10 * FRAME, fade_in=4 * FRAME, fade_out=5 * FRAME),
    ]
    pictures, _ = rendered(tmp_path, clips)
    shares = [0, 0.25, 0.5, 0.75, 1, 1, 0.8, 0.6, 0.4, 0.2]
    for planes, share in zip(pictures, shares, strict=True):
        due = [low + (high - low) * share for low, high in zip(BLUE, RED, strict=True)]
        assert levels(planes) == pytest.approx(due, abs=CODES)


def test_letterbox_bars_show_the_track_below(tmp_path, footage, addresses):
    clips = [color("low", "#ff0000"), film("high", footage[0], track_id="v2")]
    pictures, _ = rendered(tmp_path, clips, addresses=addresses, size=(180, 320))
    middle = pictures[3].part((0, 110, 180, 100))
    assert reading.identify(middle) == reading.Seen(0, 3)
    for bar in ((0, 0, 180, 100), (0, 220, 180, 100)):
        assert levels(pictures[3], bar) == pytest.approx(RED, abs=CODES)


def test_a_quarter_size_lands_in_its_quarter(tmp_path, footage, addresses):
    for n, (x, y, left, top) in enumerate(
        ((-250_000, -250_000, 0, 0), (250_000, 250_000, 96, 54), (-250_000, 250_000, 0, 54))
    ):
        moved = film("high", footage[0], track_id="v2", transform=scaled(x, y, 500_000, 500_000))
        pictures, _ = rendered(tmp_path, [film("low", footage[3]), moved], addresses=addresses)
        box = (left, top, 96, 54)
        assert reading.identify(pictures[2].part(box)) == reading.Seen(0, 2), n
        seen = reading.window_origin(pictures[2].part(box), 640, 360)
        assert seen == pytest.approx((0, 0), abs=0.3)
        outside = pictures[2].part((96 - left, 0, 96, 54))
        assert reading.identify(outside) == reading.Seen(3, 4)  # 60 pictures per second below


def test_a_picture_between_pixels_covers_its_edge_in_part(tmp_path):
    """A square that moves a quarter of a pixel per frame: the sum of what it covers stays, its middle moves evenly."""
    keys = tuple(interpolate.Key(n * FRAME, (x, 0, 250_000, 250_000)) for n, x in ((0, 0), (8, 2 * 1_000_000 // 192)))
    mover = color("c", "#ffffff", track_id="v2", duration=8 * FRAME, transform=interpolate.Curve((0,) * 4, keys))
    pictures, _ = rendered(tmp_path, [color("low", "#000000", duration=8 * FRAME), mover])
    rows = [np.clip(planes.y[50:58].mean(axis=0) - 16, 0, None) / 219 for planes in pictures]
    at = np.arange(192) + 0.5
    middles = [float((row * at).sum() / row.sum()) for row in rows]
    assert [float(row.sum()) for row in rows] == pytest.approx([48] * 8, abs=0.4)
    assert middles == pytest.approx([96 + n / 4 for n in range(8)], abs=0.05)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_are_exact(tmp_path, footage, addresses, turns):
    shown = {}
    for angle in (0, 90_000 * turns):
        clip = film("c", footage[0], rotation=curve(angle), crop=(interpolate.CropKey(0, 0, 0, 562_500, 1_000_000),))
        pictures, _ = rendered(tmp_path, [clip], addresses=addresses, size=(180, 180))
        shown[angle] = pictures[1].y
    turned = np.rot90(shown[0], -turns)
    assert np.abs(turned - shown[90_000 * turns]).mean() < 1.5
    assert np.abs(turned - shown[90_000 * turns]).max() < 16


def test_a_turned_picture_covers_a_diamond_and_nothing_else(tmp_path):
    turned = color("high", "#ff0000", track_id="v2", rotation=curve(45_000), transform=scaled(0, 0, 281_250, 500_000))
    pictures, _ = rendered(tmp_path, [color("low", "#0000ff"), turned])
    planes = pictures[1]
    y, x = np.mgrid[0:108, 0:192] + 0.5
    inside = (np.abs(x - 96) + np.abs(y - 54)) - 27 * 2**0.5  # a square of 54, on its corner
    assert planes.y[inside < -3] == pytest.approx(RED[0], abs=4)
    assert planes.y[inside > 3] == pytest.approx(BLUE[0], abs=4)
    area = ((planes.y - BLUE[0]) / (RED[0] - BLUE[0])).sum()
    assert area == pytest.approx(54 * 54, rel=0.02)


def between(plane: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The plane at points that are counted from its corner, straight between the middles of its pixels."""
    left, top = np.floor(x - 0.5).astype(int), np.floor(y - 0.5).astype(int)
    across, down = x - 0.5 - left, y - 0.5 - top
    upper = plane[top, left] * (1 - across) + plane[top, left + 1] * across
    lower = plane[top + 1, left] * (1 - across) + plane[top + 1, left + 1] * across
    return upper * (1 - down) + lower * down


def test_a_turned_picture_shows_at_each_point_what_geometry_says(tmp_path, footage, addresses):
    """30° clockwise, of a part that is enlarged so that its waves are wide."""
    shown = {}
    for angle in (0, 30_000):
        crop = (interpolate.CropKey(0, 100_000, 100_000, 200_000, 200_000),)
        clip = film("c", footage[0], rotation=curve(angle), crop=crop)
        pictures, _ = rendered(tmp_path, [clip], addresses=addresses)
        shown[angle] = pictures[2].y
        assert reading.identify(pictures[2].part((66, 30, 60, 48))) == reading.Seen(0, 2)
    y, x = np.mgrid[24:84, 66:126] + 0.5
    cosine, sine = np.cos(np.pi / 6), np.sin(np.pi / 6)
    back_x, back_y = 96 + cosine * (x - 96) + sine * (y - 54), 54 + cosine * (y - 54) - sine * (x - 96)
    off = np.abs(between(shown[0], back_x, back_y) - shown[30_000][24:84, 66:126])
    assert off.mean() < 1.5 and off.max() < 8


def png(path, pixels: np.ndarray) -> None:
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = pixels.shape[1], pixels.shape[0], "rgba"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgba")))
        container.mux(stream.encode(None))


def test_a_still_is_transparent_where_it_says(tmp_path):
    pixels = np.zeros((108, 192, 4), np.uint8)
    pixels[:, :64] = (255, 0, 0, 255)
    pixels[:, 64:128] = (255, 0, 0, 128)
    png(tmp_path / "logo.png", pixels)
    facts = plan_input.MediaFacts("logo", 192, 108)
    clips = [
        color("low", "#0000ff"),
        plan_input.ClipInput("logo", "v2", 0, 4 * FRAME, facts),
    ]
    pictures, report = rendered(tmp_path, clips, addresses={"logo": tmp_path / "logo.png"})
    half = [(a + b) / 2 for a, b in zip(RED, BLUE, strict=True)]
    for box, due in (((4, 0, 56, 108), RED), ((68, 0, 56, 108), half), ((132, 0, 56, 108), BLUE)):
        assert levels(pictures[1], box) == pytest.approx(due, abs=CODES)
    assert report == ()


def test_layers_of_one_source_at_different_times_are_each_exact(tmp_path, footage, addresses):
    """Four windows on one film: without a reader each, every picture would be sought again."""
    tracks = [plan_input.TrackInput(f"v{n}", "video") for n in range(4)]
    corners = [(-250_000, -250_000), (250_000, -250_000), (-250_000, 250_000), (250_000, 250_000)]
    clips = [
        film(f"c{n}", footage[0], track_id=f"v{n}", duration=12 * FRAME, source_in=20 * n * FRAME,
             transform=scaled(x, y, 500_000, 500_000))
        for n, (x, y) in enumerate(corners)
    ]  # fmt: skip
    pictures, _ = rendered(tmp_path, clips, addresses=addresses, tracks=tracks)
    for at, planes in enumerate(pictures):
        boxes = [((x > 0) * 96, (y > 0) * 54, 96, 54) for x, y in corners]
        assert [reading.identify(planes.part(box)) for box in boxes] == [reading.Seen(0, 20 * n + at) for n in range(4)]


def effect(kind: str, amount: int) -> plan_input.EffectInput:
    return plan_input.EffectInput(kind, curve(amount))


@pytest.mark.parametrize(
    ("effects", "due"),
    [
        ([("brightness", 100_000)], (63 + 21.9, 102, 240)),
        ([("saturation", 0)], (63, 128, 128)),
        ([("saturation", 500_000)], (63, 115, 184)),
        ([("contrast", 500_000)], (126 - 31.5, 115, 184)),
        ([("contrast", 500_000), ("brightness", -100_000)], (126 - 31.5 - 21.9, 115, 184)),
        ([("blur", 50_000)], RED),
    ],
)
def test_effects_change_the_levels_as_they_say(tmp_path, effects, due):
    clip = color("c", "#ff0000", effects=tuple(effect(*given) for given in effects))
    pictures, _ = rendered(tmp_path, [clip])
    assert levels(pictures[1]) == pytest.approx(due, abs=CODES)


def test_blur_softens_and_an_effect_of_a_track_takes_all_its_clips(tmp_path, footage, addresses):
    sharp, _ = rendered(tmp_path, [film("c", footage[0])], addresses=addresses)
    tracks = [plan_input.TrackInput("v1", "video", effects=(effect("blur", 100_000),))]
    soft, _ = rendered(tmp_path, [film("c", footage[0])], addresses=addresses, tracks=tracks)
    steps = [float(np.abs(np.diff(planes[2].y, axis=1)).mean()) for planes in (sharp, soft)]
    assert steps[1] < 0.5 * steps[0]
    assert soft[2].y.mean() == pytest.approx(sharp[2].y.mean(), abs=2)
    assert reading.identify(soft[2]) == reading.Seen(0, 2)


def test_the_transparency_of_a_film_is_not_shown_and_that_is_said(tmp_path):
    with av.open(str(tmp_path / "film.mov"), "w") as container:
        stream = container.add_stream("qtrle", rate=30)
        stream.width, stream.height, stream.pix_fmt = 192, 108, "argb"
        for n in range(4):
            pixels = np.zeros((108, 192, 4), np.uint8)
            pixels[..., :2] = 255  # opaque red, as alpha comes first
            pixels[:, 96:, 0] = 0
            frame = av.VideoFrame.from_ndarray(pixels, format="argb")
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    facts = plan_input.MediaFacts("film", 192, 108, RATE, 4 * FRAME)
    clips = [color("low", "#0000ff"), plan_input.ClipInput("high", "v2", 0, 4 * FRAME, facts)]
    pictures, report = rendered(tmp_path, clips, addresses={"film": tmp_path / "film.mov"})
    assert levels(pictures[1]) == pytest.approx(RED, abs=CODES)
    assert report == ({"code": "transparency_not_drawn", "clip_id": "high"},)


def test_layers_too_give_the_same_bytes_every_time(tmp_path, footage, addresses):
    title = plan_records.generated(plan_input.Generator(style=plan_input.Style("Twice")), *SIZE)
    clips = [
        film("low", footage[0], effects=(effect("blur", 20_000), effect("contrast", 700_000))),
        film("high", footage[3], track_id="v2", rotation=curve(33_333), transform=scaled(10_000, 0, 700_000, 600_000)),
        plan_input.ClipInput("title", "v3", 0, 4 * FRAME, title, opacity=curve(800_000)),
    ]
    tracks = (*TRACKS, plan_input.TrackInput("v3", "video"))
    plan = plans.build_plan(plan_input.PlanInput(RATE, *SIZE, tracks, tuple(clips)), edits.preset())
    files = {key: addresses[key] for key in plan.files}
    digests = {engine.render(plan, files, tmp_path / f"{n}.mp4").sha256 for n in range(3)}
    assert len(digests) == 1
