"""What a render plan is made from: plain frozen values. `plan_records` makes them of the records of a state."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from timeline_service.domain import preset, time
from workers.render import interpolate

Preset = preset.Preset

PPM: Final = interpolate.PPM
FULL: Final = interpolate.Curve((PPM,))
UNTURNED: Final = interpolate.Curve((0,))
UNMOVED: Final = interpolate.Curve((0, 0, PPM, PPM))

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Style:
    """A text and how it is written: `size` in ppm of the picture's height, x and y of its centre in ppm of the picture.

    Colours "#rrggbb"; `background` None: none; `box` in ppm: how opaque the background is.
    """

    text: str
    size: int = 80_000
    color: str = "#ffffff"
    background: str | None = None
    x: int = PPM // 2
    y: int = PPM // 2
    align: Align = "center"
    box: int = PPM


@dataclass(frozen=True, slots=True)
class Generator:
    """Media that is made and not read: a colour, a text on nothing, a sine. `hertz` 0: no sound."""

    color: str | None = None
    style: Style | None = None
    hertz: int = 0


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known of a source. Times in ticks; `start` is the source tick at which its first picture lies.

    `rate` None: pictures come at no known rate, and are counted at the timeline's. `duration` counts from `start`; with
    a size and no duration it is a still, which lasts as long as it is shown. A generator's picture is as large as the
    output, whatever it says here.
    """

    key: str
    width: int = 0
    height: int = 0
    rate: time.Rate | None = None
    duration: int | None = None
    has_audio: bool = False
    start: int = 0
    generator: Generator | None = None

    @property
    def has_video(self) -> bool:
        return self.width > 0 and self.height > 0

    @property
    def is_still(self) -> bool:
        return self.has_video and self.duration is None


@dataclass(frozen=True, slots=True)
class EffectInput:
    """An effect that the renderer draws. `amount`: what its kind makes of it, in clip or (on tracks) timeline ticks."""

    kind: str
    amount: interpolate.Curve


@dataclass(frozen=True, slots=True)
class TrackInput:
    """A track, with what of it matters to a rendering. Gain, `volume` in millibel, the latter over timeline ticks."""

    id: str
    kind: Literal["video", "audio", "caption"]
    enabled: bool = True
    muted: bool = False
    solo: bool = False
    gain: int = 0
    sequence_id: str | None = None
    volume: tuple[interpolate.Key, ...] = ()
    effects: tuple[EffectInput, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipInput:
    """A clip. Times in ticks, gain and `volume` in millibel; `media` None: nothing to show, or a nest (`sequence_id`).

    transform: x, y in ppm of the frame, scales in ppm; rotation: millidegrees clockwise; opacity: ppm.
    """

    id: str
    track_id: str
    start: int
    duration: int
    media: MediaFacts | None
    source_in: int = 0
    map_offset: int = 0
    speed_num: int = 1
    speed_den: int = 1
    reversed: bool = False
    enabled: bool = True
    gain: int = 0
    fade_in: int = 0
    fade_out: int = 0
    crop: tuple[interpolate.CropKey, ...] = ()
    sequence_id: str | None = None
    transform: interpolate.Curve = UNMOVED
    rotation: interpolate.Curve = UNTURNED
    opacity: interpolate.Curve = FULL
    volume: tuple[interpolate.Key, ...] = ()
    effects: tuple[EffectInput, ...] = ()
    is_heard: bool = True


@dataclass(frozen=True, slots=True)
class TransitionInput:
    """A transition over the cut between two clips; None where there is no clip. Offsets in ticks."""

    id: str
    left_id: str | None
    right_id: str | None
    kind: str
    in_offset: int
    out_offset: int


@dataclass(frozen=True, slots=True)
class CaptionInput:
    """A caption. Times in ticks."""

    id: str
    track_id: str
    start: int
    duration: int
    style: Style


@dataclass(frozen=True, slots=True)
class PlanInput:
    """A timeline as the planner sees it. Tracks lie in order, the last one on top, those of nests among them."""

    rate: time.Rate
    width: int
    height: int
    tracks: tuple[TrackInput, ...]
    clips: tuple[ClipInput, ...]
    notes: tuple[dict[str, Any], ...] = field(default=())
    transitions: tuple[TransitionInput, ...] = ()
    captions: tuple[CaptionInput, ...] = ()
