"""Structured log lines on stderr: JSON for machines, columns for people, no secrets in either.

    log = logging.get("editing")
    logging.bind(timeline_id=…, correlation_id=…)        # for this request or job
    log.info("gestures appended", count=3)

Lines of the standard library's `logging` (uvicorn, arq, SQLAlchemy) go the same way.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import orjson
import structlog

REDACTED = "[redacted]"

_ANY = re.IGNORECASE
_SECRET_NAMES = re.compile(
    r"pass(word|wd)|secret|token|authorization|cookie|api[_-]?key|signing[_-]?key|signature|ticket", _ANY
)
_CHATTER = ("Context impl ", "Will assume ")  # Alembic, at every start
_SECRET_TEXTS = (
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^:/@\s]*:)[^@/\s]+@", _ANY), rf"\1{REDACTED}@"),
    (re.compile(r"\bBearer\s+[^\s\"',]+", _ANY), f"Bearer {REDACTED}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), REDACTED),
    (
        re.compile(
            r"([?&](?:sig|signature|token|ticket|x-amz-(?:signature|credential|security-token))=)[^&\s\"']+", _ANY
        ),
        rf"\1{REDACTED}",
    ),
)


_OWN_HANDLERS: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "arq", "arq.worker")
"""Loggers of libraries that set themselves up unless told not to."""


def configure(*, level: str = "INFO", json: bool | None = None) -> None:
    """Set up this process; call once, in a composition root. `json=None` means JSON unless stderr is a terminal."""
    as_json = not sys.stderr.isatty() if json is None else json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
        redact,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(lambda record: not str(record.msg).startswith(_CHATTER))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _OWN_HANDLERS:  # a line that goes another way is a line that nobody has redacted
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a room."""
    return structlog.stdlib.get_logger(name)


def bind(**context: Any) -> Mapping[str, Any]:
    """Add to every further line of this request or job; the result undoes it with `unbind`."""
    return structlog.contextvars.bind_contextvars(**context)


def unbind(tokens: Mapping[str, Any]) -> None:
    """Take back what `bind` added."""
    structlog.contextvars.reset_contextvars(**tokens)


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of a line: values under telling names, and what looks like one inside any text."""
    return {name: _clean(name, value) for name, value in line.items()}


def _clean(name: str, value: Any) -> Any:
    if name and not name.startswith("_") and _SECRET_NAMES.search(name) and isinstance(value, str | bytes):
        return REDACTED
    match value:
        case str():
            for pattern, replacement in _SECRET_TEXTS:
                value = pattern.sub(replacement, value)
            return value
        case Mapping():
            return {key: _clean(str(key), inner) for key, inner in value.items()}
        case list() | tuple() if not name.startswith("_"):
            return [_clean(name, inner) for inner in value]
        case _:
            return value


def _to_json(line: Any, **_options: Any) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
