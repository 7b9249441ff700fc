"""A state as readers get it: `GET /timelines/{id}`. Tombstones and owners stay inside."""

from typing import Any

from timeline_service.domain.records import KINDS
from timeline_service.domain.state import Record, State, digest

LISTS = {"track": "tracks", "clip": "clips", "keyframe": "keyframes", "marker": "markers"}


def view(state: State, head_hash: str) -> dict[str, Any]:
    """`{id, version, state_hash, head_hash, name, rate, …, tracks, clips, keyframes, markers}`; times in ticks."""
    timeline = nested(state.records[state.timeline_id])
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS.values()}
    for record in state.records.values():
        if record.alive and record.kind in LISTS:
            lists[LISTS[record.kind]].append(nested(record))
    lists["tracks"].sort(key=lambda track: (track["order"], track["id"]))
    lists["clips"].sort(key=lambda clip: (clip["start"], clip["id"]))
    lists["keyframes"].sort(key=lambda key: (key["parent_id"], key["property"], key["time"], key["id"]))
    lists["markers"].sort(key=lambda marker: (marker["time"], marker["id"]))
    return {
        **timeline,
        "version": state.version,
        "state_hash": digest(state),
        "head_hash": head_hash,
        "ticks_per_frame": state.rate.ticks_per_frame,
        "duration": duration(state),
        **lists,
    }


def duration(state: State) -> int:
    """The end of the last clip, in ticks."""
    return max((clip.value["start"] + clip.value["duration"] for clip in state.living("clip")), default=0)


def nested(record: Record) -> dict[str, Any]:
    """A record with its id, its maps nested again: `metadata.scene` becomes `{"metadata": {"scene": …}}`."""
    shown: dict[str, Any] = {"id": record.id, **{name: {} for name in KINDS[record.kind].maps}}
    for field, value in record.value.items():
        name, dot, key = field.partition(".")
        if dot:
            shown[name][key] = value
        else:
            shown[field] = value
    return shown
