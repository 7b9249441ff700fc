"""A timeline as a new client gets it: the answer of GET, in frames of a bounded size."""

from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from projections import view
from timeline_service.api import answers, protocol
from timeline_service.domain.state import State

ENVELOPE: Final = 1024
"""More than what stands around the records of a part."""


class Cut(NamedTuple):
    """`whole` is what GET answers; `parts` has the same in pieces, and none where it is to be fetched instead."""

    whole: bytes
    parts: list[bytes]


def cut(state: State, head_hash: bytes, workspace_id: UUID) -> Cut:
    """The first part has everything but lists; of the lists each part has a slice, in order: clients join them."""
    shown = answers.timeline_value(state, head_hash, workspace_id)
    whole = _encode(shown)
    if len(whole) > protocol.SNAPSHOT_BYTES:
        return Cut(whole, [])
    room = protocol.PART_BYTES - ENVELOPE
    if len(whole) <= room:
        return Cut(whole, [whole])
    names = view.LISTS.values()
    part: dict[str, Any] = {**{name: value for name, value in shown.items() if name not in names}}
    part |= {name: [] for name in names}
    size = len(_encode(part))
    parts = []
    for name in names:
        for record in shown[name]:
            piece = _encode(record)
            if size + len(piece) >= room:
                parts.append(_encode(part))
                part, size = {}, 0
            part.setdefault(name, []).append(orjson.Fragment(piece))
            size += len(piece) + 1
    parts.append(_encode(part))
    return Cut(whole, parts if max(map(len, parts)) <= room else [])  # one record may be larger than a part


def _encode(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
