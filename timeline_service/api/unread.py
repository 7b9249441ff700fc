"""Which push a message was that could not be taken: it gets no result, and its author is to know which one that is."""

import json
import re
from typing import Any, Final

BATCH: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


def batch_of(text: str) -> dict[str, Any]:
    """`{batch}` of a message that names one, else nothing: for the `details` of its `error`."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    batch = told.get("batch") if isinstance(told, dict) else None
    return {"batch": batch} if isinstance(batch, str) and BATCH.match(batch) else {}
