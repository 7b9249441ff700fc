"""Which formats there are, and which one a file is in: what it says of itself counts, then its name.

otio      OpenTimelineIO JSON         ours, read without OTIO
otioz     a zip with content.otio     the media in it are not brought in
edl       CMX 3600 edit decision list
fcp7      Final Cut Pro 7 XML         Premiere Pro, DaVinci Resolve
fcpx      Final Cut Pro X XML
aaf       Advanced Authoring Format   Avid Media Composer, Pro Tools
ale       Avid Log Exchange           out only: a list of clips, no timeline
svg       a picture of the timeline   out only, drawn by us: the adapter took a second and 7 MB for each clip
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `adapter` is OTIO's name for what reads and writes it; None where we do it ourselves."""

    name: str
    title: str
    suffix: str
    media_type: str
    adapter: str | None = None
    reads: bool = True
    """Whether such a file can become a timeline."""
    writes: bool = True
    reads_back: bool = True
    """Whether what was written can be read again, so that its losses can be measured."""


FORMATS: Final = {
    each.name: each
    for each in (
        Format("otio", "OpenTimelineIO", ".otio", "application/vnd.otio+json"),
        Format("otioz", "OpenTimelineIO bundle", ".otioz", "application/vnd.otio+zip", writes=False, reads_back=False),
        Format("edl", "EDL (CMX 3600)", ".edl", "text/x-edl", "cmx_3600"),
        Format("fcp7", "Final Cut Pro 7 XML", ".xml", "application/x-fcp7+xml", "fcp_xml"),
        Format("fcpx", "Final Cut Pro X XML", ".fcpxml", "application/x-fcpx+xml", "fcpx_xml"),
        Format("aaf", "AAF", ".aaf", "application/x-aaf", "AAF"),
        Format("ale", "Avid Log Exchange", ".ale", "text/x-ale", "ale", reads=False),
        Format("svg", "SVG", ".svg", "image/svg+xml", reads=False, reads_back=False),
    )
}
READ: Final = tuple(name for name, each in FORMATS.items() if each.reads)
WRITTEN: Final = tuple(name for name, each in FORMATS.items() if each.writes)

_HEAD: Final = 64 * 1024
_COMPOUND: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ROOT: Final = re.compile(r"<\s*(xmeml|fcpxml)\b")
_EVENT: Final = re.compile(r"^\s*\d{1,6}\s+\S+\s+\S+\s+([CDK]|KB|KO|W\d+)\s", re.MULTILINE)
_TITLE: Final = re.compile(r"^\s*(TITLE|FCM):", re.MULTILINE)


def sniff(data: bytes, filename: str = "") -> Format | None:
    """The format of a file by what it starts with, else by its name; None for what can be neither."""
    if data.startswith(b"PK\x03\x04"):
        return FORMATS["otioz"]
    if data.startswith(_COMPOUND):
        return FORMATS["aaf"]
    head = _text(data[:_HEAD]).lstrip("\ufeff \t\r\n")
    if head[:1] in {"{", "["}:
        return FORMATS["otio"]
    if head.startswith("<"):
        root = _ROOT.search(head)
        return None if root is None else FORMATS["fcp7" if root[1] == "xmeml" else "fcpx"]
    if _EVENT.search(head) or _TITLE.search(head):
        return FORMATS["edl"]
    return by_name(filename)


def by_name(filename: str) -> Format | None:
    """The format that the suffix of a file name stands for, among those that are read."""
    lowered = filename.lower()
    return next((each for each in FORMATS.values() if each.reads and lowered.endswith(each.suffix)), None)


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace")
