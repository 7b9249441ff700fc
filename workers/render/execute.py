"""Carrying out a job where the engine runs: fetch what is remote, render, store. The same in the child and on Modal."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from timeline_service.kit import logging
from workers.render import encode, engine, errors
from workers.render import plan as plans
from workers.render.job import RenderJob

log = logging.get(__name__)
CHUNK: Final = 1 << 20
TIMEOUT_S: Final = 60
PERMANENT: Final = frozenset({400, 401, 403, 404, 405, 410, 411, 413})


def run(
    job: RenderJob,
    on_progress: engine.OnProgress = engine.silent,
    should_cancel: engine.ShouldCancel = engine.never,
    encoder: encode.Encoder = encode.X264,
) -> dict[str, Any]:
    """The whole job; the answer is {"ok": true, "result": …} or {"ok": false, "error": …}, never an exception.

    `job.timeout_s` is kept here, wherever the job runs; renderers have later limits, for an engine that hangs.
    """
    deadline = time.monotonic() + job.timeout_s

    def heed() -> bool:
        if time.monotonic() > deadline:
            raise errors.RenderTimedOut(timeout_s=job.timeout_s)
        return should_cancel()

    try:
        return {"ok": True, "result": _run(job, on_progress, heed, encoder).as_dict()}
    except errors.RenderError as error:
        return {"ok": False, "error": error.as_dict()}
    except Exception as error:
        log.exception("render_failed", job_id=job.id)
        return {"ok": False, "error": errors.RenderError(type=type(error).__name__).as_dict()}


def _run(
    job: RenderJob, on_progress: engine.OnProgress, should_cancel: engine.ShouldCancel, encoder: encode.Encoder
) -> engine.Rendered:
    plan = plans.from_dict(dict(job.plan))
    with tempfile.TemporaryDirectory(prefix="render-") as scratch:
        sources = fetch_all(job.sources, Path(scratch), should_cancel)
        if not _is_remote(job.output):
            return engine.render(plan, sources, Path(job.output), on_progress, should_cancel, encoder)
        local = Path(scratch) / "output"
        rendered = engine.render(plan, sources, local, on_progress, should_cancel, encoder)
        store(local, job.output, job.output_headers)
        return rendered


def fetch_all(sources: Mapping[str, str], folder: Path, should_cancel: engine.ShouldCancel) -> dict[str, Path]:
    """Local paths of all sources; remote ones are copied into `folder`. Raises TransferFailed, Canceled."""
    found = {}
    for number, (key, address) in enumerate(sorted(sources.items())):
        if _is_remote(address):
            found[key] = folder / f"source-{number}"
            _fetch(address, found[key], should_cancel)
        else:
            found[key] = Path(address)
    return found


def store(path: Path, address: str, headers: Mapping[str, str]) -> None:
    """PUT a file. Raises TransferFailed."""
    length = {"Content-Length": str(path.stat().st_size)}
    with path.open("rb") as file, _transfer(address):
        answer = httpx2.put(
            address, content=iter(lambda: file.read(CHUNK), b""), headers={**headers, **length}, timeout=TIMEOUT_S
        )
        answer.raise_for_status()


def _fetch(address: str, path: Path, should_cancel: engine.ShouldCancel) -> None:
    with _transfer(address), httpx2.stream("GET", address, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
        answer.raise_for_status()
        for chunk in answer.iter_bytes(CHUNK):
            if should_cancel():
                raise errors.Canceled()
            file.write(chunk)


@contextlib.contextmanager
def _transfer(address: str) -> Iterator[None]:
    """Network errors as ours. The query of an address is a signature and stays out of them."""
    host = urlsplit(address).netloc
    try:
        yield
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        kind = errors.TransferRefused if status in PERMANENT else errors.TransferFailed
        raise kind(host=host, status=status) from None
    except httpx2.HTTPError as error:
        raise errors.TransferFailed(host=host, reason=type(error).__name__) from None


def _is_remote(address: str) -> bool:
    return urlsplit(address).scheme in {"http", "https"}
