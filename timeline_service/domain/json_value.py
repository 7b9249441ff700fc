"""Free JSON that people hang on records: what of it can be stored, hashed and read back by every client."""

import math
from typing import Annotated, Any, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from timeline_service.domain.time import MAX_TICKS

DEEPEST: Final = 64
LONGEST_KEY: Final = 200


def storable_text(text: str) -> str:
    """The text itself. Raises ValueError for what UTF-8 or PostgreSQL cannot hold."""
    if "\x00" in text or not (text.isascii() or is_unicode(text)):
        raise PydanticCustomError("json", "text must not contain NUL or lone surrogates")
    return text


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can say it: lone surrogates it cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check(value: Any, *, floats: bool = True, depth: int = 0) -> Any:
    """The value itself. Raises ValueError where it would not come back as it went in.

    Integers are within 2^53, floats are finite (and only in metadata: a record holds none outside it).
    """
    if depth > DEEPEST:
        raise PydanticCustomError("json", f"nested deeper than {DEEPEST}")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_key(key)
            check(inner, floats=floats, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check(inner, floats=floats, depth=depth + 1)
    else:
        _check_leaf(value, floats)
    return value


def _check_key(key: Any) -> None:
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_KEY:
        raise PydanticCustomError("json", f"a key has 1 to {LONGEST_KEY} characters")
    storable_text(key)


def _check_leaf(value: Any, floats: bool) -> None:
    if isinstance(value, str):
        storable_text(value)
    elif isinstance(value, float):
        if not floats or not math.isfinite(value):
            raise PydanticCustomError("json", "numbers are finite here" if floats else "numbers are whole here")
    elif value is not None and not isinstance(value, bool) and not (isinstance(value, int) and abs(value) <= MAX_TICKS):
        raise PydanticCustomError("json", "not JSON, or an integer beyond 2^53")


Metadata = Annotated[dict[str, Any], AfterValidator(check)]
"""Free JSON by key; null takes a key away."""

Params = Annotated[dict[str, Any], AfterValidator(lambda value: check(value, floats=False))]
"""JSON without floats."""
