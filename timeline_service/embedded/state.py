"""What a data directory remembers between runs: passwords and ports, in one file that only its owner can read."""

import dataclasses
import json
import os
import secrets
from pathlib import Path
from typing import Any

FILE = "embedded.json"


@dataclasses.dataclass(frozen=True)
class State:
    """Made once per data directory; the ports change when another program has taken them."""

    postgres_password: str
    app_password: str
    worker_password: str
    redis_password: str
    signing_key: str
    postgres_port: int = 0
    redis_port: int = 0


def load(data_dir: Path) -> State | None:
    """The remembered state, or None in a fresh directory."""
    try:
        text = (data_dir / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return State(**json.loads(text))


def fresh() -> State:
    """New passwords, no ports yet."""
    names = ("postgres_password", "app_password", "worker_password", "redis_password", "signing_key")
    made: dict[str, Any] = {name: secrets.token_hex(24) for name in names}
    return State(**made)


def save(data_dir: Path, state: State) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one."""
    text = json.dumps(dataclasses.asdict(state), indent=1)
    draft = data_dir / f"{FILE}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - the mode must be right from the first byte
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(data_dir / FILE)
