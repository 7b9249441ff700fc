"""XML from strangers: checked as a stream before any tree is built, and read on from exactly what was checked.

A bare `<!DOCTYPE xmeml>` is what the editing programs write; every other document type,
and so every entity, is refused.
"""

import io
import re
from typing import Any, Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from projections.otio.formats.refusal import Unfit

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_DEPTH: Final = 128
"""A Final Cut sequence in a sequence takes nine levels each."""
MAX_ELEMENTS: Final = 1_000_000
_HARMLESS: Final = re.compile(r"<!DOCTYPE\s+(?:xmeml|fcpxml)\s*>")
_DECLARATION: Final = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


def checked(data: bytes) -> str:
    """The text of a file that is safe to build a tree of, without declaration and document type.

    Raises Unfit: `import_unreadable`, `import_too_large`.
    """
    if len(data) > MAX_BYTES:
        raise Unfit("import_too_large", f"An XML file may have {MAX_BYTES} bytes.")
    text = _HARMLESS.sub("", _DECLARATION.sub("", _decoded(data), count=1), count=1)
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(_Bounds())
    try:
        parser.parse(io.BytesIO(text.encode("utf-8", "strict")))
    except DefusedXmlException:
        raise Unfit("import_unreadable", "The XML declares a document type or entities of its own.") from None
    except (SAXException, ValueError):
        raise Unfit("import_unreadable", "The file is not XML.") from None
    return text


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Unfit("import_unreadable", "The XML is in neither UTF-8 nor UTF-16.") from None


class _Bounds(ContentHandler):
    """Counts elements and how deep they lie."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.elements = 0

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name is SAX's
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise Unfit("import_too_large", f"The XML is nested deeper than {MAX_DEPTH} levels.")
        if self.elements > MAX_ELEMENTS:
            raise Unfit("import_too_large", f"The XML has more than {MAX_ELEMENTS} elements.")

    def endElement(self, name: str) -> None:  # noqa: N802
        self.depth -= 1
