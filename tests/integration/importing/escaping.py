"""What a file could do that took over its reader: `python -I … PACKAGES TASK` puts up the walls, tries, and says how it went.

TASK {"limits": …, "code": […], "secret": PATH, "port": N}  →  {"walls": […], "read secret": "EACCES", …}
"""

import errno
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, sys.argv[1])

from projections.otio import sandbox_walls


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except MemoryError:
        return "ENOMEM"
    except OSError as refused:
        return errno.errorcode.get(refused.errno or 0, "?")
    return "done"


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def execute() -> None:
    os.execv("/bin/true", ["true"])


def main(task: dict[str, Any]) -> dict[str, Any]:
    walls = sandbox_walls.confine(task["limits"], [Path(path) for path in task["code"]])
    secret = Path(task["secret"])
    tries: dict[str, Callable[[], object]] = {
        "read secret": secret.read_bytes,
        "list its folder": lambda: os.listdir(secret.parent),
        "write beside it": lambda: secret.with_name("planted").write_bytes(b"x"),
        "remove it": secret.unlink,
        "read our code": Path(sandbox_walls.__file__).read_bytes,
        "write our code": lambda: os.close(os.open(sandbox_walls.__file__, os.O_WRONLY)),
        "write a file of its own": lambda: Path("own").write_bytes(b"x"),
        "write a large file": lambda: Path("large").write_bytes(bytes(task["limits"]["file_bytes"] + 1)),
        "connect": lambda: socket.create_connection(("127.0.0.1", task["port"]), timeout=5),
        "fork": fork,
        "execute": execute,
        "kill its parent": lambda: os.kill(os.getppid(), 0),
        "take memory": lambda: bytearray(task["limits"]["memory_bytes"]),
    }
    return {"walls": walls, **{name: outcome(attempt) for name, attempt in tries.items()}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[2]))))
