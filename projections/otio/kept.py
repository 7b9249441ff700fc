"""What an OTIO object says beyond what a record of ours can hold: gathered into `metadata.otio`, re-emitted from there.

    {"metadata": {"fcp_xml": …}}     metadata of others
    {"fields": {"colour_tag": 3}}    fields that its schema does not have in OTIO 0.18.1
    {"raw": {"color": …}}            what we understood less exactly than it was said
    {"media": {"references": {key: …}, "active": key}}, {"warp": [...]}   of clips

Whether it comes back as it went out is tried at every export: where it would not, the record in our own metadata keeps
it as well.
"""

import json
import math
from collections.abc import Iterable
from typing import Any, Final

from projections.otio import packing, upgrade
from projections.otio.schema import NAMESPACE, Json
from timeline_service.domain import json_value

FIELD: Final = "metadata.otio"
TOLERANCE: Final = 1e-9


def of(record: Json) -> Json:
    """What a record keeps; nothing where somebody else wrote something else under that name."""
    try:
        found = packing.unpack(record.get(FIELD))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def stored(found: Json) -> Json:
    """What is kept as a record may hold it: as text where some key or text of it is not storable as it is."""
    try:
        checked: Json = json_value.check(found)
    except ValueError:
        return {packing.TEXT: json.dumps(found, ensure_ascii=True, sort_keys=True)}
    return checked


def part(kept: Json, name: str) -> Json:
    """One part of what is kept, as a map."""
    found = kept.get(name)
    return found if isinstance(found, dict) else {}


def dress(plain: Json, kept: Json, derived: Json | None = None, raw: Iterable[str] = ()) -> Json:
    """The plain object with what is kept put back: metadata, unknown fields, and those of `raw` that are named.

    `derived` is metadata that we make for other programs: {program: {key: value}}.
    """
    if kept:
        for name, value in part(kept, "metadata").items():
            if name != NAMESPACE:
                plain["metadata"][name] = packing.pack(value)
        for name, value in part(kept, "fields").items():
            if name not in plain:
                plain[name] = packing.pack(value)
        said = part(kept, "raw")
        plain.update({name: said[name] for name in raw if name in said})
    for program, values in (derived or {}).items():
        there = plain["metadata"].setdefault(program, {})
        if isinstance(there, dict) and packing.TEXT not in there:
            plain["metadata"][program] = {**there, **values}
            block = plain["metadata"].setdefault(NAMESPACE, {})
            block["derived"] = {**block.get("derived", {}), program: sorted(values)}
    return plain


def gather(thing: Json, plain: Json, raw: Iterable[str] = ()) -> Json:
    """What an object (normal, see upgrade) says that the plain object of its record does not."""
    found: Json = {}
    metadata = _foreign(thing)
    if metadata:
        found["metadata"] = metadata
    fields = {name: packing.unpack(value) for name, value in thing.items() if name not in plain}
    if fields:
        found["fields"] = fields
    differing = {
        n: thing[n] for n in raw if thing.get(n) not in (None, plain.get(n)) and not same(thing[n], plain.get(n))
    }
    if differing:
        found["raw"] = differing
    references, usual = thing.get("media_references"), plain.get("media_references")
    if references is not None and references != usual and not same(references, usual):
        opened = {key: upgrade.open_wrapped(reference) for key, reference in references.items()}
        found["media"] = {"references": opened, "active": thing["active_media_reference_key"]}
    if plain["OTIO_SCHEMA"] in ("Clip.2", "Stack.1"):
        warps = [effect for effect in thing["effects"] if upgrade.is_warp(effect)]
        if (warps or plain["effects"]) and not same(
            warps, [effect for effect in plain["effects"] if upgrade.is_warp(effect)]
        ):
            found["warp"] = warps
    return found


def _foreign(thing: Json) -> Json:
    metadata = {name: packing.unpack(value) for name, value in thing["metadata"].items() if name != NAMESPACE}
    block = thing["metadata"].get(NAMESPACE)
    derived = block.get("derived") if isinstance(block, dict) else None
    for program, names in (derived if isinstance(derived, dict) else {}).items():
        there = metadata.get(program)
        if isinstance(there, dict) and isinstance(names, list):
            rest = {name: value for name, value in there.items() if name not in names}
            metadata[program] = rest
            if not rest:
                del metadata[program]
    return metadata


def same(a: Any, b: Any) -> bool:
    """Equal as OTIO's reader and writer have it: floats to 1e-9, whole numbers and floats alike."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) or isinstance(b, float):
        numbers = isinstance(a, int | float) and isinstance(b, int | float)
        return numbers and math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(a == b)
