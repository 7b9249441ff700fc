"""The records of an OTIO file that this service wrote, exactly as they were.

The records lie in our metadata. They are believed only if writing them again gives the file that was sent, so a file
that another program has edited is refused rather than half understood. OTIO itself never sees what a client sends: its
reader can be crashed by a few bytes.
"""

import math
from typing import Any, Final, NamedTuple

from projections.otio import decode, write
from projections.otio.schema import FORMAT, NAMESPACE, Json
from timeline_service.domain import changes, records
from timeline_service.domain.state import State

TOLERANCE: Final = 1e-9
DERIVED: Final = ("Resolve_OTIO", "PremierePro_OTIO")


class Unreadable(Exception):
    """The file is no OTIO file of this service."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Imported(NamedTuple):
    """The records of a file, parents first: (kind, id, value); and where the file came from."""

    records: list[tuple[str, str, dict[str, Any]]]
    timeline: dict[str, Any]
    origin: dict[str, Any]


def from_json(data: bytes) -> Imported:
    """Read a file. Raises Unreadable: `otio_invalid`, `otio_foreign`, `otio_edited`."""
    try:
        file = decode.parse(data)
    except decode.NotStrict as reason:
        raise Unreadable("otio_invalid", str(reason)) from None
    ours = _ours(file)
    if ours is None or file.get("OTIO_SCHEMA") != "Timeline.1":
        raise Unreadable("otio_foreign", "Only OTIO files that this service wrote can be imported so far.")
    if ours.get("format") != FORMAT:
        raise Unreadable("otio_foreign", "The file was written by a newer version of this service.")
    try:
        imported = _collect(file, ours)
        again = write.timeline(_state(imported), head_hash=str(ours.get("head_hash", "")))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("otio_invalid", "The file's timeline_service metadata is damaged.") from None
    again["metadata"][NAMESPACE]["version"] = ours.get("version")
    if not same(again, file):
        raise Unreadable("otio_edited", "Another program has changed the file since this service wrote it.")
    return imported


def _ours(thing: Any) -> Json | None:
    metadata = thing.get("metadata") if isinstance(thing, dict) else None
    found = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else None


def _collect(file: Json, ours: Json) -> Imported:
    found: list[tuple[str, str, dict[str, Any]]] = []
    markers: list[Json] = [*file["tracks"]["markers"]]
    for track in file["tracks"]["children"]:
        found.append(_record("track", track))
        markers += track["markers"]
        for clip in (child for child in track["children"] if child["OTIO_SCHEMA"] == "Clip.2"):
            found.append(_record("clip", clip))
            markers += clip["markers"]
            blocks = (block for effect in clip["effects"] if (block := _ours(effect)) is not None)
            found += [("keyframe", key["id"], key["record"]) for block in blocks for key in block["keyframes"]]
    found += [_record("marker", marker) for marker in markers]
    order = {kind: place for place, kind in enumerate(records.RESTORE_ORDER)}
    found.sort(key=lambda row: order[row[0]])
    origin = {name: ours.get(name) for name in ("id", "version", "head_hash")}
    return Imported(found, ours["record"], origin)


def _record(kind: str, thing: Json) -> tuple[str, str, dict[str, Any]]:
    ours = _ours(thing)
    if ours is None:
        raise KeyError(kind)
    return kind, ours["id"], ours["record"]


def _state(imported: Imported) -> State:
    state = State()
    rows = [("timeline", imported.origin["id"], imported.timeline), *imported.records]
    for index, (kind, id, value) in enumerate(rows):
        state.apply(changes.Put(kind=kind, id=id, value=value, exists=[0], unit=0), index)
    state.close("", None, None)
    return state


def same(a: Any, b: Any) -> bool:
    """Equal as OTIO files: floats to 1e-9 (OTIO's reader loses the last bit), derived blocks left out."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        left, right = [x for x in a if not _derived(x)], [x for x in b if not _derived(x)]
        return len(left) == len(right) and all(same(x, y) for x, y in zip(left, right, strict=True))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(a == b)


def _derived(thing: Any) -> bool:
    metadata = thing.get("metadata") if isinstance(thing, dict) else None
    return isinstance(metadata, dict) and any(name in metadata for name in DERIVED)
