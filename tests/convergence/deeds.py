"""What somebody does next: mostly what the state that they see allows, now and then what it does not."""

import random
from typing import Any

from tests.model.start import FILM
from timeline_service.domain.state import State

Payload = dict[str, Any]
LARGE = 70_000


class Deeds:
    """Gestures of one person, drawn from a seed; `name` keeps the ids of their records apart.

    `large`: now and then one whose event travels by reference, until the timeline is fetched by its address too.
    """

    def __init__(self, chance: random.Random, name: str, *, large: bool) -> None:
        self._chance = chance
        self._large = large
        self._name = name
        self._count = 0

    def new_id(self) -> str:
        self._count += 1
        return f"{self._name}{self._count}"

    def next(self, state: State) -> Payload:
        """A gesture on what is there."""
        if self._large and self._chance.random() < 0.1:
            text = self._name * (LARGE // len(self._name) + self._chance.randrange(100))
            return {"type": "set_metadata", "id": self._clip(state), "metadata": {self.new_id(): text}}
        kinds = (
            self._trim, self._trim, self._move, self._move, self._ripple, self._split, self._add_clip, self._add_clip,
            self._remove, self._mark, self._name_it, self._note, self._key, self._volume, self._track, self._fade,
            self._join, self._roll, self._slip, self._enable, self._lock,
        )  # fmt: skip
        return self._chance.choice(kinds)(state)

    def drag(self, state: State) -> Payload:
        """What is previewed a few times and committed once."""
        return self._trim(state)

    # ---- what there is
    def _one(self, state: State, kind: str, otherwise: str) -> str:
        found = sorted(record.id for record in state.living(kind))
        if not found or self._chance.random() < 0.05:
            return otherwise
        return self._chance.choice(found)

    def _clip(self, state: State) -> str:
        return self._one(state, "clip", "t0c0")

    def _on_track(self, state: State) -> str:
        return self._one(state, "track", "t0")

    def _frames(self) -> int:
        return self._chance.choice((-4, -2, -1, 1, 1, 2, 5))

    # ---- what is done
    def _trim(self, state: State) -> Payload:
        edge = self._chance.choice(("start", "end"))
        return {"type": "trim", "clip_id": self._clip(state), "edge": edge, "delta": self._frames()}

    def _ripple(self, state: State) -> Payload:
        if self._chance.random() < 0.5:
            return {"type": "ripple_delete", "clip_ids": [self._clip(state)]}
        edge = self._chance.choice(("start", "end"))
        return {"type": "ripple_trim", "clip_id": self._clip(state), "edge": edge, "delta": self._frames()}

    def _roll(self, state: State) -> Payload:
        sides = {"left_id": self._clip(state), "right_id": self._clip(state)}
        return {"type": "roll", **sides, "delta": self._frames()}

    def _slip(self, state: State) -> Payload:
        return {"type": "slip", "clip_id": self._clip(state), "delta": self._frames()}

    def _move(self, state: State) -> Payload:
        to = {"track_id": self._on_track(state), "start": self._chance.randrange(60)}
        return {"type": "move", "clip_ids": [self._clip(state)], "to": to}

    def _split(self, state: State) -> Payload:
        return {
            "type": "split",
            "clip_id": self._clip(state),
            "at": self._chance.randrange(40),
            "new_id": self.new_id(),
        }

    def _join(self, state: State) -> Payload:
        return {"type": "join", "left_id": self._clip(state), "right_id": self._clip(state)}

    def _add_clip(self, state: State) -> Payload:
        media = FILM if self._chance.random() < 0.7 else {"asset_id": "film"}
        clip = {"type": "add_clip", "clip_id": self.new_id(), "track_id": self._on_track(state), "media": media}
        return {**clip, "start": self._chance.randrange(80), "duration": self._chance.randrange(1, 6), "source_in": 3}

    def _remove(self, state: State) -> Payload:
        return {"type": "remove_clip", "clip_id": self._clip(state)}

    def _mark(self, state: State) -> Payload:
        parent = self._chance.choice((None, self._on_track(state), self._clip(state)))
        mark = {"type": "add_marker", "marker_id": self.new_id(), "time": self._chance.randrange(30)}
        return mark if parent is None else {**mark, "parent_id": parent}

    def _name_it(self, state: State) -> Payload:
        return {"type": "rename", "id": self._clip(state), "name": f"{self._name} {self._chance.randrange(9)}"}

    def _note(self, state: State) -> Payload:
        key = self._chance.choice(("scene", "take"))
        value = self._chance.choice((None, 1, {"by": self._name}, [1, 2]))
        return {"type": "set_metadata", "id": self._clip(state), "metadata": {key: value}}

    def _key(self, state: State) -> Payload:
        at, value = self._chance.randrange(30), self._chance.randrange(10) * 100_000
        return {
            "type": "add_keyframe", "keyframe_id": self.new_id(), "parent_id": self._clip(state),
            "property": "opacity", "time": at, "value": value,
        }  # fmt: skip

    def _volume(self, state: State) -> Payload:
        return {"type": "set_volume", "clip_id": self._clip(state), "gain": self._chance.randrange(-6, 6) * 1000}

    def _fade(self, state: State) -> Payload:
        return {"type": "set_fades", "clip_id": self._clip(state), "fade_in": self._chance.randrange(3)}

    def _track(self, state: State) -> Payload:
        if self._chance.random() < 0.5:
            return {"type": "add_track", "track_id": self.new_id(), "kind": self._chance.choice(("video", "audio"))}
        return {"type": "rename_track", "track_id": self._on_track(state), "name": self.new_id()}

    def _enable(self, state: State) -> Payload:
        return {"type": "enable", "clip_ids": [self._clip(state)], "enabled": self._chance.random() < 0.5}

    def _lock(self, state: State) -> Payload:
        return {"type": "lock_track", "track_id": self._on_track(state), "locked": self._chance.random() < 0.2}
