"""docs/errors.md says what the classes say."""

from tests.house import errors_page
from timeline_service.domain import errors


def test_the_page_is_current() -> None:
    assert errors_page.PAGE.read_text() == errors_page.page(), "run `python -m tests.house.errors_page`"


def test_every_refusal_is_on_it() -> None:
    page, classes = errors_page.page(), [errors.Refused]
    while classes:
        one = classes.pop()
        classes += one.__subclasses__()
        for code in getattr(one, "CODES", (one.code,)):
            assert f"| `{code}` | {one.status} |" in page


def test_codes_given_where_an_error_is_raised_are_on_it() -> None:
    assert "| `database_unavailable` | 503 | yes |" in errors_page.page()
