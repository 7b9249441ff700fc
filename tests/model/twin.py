"""A second fold, written from the description of the events and from nothing else: plain JSON in, plain dicts out.

It shares no code with the service, so that what both agree on is what the log says, as a client would read it.
"""

import json
from typing import Any

TIMES = {"clip": "start", "caption": "start", "marker": "time", "annotation": "time", "keyframe": "time"}
HOLDERS = {
    "clip": "track_id",
    "caption": "track_id",
    "marker": "parent_id",
    "annotation": "parent_id",
    "keyframe": "parent_id",
}


class Twin:
    """`live`: id → fields of what is there; `owners`: id → field → version; `kinds`: id → kind."""

    def __init__(self) -> None:
        self.version = 0
        self.live: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, dict[str, int]] = {}
        self.kinds: dict[str, str] = {}
        self.timeline = ""

    def read(self, body: bytes) -> None:
        """One more event."""
        self.version += 1
        for change in json.loads(body)["changes"]:
            getattr(self, change["op"])(change)

    def put(self, change: dict[str, Any]) -> None:
        id = change["id"]
        if change["kind"] == "timeline":
            self.timeline = id
        self.kinds[id] = change["kind"]
        self.live[id] = dict(change["value"])
        given = change.get("owners") or {}
        self.owners[id] = dict.fromkeys(change["value"], self.version) | {f: o for f, o in given.items() if o}

    def set(self, change: dict[str, Any]) -> None:
        value, owners = self.live[change["id"]], self.owners[change["id"]]
        for field, told in change["fields"].items():
            owner = told[3] if len(told) == 4 else self.version
            if "." in field and told[1] is None:
                value.pop(field, None)
            else:
                value[field] = told[1]
            owners[field] = owner
            if not owner:
                del owners[field]

    def drop(self, change: dict[str, Any]) -> None:
        del self.live[change["id"]]

    def shift(self, change: dict[str, Any]) -> None:
        if not change["moves"]:
            return
        holder = change["track"] or self.timeline
        for id, value in self.live.items():
            kind = self.kinds[id]
            if kind not in TIMES:
                continue
            place = value[HOLDERS[kind]]
            if self.kinds.get(place) == "effect":
                place = self.live[place]["parent_id"]
            if place == holder and value[TIMES[kind]] >= change["from"]:
                value[TIMES[kind]] += change["by"]
