"""Drags: what a gesture would come to, told to the others while the mouse is down."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from timeline_service.client.framing import push
from timeline_service.client.pending import Entry, View, try_one
from timeline_service.client.snapshot import differences
from timeline_service.domain.state import State

MOST_BYTES: Final = 3 * 1024
"""Of the 4 KB that a presence message may have; the rest is for the cursor and the selection."""


def preview(state: State, gestures: Sequence[dict[str, Any]], transaction_id: str, view: View) -> dict[str, Any]:
    """See Sync.preview."""
    named = [{"gesture_id": f"{transaction_id}-{place}", **gesture} for place, gesture in enumerate(gestures)]
    after = state
    for item in Entry(push("preview", named)).items:
        after = try_one(after, item.gesture, item.gesture_id, None, view) or after
    records: dict[str, dict[str, Any]] = {}
    size = 0
    for id, fields in differences(state, after).items():
        if fields is None:  # the message has no word for what would be gone
            continue
        size += len(orjson.dumps({id: fields}))
        if size > MOST_BYTES:
            break
        records[id] = fields
    return {"transaction_id": transaction_id, "records": records}
