"""Windows in ppm: pixels round half to even, and a window lies inside the picture."""

import pytest

from tests.unit.domain.refused import refused
from timeline_service.domain import geometry

HD = {"width": 1920, "height": 1080}


@pytest.mark.parametrize(
    ("pixels", "side", "ppm"),
    [
        (0, 1920, 0),
        (1920, 1920, 1_000_000),
        (608, 1920, 316_667),
        (1, 128, 7812),  # 7812.5: to even
        (3, 128, 23_438),  # 23437.5: to even
        (5, 128, 39_062),  # 39062.5
        (1, 3, 333_333),
    ],
)
def test_pixels_round_half_to_even(pixels: int, side: int, ppm: int) -> None:
    assert geometry.to_ppm(pixels, side) == ppm


@pytest.mark.parametrize("side", [3, 128, 640, 1080, 4096, 65_536])
def test_a_window_that_fills_the_picture_in_pixels_fills_it_in_ppm(side: int) -> None:
    for at in range(0, side, max(1, side // 97)):
        assert geometry.to_ppm(at, side) + geometry.to_ppm(side - at, side) == 1_000_000


def test_each_side_is_measured_along_its_own_axis() -> None:
    sides = {"x": 960, "y": 540, "width": 480, "height": 270}
    assert geometry.window(sides, "px", HD) == {"x": 500_000, "y": 500_000, "width": 250_000, "height": 250_000}
    assert geometry.window(sides, "ppm", {}) == sides


def test_pixels_need_a_size() -> None:
    with refused("media_size_unknown"):
        geometry.window({"x": 1}, "px", {"width": 1920})


@pytest.mark.parametrize(
    "sides",
    [
        (-1, 0, 10, 10),
        (0, -1, 10, 10),
        (0, 0, 0, 10),
        (0, 0, 10, 0),
        (0, 0, -5, 10),
        (1, 0, 1_000_000, 1),
        (0, 2, 1, 999_999),
    ],
)
def test_a_window_lies_inside_the_picture(sides: tuple[int, int, int, int]) -> None:
    value = dict(zip(("x", "y", "width", "height"), sides, strict=True))
    with refused("bad_rectangle"):
        geometry.check_window(value)


def test_the_largest_and_the_smallest_window() -> None:
    for value in (
        {"x": 0, "y": 0, "width": 1_000_000, "height": 1_000_000},
        {"x": 999_999, "y": 0, "width": 1, "height": 1},
    ):
        assert geometry.check_window(value) == value
