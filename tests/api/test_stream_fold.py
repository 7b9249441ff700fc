"""docs/stream.md: the fold that stands there, for who writes a client in another language, is the service's."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Studio, add_clip
from tests.api.test_stream_page import PAGE

SESSIONS = sorted(path for path in (PAGE.parents[1] / "tests/golden/fold").glob("*.json") if path.stem != "events")


@pytest.fixture
def page() -> dict[str, Any]:
    """The functions of the page's snippet by name."""
    [snippet] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)
    return names


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_the_page_folds_the_golden_sessions(path: Path, page: dict[str, Any]) -> None:
    session = json.loads(path.read_text())
    states = {state["version"]: state["records"] for state in session["states"]}
    records: dict[str, Any] = {}
    for event in session["events"]:
        page["take"](records, event)
        if event["version"] in states:
            assert [[id, kind, fields] for id, (kind, fields) in sorted(records.items())] == states[event["version"]]


async def test_a_snapshot_and_the_events_after_it_make_the_newest_snapshot(
    studio: Studio, page: dict[str, Any]
) -> None:
    await studio.apply(add_clip("a", 200), add_clip("b", 300))
    await studio.apply({"type": "set_opacity", "clip_id": "a", "opacity": 500_000})
    before = await studio.version()
    await studio.apply({"type": "set_metadata", "id": "a", "metadata": {"scene": "4", "good": True}})
    await studio.apply({"type": "ripple_trim", "clip_id": "a", "edge": "end", "delta": -5})
    await studio.apply({"type": "set_metadata", "id": "a", "metadata": {"good": None}})
    where = studio.timeline
    records = page["records_of"](await studio.owner.ok("GET", f"{where}?version={before}"))
    for event in (await studio.owner.ok("GET", f"{where}/events?after_version={before}"))["items"]:
        page["take"](records, event)
    assert records == page["records_of"](await studio.owner.ok("GET", where))
