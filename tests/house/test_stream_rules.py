"""Every rule of docs/stream.md has tests that bear its number, and no test bears a number that there is not."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULE = re.compile(r"^- \*\*S(\d+)\*\* ", re.MULTILINE)
TEST = re.compile(r"^\s*(?:async )?def test_((?:s\d\d_)+)", re.MULTILINE)


def numbers() -> list[int]:
    return [int(number) for number in RULE.findall((ROOT / "docs" / "stream.md").read_text())]


def cited() -> set[int]:
    """The numbers in the names of all tests: `test_s07_…`, `test_s20_s23_…`."""
    found = (TEST.findall(path.read_text()) for path in (ROOT / "tests").rglob("test_*.py"))
    return {int(number) for names in found for name in names for number in re.findall(r"s(\d\d)", name)}


def test_rules_are_numbered_without_a_gap() -> None:
    assert numbers() == list(range(1, len(numbers()) + 1))


def test_every_rule_is_cited_by_a_test_and_every_citation_is_a_rule() -> None:
    told = set(numbers())
    assert told - cited() == set(), "rules without a test that bears their number"
    assert cited() - told == set(), "tests bear numbers of rules that docs/stream.md does not have"
