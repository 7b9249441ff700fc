"""What an import could not take over as it was: counted per kind.

The examples are places in the file (`tracks/0/3`): a report repeats none of its text.
"""

from collections import Counter
from fractions import Fraction
from typing import Any, Final

EXAMPLES: Final = 3


class Report:
    """Counts what was approximated, and what was lost."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {"approximated": Counter(), "lost": Counter()}
        self._examples: dict[tuple[str, str], list[str]] = {}
        self._shift: int | Fraction = 0

    def approximated(self, what: str, where: str) -> None:
        """Something is in, but not exactly as it was said. `where` is its place in the file: `tracks/0/3`."""
        self._note("approximated", what, where)

    def lost(self, what: str, where: str) -> None:
        """Something is not in."""
        self._note("lost", what, where)

    def shifted(self, by: int | Fraction, where: str) -> None:
        """An edge was moved by so many ticks."""
        self._shift = max(self._shift, by)
        self.approximated("edge", where)

    def _note(self, how: str, what: str, where: str) -> None:
        self._counts[how][what] += 1
        examples = self._examples.setdefault((how, what), [])
        if len(examples) < EXAMPLES and where not in examples:
            examples.append(where)

    def as_dict(self) -> dict[str, Any]:
        """`{"approximated": [{what, count, examples}], "lost": […], "largest_shift": ticks}`."""
        told: dict[str, Any] = {
            how: [
                {"what": what, "count": count, "examples": self._examples[how, what]}
                for what, count in sorted(counts.items())
            ]
            for how, counts in self._counts.items()
        }
        shift = self._shift
        told["largest_shift"] = -int(-shift // 1) if isinstance(shift, Fraction) else shift
        return told
