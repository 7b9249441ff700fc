"""Readers of films: forwards, backwards, several at once."""

import pytest

from tests.instrument import picture, reading
from tests.integration.render import edits
from workers.render import decode, plan_parts


class Counting(decode.VideoReader):
    """A reader that counts what it decodes."""

    decoded = 0

    def _decode(self):
        for frame in super()._decode():
            self.decoded += 1
            yield frame


@pytest.fixture(scope="module")
def long_groups(tmp_path_factory) -> picture.Footage:
    return picture.make(tmp_path_factory.mktemp("film") / "s.mp4", source_id=0, frames=180, size=(160, 90), gop=90)


def source_of(footage: picture.Footage) -> plan_parts.Source:
    facts = edits.facts_of(footage)
    return plan_parts.Source(
        facts.key, facts.width, facts.height, facts.rate.num, facts.rate.den, 0, facts.duration, has_audio=False
    )


def shown(picked: decode.Picked) -> int:
    planes = [plane.astype(float) for plane in picked.pixmap.planes]
    return reading.identify(reading.Planes(*planes)).frame


@pytest.mark.parametrize("step", [-1, -2, -7])
def test_backwards_every_picture_is_right_and_few_are_decoded_twice(long_groups, step):
    reader = Counting(source_of(long_groups), str(long_groups.path))
    numbers = list(range(179, -1, step))
    assert [shown(reader.picture(n)) for n in numbers] == numbers
    # Each group of 90 is decoded once for every 48 pictures that are kept of it: at most twice and a bit.
    assert reader.decoded < 180 * 3
    reader.close()


def test_after_running_backwards_it_runs_forwards_again(long_groups):
    reader = Counting(source_of(long_groups), str(long_groups.path))
    numbers = [
        *range(120, 80, -1),
        *range(80, 140),
        10,
        9,
        8,
        170,
        *range(60, 50, -1),
        55,
        52,
        *range(100, 90, -1),
        *range(99, 111),
        105,
    ]
    assert [shown(reader.picture(n)) for n in numbers] == numbers
    reader.close()


def test_a_reader_that_stands_near_is_taken_and_one_that_is_in_use_is_not_moved(long_groups):
    pool = decode.Pool({"s": source_of(long_groups)}, {"s": str(long_groups.path)})
    for n in range(30):
        pool.next_frame()
        assert [shown(pool.picture("s", at + n)) for at in (0, 3, 100)] == [n, n + 3, n + 100]
    pool.close()
