"""References to media: an asset of the workspace, an address, a generator, or nothing yet."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from timeline_service.domain import errors
from timeline_service.domain.draft import Facts
from timeline_service.domain.json_value import Params
from timeline_service.domain.time import MAX_TICKS, Rate, rate_of

Ticks = Annotated[int, Field(ge=0, le=MAX_TICKS)]
SOURCES: Final = ("asset_id", "url", "generator", "missing", "sequence_id")
Pixels = Annotated[int, Field(ge=1, le=65_536)]


class RateValue(BaseModel):
    """A rate of the closed list."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    num: Annotated[int, Field(gt=0, le=1_000_000)]
    den: Annotated[int, Field(gt=0, le=1_000_000)]

    def rate(self) -> Rate:
        return rate_of(self.num, self.den)


class Available(BaseModel):
    """The part of a source that exists, in ticks from media time zero."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    start: Ticks = 0
    duration: Ticks


class MediaReference(BaseModel):
    """Exactly one of `asset_id`, `url`, `generator`, `missing`, `sequence_id` (a sequence of the same timeline); size,
    rate and length where they are known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    asset_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    url: Annotated[str, StringConstraints(max_length=2048)] | None = None
    generator: Literal["black", "color", "tone", "title"] | None = None
    missing: Literal[True] | None = None
    sequence_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    available: Available | None = None
    rate: RateValue | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    params: Params | None = None

    def known(self, facts: Facts) -> dict[str, Any]:
        """The value that a clip keeps: what was given, and for an asset what the service measured.

        Raises MediaMissing for an asset that is not there or not ready, Wrong for none or two kinds of reference.
        """
        if sum(getattr(self, name) is not None for name in SOURCES) != 1:
            raise errors.Wrong(reason=f"media is exactly one of {', '.join(SOURCES)}")
        if self.rate is not None:
            self.rate.rate()
        if self.sequence_id is not None:
            return {"sequence_id": self.sequence_id}
        if self.asset_id is None:
            return self.model_dump(exclude_none=True)
        media = facts.assets.get(self.asset_id)
        if media is None:
            raise errors.MediaMissing()  # an error repeats no free text of the request
        value: dict[str, Any] = {"asset_id": self.asset_id, "kind": media.kind, "has_audio": media.has_audio}
        if media.duration is not None:
            value["available"] = {"start": 0, "duration": media.duration}
        if media.rate is not None:
            value["rate"] = media.rate.as_dict()
        if media.width is not None and media.height is not None:
            value |= {"width": media.width, "height": media.height}
        return value


def fits(media: dict[str, Any], track_kind: str) -> bool:
    """Whether a track of this kind takes media of this value. What is not known of it is trusted.

    video: all but sound;  audio: all that sounds;  caption: no media
    """
    if track_kind == "caption":
        return False
    generator, kind = media.get("generator"), media.get("kind")
    if track_kind == "video":
        return generator != "tone" and kind != "audio"
    return generator in (None, "tone") and (kind in (None, "audio") or bool(media.get("has_audio")))


def timeless(media: dict[str, Any]) -> bool:
    """Whether media looks the same at every time (a still, a generator), so that its handles never end."""
    return "generator" in media or media.get("kind") == "image"
