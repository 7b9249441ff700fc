"""Who else is here: sessions of one timeline in this process tell each other where they are. Nothing is stored."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from timeline_service.api.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Peer:
    """A session as the others see it."""

    session_id: str
    actor_id: str
    name: str
    role: str
    outbox: Outbox

    def shown(self) -> dict[str, Any]:
        """Its place in `welcome.peers` and in presence."""
        return {"session_id": self.session_id, "actor": {"id": self.actor_id, "name": self.name}, "role": self.role}


class Presence:
    """The sessions of every timeline of this process."""

    def __init__(self) -> None:
        self._peers: dict[UUID, dict[str, Peer]] = {}

    def join(self, timeline_id: UUID, peer: Peer) -> list[dict[str, Any]]:
        """Enter; answers who is here already."""
        others = self._peers.setdefault(timeline_id, {})
        here = [other.shown() for other in others.values()]
        others[peer.session_id] = peer
        self.tell(timeline_id, peer, {"here": True})
        return here

    def leave(self, timeline_id: UUID, peer: Peer) -> None:
        """Go; the others are told."""
        others = self._peers.get(timeline_id, {})
        if others.pop(peer.session_id, None) is not None:
            self.tell(timeline_id, peer, {"here": False})
        if not others:
            self._peers.pop(timeline_id, None)

    def tell(self, timeline_id: UUID, sender: Peer, what: dict[str, Any]) -> None:
        """To everybody but the sender; the newest word of a sender replaces the one before."""
        frame = orjson.dumps({"t": "presence", **sender.shown(), **what}).decode()
        for peer in self._peers.get(timeline_id, {}).values():
            if peer is not sender:
                peer.outbox.put_presence(sender.session_id, frame)
