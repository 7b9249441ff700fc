"""docs/asyncapi.json: the stream's messages as AsyncAPI, written from the models.

python -m tests.house.asyncapi_page         writes the file, and says what the shape is to be pinned as
"""

import json
import sys
from pathlib import Path

from timeline_service.api import asyncapi, protocol

PAGE = Path(__file__).parents[2] / "docs" / "asyncapi.json"


def page() -> str:
    """The whole file."""
    return json.dumps(asyncapi.document(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"wrote {PAGE.name}\n")
    if asyncapi.shape() != protocol.SHAPE:
        sys.stdout.write(f'protocol.py has another shape pinned; this one is\nSHAPE: Final = "{asyncapi.shape()}"\n')
