"""Sound files with something broken in them, at random: they come in or are refused by a code, whatever their readers do."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.otio import sandbox, sandbox_child, write
from projections.otio.formats.catalogue import FORMATS
from tests.world import World
from timeline_service.kit.errors import ServiceError


def sound(format: str) -> bytes:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    for number in range(3):
        start = number * 30
        world.do("add_clip", clip_id=f"c{number}", track_id="v1", media={"asset_id": "film"}, start=start, duration=24)
    world.do("add_marker", parent_id="c1", time=3, name="m")
    return sandbox_child.write_file(write.to_json(world.state), FORMATS[format], 24.0)[1]


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[float, str, bytes]]:
    """(where, as a part of the file; what is done; with which bytes)."""
    bits = st.sampled_from((b"0", b"-1", b"999999999999", b"NaN", b"<a>", b"\xff\xff", b"\n", b"{}", b"null", b'"'))
    one = st.tuples(st.floats(0, 1), st.sampled_from(("insert", "replace", "cut", "double")), bits)
    return draw(st.lists(one, min_size=1, max_size=4))


def damage(data: bytes, damaged: list[tuple[float, str, bytes]]) -> bytes:
    for part, how, bits in damaged:
        at = int(part * len(data))
        if how == "insert":
            data = data[:at] + bits + data[at:]
        elif how == "replace":
            data = data[:at] + bits + data[at + len(bits) :]
        elif how == "double":
            data = data[:at] + data[at : at + 200] + data[at:]
        else:
            data = data[:at]
    return data


@pytest.mark.parametrize("format", ["otio", "edl", "fcp7", "fcpx", "aaf"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged=damages())
def test_damaged_files(format: str, damaged: list[tuple[float, str, bytes]]) -> None:
    data = damage(sound(format), damaged)

    async def read() -> sandbox.Answer | ServiceError:
        try:
            return await sandbox.Sandbox().read(data, FORMATS[format])
        except ServiceError as refused:
            return refused

    answer = asyncio.run(read())
    assert isinstance(answer, sandbox.Answer) or 400 <= answer.status < 500


@pytest.mark.parametrize("part", [0.01, 0.3, 0.7, 0.99])
async def test_a_truncated_aaf_is_refused(part: float) -> None:
    data = sound("aaf")
    with pytest.raises(sandbox.ImportUnreadable):
        await sandbox.Sandbox().read(data[: int(part * len(data))], FORMATS["aaf"])
