"""What lies in and on clips and tracks: keyframes of every property, effects, notes, transitions, captions, a nest."""

import itertools
from typing import Any

from hypothesis import strategies as st

from tests.strategies.parts import Payload, seldom
from tests.world import TIMELINE
from timeline_service.domain import clip_time, records, transitions
from timeline_service.domain.draft import Draft

INTERPOLATIONS = ("hold", "linear", "bezier", {"bezier": [250_000, 100_000, 400_000, 1_200_000]})
WINDOW = {"x": 0, "y": 0, "width": 500_000, "height": 1_000_000}
POSE = {"x": -250_000, "y": 0, "scale_x": 500_000, "scale_y": 500_000}
STROKE = {"type": "stroke", "points": [[0, 0], [500_000, 500_000]], "width": 2_000}


@st.composite
def looks(draw: st.DrawFn) -> Payload:
    """Static parameters that some clips have; absent is the default."""
    some: Payload = {"params.opacity": 250_000, "params.rotation": -90_000, "params.transform": POSE}
    return {name: some[name] for name in draw(st.sets(st.sampled_from(sorted(some)), max_size=1))}


# ---------------------------------------------------------------- in clips
@st.composite
def in_clip(draw: st.DrawFn, draft: Draft, clip: str) -> None:
    """Crop keyframes and notes at any tick of its source; other keyframes and effects at any tick of its own."""
    value = draft.get("clip", clip).value
    first, _ = clip_time.source_span(value)
    length = value["duration"]
    for number, time in enumerate(draw(st.sets(st.integers(0, 8), max_size=3))):
        window = {**WINDOW, "x": number * 1000}
        _keyframe(draft, f"{clip}k{number}", clip, "crop", first + length * time // 7, window)
    if draw(seldom(False, True)):
        note(draft, "marker", clip, 0, max(0, first) + draw(st.integers(0, length)))
    if draw(seldom(False, True)):
        note(draft, "annotation", clip, 0, max(0, first) + draw(st.integers(0, length)), shape=STROKE)
    if draw(seldom(False, True)):
        name, low, high = draw(st.sampled_from((("opacity", 0, 1_000_000), ("volume", -600, 300), ("rotation", 0, 90))))
        times = sorted(draw(st.sets(st.integers(-2, 9), min_size=1, max_size=3)))
        for number, time in enumerate(times):
            way = draw(st.sampled_from(INTERPOLATIONS))
            at = length * time // 7
            _keyframe(draft, f"{clip}o{number}", clip, name, at, (low, high)[number % 2], interpolation=way)
    if draw(seldom(False, True)):
        effect = records.new("effect", parent_id=clip, kind="blur", order="V", **{"params.radius": 3})
        draft.put("effect", f"{clip}e", effect)
        _keyframe(draft, f"{clip}ek", f"{clip}e", "params.radius", length // 2, draw(st.integers(0, 9)))


def _keyframe(draft: Draft, id: str, parent: str, name: str, time: int, value: Any, **more: Any) -> None:
    draft.put("keyframe", id, records.new("keyframe", parent_id=parent, property=name, time=time, value=value, **more))


def note(draft: Draft, kind: str, parent: str, number: int, time: int, **more: Any) -> None:
    """A marker or an annotation."""
    id = f"{parent}{kind[0]}{number}"
    draft.put(kind, id, records.new(kind, parent_id=parent, time=time, **more))


# ---------------------------------------------------------------- on cuts
@st.composite
def on_cuts(draw: st.DrawFn, draft: Draft, track: str) -> None:
    """Transitions where clips touch or end, with whole frames of what their handles and lengths allow."""
    frame = draft.state.rate.ticks_per_frame
    clips = sorted(draft.state.inside(track, "clip"), key=lambda clip: clip.value["start"])
    free = {clip.id: clip.value["duration"] // frame for clip in clips}
    for number, (left, right) in enumerate(itertools.pairwise(clips)):
        touching = left.value["start"] + left.value["duration"] == right.value["start"]
        if touching and draw(st.booleans()):
            lead = min(free[left.id], _frames(transitions.room(right.value)[0], frame), 2)
            tail = min(free[right.id], _frames(transitions.room(left.value)[1], frame), 2)
            lead, tail = draw(st.integers(0, max(0, lead))), draw(st.integers(0, max(0, tail)))
            if lead + tail > 0:
                free[left.id] -= lead
                free[right.id] -= tail
                sides = {"left_id": left.id, "right_id": right.id}
                _transition(draft, f"{track}x{number}", **sides, in_offset=lead * frame, out_offset=tail * frame)
    if clips and free[clips[-1].id] and draw(seldom(False, True)):
        _transition(draft, f"{track}xe", left_id=clips[-1].id, kind="fade", in_offset=frame)


def _frames(ticks: int | None, frame: int) -> int:
    return 9 if ticks is None else max(0, ticks // frame)


def _transition(draft: Draft, id: str, **fields: Any) -> None:
    draft.put("transition", id, records.new("transition", **fields))


# ---------------------------------------------------------------- on tracks
@st.composite
def on_tracks(draw: st.DrawFn, draft: Draft) -> None:
    """Notes of the timeline and of a track, the volume of a track, captions on a track of their own."""
    frame = draft.state.rate.ticks_per_frame
    times = st.integers(0, 20).map(lambda n: n * frame)
    for place in range(draw(st.integers(0, 2))):
        note(draft, "marker", TIMELINE, place, draw(times))
    if draw(st.booleans()):
        note(draft, "marker", "t0", 0, draw(times))
    if draw(seldom(False, True)):
        note(draft, "annotation", TIMELINE, 0, draw(times), shape=STROKE)
    if draw(seldom(False, True)):
        _keyframe(draft, "t0v", "t0", "volume", draw(times), -300)
        draft.put("effect", "t0e", records.new("effect", parent_id="t0", kind="blur", order="V"))
        _keyframe(draft, "t0ek", "t0e", "params.radius", draw(times), 4)
    if draw(seldom(False, True)):
        draft.put("track", "cc", records.new("track", kind="caption", order="W"))
        at = 0
        for number in range(draw(st.integers(1, 3))):
            at += draw(st.sampled_from((0, 1, 3 * frame)))
            length = draw(st.sampled_from((1, frame, 4 * frame)))
            value = records.new("caption", track_id="cc", start=at, duration=length, text=f"Line {number}")
            draft.put("caption", f"cc{number}", value)
            at += length


@st.composite
def nested(draw: st.DrawFn, draft: Draft) -> None:
    """A sequence with a clip in it, and a clip behind all others of the first track that shows it."""
    frame = draft.state.rate.ticks_per_frame
    length = draw(st.integers(1, 5)) * frame
    draft.put("sequence", "q", records.new("sequence", name="Scene"))
    draft.put("track", "qt", records.new("track", kind="video", order="V", sequence_id="q"))
    plain = {"start": 0, "duration": length, "media": {"missing": True}}
    draft.put("clip", "qc", records.new("clip", track_id="qt", **plain))
    end = max((c.value["start"] + c.value["duration"] for c in draft.state.inside("t0", "clip")), default=0)
    start = end + draw(st.sampled_from((0, 2))) * frame
    shown = {"start": start, "duration": length, "media": {"sequence_id": "q", "kind": "video", "has_audio": True}}
    draft.put("clip", "qn", records.new("clip", track_id="t0", **shown))


def furnish(draft: Draft) -> None:
    """Tracks with a title that has two effects and a nest beside it, with captions, with three segments of one clip."""
    frame = draft.state.rate.ticks_per_frame
    draft.put("track", "ft", records.new("track", kind="video", order="zz"))
    title = {"generator": "title", "params": {"text": "Summer", "size": 100_000}}
    plain = {"track_id": "ft", "duration": 4 * frame, "group_id": "g2"}
    draft.put("clip", "ftt", records.new("clip", start=0, media=title, **plain))
    for number, kind in enumerate(("blur", "brightness")):
        draft.put("effect", f"fe{number}", records.new("effect", parent_id="ftt", kind=kind, order="V"))
    _transition(draft, "fx", left_id="ftt", kind="fade", in_offset=frame)
    draft.put("sequence", "fq", records.new("sequence", name="Inside"))
    for place, kind in enumerate(("video", "audio")):
        track = records.new("track", kind=kind, order=f"{place}", sequence_id="fq")
        draft.put("track", f"fq{place}", track)
        inner = {"track_id": f"fq{place}", "duration": 3 * frame, "media": {"missing": True}, "link_id": "l2"}
        draft.put("clip", f"fqc{place}", records.new("clip", start=place * frame, **inner))
    draft.put("clip", "fn", records.new("clip", start=4 * frame, media={"sequence_id": "fq"}, **plain))
    draft.put("track", "fcc", records.new("track", kind="caption", order="zzz"))
    for number in range(2):
        caption = {"track_id": "fcc", "start": number * 5 * frame, "duration": 3 * frame, "text": f"Word {number}"}
        draft.put("caption", f"fcc{number}", records.new("caption", **caption))


def segmented(draft: Draft) -> None:
    """Three pieces of one clip side by side, one speed, silent; each has what a split had copied, and a drawing."""
    frame = draft.state.rate.ticks_per_frame
    draft.put("track", "st", records.new("track", kind="video", order="zy"))
    media = {"url": "https://media.example/s.mov", "available": {"start": 0, "duration": 40 * frame}}
    for number in range(3):
        id, start = f"s{number}", number * 3 * frame
        at = {"track_id": "st", "start": start, "duration": 3 * frame, "source_in": 9 * frame + start}
        look = {"params.segments": "seg", "params.sound": False}
        draft.put("clip", id, records.new("clip", media=media, **at, **look))
        _keyframe(draft, f"{id}k", id, "crop", 10 * frame, WINDOW)
        _keyframe(draft, f"{id}o", id, "opacity", frame - start, 500_000)
        note(draft, "annotation", id, 0, 10 * frame + start, shape=STROKE)


def dissolve_bonds_of_one(draft: Draft) -> None:
    """Of one clip alone there is no link and no group."""
    for bond, label in (("link_id", "l1"), ("group_id", "g1")):
        bound = draft.state.bound(bond, label)
        if len(bound) == 1:
            draft.set(bound[0].id, {bond: None})
