"""Our OTIO made fit for an adapter: what the format's writer cannot take is left out or said more plainly.

What is left out here is not counted here: the loss report compares what a reader finds in the file with the state.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from projections.otio import schema
from projections.otio.formats.catalogue import Format
from projections.otio.formats.refusal import Unfit
from projections.otio.schema import Json

_KINDS: Final = ("Video", "Audio")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
_UMID: Final = "urn:smpte:umid:060a2b34.01010105.01010f10.13000000"
_TIME_EFFECTS: Final = ("LinearTimeWarp", "FreezeFrame")
_WITHOUT_GENERATORS: Final = frozenset({"fcp7", "fcpx", "aaf"})
_WITHOUT_MOMENTS: Final = frozenset({"fcpx", "aaf"})
"""Their writers fail over what lasts less than half a frame, and so none in whole frames."""


def tailored(timeline: Json, format: Format, rate: float, without: Collection[str] = ()) -> Json:
    """The timeline, changed in place, all times at its own rate. Raises Unfit: `interchange_empty`.

    `without`: what else to leave out, of `fades` (transitions at the ends of a row of clips), `transitions`, `speeds`.
    """
    tracks = [track for track in timeline["tracks"]["children"] if track.get("kind") in _KINDS]
    if format.name == "edl":
        tracks = _one_picture_track(tracks)
    for track in tracks:
        _plain(track)
        if without:
            track["children"] = list(_thinned(track["children"], without))
        track["children"] = [child for item in track["children"] for child in _fitting(item, format, rate)]
    if not any(True for track in tracks for _ in _clips(track)):
        raise Unfit("interchange_empty", "There is no clip that this format could hold.")
    if format.name == "fcpx":
        tracks = _on_a_spine(tracks, rate)
    timeline["tracks"]["children"] = tracks
    _plain(timeline)
    _plain(timeline["tracks"])
    _conform(timeline, rate)
    return timeline


def _thinned(children: list[Json], without: Collection[str]) -> Iterator[Json]:
    beside = [None, *children, None]
    for before, child, after in zip(beside, children, beside[2:], strict=False):
        if child["OTIO_SCHEMA"].startswith("Transition."):
            inside = all(each is not None and each["OTIO_SCHEMA"].startswith("Clip.") for each in (before, after))
            if "transitions" in without or not inside:
                continue
        if "speeds" in without:
            child["effects"] = []
        yield child


def _conform(thing: Any, rate: float) -> None:
    """Whole frames of one rate: the writers reckon with no other."""
    if isinstance(thing, list):
        for value in thing:
            _conform(value, rate)
    elif isinstance(thing, dict):
        if thing.get("OTIO_SCHEMA") == "RationalTime.1":
            thing["value"], thing["rate"] = float(round(thing["value"] * rate / thing["rate"])), rate
        else:
            for value in thing.values():
                _conform(value, rate)


def _one_picture_track(tracks: list[Json]) -> list[Json]:
    """An EDL is one track of picture: the lowest that is shown and has clips."""
    shown = [t for t in tracks if t["kind"] == "Video" and t.get("enabled", True) and any(True for _ in _clips(t))]
    return shown[:1]


def _on_a_spine(tracks: list[Json], rate: float) -> list[Json]:
    """Everything in Final Cut X hangs on the lowest track of picture, so that one has to be as long as the others.

    In whole frames, as they are written: a row of rounded clips may be longer than its length rounded.
    """
    if not any(track["kind"] == "Video" for track in tracks):
        tracks = [schema.item("Track.1", "", metadata={}, source_range=None, children=[], kind="Video"), *tracks]
    spine = next(track for track in tracks if track["kind"] == "Video")
    missing = max(_length(track) for track in tracks) - _length(spine)
    if missing > 0:
        spine["children"].append(_gap(missing, rate))
    return tracks


def _length(track: Json) -> float:
    return float(sum(child["source_range"]["duration"]["value"] for child in track["children"] if _spans(child)))


def _spans(item: Json) -> bool:
    return str(item["OTIO_SCHEMA"]).startswith(("Clip.", "Gap."))


def _gap(frames: float, rate: float) -> Json:
    def time(value: float) -> Json:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}

    return schema.item("Gap.1", "", metadata={}, source_range=schema.time_range(time(0.0), time(frames)))


def _clips(track: Json) -> Iterator[Json]:
    return (child for child in track["children"] if child["OTIO_SCHEMA"].startswith(("Clip.", "Stack.")))


def _fitting(item: Json, format: Format, rate: float) -> Iterator[Json]:
    kind = item["OTIO_SCHEMA"].partition(".")[0]
    if kind == "Transition":
        if format.name != "aaf":  # its writer wants the metadata of an Avid transition
            _plain(item)
            yield item
        return
    if kind == "Stack":
        item = _placeholder(item)
        kind = "Clip"
    if kind in {"Clip", "Gap"}:
        _conform(item["source_range"], rate)
        if not item["source_range"]["duration"]["value"] > 0 and format.name in _WITHOUT_MOMENTS:
            return
        _plain(item)
        if kind == "Clip":
            _fit_clip(item, format, rate)
        yield item


def _placeholder(nest: Json) -> Json:
    """A clip without media in the place of a nested sequence."""
    clip = schema.item(
        "Clip.2",
        nest["name"],
        metadata={},
        source_range=nest["source_range"],
        media_references={"DEFAULT_MEDIA": schema.missing_reference(nest["source_range"])},
        active_media_reference_key="DEFAULT_MEDIA",
    )
    clip["enabled"], clip["markers"] = nest.get("enabled", True), nest.get("markers", [])
    return clip


def _fit_clip(clip: Json, format: Format, rate: float) -> None:
    key = clip["active_media_reference_key"]
    reference = clip["media_references"][key]
    reference["metadata"] = {}
    available = reference.get("available_range")
    _conform(available, rate)  # the tick that a freeze frame shows is no frame then
    if available is None or not available["duration"]["value"] > 0:  # Premiere's of a title is empty
        reference["available_range"] = clip["source_range"]
    if reference["OTIO_SCHEMA"].startswith("GeneratorReference.") and format.name in _WITHOUT_GENERATORS:
        reference = schema.missing_reference(reference["available_range"])
    reference["name"] = _printable(reference.get("name") or "")
    if "target_url" in reference:
        reference["target_url"] = _printable(reference["target_url"])
    clip["media_references"] = {key: reference}
    clip["effects"] = [effect for effect in clip["effects"] if _is_speed(effect)][:1]
    if format.name == "edl":  # its writer would count backwards from zero
        clip["effects"] = [effect for effect in clip["effects"] if effect.get("time_scalar", 0.0) >= 0]
    for effect in clip["effects"]:
        effect["metadata"] = {}
    if format.name == "aaf":
        clip["metadata"] = {"AAF": {"MobID": _mob_id(reference)}}


def _is_speed(effect: Json) -> bool:
    return effect["OTIO_SCHEMA"].startswith(_TIME_EFFECTS) and effect.get("enabled") is not False


def _mob_id(reference: Json) -> str:
    """The same media have the same id in every file, and the writer need not look for it in files of that name."""
    named = f"{reference['OTIO_SCHEMA']}\0{reference.get('target_url', '')}"
    digest = hashlib.sha256(named.encode()).hexdigest()
    return ".".join([_UMID, *(digest[at : at + 8] for at in range(0, 32, 8))])


def _plain(thing: Json) -> None:
    """No metadata, and one line of text in names and comments: a line break in an EDL would be another event."""
    thing["metadata"] = {}
    thing["name"] = _printable(thing.get("name") or "")
    for marker in thing.get("markers", []):
        marker["metadata"] = {}
        marker["name"] = _printable(marker.get("name") or "")
        marker["comment"] = _printable(marker.get("comment") or "")


def _printable(text: Any) -> str:
    return _UNPRINTABLE.sub(" ", str(text))
