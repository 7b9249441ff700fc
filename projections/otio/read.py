"""An OTIO file as records: of ours exactly what they were, of others what they can be here; and a report.

    bytes  ->  strict JSON  ->  structure, exact times  ->  records on the grid  +  what was approximated

OTIO's own reader never sees what a client sends: it can be crashed by a few bytes.
"""

from collections import Counter
from typing import Any, Final, NamedTuple

from projections.collector import without_collector
from projections.otio import claims, decode, fitting, foreign, kept, layout, packing, schema, times, upgrade
from projections.otio.report import Report
from projections.otio.schema import Json
from projections.otio.write import gathered_timeline, timeline_object
from timeline_service.domain import errors, record_shapes, records
from timeline_service.domain.time import Rate, rate_of

HERE: Final = "/"
"""The parent of what lies on the timeline, in a file that does not name it."""
USUAL: Final = Rate(24, 1)
FORMATS: Final = (1, schema.FORMAT)


class Unreadable(Exception):
    """The file is no OTIO file, or not one that is taken."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Imported(NamedTuple):
    """The records of a file, parents first: (kind, id, value); where it came from; and the report.

    Ids that begin with `/` are places in the file. Of a file of ours `timeline` is the whole record, of another what
    it says. `origin` is {id, version, head_hash, excerpt?} of a file of ours; the values are null otherwise.
    """

    records: list[tuple[str, str, dict[str, Any]]]
    timeline: dict[str, Any]
    origin: dict[str, Any]
    report: dict[str, Any] = {}


def from_json(data: bytes, rate: Rate | None = None) -> Imported:
    """Read a file; `rate` is the grid for one that names none. Raises Unreadable.

    Codes: `otio_invalid`, `otio_foreign`, `otio_too_large`.
    """
    try:
        with without_collector():
            return _read(decode.parse(data), rate or USUAL)
    except decode.NotStrict as reason:
        raise Unreadable("otio_invalid", str(reason)) from None
    except claims.Damaged:
        raise Unreadable("otio_invalid", "The file's timeline_service metadata is damaged.") from None
    except layout.TooMany:
        raise Unreadable("otio_too_large", f"The file has more than {layout.MOST_ITEMS} items.") from None
    except (upgrade.Malformed, times.OutOfTime) as reason:
        raise Unreadable("otio_invalid", f"The file is not sound OTIO: {reason}.") from None


def _read(file: Any, usual: Rate) -> Imported:
    timelines = _timelines(file)
    first = timelines[0]
    block = schema.ours(first)
    if block is not None and block.get("format") not in FORMATS:
        raise Unreadable("otio_foreign", "The file was written by a newer version of this service.")
    own = _own_timeline(block)
    if not first["tracks"]:
        raise Unreadable("otio_foreign", "The file holds a timeline without tracks.")
    report = Report()
    _note_collection(file, report)
    clock = times.Clock(_rate(first, own, usual), report)
    timeline_id = block["id"] if block is not None and own is not None else HERE
    reader = foreign.Reader(clock, report, timeline_id)
    reader.inside.first_format = block is not None and block.get("format") == 1
    timeline = _timeline(reader, first, own)
    for number, other in enumerate(timelines[1:], 1):
        _spare(reader, other, f"/t{number}")
    rows = (block or {}).get("rows", [])
    if not isinstance(rows, list):
        raise claims.Damaged
    for row in rows:
        _row(reader, row)
    order = {kind: place for place, kind in enumerate(records.RESTORE_ORDER)}
    found = sorted(reader.rows, key=lambda row: order[row[0]])
    fitting.dissolve_bonds_of_one([value for kind, _, value in found if kind == "clip"])
    origin = _origin(block or {})
    counts = Counter(kind for kind, _, _ in found)
    told = {"records": {kind: counts[kind] for kind in records.RESTORE_ORDER if kind != "timeline"}}
    return Imported(found, timeline, origin, {**told, **report.as_dict()})


def _origin(block: Json) -> Json:
    """Where a file of ours comes from. Raises Damaged."""
    types = {"id": str, "version": int, "head_hash": str}
    origin = {name: block.get(name) for name in types}
    if any(field is not None and type(field) is not types[name] for name, field in origin.items()):
        raise claims.Damaged
    return origin | ({"excerpt": block["excerpt"]} if "excerpt" in block else {})


# ---------------------------------------------------------------- the root
def _timelines(file: Any) -> list[Json]:
    """The timelines of a file, in today's schema; what is none is put into one."""
    name = upgrade.name_of(file)
    if name == "Timeline.1":
        return [upgrade.normal(file)]
    if name == "SerializableCollection.1":
        children = [child for child in upgrade.normal(file)["children"] if upgrade.name_of(child)]
        whole = [upgrade.normal(child) for child in children if upgrade.name_of(child) == "Timeline.1"]
        loose = [child for child in children if upgrade.name_of(child) != "Timeline.1"]
        if whole:
            return whole + ([_wrapped(loose, file)] if loose else [])
        return [_wrapped(loose, file)]
    if name in ("Stack.1", "Track.1", "Clip.2"):
        return [_wrapped([file], file)]
    if isinstance(file, dict) and isinstance(file.get("OTIO_SCHEMA"), str):
        raise Unreadable("otio_foreign", "The file holds no timeline, composition or clip.")
    raise Unreadable("otio_foreign", "The file is JSON, but not OTIO.")


def _note_collection(file: Json, report: Report) -> None:
    """What a collection says beside its timelines: nothing here is a collection."""
    if upgrade.name_of(file) != "SerializableCollection.1":
        return
    if file.get("metadata"):
        report.lost("collection_metadata", HERE)
    for number, child in enumerate(_list(file.get("children"))):
        if not upgrade.name_of(child):
            report.lost("unknown_object", f"/{number}")


def _wrapped(things: list[Any], of: Json) -> Json:
    if len(things) == 1 and upgrade.name_of(things[0]) == "Stack.1":
        stack = upgrade.normal(things[0])
    else:
        composed = all(upgrade.name_of(thing) in ("Track.1", "Stack.1") for thing in things)
        layers = things if composed else [{"OTIO_SCHEMA": "Track.1", "children": things}]
        stack = {"OTIO_SCHEMA": "Stack.1", "children": layers}
    name = of.get("name")
    return upgrade.normal({"OTIO_SCHEMA": "Timeline.1", "name": name if isinstance(name, str) else "", "tracks": stack})


def _own_timeline(block: Json | None) -> Json | None:
    if block is None:
        return None
    try:
        value: Json = packing.unpack_record(block["record"])
        if not isinstance(block["id"], str):
            raise claims.Damaged
        record_shapes.check("timeline", block["id"], value)
    except (errors.Refused, KeyError, TypeError, AttributeError, ValueError):
        raise claims.Damaged from None
    return value


def _rate(timeline: Json, own: Json | None, usual: Rate) -> Rate:
    """The rate of ours; else that of most items with pictures, that of the start time, the usual one."""
    if own is not None:
        return rate_of(own["rate"]["num"], own["rate"]["den"])
    votes: Counter[Rate] = Counter()
    waiting: list[tuple[Any, bool]] = [(timeline["tracks"], True)]
    while waiting:
        thing, pictures = waiting.pop()
        pictures = pictures and not (upgrade.name_of(thing) == "Track.1" and str(thing.get("kind")).lower() == "audio")
        waiting += [(child, pictures) for child in _list(thing.get("children")) if isinstance(child, dict)]
        given = thing.get("source_range")
        rate = times.listed(given["duration"]["rate"]) if times.is_range(given) else None
        if rate is not None and "children" not in thing:
            votes[rate] += 1_000_000 if pictures else 1
    if votes:
        return max(votes, key=lambda rate: (votes[rate], rate.num / rate.den))
    start = timeline["global_start_time"]
    return (times.listed(start["rate"]) if start else None) or usual


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _timeline(reader: foreign.Reader, thing: Json, own: Json | None) -> Json:
    rate = reader.clock.rate
    stack = upgrade.normal({"OTIO_SCHEMA": "Stack.1", **thing["tracks"]})
    thing = {**thing, "tracks": stack}
    if stack["OTIO_SCHEMA"] != "Stack.1":
        raise upgrade.Malformed("the tracks of a timeline are no stack")
    start = reader.clock.ticks(thing["global_start_time"]) if thing["global_start_time"] else None
    usual = {"name": "", "rate": rate.as_dict(), "start_timecode": 0}
    value = {name: field for name, field in (own or usual).items() if name != kept.FIELD}
    if thing["name"] or own is not None:
        value["name"] = reader.seen.text(thing["name"], HERE)
    if start is not None and not (own is not None and abs(start - own["start_timecode"]) <= times.NOISE):
        value["start_timecode"] = max(0, round(start))
        if start < 0:
            reader.report.approximated("start_timecode", HERE)
    window = reader.layout.window(stack)
    reader.sequence(stack["children"], None, "", window)
    reader.inside.of_timeline(stack)
    found = gathered_timeline(thing, timeline_object(value, rate, []))
    if own is not None and kept.FIELD in own:
        value[kept.FIELD] = own[kept.FIELD]
    elif found:
        value[kept.FIELD] = kept.stored(found)
    if own is None and not thing["name"]:
        del value["name"]
    return value


def _spare(reader: foreign.Reader, timeline: Json, place: str) -> None:
    """A further timeline of a collection comes in as a sequence that nothing shows yet."""
    stack = upgrade.normal({"OTIO_SCHEMA": "Stack.1", **timeline["tracks"]})
    reader.report.approximated("timeline", place)
    for what in ("markers", "effects"):
        for number, _ in enumerate(stack[what]):
            reader.report.lost(what.removesuffix("s"), f"{place}/{what[0]}{number}")
    if timeline["metadata"] or stack["metadata"]:
        reader.report.lost("timeline_metadata", place)
    if timeline["global_start_time"] and timeline["global_start_time"]["value"]:
        reader.report.lost("start_timecode", place)
    reader.rows.append(("sequence", place, {"name": reader.seen.text(timeline["name"], place)}))
    reader.sequence(stack["children"], place, place, reader.layout.window(stack))


def _row(reader: foreign.Reader, row: Any) -> None:
    """A record that nothing in the file shows."""
    kind = row.get("kind") if isinstance(row, dict) else None
    if not isinstance(kind, str) or kind not in record_shapes.SHAPES or kind == "timeline":
        raise claims.Damaged
    if not reader.claims.taken(row.get("id")):
        id, value = reader.claims.claim_block(row, kind, "")
        reader.rows.append((kind, id, value))
