"""`ETag: "<timeline>-<version>-<hash8>"`: what a reader has seen, the same for everybody."""

import re
from typing import Final
from uuid import UUID

from timeline_service.kit import errors

_TAG: Final = re.compile(r'"([0-9a-f-]{36})-([1-9][0-9]{0,15})-([0-9a-f]{8})"')


class PreconditionFailed(errors.ServiceError):
    """The timeline is not at the version of If-Match any more."""

    code = "version_conflict"
    status = 412


def etag(timeline_id: UUID, version: int, head_hash: bytes) -> str:
    """The tag of a timeline at a version."""
    return f'"{timeline_id}-{version}-{head_hash.hex()[:8]}"'


def matches(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names the tag."""
    if header is None:
        return False
    return any(part.strip().removeprefix("W/") in {tag, "*"} for part in header.split(","))


def expected_version(header: str | None, timeline_id: UUID) -> int | None:
    """The version that If-Match asks for; None without one. Raises PreconditionFailed when it is no tag of this."""
    if header is None or header.strip() == "*":
        return None
    match = _TAG.fullmatch(header.strip())
    if match is None or match[1] != str(timeline_id):
        raise PreconditionFailed
    return int(match[2])
