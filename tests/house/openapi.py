"""The description of the API as a file, from which the types of the TypeScript client are made.

python -m tests.house.openapi        writes clients/typescript/openapi.json
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.serving import SIGNING_KEY
from timeline_service import main
from timeline_service.settings import Settings, Storage

FILE = Path(__file__).parents[2] / "clients" / "typescript" / "openapi.json"


def document() -> dict[str, Any]:
    """What /openapi.json answers, whatever the settings."""
    with tempfile.TemporaryDirectory() as folder:
        app = main.create_app(Settings(data_dir=Path(folder), storage=Storage(signing_key=SIGNING_KEY)))
        return app.openapi()


def text() -> str:
    """The file: keys in order, one per line, so that a change of the API reads as one."""
    return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
