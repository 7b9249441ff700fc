"""The hash chain of one timeline: any edit, insertion, removal or swap of its events is found, and named.

    h_0    = SHA-256(timeline_id)
    leaf_v = SHA-256(0x00 ‖ timeline_id ‖ version be64 ‖ recorded_at_us be64 ‖ schema_version be32
                     ‖ be16 length ‖ gesture_id ‖ be16 length ‖ type ‖ be16 length ‖ actor_id ‖ SHA-256(body))
    h_v    = SHA-256(0x01 ‖ h_{v-1} ‖ leaf_v)

timeline_id is the 16 bytes of the UUID, actor_id its text form; texts are UTF-8. The leaf covers a digest of the body
only, so a body whose key was destroyed still verifies. The database computes the same (migrations/sql/append_events);
tests/golden/chain.json pins both.
"""

import builtins
import hashlib
import struct
from collections.abc import Iterable
from typing import Final, Protocol

LEAF: Final = b"\x00"
LINK: Final = b"\x01"

_FIXED: Final = struct.Struct(">qqi")
_LENGTH: Final = struct.Struct(">H")


class Identifier(Protocol):
    """A UUID: its 16 bytes, and its text form by str()."""

    @property
    def bytes(self) -> builtins.bytes:
        """The 16 bytes, big-endian."""
        ...


class Linked(Protocol):
    """An event as far as the chain covers it."""

    @property
    def timeline_id(self) -> Identifier: ...
    @property
    def version(self) -> int: ...
    @property
    def recorded_at_us(self) -> int: ...
    @property
    def schema_version(self) -> int: ...
    @property
    def gesture_id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def actor_id(self) -> Identifier: ...
    @property
    def body(self) -> bytes: ...
    @property
    def hash(self) -> bytes: ...


def genesis(timeline_id: Identifier) -> bytes:
    """h_0: what the first event of a timeline is chained to."""
    return hashlib.sha256(timeline_id.bytes).digest()


def leaf(
    timeline_id: Identifier,
    *,
    version: int,
    recorded_at_us: int,
    schema_version: int,
    gesture_id: str,
    type: str,
    actor_id: Identifier,
    body: bytes,
) -> bytes:
    """leaf_v: the event alone."""
    digest = hashlib.sha256(LEAF)
    digest.update(timeline_id.bytes)
    digest.update(_FIXED.pack(version, recorded_at_us, schema_version))
    for text in (gesture_id, type, str(actor_id)):
        data = text.encode()
        digest.update(_LENGTH.pack(len(data)))
        digest.update(data)
    digest.update(hashlib.sha256(body).digest())
    return digest.digest()


def link(previous: bytes, leaf: bytes) -> bytes:
    """h_v from h_{v-1} and leaf_v."""
    return hashlib.sha256(LINK + previous + leaf).digest()


def hash_of(event: Linked, previous: bytes) -> bytes:
    """What an event's hash must be."""
    return link(
        previous,
        leaf(
            event.timeline_id,
            version=event.version,
            recorded_at_us=event.recorded_at_us,
            schema_version=event.schema_version,
            gesture_id=event.gesture_id,
            type=event.type,
            actor_id=event.actor_id,
            body=event.body,
        ),
    )


def verify(events: Iterable[Linked], *, after_version: int = 0, previous: bytes | None = None) -> int | None:
    """The first version of a contiguous run that is missing or does not match its hash; None when all is well.

    A run from the start needs no more; one from the middle needs the version and the hash it goes on from.
    """
    expected = after_version
    for event in events:
        expected += 1
        if previous is None:
            previous = genesis(event.timeline_id)
        if event.version != expected or event.hash != hash_of(event, previous):
            return expected
        previous = event.hash
    return None
