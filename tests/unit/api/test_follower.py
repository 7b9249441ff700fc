"""What comes while a session is still being brought up to the head waits for it, within the same bounds as the rest."""

from typing import Any
from uuid import UUID

import pytest

from timeline_service.api.follower import Follower
from timeline_service.api.outbox import Outbox
from timeline_service.api.protocol import Close
from timeline_service.editing.pace import Frame

TIMELINE = UUID(int=1)
NOTHING_ASKED: Any = None
"""The rooms: a follower that has not started asks them nothing."""


@pytest.mark.parametrize(("frames", "size"), [(11, 1), (3, 400)])
async def test_s17_who_stalls_before_the_first_event_is_too_slow(frames: int, size: int) -> None:
    outbox = Outbox(max_frames=10, max_bytes=1000)
    follower = Follower(NOTHING_ASKED, TIMELINE, TIMELINE, outbox)
    for version in range(1, frames):
        follower._receive(Frame(TIMELINE, version, version, b"x" * size))
        assert not outbox.closing
    follower._receive(Frame(TIMELINE, frames, frames, b"x" * size))
    assert outbox.code == Close.SLOW
    assert not follower._early, "what waited is let go"
