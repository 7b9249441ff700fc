"""Clients are told of each gesture which codes to expect: no other comes."""

from typing import Final

from hypothesis import given, note
from hypothesis import strategies as st

from tests.strategies import registry as payload_registry
from tests.strategies import worlds
from tests.world import refusal
from timeline_service.domain import registry

ANY: Final = frozenset({"", "no_change", "invalid", "track_locked", "timeline_full"})
"""No refusal, and the codes of which docs/gestures.md says that any gesture may be refused with them."""


@given(data=st.data())
def test_a_gesture_is_refused_with_the_codes_that_it_names(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(rich=True))
    for name in data.draw(st.lists(st.sampled_from(sorted(registry.GESTURES)), min_size=1, max_size=8, unique=True)):
        payload = data.draw(payload_registry.PAYLOADS[name](world.state))
        note(str(payload))
        assert refusal(world.copy().decide, payload) in {*registry.GESTURES[name].refuses, *ANY}
