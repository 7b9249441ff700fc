"""Who else is at the timeline, and which records they have reserved. Hearsay: it is never stored, and may be lost."""

from typing import Any

Peer = dict[str, Any]
Lease = dict[str, Any]


class Company:
    """`peers` by session_id; `leases` by record, each {holder, until, ttl_ms}."""

    def __init__(self) -> None:
        self.peers: dict[str, Peer] = {}
        self.leases: dict[str, Lease] = {}

    def begin(self, welcome: dict[str, Any]) -> None:
        """Take over what a welcome says."""
        self.peers = {peer["session_id"]: peer for peer in welcome.get("peers", ())}
        self.leases = {lease["record"]: lease for lease in welcome.get("leases", ())}

    def end(self) -> None:
        """The connection is lost: nothing is known any more."""
        self.peers, self.leases = {}, {}

    def presence(self, frame: dict[str, Any]) -> None:
        """Somebody came, went, or said where they are."""
        said = {name: value for name, value in frame.items() if name != "t"}
        session_id = said["session_id"]
        if said.get("here") is False:
            self.peers.pop(session_id, None)
        else:
            self.peers[session_id] = said

    def lease(self, frame: dict[str, Any]) -> None:
        """Somebody has reserved a record, or let it go."""
        if frame.get("holder") is None:
            self.leases.pop(frame["record"], None)
        else:
            self.leases[frame["record"]] = {name: value for name, value in frame.items() if name not in {"t", "code"}}
