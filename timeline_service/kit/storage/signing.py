"""Signatures of the URLs that a folder gives out. Pure: a key, a permission and a time in, a verdict out.

The signature covers everything that the holder may do, as a list of length-prefixed fields, so that no two
permissions share a signature: method, key, expiry, exact length, type, checksum, download name, upload, part.
"""

import dataclasses
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from timeline_service.kit import errors
from timeline_service.kit.storage import protocol

_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Wire name of each field of a permission in the query string.
_NAMES = {
    "op": "method",
    "exp": "expires",
    "len": "size",
    "type": "content_type",
    "sha256": "sha256",
    "name": "filename",
    "upload": "upload",
    "part": "part",
}
_NUMBERS = {"expires", "size", "part"}


@dataclass(frozen=True, slots=True)
class Permission:
    """What one signed URL allows. `expires` is in seconds since 1970; empty and zero mean "says nothing of it"."""

    method: str
    key: str
    expires: int
    size: int = 0
    content_type: str = ""
    sha256: str = ""
    filename: str = ""
    upload: str = ""
    part: int = 0


def derive(secret: str) -> bytes:
    """The HMAC key of blob URLs: other uses of the same secret can never make one of these signatures."""
    return hmac.new(secret.encode(), b"timeline-service blob urls 1", hashlib.sha256).digest()


def query(key: bytes, permission: Permission) -> dict[str, str]:
    """The query parameters, signature included, that carry `permission`."""
    values = {wire: getattr(permission, field) for wire, field in _NAMES.items()}
    told = {wire: str(value) for wire, value in values.items() if wire == "exp" or value not in {"", 0}}
    return {**told, "sig": _sign(key, permission)}


def verify(key: bytes, method: str, blob: str, params: Iterable[tuple[str, str]], now: float) -> Permission:
    """The permission that a request carries, if it is ours, for this method and key, and not over.

    HEAD may be asked with the permission to GET. Raises `Forbidden` (signature_invalid, url_expired).
    """
    protocol.check_key(blob)
    given = list(params)
    told = dict(given)
    if len(told) != len(given) or not told.keys() <= {*_NAMES, "sig"}:
        raise _invalid()
    permission = _parse(blob, told)
    if not hmac.compare_digest(_sign(key, permission).encode(), told.get("sig", "").encode()):
        raise _invalid()
    if permission.method != ("GET" if method == "HEAD" else method):
        raise _invalid()
    if now >= permission.expires:
        raise errors.Forbidden("This URL is over; ask for a new one.", code="url_expired")
    return permission


def _parse(blob: str, told: dict[str, str]) -> Permission:
    values: dict[str, str | int] = {}
    for wire, field in _NAMES.items():
        if wire not in told:
            continue
        value = told[wire]
        if field in _NUMBERS and not _NUMBER.fullmatch(value):
            raise _invalid()
        if field == "sha256" and not _SHA256.fullmatch(value):
            raise _invalid()
        values[field] = int(value) if field in _NUMBERS else value
    if "method" not in values or "expires" not in values:
        raise _invalid()
    return Permission(key=blob, **values)  # type: ignore[arg-type]  # the names and kinds were checked above


def _sign(key: bytes, permission: Permission) -> str:
    message = bytearray()
    for value in dataclasses.astuple(permission):
        # Query strings of hostile requests may hold lone surrogates; they must fail, not crash.
        field = str(value).encode("utf-8", "surrogatepass")
        message += len(field).to_bytes(4, "big") + field
    return hmac.new(key, bytes(message), hashlib.sha256).hexdigest()


def _invalid() -> errors.Forbidden:
    return errors.Forbidden("The signature of this URL does not fit the request.", code="signature_invalid")
