"""What has a limit has a test at it."""

import pytest

from tests.unit.domain.refused import refused
from tests.world import World
from timeline_service.domain import invariants


def test_a_timeline_has_room_for_so_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    monkeypatch.setattr(invariants, "MAX_RECORDS", 3)
    world.do("add_clip", clip_id="c1", track_id="v1", media={"missing": True}, start=0, duration=5)
    with refused("timeline_full"):
        world.do("add_marker", time=1)
    world.do("trim", clip_id="c1", edge="end", delta=-1)
