"""JSON read strictly, for files: what two readers could take for different things is refused.

Refused: duplicate keys, NaN and infinities (also as numbers that are too large), whole numbers beyond 2^53, lone
surrogates, nesting deeper than 64, anything but UTF-8, and OTIO's references within a file, which can be circular.
OTIO's floats are any finite double.
"""

import json
import math
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 64
MAX_INTEGER: Final = 2**53 - 1
MAX_DIGITS: Final = 17


class NotStrict(ValueError):
    """The text is not the JSON that is read here; the message says why, without repeating any of it."""


def parse(data: bytes) -> Any:
    """The value of a JSON file. Raises NotStrict. Blocking: some seconds for 64 MB."""
    try:
        text = data.decode()
        value = _DECODER.decode(text)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise NotStrict("The file is not JSON.") from None
    except RecursionError:
        raise _too_deep() from None
    _check(value, texts="\\u" in text)  # only an escape can make a surrogate
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotStrict("A key stands twice in one object.")
    if "OTIO_REF_ID" in value or value.get("OTIO_SCHEMA") == "SerializableObjectRef.1":
        raise NotStrict("The file refers to objects within itself.")
    return value


def _constant(_: str) -> NoReturn:
    raise NotStrict("NaN and infinities are not JSON.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotStrict("A number is beyond double precision.")
    return value


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS or not -MAX_INTEGER <= int(text) <= MAX_INTEGER:
        raise NotStrict("A whole number is beyond 2^53.")
    return int(text)


def _check(file: Any, *, texts: bool) -> None:
    """Depth and text, level by level: recursion would be what the depth limit is there to prevent."""
    level, depth = [file], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        below: list[Any] = []
        for thing in level:
            if isinstance(thing, dict):
                below += thing.values()
                if texts:
                    below += thing
            elif isinstance(thing, list):
                below += thing
            elif texts and isinstance(thing, str):
                _check_text(thing)
        level = below


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotStrict("A text holds half of a surrogate pair.") from None


def _too_deep() -> NotStrict:
    return NotStrict(f"The file is nested deeper than {MAX_DEPTH} levels.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
)
