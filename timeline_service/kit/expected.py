"""What a schema expects where a value breaks one of its rules: words of the schema, so that no error repeats input."""

from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final[dict[str, str]] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "an object",
    "enum": "{expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "mapping_type": "an object",
    "model_attributes_type": "an object",
    "model_type": "an object",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_type": "text",
    "too_long": "at most {max_length} of them",
    "too_short": "at least {min_length} of them",
    "tuple_type": "a list",
    "uuid_parsing": "a UUID",
    "uuid_type": "a UUID",
}
"""Rule of pydantic → words. What stands in braces are limits of the schema."""
_OUR_OWN: Final = frozenset({"json", "rate_unknown", "text_style", "time"})
"""Rules of our own, whose messages are fixed texts."""


def words(problem: Mapping[str, Any]) -> str | None:
    """What would have been right, of one of `ValidationError.errors()` with its context; None where that is plain."""
    rule = problem["type"]
    if rule in _OUR_OWN:
        return str(problem["msg"])
    known = _WORDS.get(rule)
    return None if known is None else known.format_map(problem.get("ctx", {}))
