"""What a render plan is made from: plain frozen values, and the way there from the records of a timeline state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from timeline_service.domain import preset, time
from workers.render import errors, interpolate

NOT_DRAWN: Final = ("transitions", "effects", "captions")
"""Lists of records that the renderer does not show yet; an export that has any says so in its report."""


Preset = preset.Preset


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known of a source. Times in ticks; `start` is the source tick at which its first picture lies.

    `rate` None: pictures come at no known rate, and are counted at the timeline's. `duration` counts from `start`; with
    a size and no duration it is a still, which lasts as long as it is shown.
    """

    key: str
    width: int = 0
    height: int = 0
    rate: time.Rate | None = None
    duration: int | None = None
    has_audio: bool = False
    start: int = 0

    @property
    def has_video(self) -> bool:
        return self.width > 0 and self.height > 0

    @property
    def is_still(self) -> bool:
        return self.has_video and self.duration is None


@dataclass(frozen=True, slots=True)
class TrackInput:
    """A track, with what of it matters to a rendering. Gain in millibel."""

    id: str
    kind: Literal["video", "audio", "caption"]
    enabled: bool = True
    muted: bool = False
    solo: bool = False
    gain: int = 0


@dataclass(frozen=True, slots=True)
class ClipInput:
    """A clip. Times in ticks, gain in millibel; `media` None for a generator that draws black."""

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


@dataclass(frozen=True, slots=True)
class PlanInput:
    """A timeline as the planner sees it. Tracks lie in order, the last one on top."""

    rate: time.Rate
    width: int
    height: int
    tracks: tuple[TrackInput, ...]
    clips: tuple[ClipInput, ...]
    notes: tuple[dict[str, Any], ...] = field(default=())


Records = Mapping[str, Any]


def media_key(media: Mapping[str, Any]) -> str | None:
    """The key under which the facts and the file of a clip's media are looked up; None for generators and missing."""
    if media.get("missing"):
        return None
    key = media.get("asset_id") or media.get("url")
    return str(key) if key else None


def from_records(state: Mapping[str, Any], facts: Mapping[str, MediaFacts]) -> PlanInput:
    """The planner's input from a folded state.

    `state`: {"timeline": record, "tracks": [...], "clips": [...], "keyframes": [...]}, each record a dict of its id and
    fields (DESIGN §3), lists in any order. `facts`: by asset id or URL (see `media_key`).
    Raises MissingMedia, MediaFactsUnknown, UnsupportedMedia (all with `clip_id`), BadCrop.
    """
    timeline = state["timeline"]
    tracks = sorted(state.get("tracks", ()), key=lambda track: (track["order"], track["id"]))
    root = [track for track in tracks if track.get("sequence_id") is None]
    notes = [{"code": f"{kind}_not_rendered", "count": len(state[kind])} for kind in NOT_DRAWN if state.get(kind)]
    nested = len(tracks) - len(root)
    if nested:
        notes.append({"code": "nested_sequences_not_rendered", "count": nested})
    kept = {track["id"] for track in root if track["kind"] != "caption"}
    crops = _crops(state.get("keyframes", ()))
    return PlanInput(
        rate=time.rate_of(timeline["rate"]["num"], timeline["rate"]["den"]),
        width=timeline["width"],
        height=timeline["height"],
        tracks=tuple(_track(track) for track in root),
        clips=tuple(
            _clip(clip, facts, crops.get(clip["id"], ())) for clip in state.get("clips", ()) if clip["track_id"] in kept
        ),
        notes=tuple(notes),
    )


def _track(record: Records) -> TrackInput:
    return TrackInput(
        id=record["id"],
        kind=record["kind"],
        enabled=record.get("enabled", True),
        muted=record.get("muted", False),
        solo=record.get("solo", False),
        gain=record.get("gain", 0),
    )


def _clip(record: Records, facts: Mapping[str, MediaFacts], crop: Sequence[interpolate.CropKey]) -> ClipInput:
    speed = record.get("speed") or {"num": 1, "den": 1}
    enabled = record.get("enabled", True)
    return ClipInput(
        id=record["id"],
        track_id=record["track_id"],
        start=record["start"],
        duration=record["duration"],
        media=_media(record, facts) if enabled else None,
        source_in=record.get("source_in", 0),
        map_offset=record.get("map_offset", 0),
        speed_num=speed["num"],
        speed_den=speed["den"],
        reversed=record.get("reversed", False),
        enabled=enabled,
        gain=record.get("gain", 0),
        fade_in=record.get("fade_in", 0),
        fade_out=record.get("fade_out", 0),
        crop=tuple(crop),
    )


def _media(record: Records, facts: Mapping[str, MediaFacts]) -> MediaFacts | None:
    """The facts of a clip's media; None for the black generator."""
    media = record["media"]
    if media.get("generator") is not None:
        if media["generator"] == "black":
            return None
        raise errors.UnsupportedMedia(clip_id=record["id"], generator=media["generator"])
    key = media_key(media)
    if key is None:
        raise errors.MissingMedia(clip_id=record["id"])
    if key not in facts:
        raise errors.MediaFactsUnknown(clip_id=record["id"], media=key)
    return facts[key]


def _crops(keyframes: Sequence[Records]) -> dict[str, tuple[interpolate.CropKey, ...]]:
    found: dict[str, list[interpolate.CropKey]] = {}
    for record in keyframes:
        if record["property"] != "crop":
            continue
        value = record["value"]
        key = interpolate.CropKey(
            record["time"],
            value["x"],
            value["y"],
            value["width"],
            value["height"],
            record.get("interpolation", "linear"),
        )
        found.setdefault(record["parent_id"], []).append(key)
    return {parent: tuple(sorted(keys, key=lambda key: key.time)) for parent, keys in found.items()}
