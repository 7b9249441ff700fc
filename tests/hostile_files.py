"""Files that somebody could send to harm the service, each as small as it can be. NAME → a file and what it is sent as.

Most are the crashes and bombs that OTIO, its adapters, zip and XML are known for; the codes are what a client is told.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Hostile:
    """`codes` may each be answered; `format` is what the sender says, None where the file shows it.

    `harmless`: what would have crashed others means something to us, so it may also come in.
    """

    data: Callable[[], bytes]
    codes: tuple[str, ...]
    format: str | None = None
    harmless: bool = False


UNREADABLE: Final = ("import_unreadable",)
HEAVY: Final = ("import_too_heavy", "import_too_large")
NOT_OTIO: Final = ("otio_invalid", "otio_foreign", "import_unreadable")


def otio(**fields: Any) -> Callable[[], bytes]:
    """A timeline with these fields."""
    return lambda: json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "", **fields}).encode()


def stack(*children: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Stack.1", "children": list(children)}


def track(*children: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": list(children)}


def time(value: Any, rate: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def clip(start: Any = 0, duration: Any = 24, rate: Any = 24, **fields: Any) -> dict[str, Any]:
    ranged = {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start, rate), "duration": time(duration, rate)}
    return {"OTIO_SCHEMA": "Clip.2", "name": "c", "source_range": ranged, **fields}


def one_clip(**fields: Any) -> Callable[[], bytes]:
    return otio(tracks=stack(track(clip(**fields))))


def nested(depth: int) -> Callable[[], bytes]:
    return lambda: b'{"OTIO_SCHEMA":"Timeline.1","metadata":{"a":' + b"[" * depth + b"]" * depth + b'},"tracks":null}'


def nested_stacks(depth: int) -> Callable[[], bytes]:
    opened = b'{"OTIO_SCHEMA":"Stack.1","children":['
    return lambda: b'{"OTIO_SCHEMA":"Timeline.1","tracks":' + opened * depth + b"]}" * depth + b"}"


def bundle(*entries: tuple[str, bytes]) -> Callable[[], bytes]:
    def pack() -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in entries:
                file.writestr(name, data)
        return packed.getvalue()

    return pack


def liar() -> bytes:
    """A bundle whose directory says that its timeline is ten bytes long."""
    data = bytearray(bundle(("content.otio", bytes(80 * 1024 * 1024)))())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def xml(root: str, prolog: str, inside: str) -> Callable[[], bytes]:
    return lambda: f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<{root} version="5">{inside}</{root}>'.encode()


LAUGHS: Final = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
QUADRATIC: Final = f'<!ENTITY a "{"x" * 50_000}">'
OUTSIDE: Final = '<!ENTITY a SYSTEM "file:///etc/passwd">'
CLIPITEM: Final = (
    "<sequence><rate><timebase>{0}</timebase></rate><media><video><track><clipitem><name>c</name>"
    "<rate><timebase>{0}</timebase></rate><start>{1}</start><end>{2}</end><in>0</in><out>{2}</out>"
    "</clipitem></track></video></media></sequence>"
)
EVENT: Final = "001  AX       V     C        00:00:00:00 00:00:{0} 00:00:00:00 00:00:{0}\n"
COMPOUND: Final = bytes.fromhex("d0cf11e0a1b11ae1")


FILES: Final[dict[str, Hostile]] = {
    # OpenTimelineIO: what crashes its reader, hangs it, or means nothing
    "null tracks": Hostile(otio(tracks=None), NOT_OTIO),
    "no tracks": Hostile(otio(), NOT_OTIO),
    "tracks that are a number": Hostile(otio(tracks=5), NOT_OTIO),
    "a track without children": Hostile(
        otio(tracks=stack({"OTIO_SCHEMA": "Track.1", "children": None})), NOT_OTIO, harmless=True
    ),
    "null as a child": Hostile(otio(tracks=stack(track(None))), NOT_OTIO),
    "an object that holds itself": Hostile(
        lambda: (
            b'{"OTIO_SCHEMA":"Timeline.1","OTIO_REF_ID":"t","tracks":'
            b'{"OTIO_SCHEMA":"SerializableObjectRef.1","id":"t"}}'
        ),
        NOT_OTIO,
    ),
    "a stack that holds itself": Hostile(
        otio(tracks={**stack({"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "s"}), "OTIO_REF_ID": "s"}), NOT_OTIO
    ),
    "an old clip with the media of a new one": Hostile(
        otio(tracks=stack(track({"OTIO_SCHEMA": "Clip.1", "name": "c", "media_references": {"a": None}}))),
        NOT_OTIO,
        harmless=True,
    ),
    "lists 1,000 deep": Hostile(nested(1_000), NOT_OTIO),
    "lists 8,000 deep": Hostile(nested(8_000), NOT_OTIO),
    "lists 50,000 deep": Hostile(nested(50_000), NOT_OTIO),
    "stacks 5,000 deep": Hostile(nested_stacks(5_000), NOT_OTIO),
    "a time that is no number": Hostile(one_clip(start=float("nan")), NOT_OTIO),
    "a time without end": Hostile(one_clip(duration=float("inf")), NOT_OTIO),
    "a time beyond every number": Hostile(one_clip(duration=1e300), NOT_OTIO),
    "a time of 10^40": Hostile(one_clip(start=10**40), NOT_OTIO),
    "a rate of zero": Hostile(one_clip(rate=0), NOT_OTIO),
    "a negative rate": Hostile(one_clip(rate=-24), NOT_OTIO),
    "a negative duration": Hostile(one_clip(duration=-24), NOT_OTIO),
    "a time that is a text": Hostile(one_clip(start="0"), NOT_OTIO),
    "a key that stands twice": Hostile(lambda: b'{"OTIO_SCHEMA":"Timeline.1","OTIO_SCHEMA":"Clip.2"}', NOT_OTIO),
    "half a surrogate pair": Hostile(lambda: b'{"OTIO_SCHEMA":"Timeline.1","name":"\\ud800"}', NOT_OTIO),
    "not UTF-8": Hostile(lambda: b'{"OTIO_SCHEMA":"Timeline.1","name":"\xff"}', NOT_OTIO),
    # bundles
    "a zip bomb": Hostile(bundle(("content.otio", bytes(300 * 1024 * 1024))), ("import_too_large",)),
    "a zip bomb of many": Hostile(
        bundle(("content.otio", b"{}"), *((f"media/{n}", bytes(1024 * 1024)) for n in range(200))),
        ("import_too_large",),
    ),
    "a zip that lies of its size": Hostile(liar, HEAVY + UNREADABLE),
    "a zip that climbs": Hostile(bundle(("content.otio", b"{}"), ("../../etc/cron.d/x", b"x")), UNREADABLE),
    "a zip from the root": Hostile(bundle(("content.otio", b"{}"), ("/etc/cron.d/x", b"x")), UNREADABLE),
    "a zip with two timelines": Hostile(bundle(("content.otio", b"{}"), ("a/content.otio", b"{}")), UNREADABLE),
    "a zip without a timeline": Hostile(bundle(("readme.txt", b"hello")), UNREADABLE),
    "a zip cut short": Hostile(lambda: bundle(("content.otio", b"{}" * 100))()[:60], UNREADABLE),
    "a zip of nothing": Hostile(lambda: b"PK\x03\x04", UNREADABLE),
    # XML
    "a billion laughs": Hostile(xml("xmeml", f"<!DOCTYPE xmeml [{LAUGHS}]>", "&j;"), UNREADABLE),
    "a quadratic blow-up": Hostile(xml("xmeml", f"<!DOCTYPE xmeml [{QUADRATIC}]>", "&a;" * 50_000), UNREADABLE),
    "an entity from outside": Hostile(xml("fcpxml", f"<!DOCTYPE fcpxml [{OUTSIDE}]>", "&a;"), UNREADABLE),
    "a document type from outside": Hostile(
        xml("xmeml", '<!DOCTYPE xmeml SYSTEM "http://127.0.0.1/x.dtd">', ""), UNREADABLE
    ),
    "200,000 elements deep": Hostile(xml("xmeml", "", "<a>" * 200_000 + "</a>" * 200_000), ("import_too_large",)),
    "2,000,000 elements": Hostile(xml("xmeml", "", "<a/>" * 2_000_000), ("import_too_large",)),
    "XML without an end": Hostile(lambda: b"<xmeml><sequence>", UNREADABLE),
    "XML in an unknown encoding": Hostile(lambda: b"<xmeml>\xff\xfe\xfd</xmeml>", UNREADABLE),
    "XML that says nothing": Hostile(xml("xmeml", "<!DOCTYPE xmeml>", ""), UNREADABLE),
    "a page of the web": Hostile(lambda: b"<!DOCTYPE html><html></html>", ("format_unknown",)),
    "a sequence at a rate of zero": Hostile(xml("xmeml", "", CLIPITEM.format(0, 0, 10)), UNREADABLE + NOT_OTIO),
    "a sequence that runs backwards": Hostile(xml("xmeml", "", CLIPITEM.format(25, 10, 0)), UNREADABLE + NOT_OTIO),
    "a sequence of 10^30 frames": Hostile(xml("xmeml", "", CLIPITEM.format(25, 0, 10**30)), UNREADABLE + NOT_OTIO),
    "a project that says nothing": Hostile(xml("fcpxml", "<!DOCTYPE fcpxml>", ""), UNREADABLE),
    # lists of edits
    "five bytes": Hostile(lambda: b"TITLE", UNREADABLE, "edl"),
    "five bytes of nothing known": Hostile(lambda: b"hello", ("format_unknown",)),
    "no bytes but zeros": Hostile(lambda: bytes(1000), UNREADABLE, "edl"),
    "an edit that makes no sense": Hostile(
        lambda: b"TITLE: x\n001  AX V C 1 2 3 4\n", UNREADABLE + NOT_OTIO, harmless=True
    ),
    "an edit beyond the clock": Hostile(lambda: EVENT.format("99:99").encode(), UNREADABLE + NOT_OTIO),
    "a title of 20 MB": Hostile(lambda: b"TITLE: " + b"x" * 20_000_000, UNREADABLE + HEAVY),
    "100,000 edits at once": Hostile(lambda: EVENT.format("01:00").encode() * 100_000, UNREADABLE + HEAVY),
    # AAF
    "an AAF that is only its head": Hostile(lambda: COMPOUND, UNREADABLE),
    "an AAF of zeros": Hostile(lambda: COMPOUND + bytes(4096), UNREADABLE),
    "an AAF of ones": Hostile(lambda: COMPOUND + b"\xff" * 65536, UNREADABLE + HEAVY),
    # what is no file to import
    "a log of clips": Hostile(lambda: b"Heading\nFIELD_DELIM\tTABS\n", ("format_unknown",)),
    "a picture": Hostile(lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), ("format_unknown",)),
}
