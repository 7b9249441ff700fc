"""Bugs for the machine to notice, each planted while a block lasts: in the client, in a session, in the front door."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest.mock import patch

from timeline_service.api.follower import Follower
from timeline_service.client import pending
from timeline_service.client.arrivals import Arrivals
from timeline_service.client.sync import Sync
from timeline_service.editing.announce import Hub, _send
from timeline_service.editing.live import Live
from timeline_service.editing.sequencer import Flush, Known, Sequencer


@contextlib.contextmanager
def _nobody_looks_for_gaps() -> Iterator[None]:
    """The hub trusts its messenger, the follower the hub, the client the follower. One alone is mended by the next."""

    def offer(self: Hub, frame: Any) -> None:
        room = self._rooms.get(frame.timeline_id)
        if room is not None and frame.to_version > room.version:
            _send(room, frame)

    def pass_on(self: Follower, frame: Any) -> None:
        self.version = max(self.version, frame.from_version - 1)
        passed_on(self, frame)

    def events(self: Arrivals, frame: dict[str, Any]) -> list[Any]:
        for item in frame["items"]:
            if item["version"] > self.state.version and "by_ref" not in item and self.known:
                self._hash = None
                self._take(item)
        return []

    passed_on = Follower._pass_on
    with (
        patch.object(Hub, "offer", offer),
        patch.object(Follower, "_pass_on", pass_on),
        patch.object(Arrivals, "events", events),
    ):
        yield


@contextlib.contextmanager
def _pending_stays_where_it_was_laid() -> Iterator[None]:
    """Confirmed goes on, and what is drawn is not laid over it again."""
    guarded = Sync._guarded

    def kept(self: Sync, take: Callable[[], list[Any]]) -> list[Any]:
        laid = self._laid
        effects = guarded(self, take)
        if laid is not None and laid.timeline_id and self._laid is None:
            self._laid = laid
        return effects

    with patch.object(Sync, "_guarded", kept):
        yield


@contextlib.contextmanager
def _an_answer_before_the_commit() -> Iterator[None]:
    """The author is told `ok` and the process may die then."""
    before = Sequencer._try

    async def early(self: Sequencer, live: Live, batch: list[Any], known: Known) -> bool:
        flush = await self._decide(live, batch, known)
        self._answer(live, Flush(flush.plans, [], [], []))
        return await before(self, live, batch, known)

    with patch.object(Sequencer, "_try", early):
        yield


@contextlib.contextmanager
def _nothing_is_sent_again() -> Iterator[None]:
    """What was sent once counts as sent for ever."""
    disconnected = Sync.disconnected

    def forgetful(self: Sync) -> list[Any]:
        sent = [entry for entry in self._entries if entry.sent]
        effects = disconnected(self)
        for entry in sent:
            entry.sent = True
        return effects

    with patch.object(Sync, "disconnected", forgetful):
        yield


@contextlib.contextmanager
def _what_is_turned_away_is_dropped() -> Iterator[None]:
    """As if too many were a refusal that nobody needs to hear of."""

    def hold(self: Sync, entry: pending.Entry, away: list[Any]) -> list[Any]:
        self._entries.remove(entry)
        return []

    with patch.object(Sync, "_hold", hold):
        yield


@contextlib.contextmanager
def _a_repeat_is_decided_anew() -> Iterator[None]:
    """A gesture that was accepted is not looked up; its new refusal is believed."""

    async def look_up(self: Known, live: Live, ids: Any, *, again: bool = False) -> bool:
        if again:
            return await found(self, live, ids, again=again)
        return False

    found = Known.look_up
    with patch.object(Known, "look_up", look_up):
        yield


PLANTED: Final[dict[str, Callable[[], contextlib.AbstractContextManager[None]]]] = {
    function.__name__.strip("_"): function
    for function in (
        _nobody_looks_for_gaps,
        _pending_stays_where_it_was_laid,
        _an_answer_before_the_commit,
        _nothing_is_sent_again,
        _what_is_turned_away_is_dropped,
        _a_repeat_is_decided_anew,
    )
}
