"""What a render plan is made of, and what it says of one moment. Plain frozen values; times in ticks.

Composition ─┬─ lanes      one per shown video track, bottom first ─┬─ shots, in order
(the root,   │                                                      └─ blends: transitions over cuts
 each nest)  ├─ cues       captions, over everything
             └─ sounds
"""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from timeline_service.domain import time
from workers.render import interpolate, windows
from workers.render.plan_input import Style

SAMPLE_RATE: Final = 48_000
TICKS_PER_SAMPLE: Final = time.TICKS_PER_SECOND // SAMPLE_RATE
GAIN_ONE: Final = 1 << 20
FILE: Final = -1
"""`nest` of a shot or sound that is no nested sequence."""

BlendKind = Literal["dissolve", "wipe"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that the plan reads, or what a generator makes. A duration of 0 is a still, a rate of 0/1 sound only.

    `color`, `style`, `hertz`: set for generators, which have no file.
    """

    key: str
    width: int
    height: int
    rate_num: int
    rate_den: int
    start: int
    duration: int
    has_audio: bool
    color: str | None = None
    style: Style | None = None
    hertz: int = 0

    @property
    def is_file(self) -> bool:
        return self.color is None and self.style is None and not self.hertz

    @property
    def is_opaque(self) -> bool:
        """Whether it surely hides what is below it: films do, stills and texts may not."""
        return self.color is not None or (self.is_file and bool(self.duration))

    def frame_of(self, tick: int) -> int:
        """The number of the picture shown at a source tick: the last one whose time, floored to ticks, is <= tick."""
        if not self.duration:
            return 0
        relative = tick - self.start
        return -(-(relative + 1) * self.rate_num // (self.rate_den * time.TICKS_PER_SECOND)) - 1


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Which source tick a clip shows `t` ticks after its start (DESIGN §2). A speed of 0 stands still."""

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
class Look:
    """How a picture is laid on the frame: see plan_input.ClipInput."""

    transform: interpolate.Curve
    rotation: interpolate.Curve
    opacity: interpolate.Curve


@dataclass(frozen=True, slots=True)
class Effect:
    """A drawn effect; `is_of_track`: its time base is the composition's, not the clip's."""

    kind: str
    amount: interpolate.Curve
    is_of_track: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """A clip that is seen, from `start` on for `duration`; `look` None: as it is. `nest`: a composition of the plan."""

    start: int
    duration: int
    clip_id: str
    source: str
    map: TimeMap
    crop: tuple[interpolate.CropKey, ...] = ()
    nest: int = FILE
    look: Look | None = None
    fade_in: int = 0
    fade_out: int = 0
    effects: tuple[Effect, ...] = ()

    def opacity_at(self, t: int) -> int:
        """How opaque it is `t` ticks after its start, in ppm: its own opacity times its fades."""
        if self.look is None and not (self.fade_in or self.fade_out):
            return interpolate.PPM
        value = self.look.opacity.at(t)[0] if self.look else Fraction(interpolate.PPM)
        if self.fade_in:
            value = value * max(0, min(t, self.fade_in)) / self.fade_in
        if self.fade_out:
            value = value * max(0, min(self.duration - t, self.fade_out)) / self.fade_out
        return max(0, min(interpolate.PPM, round(value)))


@dataclass(frozen=True, slots=True)
class Blend:
    """A transition, shown for `duration` from `start` on; left and right are shots of its lane by number, or none."""

    start: int
    duration: int
    kind: BlendKind
    left: int | None
    right: int | None


@dataclass(frozen=True, slots=True)
class Lane:
    """A video track: shots that do not overlap, and the blends over their cuts, both in order."""

    shots: tuple[Shot, ...]
    blends: tuple[Blend, ...] = ()

    def blend_at(self, tick: int) -> Blend | None:
        """The transition at a tick."""
        at = bisect_right(self.blends, tick, key=_start) - 1
        if at < 0 or tick >= self.blends[at].start + self.blends[at].duration:
            return None
        return self.blends[at]

    def shot_at(self, tick: int) -> Shot | None:
        """The clip that lies at a tick."""
        at = bisect_right(self.shots, tick, key=_start) - 1
        if at < 0 or tick >= self.shots[at].start + self.shots[at].duration:
            return None
        return self.shots[at]


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption: from `start` on for `duration`, its text a source."""

    start: int
    duration: int
    clip_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Ramp:
    """A fade of a sound: from its sample `at` on for `samples`, equal-power, up or down; flat before and after."""

    at: int
    samples: int
    rises: bool


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip that is heard. Positions in samples of its composition; `offset`: the clip's own time at the first, ticks.

    `gain` in 1/2^20; `volume` and `track_volume`: keyframes in millibel that multiply it, over clip ticks and ticks of
    the composition.
    """

    first: int
    samples: int
    offset: int
    clip_id: str
    source: str
    map: TimeMap
    gain: int
    ramps: tuple[Ramp, ...] = ()
    nest: int = FILE
    volume: tuple[interpolate.Key, ...] = ()
    track_volume: tuple[interpolate.Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Composition:
    """A sequence: the root of the timeline or a nest. What has no number of its own is in order of time."""

    lanes: tuple[Lane, ...]
    captions: tuple[tuple[Cue, ...], ...]
    sounds: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Motion:
    """How a placed picture is moved: its centre by x, y in 1/65536 px, its size by ppm, turned by millidegrees."""

    x: int
    y: int
    scale_x: int
    scale_y: int
    rotation: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One picture of an output frame.

    `window`: x, y, width, height in the source picture, 1/65536 px; `place`: x, y, width, height in the output picture,
    even pixels, before the motion; opacity in ppm; `inner`: the layers of a nest, which then is the source.
    """

    clip_id: str
    source: str
    source_frame: int
    window: windows.Window
    place: windows.Place
    motion: Motion | None = None
    opacity: int = interpolate.PPM
    effects: tuple[tuple[str, int], ...] = ()
    inner: "Scene | None" = None
    covers: bool = False


@dataclass(frozen=True, slots=True)
class Mix:
    """A moment of a transition: `part` of the way, in ppm, from what the left side shows to what the right one does."""

    kind: BlendKind
    part: int
    left: Layer | None
    right: Layer | None

    @property
    def covers(self) -> bool:
        """Whether nothing below is seen."""
        return all(side is not None and side.covers for side in (self.left, self.right))


Item = Layer | Mix
Scene = tuple[Item, ...]
"""What one output frame shows, from the bottom up; where nothing is, it is black."""


def _start(part: Shot | Blend) -> int:
    return part.start
