"""docs/health.md says what the rules say."""

from tests.house import health_page


def test_the_page_is_current() -> None:
    assert health_page.PAGE.read_text() == health_page.page(), "run `python -m tests.house.health_page`"
