"""Building the compositions of a plan: lanes, transitions, captions and sounds of the root and of each nest. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from workers.render import errors, plan_sound
from workers.render.plan_input import (
    FULL,
    UNMOVED,
    UNTURNED,
    ClipInput,
    EffectInput,
    Generator,
    MediaFacts,
    PlanInput,
    TrackInput,
    TransitionInput,
)
from workers.render.plan_parts import (
    FILE,
    Blend,
    BlendKind,
    Composition,
    Cue,
    Effect,
    Lane,
    Look,
    Shot,
    Sound,
    Source,
    TimeMap,
)
from workers.render.plan_records import generated

BLENDS: Final[dict[str, BlendKind]] = {
    "dissolve": "dissolve",
    "cross_fade": "dissolve",
    "crossfade": "dissolve",
    "fade": "dissolve",
    "SMPTE_Dissolve": "dissolve",
    "wipe": "wipe",
}
"""How each kind of transition is drawn; any other is drawn as a dissolve and noted."""


@dataclass
class Building:
    """A plan in the making: compositions by sequence, and what all of them read."""

    timeline: PlanInput
    width: int
    height: int
    nests: list[Composition] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._media: dict[str, MediaFacts] = {}
        self._numbers: dict[str, int] = {}
        self._open: set[str] = set()
        self._clips: dict[str, list[ClipInput]] = {}
        for clip in sorted(self.timeline.clips, key=lambda clip: clip.start):
            if clip.enabled:
                self._clips.setdefault(clip.track_id, []).append(clip)
        self._by_clip: dict[str, list[TransitionInput]] = {}
        for transition in self.timeline.transitions:
            for clip_id in {transition.left_id, transition.right_id} - {None}:
                self._by_clip.setdefault(str(clip_id), []).append(transition)

    def sources(self) -> tuple[Source, ...]:
        """All media of the compositions built so far."""
        return tuple(self._source(self._media[key]) for key in sorted(self._media))

    def composition(self, sequence_id: str | None) -> Composition:
        """A sequence; None is the root. Nests in it join the plan. Raises PlanError."""
        tracks = [track for track in self.timeline.tracks if track.sequence_id == sequence_id and track.enabled]
        for track in tracks:
            self._note_transitions(track)
        lanes = [self._lane(track) for track in tracks if track.kind == "video"]
        return Composition(
            lanes=tuple(lane for lane in lanes if lane.shots),
            captions=tuple(tuple(self._cues(track)) for track in tracks if track.kind == "caption"),
            sounds=plan_sound.in_order(self._sounds(tracks)),
        )

    def _lane(self, track: TrackInput) -> Lane:
        shots: list[Shot] = []
        places: dict[str, int] = {}
        for clip in self._clips.get(track.id, ()):
            if clip.sequence_id is not None or (clip.media and clip.media.has_video):
                places[clip.id] = len(shots)
                shots.append(self._shot(clip, track))
        over = {one.id: one for clip_id in places for one in self._by_clip.get(clip_id, ()) if _length(one)}
        blends = [self._blend(transition, shots, places) for transition in over.values()]
        return Lane(tuple(shots), tuple(sorted(blends, key=lambda blend: blend.start)))

    def _shot(self, clip: ClipInput, track: TrackInput) -> Shot:
        look = Look(clip.transform, clip.rotation, clip.opacity)
        return Shot(
            start=clip.start,
            duration=clip.duration,
            clip_id=clip.id,
            source=self._read(clip),
            map=time_map(clip),
            crop=clip.crop,
            nest=self._nest(clip),
            look=None if look == Look(UNMOVED, UNTURNED, FULL) else look,
            fade_in=clip.fade_in,
            fade_out=clip.fade_out,
            effects=(*_effects(clip.effects), *_effects(track.effects, is_of_track=True)),
        )

    def _read(self, clip: ClipInput) -> str:
        """The key of the media that a clip reads, checked; "" for a nest."""
        if clip.media is None:
            return ""
        _check(clip, clip.media)
        self._media[clip.media.key] = clip.media
        return clip.media.key

    def _nest(self, clip: ClipInput) -> int:
        """The number of the composition that a clip shows."""
        sequence_id = clip.sequence_id
        if sequence_id is None:
            return FILE
        if sequence_id in self._open:
            raise errors.UnsupportedMedia("A sequence contains itself.", clip_id=clip.id)
        if sequence_id not in self._numbers:
            self._open.add(sequence_id)
            built = self.composition(sequence_id)
            self._open.remove(sequence_id)
            self._numbers[sequence_id] = len(self.nests)
            self.nests.append(built)
        return self._numbers[sequence_id]

    def _blend(self, transition: TransitionInput, shots: list[Shot], places: dict[str, int]) -> Blend:
        """A transition between what of its clips is shown; a side that is not shown is as if there were none."""
        left, right = (places.get(side or "") for side in (transition.left_id, transition.right_id))
        cut = shots[left].start + shots[left].duration if left is not None else shots[right or 0].start
        return Blend(
            start=cut - transition.in_offset,
            duration=_length(transition),
            kind=BLENDS.get(transition.kind, "dissolve"),
            left=left,
            right=right,
        )

    def _note_transitions(self, track: TrackInput) -> None:
        """Say of which transitions another kind is drawn, and which show more of a clip than there is."""
        for clip in self._clips.get(track.id, ()):
            for one in self._by_clip.get(clip.id, ()):
                is_left = one.left_id == clip.id
                if one.kind not in BLENDS and (is_left or one.left_id is None):
                    self.notes.append({"code": "transition_drawn_as_dissolve", "kind": one.kind})
                if not _reaches(clip, one.out_offset if is_left else -one.in_offset):
                    self.notes.append({"code": "transition_without_handle", "clip_id": clip.id})

    def _cues(self, track: TrackInput) -> Iterator[Cue]:
        for caption in sorted(self.timeline.captions, key=lambda caption: caption.start):
            if caption.track_id == track.id and caption.style.text.strip():
                media = generated(Generator(style=caption.style), self.width, self.height)
                self._media[media.key] = media
                yield Cue(caption.start, caption.duration, caption.id, media.key)

    def _sounds(self, tracks: list[TrackInput]) -> Iterator[Sound]:
        """Clips with sound on tracks that are not muted; with any solo, only on solo ones."""
        playing = [track for track in tracks if track.kind != "caption"]
        solo = any(track.solo for track in playing)
        for track in playing:
            if not (track.solo if solo else not track.muted):
                continue
            for clip in self._clips.get(track.id, ()):
                source, nest = (self._read(clip), self._nest(clip)) if _sounds(clip) else ("", FILE)
                if source or (nest != FILE and self.nests[nest].sounds):
                    around = self._by_clip.get(clip.id, ())
                    yield from plan_sound.sounds(clip, track, source, nest, time_map(clip), around)

    def _source(self, media: MediaFacts) -> Source:
        made = media.generator
        if made is not None:
            media = replace(media, width=self.width, height=self.height) if media.has_video else media
        rate = media.rate or self.timeline.rate
        return Source(
            key=media.key,
            width=media.width,
            height=media.height,
            rate_num=rate.num if media.has_video else 0,
            rate_den=rate.den if media.has_video else 1,
            start=media.start,
            duration=media.duration or 0,
            has_audio=media.has_audio,
            color=made.color if made else None,
            style=made.style if made else None,
            hertz=made.hertz if made else 0,
        )


def time_map(clip: ClipInput) -> TimeMap:
    """The time map of a clip."""
    return TimeMap(clip.source_in, clip.map_offset, clip.speed_num, clip.speed_den, clip.reversed, clip.duration)


def _sounds(clip: ClipInput) -> bool:
    """Whether a clip may be heard; one that stands still is not."""
    has_sound = clip.sequence_id is not None or (clip.media is not None and clip.media.has_audio)
    return has_sound and clip.is_heard and clip.speed_num != 0


def _reaches(clip: ClipInput, beyond: int) -> bool:
    """Whether a clip's media goes on for so many ticks after its end, or (negative) before its start."""
    media = clip.media
    if not beyond or media is None or not media.duration:
        return True
    tick = time_map(clip).source_at(clip.duration - 1 + beyond if beyond > 0 else beyond)
    return media.start <= tick < media.start + media.duration


def _length(transition: TransitionInput) -> int:
    return transition.in_offset + transition.out_offset


def _effects(given: Iterable[EffectInput], *, is_of_track: bool = False) -> Iterator[Effect]:
    return (Effect(effect.kind, effect.amount, is_of_track) for effect in given)


def _check(clip: ClipInput, media: MediaFacts) -> None:
    if media.is_still or media.generator is not None:
        return
    if not media.duration or not (media.has_video or media.has_audio):
        raise errors.MediaFactsUnknown(clip_id=clip.id, media=media.key)
    ends = [time_map(clip).source_at(t) for t in (0, clip.duration - 1)]
    if not (media.start <= min(ends) and min(ends) < media.start + media.duration):
        raise errors.SourceOutOfRange(clip_id=clip.id, first=min(ends), media_duration=media.duration)
