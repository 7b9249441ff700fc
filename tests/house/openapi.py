"""The descriptions of the API and of the stream as files, from which the types of the TypeScript client are made.

python -m tests.house.openapi        writes clients/typescript/openapi.json and stream.json
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.serving import SIGNING_KEY
from timeline_service import main
from timeline_service.settings import Settings, Storage

ROOT = Path(__file__).parents[2]
FILE = ROOT / "clients" / "typescript" / "openapi.json"
STREAM_FILE = FILE.with_name("stream.json")
ASYNCAPI = ROOT / "docs" / "asyncapi.json"


def document() -> dict[str, Any]:
    """What /openapi.json answers, whatever the settings."""
    with tempfile.TemporaryDirectory() as folder:
        app = main.create_app(Settings(data_dir=Path(folder), storage=Storage(signing_key=SIGNING_KEY)))
        return app.openapi()


def stream() -> dict[str, Any]:
    """The messages of docs/asyncapi.json in the clothes of OpenAPI, which the maker of types reads."""
    described = json.loads(ASYNCAPI.read_text())
    return {
        "openapi": "3.1.0",
        "info": {"title": "the stream", "version": described["info"]["version"]},
        "paths": {},
        "components": {"schemas": described["components"]["schemas"]},
        "x-close-codes": described["x-close-codes"],
    }


def text(of: dict[str, Any]) -> str:
    """A file: keys in order, one per line, so that a change of the API reads as one."""
    return json.dumps(of, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(document()))
    STREAM_FILE.write_text(text(stream()))
