"""The render plan: which source frame, through which window, and which sound, at every moment of the output.

Pure: values in, values out. Output frame n shows timeline tick n · ticks_per_frame; everything is whole frames, ticks,
samples or 1/65536 pixels, so the same timeline always gives the same plan, byte for byte.

    tracks      V2 ······[ d ]·········        the topmost enabled clip wins
                V1 [  a  ][  b  ]··[ c ]
    shots          a a a d d d b b · c c       runs of output frames of one clip; · is black
    sounds         a, b, c, d and all audio clips: mixed by sample index
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from timeline_service.domain import time
from workers.render import errors, interpolate, windows
from workers.render.plan_input import ClipInput, MediaFacts, PlanInput, Preset, TrackInput

SCHEMA: Final = 1
SAMPLE_RATE: Final = 48_000
TICKS_PER_SAMPLE: Final = time.TICKS_PER_SECOND // SAMPLE_RATE
GAIN_ONE: Final = 1 << 20
MAX_SIZE: Final = 8192


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the plan reads. Times in ticks; a duration of 0 is a still, a rate of 0/1 sound only."""

    key: str
    width: int
    height: int
    rate_num: int
    rate_den: int
    start: int
    duration: int
    has_audio: bool

    def frame_of(self, tick: int) -> int:
        """The number of the picture shown at a source tick: the last one whose time, floored to ticks, is <= tick."""
        if not self.duration:
            return 0
        relative = tick - self.start
        return -(-(relative + 1) * self.rate_num // (self.rate_den * time.TICKS_PER_SECOND)) - 1


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Which source tick a clip shows `t` ticks after its start (DESIGN §2)."""

    source_in: int
    map_offset: int
    speed_num: int
    speed_den: int
    reversed: bool
    duration: int

    def source_at(self, t: int) -> int:
        if self.reversed:
            t = self.duration - 1 - t
        return self.source_in + (t + self.map_offset) * self.speed_num // self.speed_den


@dataclass(frozen=True, slots=True)
class Shot:
    """A run of output frames that show one clip; `offset` is the clip's own time at the first of them, in ticks."""

    first: int
    frames: int
    offset: int
    clip_id: str
    source: str
    map: TimeMap
    crop: tuple[interpolate.CropKey, ...]


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip that is heard. Positions and fades in output samples, gain in 1/2^20; `offset` as in Shot."""

    first: int
    samples: int
    offset: int
    clip_id: str
    source: str
    map: TimeMap
    gain: int
    fade_in: int
    fade_out: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What one output frame shows.

    `window`: x, y, width, height in the source picture, 1/65536 px; `place`: x, y, width, height in the output picture,
    even pixels; what it does not cover is black.
    """

    clip_id: str
    source: str
    source_frame: int
    window: tuple[int, int, int, int]
    place: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """A whole rendering as a value: JSON in, JSON out, hashable."""

    rate_num: int
    rate_den: int
    width: int
    height: int
    frames: int
    samples: int
    preset: Preset
    sources: tuple[Source, ...]
    shots: tuple[Shot, ...]
    sounds: tuple[Sound, ...]
    notes: tuple[dict[str, Any], ...] = ()
    schema: int = SCHEMA

    @property
    def ticks_per_frame(self) -> int:
        return time.TICKS_PER_SECOND * self.rate_den // self.rate_num

    def source(self, key: str) -> Source:
        """The source of that key. Raises KeyError."""
        for source in self.sources:
            if source.key == key:
                return source
        raise KeyError(key)

    def shot_at(self, n: int) -> Shot | None:
        """The shot that output frame n lies in; None where it is black."""
        at = bisect_right(self.shots, n, key=lambda shot: shot.first) - 1
        if at < 0 or n >= self.shots[at].first + self.shots[at].frames:
            return None
        return self.shots[at]

    def frame(self, n: int) -> Frame | None:
        """What output frame n shows; None for black."""
        shot = self.shot_at(n)
        if shot is None:
            return None
        tick = shot.map.source_at(shot.offset + (n - shot.first) * self.ticks_per_frame)
        source = self.source(shot.source)
        window, place = windows.fit(
            windows.window_of(interpolate.rectangle_at(shot.crop, tick), source.width, source.height),
            self.width,
            self.height,
        )
        return Frame(shot.clip_id, shot.source, max(0, source.frame_of(tick)), window, place)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; `from_dict` is its inverse."""
        return asdict(self)

    def canonical(self) -> bytes:
        """The bytes that are hashed: sorted keys, no spaces, no record ids (they do not change a pixel)."""
        return _canonical(_anonymous(self.as_dict()))

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def from_dict(data: dict[str, Any]) -> RenderPlan:
    """A plan from its JSON form. Raises KeyError, TypeError for anything else."""
    if data.get("schema") != SCHEMA:
        raise errors.PlanError("This plan was made by another version of the service.", schema=data.get("schema"))
    crop = interpolate.CropKey
    return RenderPlan(
        **{
            **data,
            "preset": Preset(**data["preset"]),
            "sources": tuple(Source(**source) for source in data["sources"]),
            "shots": tuple(
                Shot(**{**shot, "map": TimeMap(**shot["map"]), "crop": tuple(crop(**key) for key in shot["crop"])})
                for shot in data["shots"]
            ),
            "sounds": tuple(Sound(**{**sound, "map": TimeMap(**sound["map"])}) for sound in data["sounds"]),
            "notes": tuple(data["notes"]),
        }
    )


def build_plan(timeline: PlanInput, preset: Preset) -> RenderPlan:
    """The plan of a whole timeline. Raises a PlanError before any work is done if it cannot be rendered."""
    width, height = _output_size(timeline, preset)
    per_frame = timeline.rate.ticks_per_frame
    end = max((clip.start + clip.duration for clip in timeline.clips), default=0)
    frames = -(-end // per_frame)
    if frames <= 0:
        raise errors.EmptyTimeline()
    seen = [clip for clip in _seen(timeline) if clip.media]
    heard = list(_heard(timeline))
    for clip in (*seen, *(clip for clip, _ in heard)):
        _check(clip)
    return RenderPlan(
        rate_num=timeline.rate.num,
        rate_den=timeline.rate.den,
        width=width,
        height=height,
        frames=frames,
        samples=-(-frames * per_frame // TICKS_PER_SAMPLE),
        preset=preset,
        sources=_sources([*seen, *(clip for clip, _ in heard)], timeline.rate),
        shots=tuple(_shots(timeline, frames)),
        sounds=tuple(sorted(_sounds(heard), key=lambda sound: (sound.first, _canonical(_anonymous(asdict(sound)))))),
        notes=timeline.notes,
    )


def _output_size(timeline: PlanInput, preset: Preset) -> tuple[int, int]:
    width = (preset.width or timeline.width) // 2 * 2
    height = (preset.height or timeline.height) // 2 * 2
    if not (2 <= width <= MAX_SIZE and 2 <= height <= MAX_SIZE):
        raise errors.BadOutput(width=width, height=height, largest=MAX_SIZE)
    return width, height


def _seen(timeline: PlanInput) -> Iterator[ClipInput]:
    """The enabled clips of enabled video tracks."""
    shown = {track.id for track in timeline.tracks if track.kind == "video" and track.enabled}
    return (clip for clip in timeline.clips if clip.enabled and clip.track_id in shown)


def _heard(timeline: PlanInput) -> Iterator[tuple[ClipInput, TrackInput]]:
    """The enabled clips with sound, on tracks that are neither disabled nor muted; with any solo, only on solo ones."""
    playing = {track.id: track for track in timeline.tracks if track.enabled and track.kind != "caption"}
    solo = any(track.solo for track in playing.values())
    for clip in timeline.clips:
        track = playing.get(clip.track_id)
        if track is None or not clip.enabled or not (clip.media and clip.media.has_audio):
            continue
        if track.solo if solo else not track.muted:
            yield clip, track


def _check(clip: ClipInput) -> None:
    media = clip.media
    assert media is not None
    if media.is_still:
        return
    if not media.duration or not (media.has_video or media.has_audio):
        raise errors.MediaFactsUnknown(clip_id=clip.id, media=media.key)
    first = _map(clip).source_at(0)
    last = _map(clip).source_at(clip.duration - 1)
    if not (media.start <= min(first, last) and min(first, last) < media.start + media.duration):
        raise errors.SourceOutOfRange(clip_id=clip.id, first=min(first, last), media_duration=media.duration)


def _sources(clips: Iterable[ClipInput], rate: time.Rate) -> tuple[Source, ...]:
    facts = {clip.media.key: clip.media for clip in clips if clip.media}
    return tuple(_source(facts[key], rate) for key in sorted(facts))


def _source(media: MediaFacts, timeline_rate: time.Rate) -> Source:
    rate = media.rate or timeline_rate
    rate_num, rate_den = (rate.num, rate.den) if media.has_video else (0, 1)
    return Source(
        media.key, media.width, media.height, rate_num, rate_den, media.start, media.duration or 0, media.has_audio
    )


def _shots(timeline: PlanInput, frames: int) -> list[Shot]:
    """What is on top, track by track from the top down: each track fills what those above it left open."""
    per_frame = timeline.rate.ticks_per_frame
    by_track: dict[str, list[ClipInput]] = {}
    for clip in _seen(timeline):
        if clip.media is None or clip.media.has_video:
            by_track.setdefault(clip.track_id, []).append(clip)
    open_runs = [(0, frames)]
    shots: list[Shot] = []
    for track in reversed(timeline.tracks):
        clips = sorted(by_track.get(track.id, ()), key=lambda clip: clip.start)
        spans = [_frame_span(clip, per_frame) for clip in clips]
        rest: list[tuple[int, int]] = []
        for begin, end in open_runs:
            at = begin
            for i in range(bisect_right(spans, begin, key=lambda span: span[1]), len(clips)):
                first, stop = max(at, spans[i][0]), min(end, spans[i][1])
                if first >= end:
                    break
                media = clips[i].media
                if media is not None and first < stop:
                    shots.append(_shot(clips[i], media.key, first, stop, per_frame))
                rest.append((at, first))
                at = stop
            rest.append((at, end))
        open_runs = [(begin, end) for begin, end in rest if begin < end]
    return sorted(shots, key=lambda shot: shot.first)


def _frame_span(clip: ClipInput, per_frame: int) -> tuple[int, int]:
    """The output frames of a clip: [first, stop)."""
    return -(-clip.start // per_frame), -(-(clip.start + clip.duration) // per_frame)


def _shot(clip: ClipInput, source: str, first: int, stop: int, per_frame: int) -> Shot:
    return Shot(
        first=first,
        frames=stop - first,
        offset=first * per_frame - clip.start,
        clip_id=clip.id,
        source=source,
        map=_map(clip),
        crop=clip.crop,
    )


def _sounds(heard: Iterable[tuple[ClipInput, TrackInput]]) -> Iterator[Sound]:
    for clip, track in heard:
        assert clip.media is not None
        first = -(-clip.start // TICKS_PER_SAMPLE)
        stop = -(-(clip.start + clip.duration) // TICKS_PER_SAMPLE)
        gain = linear_gain(clip.gain + track.gain)
        if stop > first and gain:
            yield Sound(
                first=first,
                samples=stop - first,
                offset=first * TICKS_PER_SAMPLE - clip.start,
                clip_id=clip.id,
                source=clip.media.key,
                map=_map(clip),
                gain=gain,
                fade_in=clip.fade_in // TICKS_PER_SAMPLE,
                fade_out=clip.fade_out // TICKS_PER_SAMPLE,
            )


def linear_gain(millibel: int) -> int:
    """A level in millibel as a factor in 1/2^20: whole, so that no two machines differ in its last digit."""
    return round(float(10 ** (millibel / 2000)) * GAIN_ONE)


def _map(clip: ClipInput) -> TimeMap:
    return TimeMap(clip.source_in, clip.map_offset, clip.speed_num, clip.speed_den, clip.reversed, clip.duration)


def _anonymous(data: Any) -> Any:
    """The same data without clip ids."""
    if isinstance(data, dict):
        return {key: _anonymous(value) for key, value in data.items() if key != "clip_id"}
    if isinstance(data, (list, tuple)):
        return [_anonymous(value) for value in data]
    return data


def _canonical(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
