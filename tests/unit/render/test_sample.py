"""The sampler against whole-number arithmetic, and its positions against geometry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.instrument import picture, reading
from workers.render import sample
from workers.render.windows import FIX


def planes(width, height, seed=0):
    dice = np.random.default_rng(seed)
    return [
        dice.integers(0, 256, shape, np.uint8)
        for shape in ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    ]


def targets(width, height):
    return [
        np.zeros(shape, np.uint8) for shape in ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    ]


def dense(band, size, source):
    """The weights of an axis as one matrix of whole numbers: output x source."""
    matrix = np.zeros((size, source), np.int64)
    if isinstance(band, int):
        matrix[np.arange(size), band + np.arange(size)] = 1 << sample.WEIGHT_BITS
        return matrix
    for block, first in enumerate(band.first):
        part = band.weights[block].T.astype(np.int64)
        rows = matrix[block * sample.BLOCK : (block + 1) * sample.BLOCK]
        rows[:, first : first + part.shape[1]] = part[: len(rows)]
    return matrix


def by_whole_numbers(plane, across, down, width, height):
    """The two passes in int64, rounded as the sampler says it rounds (to even between, half up at the end)."""
    between = plane.astype(np.int64) @ dense(across, width, plane.shape[1]).T
    if isinstance(across, int):
        between >>= sample.WEIGHT_BITS
        bits = sample.WEIGHT_BITS
    else:
        between = np.rint(between / (1 << (sample.WEIGHT_BITS - sample.EXTRA_BITS))).astype(np.int64)
        bits = sample.WEIGHT_BITS + sample.EXTRA_BITS
    sums = dense(down, height, plane.shape[0]) @ between
    return np.clip((sums + (1 << (bits - 1))) >> bits, 0, 255)


@given(
    st.integers(0, 60 * FIX), st.integers(0, 30 * FIX), st.integers(8 * FIX, 90 * FIX), st.integers(8 * FIX, 60 * FIX),
    st.integers(2, 70), st.integers(2, 60),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_both_passes_are_exact_whole_number_arithmetic(x, y, width, height, half_width, half_height):
    """float32 products are exact here, so no machine and no number of threads can give another byte."""
    source, out = planes(96, 64), targets(2 * half_width, 2 * half_height)
    sample.Sampler().sample(source, (x, y, width, height), out)
    across = sample.band_of(sample.Axis(x, width, 2 * half_width, 96, "luma"))
    down = sample.band_of(sample.Axis(y, height, 2 * half_height, 64, "luma"))
    if isinstance(down, int):
        return
    due = by_whole_numbers(source[0], across, down, 2 * half_width, 2 * half_height)
    assert np.array_equal(out[0], due)


@given(st.integers(0, 40 * FIX), st.integers(16 * FIX, 60 * FIX), st.integers(8, 120))
@settings(max_examples=100, deadline=None)
def test_weights_balance_on_the_position_they_stand_for(origin, length, half):
    """The centre of gravity of each output sample's weights is its source position.

    Enlarging: to the rounding of the weights. Reducing, the stretched filter is off by up to a twentieth of an output
    pixel, to either side in turn, so that nothing shifts.
    """
    axis = sample.Axis(origin, length, 2 * half, 128, "luma")
    matrix = dense(sample.band_of(axis), 2 * half, 128)
    one = 1 << sample.WEIGHT_BITS
    assert (matrix.sum(axis=1) == one).all()
    reach = 2 * max(1.0, axis.scale)
    inside = (axis.positions() > reach) & (axis.positions() < 127 - reach)
    error = matrix @ np.arange(128) / one - axis.positions()
    assert np.abs(error[inside]).max(initial=0) < (0.005 if axis.scale <= 1 else 0.05 * axis.scale)


def test_whole_pixels_at_their_own_size_are_copied():
    source, out = planes(96, 64), targets(40, 32)
    sample.Sampler().sample(source, (10 * FIX, 8 * FIX, 40 * FIX, 32 * FIX), out)
    assert np.array_equal(out[0], source[0][8:40, 10:50])
    assert np.array_equal(out[1], source[1][4:20, 5:25]) and np.array_equal(out[2], source[2][4:20, 5:25])


@pytest.mark.parametrize("third", range(0, 60, 7))
def test_a_pan_in_thirds_of_pixels_is_where_it_should_be(third):
    base = picture.luma(640, 360)
    chroma = np.full((180, 320), 128, np.uint8)
    out = targets(360, 640)
    x, width = 64 * FIX + third * FIX // 3, 202 * FIX + FIX // 2
    sample.Sampler().sample([base, chroma, chroma], (x, 0, width, 360 * FIX), out)
    found = reading.origin(out[0].mean(axis=0, dtype=np.float64), width / FIX)
    assert abs(found - x / FIX) < 0.01


def test_chroma_keeps_its_siting():
    """Chroma lies on even luma columns and between luma rows; an edge of colour stays on the edge of brightness."""
    width, height = 128, 64
    luma = np.broadcast_to(np.where(np.arange(width) < 64, 40, 200), (height, width)).astype(np.uint8)
    # Chroma sample k stands for luma column 2k, so a ramp over chroma is the same ramp at half the rate over luma.
    ramp = np.broadcast_to(2 * np.arange(width // 2), (height // 2, width // 2)).astype(np.uint8)
    out = targets(2 * width, 2 * height)
    sample.Sampler().sample([luma, ramp, ramp], (0, 0, width * FIX, height * FIX), out)
    # Output chroma k stands for output column 2k, whose middle lies at source column (2k + 0.5) / 2 - 0.5.
    due = (2 * np.arange(width) + 0.5) / 2 - 0.5
    assert np.abs(out[1][10].astype(float) - due)[8:-8].max() <= 0.51


def test_what_lies_beyond_the_picture_repeats_its_edge():
    source, out = planes(32, 32), targets(64, 32)
    sample.Sampler().sample(source, (-16 * FIX, 0, 64 * FIX, 32 * FIX), out)
    assert np.array_equal(out[0][:, :16], np.repeat(source[0][:, :1], 16, axis=1))
    assert np.array_equal(out[0][:, 48:], np.repeat(source[0][:, -1:], 16, axis=1))


def test_a_still_window_is_sampled_alike_whatever_came_before():
    source = planes(96, 64)
    window = (3 * FIX + 77, 5 * FIX + 1, 50 * FIX, 40 * FIX)
    fresh, used = targets(64, 48), targets(64, 48)
    sample.Sampler().sample(source, window, fresh)
    busy = sample.Sampler()
    for n in range(200):
        busy.sample(source, (n * 1000, n * 500, 40 * FIX + n, 30 * FIX), targets(32, 64))
    busy.sample(source, window, used)
    assert all(np.array_equal(a, b) for a, b in zip(fresh, used, strict=True))
