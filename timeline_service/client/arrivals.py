"""What arrives of the log: into order, without a gap, each version once, large ones fetched."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from timeline_service.client.effects import Effect, Fetch, Send
from timeline_service.client.snapshot import joined, state_of
from timeline_service.domain.event import SCHEMA_VERSION, Folded
from timeline_service.domain.state import State

AHEAD: Final = 2000
"""Events that are kept while an earlier one is missing; what is beyond is pulled again."""
_BROKEN: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError, msgspec.MsgspecError)


class Unfit(Exception):
    """What came cannot follow on what is here."""


class Arrivals:
    """The confirmed state and what waits to be folded into it. `fold` takes each item as it is folded."""

    def __init__(self, fold: Callable[[dict[str, Any]], None]) -> None:
        self.state = State()
        self.floor = 0
        """The version that shifts are known from."""
        self._fold = fold
        self._hash: str | None = None
        self._ahead: dict[int, dict[str, Any]] = {}
        self._parts: list[dict[str, Any]] = []
        self._pulled: int | None = None
        self._behind = False
        """Whether to pull until nothing more comes: how much is missing is not known."""
        self._awaiting = False
        """Whether a snapshot is to come; until then nothing is folded."""
        self._fetching: Fetch | None = None

    @property
    def known(self) -> bool:
        """Whether there is a state to go on from."""
        return bool(self.state.timeline_id)

    def interrupt(self) -> None:
        """The connection is lost: what was asked for does not come any more."""
        self._ahead.clear()
        self._parts.clear()
        self._pulled = self._fetching = None
        self._behind = self._awaiting = False

    def forget(self) -> None:
        """Begin again with a snapshot."""
        self.interrupt()
        self.state = State()
        self._hash = None

    def expect_snapshot(self) -> None:
        """The service begins with one; what is here is shown until it has come."""
        self._awaiting = True

    # ---- snapshots
    def snapshot(self, frame: dict[str, Any]) -> list[Effect]:
        """A part of a snapshot, or where to fetch it. Raises Unfit."""
        if "url" in frame:
            self._fetching = Fetch(frame["version"], frame["url"], frame["sha256"])
            return [self._fetching]
        if frame["part"] != len(self._parts) + 1:
            raise Unfit("a part of the snapshot is missing")
        self._parts.append(frame["data"])
        if frame["part"] < frame["parts"]:
            return []
        parts, self._parts = self._parts, []
        self._begin(joined(parts))
        return self._drain()

    def _begin(self, data: dict[str, Any]) -> None:
        try:
            self.state = state_of(data)
        except _BROKEN as error:
            raise Unfit(f"the snapshot cannot be read: {error!r}") from error
        self.floor = self.state.version
        self._hash = data.get("head_hash")
        self._fetching = None
        self._awaiting = False

    # ---- events
    def events(self, frame: dict[str, Any]) -> list[Effect]:
        """An `events` frame, sent or pulled. Raises Unfit."""
        answered = self._pulled is not None and frame["from"] <= self._pulled + 1
        if answered:
            self._pulled = None
            if not frame["items"]:
                self._behind = False
                return []
        for item in frame["items"]:
            if len(self._ahead) >= AHEAD and not answered:  # an answer closes the gap that they wait behind
                self._behind = True
            elif self._awaiting or item["version"] > self.state.version:
                self._ahead[item["version"]] = item
        return self._drain()

    def resync(self) -> list[Effect]:
        """The service says that a frame is missing."""
        self._behind = True
        return self._drain()

    def supply(self, fetch: Fetch, data: dict[str, Any]) -> list[Effect]:
        """What was fetched. Raises Unfit; what nobody waits for any more is passed over."""
        if fetch != self._fetching:
            return []
        self._fetching = None
        if fetch.url is not None:
            self._begin(data)
        else:
            self._ahead[fetch.version] = data
        return self._drain()

    def _drain(self) -> list[Effect]:
        if self._fetching is not None or self._awaiting or not self.known:
            return []
        while (item := self._ahead.pop(self.state.version + 1, None)) is not None:
            if item.get("by_ref"):
                self._fetching = Fetch(item["version"])
                return [self._fetching]
            self._take(item)
        for version in [version for version in self._ahead if version <= self.state.version]:
            del self._ahead[version]
        return self._pull() if self._ahead or self._behind else []

    def _pull(self) -> list[Effect]:
        after = self.state.version
        if self._pulled == after:
            return []
        self._pulled = after
        return [Send({"t": "pull", "after_version": after})]

    def _take(self, item: dict[str, Any]) -> None:
        if self._hash is not None and item.get("prev_hash", self._hash) != self._hash:
            raise Unfit(f"event {item['version']} does not follow on the events before it")
        try:
            if item["schema_version"] > SCHEMA_VERSION:
                raise Unfit(f"event {item['version']} is of a schema of the future")
            told = msgspec.convert(item, Folded)
            self.state.take(told.changes, item["actor"], told.cause, told.transaction_id)
        except _BROKEN as error:
            raise Unfit(f"event {item['version']} cannot be folded: {error!r}") from error
        self._hash = item.get("hash")
        self._fold(item)
