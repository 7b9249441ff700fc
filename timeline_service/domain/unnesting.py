"""Unnest: from which track of a nest to which track around it, and what of the nest is shown.

inside  V2 |  | B  |                 around  V2 |x|   |          V2 is taken: a new track
        V1 | A  |    (window [  ])           V1 | nest|    ->    V1 gives way to A
"""

from typing import Any, Final

from timeline_service.domain import copying, errors, nests, ordering, records, surgery, transitions
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record

SILENT: Final = "params.sound"
Span = tuple[int, int]


def unnest(draft: Draft, nest: Record) -> None:
    """Put what a nest shows in its place. Raises KindMismatch for what is no nest, Retimed."""
    sequence = nests.sequence_of(nest)
    if sequence is None:
        raise errors.KindMismatch(clip_id=nest.id, wanted="a nest")
    value = dict(nest.value)
    if value["speed"]["num"] != value["speed"]["den"] or value["reversed"]:
        raise errors.Retimed(clip_id=nest.id)
    tracks = surgery.tracks(draft.state, sequence_id=sequence)
    first = value["source_in"] + value["map_offset"]
    window = (first, first + value["duration"])
    alone = len(nests.shown_by(draft.state, sequence)) == 1
    draft.drop(nest.id)
    landing = _targets(draft, value, [track for track in tracks if _shown(draft, track, window)])
    if alone:
        ids = _take_out(draft, tracks, landing, value["start"] - first)
    else:
        ids = _copy_out(draft, tracks, landing, value["start"] - first)
    for id in ids:
        _keep(draft, id, (value["start"], value["start"] + value["duration"]))
    for id in ids:
        _inherit(draft, id, value)
    if alone:
        for track in tracks:
            draft.drop(track.id)
        draft.drop(sequence)


# ---------------------------------------------------------------- where to
def _targets(draft: Draft, nest: dict[str, Any], tracks: list[Record]) -> dict[str, str]:
    """Track of the nest → track around it, for those that show something. Makes tracks where none is free."""
    host = draft.get("track", nest["track_id"])
    span = (nest["start"], nest["start"] + nest["duration"])
    found: dict[str, str] = {}
    beneath = host.id
    for track in tracks:
        if track.value["kind"] == "video":
            if host.value["kind"] != "video":
                raise errors.KindMismatch(track_id=host.id, kind=host.value["kind"])
            at_bottom = beneath == host.id and host.id not in found.values()
            if at_bottom and _suits(draft, track, host, span):
                target = host.id
            else:
                target = _above(draft, track, beneath, span) or _new_track(draft, track, beneath)
            beneath = target
        else:
            target = _free(draft, track, host, span, set(found.values())) or _new_track(draft, track, None, host)
        found[track.id] = target
    return found


def _above(draft: Draft, track: Record, beneath: str, span: Span) -> str | None:
    """A free track right above another: with nothing between them that would come to lie beneath what lay on top."""
    stack = surgery.tracks(draft.state, "video", draft.get("track", beneath).value["sequence_id"])
    place = next(n for n, other in enumerate(stack) if other.id == beneath)
    reachable = []
    for other in stack[place + 1 :]:
        if _items(draft, other.id, span):
            break
        reachable.append(other)
    suiting = [other for other in reachable if _suits(draft, track, other, span)]
    origin = next((other.id for other in suiting if other.id == track.value.get(nests.MIRRORS)), None)
    return origin or (suiting[0].id if suiting else None)


def _free(draft: Draft, track: Record, host: Record, span: Span, taken: set[str]) -> str | None:
    """A free track for sound or captions: the one it was nested from, or the lowest."""
    stack = surgery.tracks(draft.state, track.value["kind"], host.value["sequence_id"])
    suiting = [other.id for other in stack if other.id not in taken and _suits(draft, track, other, span)]
    origin = track.value.get(nests.MIRRORS)
    return origin if origin in suiting else suiting[0] if suiting else None


def _suits(draft: Draft, track: Record, target: Record, span: Span) -> bool:
    """Whether a track is open and free, and does to clips what the track of the nest did."""
    if target.value["locked"] or _items(draft, target.id, span):
        return False
    return track.value.get(nests.MIRRORS) == target.id or (_plain(draft, track) and _plain(draft, target))


def _plain(draft: Draft, track: Record) -> bool:
    inside = [*draft.state.inside(track.id, "effect"), *draft.state.inside(track.id, "keyframe")]
    return not inside and all(track.value[field] == value for field, value in nests.PLAIN.items())


def _new_track(draft: Draft, track: Record, beneath: str | None, host: Record | None = None) -> str:
    """A track as it was in the nest: above another one, or on top of all."""
    around = draft.get("track", beneath).value if beneath is not None else host.value  # type: ignore[union-attr]
    others = surgery.tracks(draft.state, sequence_id=around["sequence_id"])
    id = draft.new_id("track", track.id)
    value = {k: v for k, v in track.value.items() if k != nests.MIRRORS}
    fresh = {"sequence_id": around["sequence_id"], "order": ordering.on_top(others), "locked": False}
    draft.put("track", id, value | fresh)
    rows = [row for row in copying.tree(draft.state, track.id)[1:] if row.kind in ("effect", "keyframe")]
    copying.put(draft, rows, {**{row.id: draft.new_id("track", row.id) for row in rows}, track.id: id})
    if beneath is not None:
        ordering.put_beside(draft, draft.get("track", id), beneath, [*others, draft.get("track", id)], before=False)
    return id


def _items(draft: Draft, track: str, span: Span) -> list[Record]:
    found = (item for kind in ("clip", "caption") for item in draft.state.inside(track, kind))
    return [i for i in found if i.value["start"] < span[1] and i.value["start"] + i.value["duration"] > span[0]]


def _shown(draft: Draft, track: Record, window: Span) -> bool:
    return bool(_items(draft, track.id, window))


# ---------------------------------------------------------------- what
def _contents(draft: Draft, track: str) -> list[Record]:
    found = (r for kind in ("clip", "caption", "marker", "annotation") for r in draft.state.inside(track, kind))
    return sorted(found, key=lambda record: record.id)


def _moved(record: Record, target: str, by: int) -> dict[str, Any]:
    container, time = records.CONTAINER[record.kind], records.KINDS[record.kind].time
    assert time is not None
    return {container: target, time: record.value[time] + by}


def _take_out(draft: Draft, tracks: list[Record], targets: dict[str, str], by: int) -> list[str]:
    """Everything of the tracks that show something, moved; what lies on the others goes with the sequence."""
    moved = []
    for track in tracks:
        for record in _contents(draft, track.id):
            if track.id in targets:
                draft.set(record.id, _moved(record, targets[track.id], by))
                moved.append(record.id)
            else:
                draft.drop(record.id)
    return moved


def _copy_out(draft: Draft, tracks: list[Record], targets: dict[str, str], by: int) -> list[str]:
    rows, heads = [], []
    for track in tracks:
        for record in _contents(draft, track.id) if track.id in targets else ():
            tree = copying.tree(draft.state, record.id)
            tree[0].value.update(_moved(record, targets[track.id], by))
            rows += tree
            heads.append(record.id)
    rows += copying.transitions_among(draft.state, [id for id in heads if draft.state.records[id].kind == "clip"])
    names = {row.id: draft.new_id("unnest", row.id) for row in rows}
    copying.put(draft, copying.relabelled(rows, draft.new_id), names)
    return [names[id] for id in heads]


def _keep(draft: Draft, id: str, span: Span) -> None:
    """Of an item, what lies in the span; transitions that reach out of it go."""
    record = draft.state.records[id]
    start, end = span
    time = records.KINDS[record.kind].time
    assert time is not None
    at: int = record.value[time]
    stop = at + max(record.value["duration"], 1)
    if stop <= start or at >= end:
        draft.drop(id)
    elif record.kind == "caption":
        draft.set(id, {"start": max(at, start), "duration": min(stop, end) - max(at, start)})
    elif record.kind == "clip":
        for transition in sorted(draft.state.inside(id, "transition"), key=lambda t: t.id):
            if transitions.adjacent(draft.state, transition.value):
                first, last = transitions.span(draft.state, transition.value)
                if first < start or last > end:
                    draft.drop(transition.id)
        if at < start:
            surgery.trim_start(draft, id, start - at)
        if stop > end:
            surgery.trim_end(draft, id, end - stop)


def _inherit(draft: Draft, id: str, nest: dict[str, Any]) -> None:
    """What was switched off with the nest stays off."""
    clip = draft.state.find(id, "clip")
    if clip is None:
        return
    silent = nest.get(SILENT) is False
    sounding = draft.get("track", clip.value["track_id"]).value["kind"] == "audio"
    if not nest["enabled"] or (silent and sounding):
        draft.set(id, {"enabled": False})
    elif silent:
        draft.set(id, {SILENT: False})
