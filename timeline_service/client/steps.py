"""What this person may take back, from all that is told of it: by a welcome, by results, and by their own events."""

from typing import Any, Final

FLIPS: Final = frozenset({"undo", "redo"})


class Steps:
    """`state` is {can_undo, can_redo, label}, of the newest version that anything was told of."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {"can_undo": False, "can_redo": False, "label": None}
        self._version = 0

    def told(self, state: dict[str, Any], version: int) -> None:
        """The service has said so."""
        self.state = state
        self._version = max(self._version, version)

    def forget(self) -> None:
        """The log is another one: versions begin anew."""
        self._version = 0

    def edited(self, version: int, label: str | None) -> bool:
        """An edit of this person was committed. Whether that is news."""
        if version <= max(self._version, 1):
            return False
        self.told({"can_undo": True, "can_redo": False, "label": label}, version)
        return True

    def happened(self, item: dict[str, Any]) -> bool:
        """An event of this person, from here or from another window of theirs. Whether that is news.

        What is left after an undo or a redo elsewhere only the service knows: both ways stay open, and the result of
        the next one says it exactly.
        """
        if (item.get("cause") or {}).get("kind") not in FLIPS:
            return self.edited(item["version"], item.get("description"))
        if item["version"] <= self._version:
            return False
        self.told({"can_undo": True, "can_redo": True, "label": None}, item["version"])
        return True
