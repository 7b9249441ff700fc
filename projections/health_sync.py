"""Whether picture and sound that are linked still belong together.

    V1 |  A 0..9  |                V1 |  A 0..9  |
    A1 |  a 0..9  |     ->         A1    |  a 0..9  |       a was moved alone: drift + 3

Two clips of the same media are in sync where they show the same moment of it at the same time. Of different media
(sound from a recorder, say) nobody can say so; there the state in which they were linked is taken for in sync.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from projections.health_rules import Finding
from timeline_service.domain.state import Record, State

Anchors = Mapping[str, Fraction]
"""Clip → the tick of the timeline at which it shows, or would show, the beginning of its media."""


def anchor(clip: dict[str, Any]) -> Fraction | None:
    """See Anchors; None for a frozen picture, which shows no moment rather than another."""
    speed = clip["speed"]
    if not speed["num"]:
        return None
    before: Fraction = clip["map_offset"] + Fraction(clip["source_in"] * speed["den"], speed["num"])
    start, end = Fraction(clip["start"]), Fraction(clip["start"] + clip["duration"])
    return end + before if clip["reversed"] else start - before


def anchors(state: State, label: str) -> dict[str, Fraction]:
    """The anchors of the clips of one link."""
    found = ((clip.id, anchor(clip.value)) for clip in state.living("clip") if clip.value["link_id"] == label)
    return {id: at for id, at in found if at is not None}


def links_to_recall(state: State) -> dict[str, int]:
    """Links of different media → the version in which the last of their clips was linked: ask there what in sync is."""
    found = {}
    for label, pairs in _pairs(state).items():
        if any(_media(one) != _media(other) for one, other in pairs):
            found[label] = max(clip.owner("link_id") for pair in pairs for clip in pair)
    return found


def check(state: State, tolerated: int, synced: Anchors) -> Iterator[Finding]:
    """Findings `sync_drift` and `sync_speed`. `synced`: the anchors when they were linked, of clips of other media."""
    for label, pairs in sorted(_pairs(state).items()):
        for picture, sound in pairs:
            yield from _compare(state, label, picture, sound, tolerated, synced)


def _pairs(state: State) -> dict[str, list[tuple[Record, Record]]]:
    """Link → (picture, sound): every linked sound with the first picture, of the same media if there is one."""
    members: dict[str, list[Record]] = defaultdict(list)
    for clip in state.living("clip"):
        if clip.value["link_id"] is not None:
            members[clip.value["link_id"]].append(clip)
    pairs = defaultdict(list)
    for label, clips in members.items():
        clips.sort(key=lambda clip: (clip.value["start"], clip.id))
        pictures = [clip for clip in clips if _kind(state, clip) == "video"]
        for sound in (clip for clip in clips if _kind(state, clip) == "audio"):
            same = [picture for picture in pictures if _media(picture) == _media(sound)]
            near = sorted(same or pictures, key=lambda picture: _apart(picture, sound))
            if near:
                pairs[label].append((near[0], sound))
    return pairs


def _apart(one: Record, other: Record) -> int:
    """How far two clips are from overlapping, in ticks; negative by how much they do."""
    start: int = max(clip.value["start"] for clip in (one, other))
    end: int = min(clip.value["start"] + clip.value["duration"] for clip in (one, other))
    return start - end


def _compare(
    state: State, label: str, picture: Record, sound: Record, tolerated: int, synced: Anchors
) -> Iterator[Finding]:
    seen, heard = anchor(picture.value), anchor(sound.value)
    if seen is None or heard is None:
        return
    start = min(picture.value["start"], sound.value["start"])
    end = max(clip.value["start"] + clip.value["duration"] for clip in (picture, sound))
    track = state.records[sound.value["track_id"]]
    where = (sound.id, picture.id), start, end, track.id, track.value["sequence_id"]
    if any(picture.value[name] != sound.value[name] for name in ("speed", "reversed")):
        yield Finding("sync_speed", *where, {"link_id": label})
        return
    if _media(picture) == _media(sound):
        was = Fraction(0)
    elif picture.id in synced and sound.id in synced:
        was = synced[sound.id] - synced[picture.id]
    else:
        return
    drift = int(heard - seen - was)  # a speed may leave parts of a tick
    if abs(drift) > tolerated:
        frames = drift / state.rate.ticks_per_frame
        yield Finding("sync_drift", *where, {"link_id": label, "drift": drift, "frames": round(frames, 3)})


def _kind(state: State, clip: Record) -> str:
    return str(state.records[clip.value["track_id"]].value["kind"])


def _media(clip: Record) -> tuple[Any, ...]:
    """What makes media the same: an asset or an address. Anything else is only itself."""
    media = clip.value["media"]
    for name in ("asset_id", "url"):
        if media.get(name) is not None:
            return name, media[name]
    return ("clip", clip.id)
