"""Rank strings: an order in which something can always be put between two others without renaming them.

Digits are 0-9 A-Z a-z in ASCII order; strings compare as text.
"""

from typing import Annotated, Final

from pydantic import StringConstraints

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MIDDLE: Final = DIGITS[len(DIGITS) // 2]

Rank = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,200}$")]
"""A rank that a request names."""


def after(last: str) -> str:
    """A rank above `last`, short while there is room: "" → "V", "V" → "W", "z" → "zV"."""
    if not last:
        return MIDDLE
    head, digit = last[:-1], DIGITS.index(last[-1])
    return head + DIGITS[digit + 1] if digit + 1 < len(DIGITS) else last + MIDDLE


def between(low: str, high: str) -> str:
    """A rank between two (low < high; "" = no bound).

    Raises ValueError where there is no room: right below a rank that ends in the lowest digit, `a` and `a0`.
    """
    if high and (low >= high or (high.startswith(low) and not high[len(low) :].strip(DIGITS[0]))):
        raise ValueError("no room between these ranks")
    made = ""
    bounded = bool(high)
    while True:
        place = len(made)
        floor = DIGITS.index(low[place]) if place < len(low) else 0
        ceiling = DIGITS.index(high[place]) if bounded else len(DIGITS)
        if ceiling - floor > 1:
            return made + DIGITS[(floor + ceiling) // 2]
        made += DIGITS[floor]
        bounded = bounded and ceiling == floor
