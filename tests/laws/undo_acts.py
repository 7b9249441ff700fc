"""The gestures of the model of undo, as the core does them: by its registry where it has them, else as a draft.

A tick of the model is a tick of the core; the tracks are of audio, where no grid is in the way.
"""

from collections.abc import Callable, Iterable
from typing import Any

from tests.laws import writers
from tests.laws.session import Session, Writer
from timeline_service.domain import records
from timeline_service.domain.draft import Draft

Act = Callable[..., int]


def _written(writer: Callable[..., Writer]) -> Act:
    def act(session: Session, actor: str, *args: Any, transaction: str | None = None) -> int:
        return session.write(actor, writer.__name__, writer(*args), transaction_id=transaction)

    return act


def _asked(gesture: Callable[..., dict[str, Any]]) -> Act:
    def act(session: Session, actor: str, *args: Any, transaction: str | None = None) -> int:
        return session.do(actor, transaction_id=transaction, **gesture(*args))

    return act


def _ticks(time: int) -> dict[str, int]:
    return {"ticks": time}


# ---- drafts
def add_clip(id: str, track: str, start: int, duration: int) -> Writer:
    return writers.add_clip(id, track, start, duration, 10)


def trim(id: str, edge: str, delta: int) -> Writer:
    """Of one clip alone, whatever it is linked to."""

    def write(draft: Draft) -> None:
        clip = draft.get("clip", id).value
        if edge == "end":
            draft.set(id, {"duration": clip["duration"] + delta})
        else:
            source = {"source_in": clip["source_in"] + delta, "duration": clip["duration"] - delta}
            draft.set(id, {"start": clip["start"] + delta, **source})

    return write


def ripple_insert(id: str, track: str, start: int, duration: int) -> Writer:
    def write(draft: Draft) -> None:
        draft.shift(track, start, duration)
        add_clip(id, track, start, duration)(draft)

    return write


def _clip(track: str, start: int, duration: int, sequence: str) -> dict[str, Any]:
    return records.new(
        "clip", track_id=track, start=start, duration=duration, media={"sequence_id": sequence}, color="0"
    )


def nest(id: str, clip: str, sequence: str, track: str) -> Writer:
    def write(draft: Draft) -> None:
        value = dict(draft.get("clip", clip).value)
        draft.put("sequence", sequence, records.new("sequence"))
        draft.put("track", track, records.new("track", kind="audio", order="a", sequence_id=sequence))
        draft.set(clip, {"track_id": track, "start": 0, "link_id": None, "group_id": None})
        draft.put("clip", id, _clip(value["track_id"], value["start"], value["duration"], sequence))

    return write


def show(id: str, track: str, start: int, sequence: str) -> Writer:
    def write(draft: Draft) -> None:
        draft.put("clip", id, {**_clip(track, start, 2, sequence), "source_in": 10})

    return write


def remove_sequence(id: str) -> Writer:
    def write(draft: Draft) -> None:
        draft.get("sequence", id)
        for clip in sorted(draft.state.living("clip"), key=lambda clip: clip.id):
            if clip.value["media"].get("sequence_id") == id:
                draft.drop(clip.id)
        for track in sorted(draft.state.inside(id, "track"), key=lambda track: track.id):
            for clip in sorted(draft.state.inside(track.id, "clip"), key=lambda clip: clip.id):
                draft.drop(clip.id)
            draft.drop(track.id)
        draft.drop(id)

    return write


# ---- gestures
def _gap(track: str, at: int, by: int, scope: str, markers: bool) -> dict[str, Any]:
    where = {"track_id": track, "at": _ticks(at), "duration": _ticks(by)}
    return {"type": "add_gap", **where, "scope": scope, "ripple_markers": markers}


def _bind(bond: str, ids: list[str], label: str) -> dict[str, Any]:
    return {"type": bond.removesuffix("_id"), "clip_ids": ids, bond: label}


def _unbind(bond: str, ids: list[str]) -> dict[str, Any]:
    return {"type": f"un{bond.removesuffix('_id')}", "clip_ids": ids}


def _transition(id: str, left: str | None, right: str | None, lead: int, trail: int) -> dict[str, Any]:
    sides = {"left_id": left, "right_id": right}
    offsets = {"in_offset": _ticks(lead), "out_offset": _ticks(trail)}
    return {"type": "add_transition", "transition_id": id, **sides, **offsets}


def _marker(id: str, parent: str, time: int, duration: int) -> dict[str, Any]:
    times = {"time": _ticks(time), "duration": _ticks(duration)}
    return {"type": "add_marker", "marker_id": id, "parent_id": parent, **times}


def _caption(id: str, track: str, start: int, duration: int) -> dict[str, Any]:
    times = {"start": _ticks(start), "duration": _ticks(duration)}
    return {"type": "add_caption", "caption_id": id, "track_id": track, "text": "x", **times}


def _set_caption(id: str, fields: dict[str, Any]) -> dict[str, Any]:
    times = {name: _ticks(value) if name in ("start", "duration") else value for name, value in fields.items()}
    return {"type": "update_caption", "caption_id": id, **times}


def _set_transition(id: str, lead: int, trail: int) -> dict[str, Any]:
    offsets = {"in_offset": _ticks(lead), "out_offset": _ticks(trail)}
    return {"type": "set_transition", "transition_id": id, **offsets}


def _take_out(id: str, scope: str, markers: bool) -> dict[str, Any]:
    return {"type": "ripple_delete", "clip_ids": [id], "scope": scope, "ripple_markers": markers, "single": True}


def _move(ids: Iterable[str], delta: int) -> dict[str, Any]:
    return {"type": "move", "clip_ids": list(ids), "delta": _ticks(delta)}


BASE: dict[str, Act] = {
    "add_clip": _written(add_clip),
    "remove_clip": _written(lambda id: writers.drop("clip", id)),
    "set_color": _written(writers.set_color),
    "trim": _written(trim),
    "place": _written(writers.place),
    "split": _written(writers.split_and_hand_over),
    "ripple_delete": _written(writers.ripple_delete),
    "ripple_insert": _written(ripple_insert),
    "add_keyframe": _written(lambda id, clip, offset: writers.add_key(id, clip, offset)),
}
SCENE: dict[str, Act] = {
    "bind": _asked(_bind),
    "unbind": _asked(_unbind),
    "move": _asked(_move),
    "trim": _asked(
        lambda id, edge, delta: {"type": "trim", "clip_id": id, "edge": edge, "delta": _ticks(delta)},
    ),
    "remove": _asked(lambda id: {"type": "remove_clip", "clip_id": id}),
    "add_transition": _asked(_transition),
    "remove_transition": _asked(lambda id: {"type": "remove_transition", "transition_id": id}),
    "set_transition": _asked(_set_transition),
    "nest": _written(nest),
    "show": _written(show),
    "remove_sequence": _written(remove_sequence),
    "open_gap": _asked(_gap),
    "take_out": _asked(_take_out),
    "add_marker": _asked(_marker),
    "place_marker": _written(writers.place_marker),
    "remove_marker": _asked(lambda id: {"type": "remove_marker", "marker_id": id}),
    "add_caption": _asked(_caption),
    "set_caption": _asked(_set_caption),
    "add_track": _asked(lambda id: {"type": "add_track", "track_id": id, "kind": "audio"}),
    "remove_track": _asked(lambda id: {"type": "remove_track", "track_id": id}),
    "lock_track": _asked(lambda id, locked: {"type": "lock_track", "track_id": id, "locked": locked}),
    "set_note": _written(writers.set_key),
}
