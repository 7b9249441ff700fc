"""The render plan: which source frame, through which window, and which sound, at every moment of the output.

Pure: values in, values out. Output frame n shows timeline tick n · ticks_per_frame; everything is whole frames, ticks,
samples or 1/65536 pixels, so the same timeline always gives the same plan, byte for byte.

    captions     ··[ "…" ]········         over everything
    tracks      V2 ······[ d ]·········    lies over V1, and hides of it what it covers
                V1 [  a  ]╳[  b  ]··[ c ]  ╳ a transition: both clips, mixed
    sounds         a, b, c, d and all audio clips: mixed by sample index

A clip may show a nest: then its picture is another composition of the plan, at the tick that the clip's time map says.
`scenes` says what one frame of a plan shows.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from timeline_service.domain import time
from workers.render import errors, plan_build
from workers.render.plan_input import PlanInput, Preset
from workers.render.plan_parts import TICKS_PER_SAMPLE, Composition, Sound, Source

SCHEMA: Final = 2
MAX_SIZE: Final = 8192


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
    root: Composition
    nests: tuple[Composition, ...] = ()
    notes: tuple[dict[str, Any], ...] = ()
    schema: int = SCHEMA

    @property
    def ticks_per_frame(self) -> int:
        return time.TICKS_PER_SECOND * self.rate_den // self.rate_num

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """The sounds of the root."""
        return self.root.sounds

    @property
    def files(self) -> tuple[str, ...]:
        """The keys of the sources that must be fetched."""
        return tuple(source.key for source in self.sources if source.is_file)

    def source(self, key: str) -> Source:
        """The source of that key. Raises KeyError."""
        for source in self.sources:
            if source.key == key:
                return source
        raise KeyError(key)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; `from_dict` is its inverse."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        return data

    def canonical(self) -> bytes:
        """The bytes that are hashed: sorted keys, no spaces, no record ids (they do not change a pixel)."""
        return canonical(self.as_dict())

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


def from_dict(data: dict[str, Any]) -> RenderPlan:
    """A plan from its JSON form. Raises PlanError for another version's, msgspec.ValidationError for none."""
    if data.get("schema") != SCHEMA:
        raise errors.PlanError("This plan was made by another version of the service.", schema=data.get("schema"))
    return msgspec.convert(data, RenderPlan)


def build_plan(timeline: PlanInput, preset: Preset) -> RenderPlan:
    """The plan of a whole timeline. Raises a PlanError before any work is done if it cannot be rendered."""
    width, height = _output_size(timeline, preset)
    per_frame = timeline.rate.ticks_per_frame
    roots = {track.id for track in timeline.tracks if track.sequence_id is None and track.kind != "caption"}
    end = max((clip.start + clip.duration for clip in timeline.clips if clip.track_id in roots), default=0)
    frames = -(-end // per_frame)
    if frames <= 0:
        raise errors.EmptyTimeline()
    building = plan_build.Building(timeline, width, height)
    root = building.composition(None)
    late = sum(cue.start + cue.duration > end for cues in root.captions for cue in cues)
    notes = [*timeline.notes, *building.notes]
    if late:
        notes.append({"code": "captions_after_the_end", "count": late})
    return RenderPlan(
        rate_num=timeline.rate.num,
        rate_den=timeline.rate.den,
        width=width,
        height=height,
        frames=frames,
        samples=-(-frames * per_frame // TICKS_PER_SAMPLE),
        preset=preset,
        sources=building.sources(),
        root=root,
        nests=tuple(building.nests),
        notes=tuple(notes),
    )


def _output_size(timeline: PlanInput, preset: Preset) -> tuple[int, int]:
    width = (preset.width or timeline.width) // 2 * 2
    height = (preset.height or timeline.height) // 2 * 2
    if not (2 <= width <= MAX_SIZE and 2 <= height <= MAX_SIZE):
        raise errors.BadOutput(width=width, height=height, largest=MAX_SIZE)
    return width, height


def canonical(data: Any) -> bytes:
    """JSON of plain data that is the same for the same pixels and samples: sorted, without clip ids."""
    return json.dumps(_anonymous(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _anonymous(data: Any) -> Any:
    """The same data without ids."""
    if isinstance(data, dict):
        return {key: _anonymous(value) for key, value in data.items() if key not in {"clip_id", "track_id"}}
    if isinstance(data, (list, tuple)):
        return [_anonymous(value) for value in data]
    return data
