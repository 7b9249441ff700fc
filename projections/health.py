"""A health audit: what may be wrong with a cut, before anybody sees it in the export.

    V1 |  A  |B|  C  | D |        B   flash_frame          between C and D   tiny_gap
    A1 |   a  |                   a   sync_drift

Pure: a state and what is known of its assets in, findings out. The rules are in health_rules.py.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from projections import health_sync, view
from projections.health_rules import SEVERITIES, Finding, Limits
from timeline_service.domain import clip_time, errors, media, nests, properties, transitions
from timeline_service.domain.state import Record, State
from timeline_service.domain.time import TICKS_PER_SECOND

PENDING: Final = frozenset({"uploaded", "probing"})
"""Statuses of assets that may still become ready."""
BROKEN: Final = {"no_handle": "transition_no_handle", "not_adjacent": "transition_apart"}
"""Why a transition would be refused today → the rule that says so; any other law is `law_broken`."""


class Case(NamedTuple):
    """What an audit looks at.

    `missing_assets`: asset id → its status (`missing` if there is none), of those that are not ready.
    """

    state: State
    missing_assets: Mapping[str, str]
    limits: Limits
    synced: health_sync.Anchors


def audit(
    state: State,
    missing_assets: Mapping[str, str],
    limits: Limits | None = None,
    synced: health_sync.Anchors | None = None,
) -> list[Finding]:
    """All findings, the worst first, then in the order of time. `synced`: see health_sync.links_to_recall."""
    case = Case(state, missing_assets, limits or Limits(), synced or {})
    found = [finding for check in CHECKS for finding in check(case)]
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}
    return sorted(found, key=lambda f: (rank[f.rule.severity], f.sequence_id or "", f.start, f.code, f.records))


def asset_ids(state: State) -> set[str]:
    """The assets that clips show."""
    named = (clip.value["media"].get("asset_id") for clip in state.living("clip"))
    return {name for name in named if name is not None}


def _tracks(state: State) -> Iterator[tuple[Record, list[Record]]]:
    """Every track with its clips and captions in the order of time."""
    for track in state.living("track"):
        items = [*state.inside(track.id, "clip"), *state.inside(track.id, "caption")]
        yield track, sorted(items, key=lambda item: (item.value["start"], item.id))


def _of(code: str, state: State, item: Record, **details: object) -> Finding:
    """A finding about one item, where it lies."""
    track = state.records[item.value["track_id"]]
    start = item.value["start"]
    end = start + item.value["duration"]
    return Finding(code, (item.id,), start, end, track.id, track.value["sequence_id"], details)


def _end(item: Record) -> int:
    return int(item.value["start"] + item.value["duration"])


def _places(case: Case) -> Iterator[Finding]:
    """Overlaps, which the gestures never leave, and gaps that are too short to be meant."""
    longest = case.limits.gap_frames * case.state.rate.ticks_per_frame
    for track, items in _tracks(case.state):
        where = (track.id, track.value["sequence_id"])
        end, before = 0, ""
        for item in items:
            start = item.value["start"]
            neighbours = (item.id, before) if before else (item.id,)
            if start < end:
                yield Finding("overlap", neighbours, start, min(end, _end(item)), *where)
            elif 0 < start - end <= longest and item.kind == "clip":
                yield Finding("tiny_gap", neighbours, end, start, *where, {"duration": start - end})
            if _end(item) > end:
                end, before = _end(item), item.id


def _flashes(case: Case) -> Iterator[Finding]:
    longest = case.limits.flash_frames * case.state.rate.ticks_per_frame
    for clip in case.state.living("clip"):
        track = case.state.records[clip.value["track_id"]]
        shown = clip.value["enabled"] and track.value["enabled"] and track.value["kind"] == "video"
        if shown and clip.value["duration"] <= longest:
            yield _of("flash_frame", case.state, clip, duration=clip.value["duration"])


def _media(case: Case) -> Iterator[Finding]:
    for clip in case.state.living("clip"):
        value = clip.value["media"]
        status = "missing" if value.get("missing") else case.missing_assets.get(value.get("asset_id") or "")
        if status is not None:
            code = "media_not_ready" if status in PENDING else "media_missing"
            yield _of(code, case.state, clip, status=status)


def _transitions(case: Case) -> Iterator[Finding]:
    state = case.state
    for transition in state.living("transition"):
        value = transition.value
        clips = [clip for side in transitions.SIDES if (clip := state.find(value[side] or "", "clip")) is not None]
        if not clips:
            continue
        track = state.records[clips[0].value["track_id"]]
        ids = (transition.id, *(clip.id for clip in clips))
        where = (ids, *transitions.span(state, value), track.id, track.value["sequence_id"])
        try:
            transitions.check(state, transition)
        except errors.Refused as refused:
            code = BROKEN.get(refused.stable_code, "law_broken")
            yield Finding(code, *where, {**refused.details, "code": refused.stable_code})
        else:
            unknown = [clip.id for clip in clips if not _length_known(clip)]
            if unknown:
                yield Finding("transition_unverified", *where, {"clip_ids": unknown})


def _length_known(clip: Record) -> bool:
    value = clip.value["media"]
    return media.timeless(value) or bool(value.get("available")) or nests.sequence_of(clip) is not None


def _keyframes(case: Case) -> Iterator[Finding]:
    for holder in case.state.records.values():
        if not holder.alive or holder.id not in case.state.members or holder.kind not in ("clip", "effect", "track"):
            continue
        by_property: dict[str, list[Record]] = {}
        for key in case.state.inside(holder.id, "keyframe"):
            by_property.setdefault(key.value["property"], []).append(key)
        for name, keys in sorted(by_property.items()):
            finding = _hidden(case.state, holder, name, sorted(keys, key=lambda key: key.value["time"]))
            if finding is not None:
                yield finding


def _hidden(state: State, holder: Record, name: str, keys: list[Record]) -> Finding | None:
    """Those of one property outside what is shown. The nearest one on each side still shapes what is."""
    item = state.records[holder.value["parent_id"]] if holder.kind == "effect" else holder
    first, end = _shown(state, item, name)
    before = [key.id for key in keys if key.value["time"] < first]
    after = [key.id for key in keys if key.value["time"] >= end]
    if not before and not after:
        return None
    at_first = any(key.value["time"] == first for key in keys)
    idle = [*(before if at_first else before[:-1]), *after[1:]]
    track = item if item.kind == "track" else state.records[item.value["track_id"]]
    start = 0 if item.kind == "track" else item.value["start"]
    stop = end if item.kind == "track" else _end(item)
    details = {"property": name, "keyframe_ids": [*before, *after], "without_effect": idle}
    return Finding("keyframes_hidden", (holder.id,), start, stop, track.id, track.value["sequence_id"], details)


def _shown(state: State, item: Record, name: str) -> tuple[int, int]:
    """What is shown, in the time that the keyframes of a property count: [first, end)."""
    if item.kind == "track":
        return 0, view.duration(state, item.value["sequence_id"])
    if name in properties.SOURCE_TIMED:
        return clip_time.source_span(item.value)
    return 0, item.value["duration"]


def _captions(case: Case) -> Iterator[Finding]:
    shortest = case.limits.caption_ms * TICKS_PER_SECOND // 1000
    for caption in case.state.living("caption"):
        duration = caption.value["duration"]
        characters = len(" ".join(str(caption.value["text"]).split()))
        if duration < shortest:
            yield _of("caption_too_short", case.state, caption, duration=duration, shortest=shortest)
        elif characters * TICKS_PER_SECOND > case.limits.caption_cps * duration:
            needed = -(-characters * TICKS_PER_SECOND // case.limits.caption_cps)
            yield _of("caption_too_fast", case.state, caption, characters=characters, shortest=needed)


def _nests(case: Case) -> Iterator[Finding]:
    for clip in case.state.living("clip"):
        sequence = nests.sequence_of(clip)
        if sequence is not None and case.state.find(sequence, "sequence") is not None:
            there, end = view.duration(case.state, sequence), clip_time.source_span(clip.value)[1]
            if end > there:
                yield _of(
                    "nest_too_long", case.state, clip, sequence_id=sequence, sequence_duration=there, shown_to=end
                )


def _sync(case: Case) -> Iterator[Finding]:
    return health_sync.check(case.state, case.limits.drift_ticks, case.synced)


CHECKS: Final[tuple[Callable[[Case], Iterator[Finding]], ...]] = (
    _places,
    _flashes,
    _media,
    _transitions,
    _keyframes,
    _captions,
    _nests,
    _sync,
)
