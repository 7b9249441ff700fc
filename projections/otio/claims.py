"""The records that a file carries of ours: each is claimed once; a copy that another program made is a new record."""

from typing import Any

from projections.otio import packing
from projections.otio.schema import Json, ours
from timeline_service.domain import errors, record_shapes, records


class Damaged(ValueError):
    """A record in our metadata is not as we write it."""


class Claims:
    """Who is who in one file."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, thing: Any, kinds: tuple[str, ...], place: str) -> tuple[str, Json | None]:
        """The id and the record of an object: those that it carries; else one made of its place, and none.

        A copy has the record, without the bonds of the original, and an id of its place. Raises Damaged.
        """
        block = ours(thing)
        if block is None or "record" not in block or block.get("kind", kinds[0]) not in kinds:
            return place, None
        return self.claim_block(block, block.get("kind", kinds[0]), place)

    def claim_block(self, block: Json, kind: str, place: str) -> tuple[str, Json]:
        """As `claim`, for a block itself."""
        id, packed = block.get("id"), block.get("record")
        if not isinstance(id, str) or not isinstance(packed, dict):
            raise Damaged(kind)
        try:
            record = _without_null(packing.unpack_record(packed))
            record_shapes.check(kind, id, record)
        except (errors.Refused, ValueError):
            raise Damaged(kind) from None
        if id in self._taken:
            return place, {**record, **{bond: None for bond in records.BONDS if bond in record}}
        self._taken.add(id)
        return id, record

    def taken(self, id: Any) -> bool:
        """Whether a record of that id is in already."""
        return isinstance(id, str) and id in self._taken


def _without_null(record: Json) -> Json:
    """Keys of media and of maps that say nothing are no keys: `"generator": null` is no generator."""
    full = {name: field for name, field in record.items() if field is not None or "." not in name}
    if isinstance(full.get("media"), dict):
        full["media"] = {name: field for name, field in full["media"].items() if field is not None}
    return full
