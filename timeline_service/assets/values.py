"""What the asset room answers, and how each value looks on the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from timeline_service.domain.draft import Media
from timeline_service.domain.time import Rate
from timeline_service.kit.storage.protocol import SignedUrl

MediaFacts = Media
"""What editing may know of an asset: kind, duration in ticks, rate, upright size, sound."""

Status = Literal["uploaded", "probing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a client says it will send. `size` in bytes; `sha256` as 64 hex digits, if it knows."""

    filename: str
    size: int
    content_type: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PartUrl:
    """Where to send bytes `size · (number - 1)` and following; the last part is smaller."""

    number: int
    size: int
    signed: SignedUrl


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that is waiting for its parts."""

    id: UUID
    workspace_id: UUID
    parts: tuple[PartUrl, ...]
    expires_at: datetime

    def wire(self) -> dict[str, Any]:
        """As the API answers it. The URLs of parts end earlier than the upload: ask for new ones."""
        return {
            "id": str(self.id),
            "workspace_id": str(self.workspace_id),
            "parts": [
                {
                    "part": part.number,
                    "url": part.signed.url,
                    "method": part.signed.method,
                    "headers": part.signed.headers,
                    "size": part.size,
                    "expires_at": part.signed.expires_at.isoformat(),
                }
                for part in self.parts
            ],
            "expires_at": self.expires_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Asset:
    """Media whose bytes the service has. What is known only once it is ready is None before; times are ticks."""

    id: UUID
    workspace_id: UUID
    status: Status
    error_code: str | None
    filename: str
    content_type: str
    size: int
    sha256: str | None
    key: str
    created_at: datetime
    kind: str | None
    duration: int | None
    width: int | None
    height: int | None
    rotation: int | None
    rate: Rate | None
    variable_rate: bool | None
    frame_count: int | None
    video_start: int | None
    has_audio: bool | None
    audio_rate: int | None
    channels: int | None
    audio_start: int | None
    audio_duration: int | None
    colour: dict[str, str | None] | None
    encoding: dict[str, Any] | None
    keyframes: tuple[int, ...] | None

    def facts(self) -> MediaFacts | None:
        """What editing may know of it, or None while it is not ready."""
        if self.kind is None:
            return None
        return MediaFacts(self.kind, self.duration, self.rate, self.width, self.height, bool(self.has_audio))

    def wire(self) -> dict[str, Any]:
        """As the API answers it: everything but where it lies and the list of keyframes."""
        return {
            "id": str(self.id),
            "workspace_id": str(self.workspace_id),
            "status": self.status,
            "error": self.error_code,
            "filename": self.filename,
            "content_type": self.content_type,
            "size": self.size,
            "sha256": self.sha256,
            "created_at": self.created_at.isoformat(),
            "kind": self.kind,
            "duration": self.duration,
            "width": self.width,
            "height": self.height,
            "rotation": self.rotation,
            "rate": self.rate.as_dict() if self.rate else None,
            "variable_rate": self.variable_rate,
            "frame_count": self.frame_count,
            "has_audio": self.has_audio,
            "audio_rate": self.audio_rate,
            "channels": self.channels,
            "colour": self.colour,
            "encoding": self.encoding,
        }
