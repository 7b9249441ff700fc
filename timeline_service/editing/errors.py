"""A request that the front door refused as a whole; nothing was stored."""

from typing import Any, Self

from timeline_service.domain.errors import Refused
from timeline_service.editing.requests import Result
from timeline_service.kit.errors import ServiceError


class FormatUnknown(ServiceError):
    """The file is in none of the formats that are read; name it with `format` where it does not show."""

    code = "format_unknown"
    status = 415


class EditRefused(ServiceError):
    """The edit is refused and the timeline is as it was; `details` names the gesture and the reason."""

    code = "refused"
    status = 409

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int,
        results: tuple[Result, ...] = (),
        **details: Any,
    ) -> None:
        super().__init__(message, code=code, **details)
        self.status = status  # type: ignore[misc]
        self.results = results

    @classmethod
    def because(cls, refusal: Refused, **where: Any) -> Self:
        """The wire form of a refusal by the core."""
        return cls(refusal.message, code=refusal.stable_code, status=refusal.status, **{**refusal.details, **where})
