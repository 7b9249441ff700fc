"""The page on files of other programs names every word that an import's report may say."""

import re
from pathlib import Path

from projections.otio import foreign

SOURCES = sorted(Path(foreign.__file__).parent.glob("*.py"))
PAGE = Path(__file__).parents[4] / "docs" / "interchange.md"
SAID = re.compile(r'(?:approximated|lost)\("(\w+)"')


def test_every_word_of_a_report_is_explained() -> None:
    words = {word for source in SOURCES for word in SAID.findall(source.read_text())}
    section = PAGE.read_text().partition("## What an import says")[2].partition("## Limits")[0]
    assert len(words) > 15
    assert words - set(re.findall(r"`(\w+)`", section)) == set()
