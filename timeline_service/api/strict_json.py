"""JSON read strictly, before any model sees it: what two parsers could read differently is refused.

Refused: duplicate keys, NaN and infinities, numbers beyond double precision or 2^53, minus zero, lone surrogates and
NUL in text and keys, nesting deeper than 64, a byte order mark, any charset but UTF-8, an empty body. The error names
the rule and never repeats what was sent.
"""

import json
from collections.abc import Iterable
from email.message import Message
from typing import Any, Final, NoReturn

from timeline_service.kit import errors

MAX_DEPTH: Final = 64
MAX_INTEGER: Final = 2**53 - 1
_MAX_DIGITS: Final = 17
_BOM: Final = b"\xef\xbb\xbf"


class UnsupportedMediaType(errors.ServiceError):
    """Send JSON: `Content-Type: application/json`, in UTF-8."""

    code = "unsupported_media_type"
    status = 415


class NotJson(errors.Invalid):
    """This is not JSON in UTF-8 without a byte order mark."""

    code = "invalid_json"


class EmptyBody(errors.Invalid):
    """The body is empty."""

    code = "empty_body"


class NotAnObject(errors.Invalid):
    """Send a JSON object."""

    code = "not_an_object"


class DuplicateKey(errors.Invalid):
    """A key stands twice in one object."""

    code = "duplicate_key"


class NumberNotFinite(errors.Invalid):
    """NaN and infinities are not JSON, nor are numbers beyond double precision."""

    code = "number_not_finite"


class NumberTooLarge(errors.Invalid):
    """Whole numbers lie within plus or minus 2^53 - 1."""

    code = "number_too_large"


class MinusZero(errors.Invalid):
    """Minus zero is not a number here; send 0."""

    code = "minus_zero"


class TextNotStorable(errors.Invalid):
    """Text and keys hold neither NUL nor lone surrogates."""

    code = "text_not_storable"


class TooDeep(errors.Invalid):
    """JSON is nested 64 deep at most."""

    code = "too_deep"


def check_content_type(value: str | None) -> None:
    """Raises UnsupportedMediaType unless it is application/json (or …+json) in UTF-8."""
    if value is None:
        raise UnsupportedMediaType
    message = Message()
    message["content-type"] = value
    kind = message.get_content_type()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType
    charset = message.get_param("charset")
    if charset is not None and str(charset).lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType


def parse(data: bytes) -> Any:
    """The value of a JSON text. Raises one of the Invalid above."""
    if not data.strip():
        raise EmptyBody
    if data.startswith(_BOM):
        raise NotJson
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotJson from None
    return parse_text(text)


def parse_text(text: str) -> Any:
    """The same for text that was decoded already, such as a WebSocket frame."""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(position=error.pos) from None
    except RecursionError:
        raise TooDeep from None
    # Without escapes there is no NUL or surrogate; with few brackets there is no depth: most bodies end here.
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _walk(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DuplicateKey
    return value


def _constant(_: str) -> NoReturn:
    raise NumberNotFinite


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NumberNotFinite
    if value == 0 and text.startswith("-"):
        raise MinusZero
    return value


def _int(text: str) -> int:
    if len(text) > _MAX_DIGITS or not -MAX_INTEGER <= int(text) <= MAX_INTEGER:
        raise NumberTooLarge
    if text == "-0":
        raise MinusZero
    return int(text)


def _walk(value: Any) -> None:
    """Depth and text of a whole value, level by level: recursion would be what the depth limit is there to prevent."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            else:
                below.extend(_inside(item))
        if not below:
            return
        level = below
    for item in level:
        if isinstance(item, dict | list):
            raise TooDeep
        if isinstance(item, str):
            _check_text(item)


def _inside(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        for key in item:
            _check_text(key)
        return item.values()
    return item if isinstance(item, list) else ()


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise TextNotStorable
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TextNotStorable from None


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
)
