"""What travels between an export and a renderer: jobs, handles and statuses. Plain values, JSON in and out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

State = Literal["running", "completed", "failed", "canceled", "lost"]
FINAL: Final = frozenset({"completed", "failed", "canceled", "lost"})


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One rendering.

    `id`: the same id submitted again is the same rendering. `plan`: RenderPlan.as_dict(). `sources`: per source key a
    path or URL that the renderer can read. `output`: a path, or a URL that takes one PUT with `output_headers`.
    """

    id: str
    plan: Mapping[str, Any]
    sources: Mapping[str, str]
    output: str
    output_headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: int = 3600

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; `RenderJob(**d)` is its inverse."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Handle:
    """Where a submitted rendering is. Store its text before waiting: whoever holds it can poll or cancel."""

    renderer: str
    job_id: str
    reference: str

    def __str__(self) -> str:
        return f"{self.renderer}:{self.job_id}:{self.reference}"

    @classmethod
    def parse(cls, text: str) -> "Handle":
        """The handle of a stored text. Raises ValueError."""
        renderer, job_id, reference = text.split(":", 2)
        return cls(renderer, job_id, reference)


@dataclass(frozen=True, slots=True)
class RenderStatus:
    """How a rendering stands.

    `lost`: the renderer does not know it any more, submit it again. `result`: engine.Rendered as a dict, when
    completed. `error`: {code, message, retryable, details}, when failed.
    """

    state: State
    frames_done: int = 0
    frames_total: int = 0
    phase: str = ""
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    def ended(
        self, state: State, *, result: Mapping[str, Any] | None = None, error: Mapping[str, Any] | None = None
    ) -> "RenderStatus":
        """This progress, with its end."""
        return replace(self, state=state, result=result, error=error)


def outcome(answer: Mapping[str, Any], progress: RenderStatus) -> RenderStatus:
    """The final status of an engine's answer: {"ok": true, "result"} or {"ok": false, "error"}."""
    if answer["ok"]:
        done = replace(progress, frames_done=answer["result"]["frames"], frames_total=answer["result"]["frames"])
        return replace(done, phase="done").ended("completed", result=answer["result"])
    if answer["error"]["code"] == "canceled":
        return progress.ended("canceled")
    return progress.ended("failed", error=answer["error"])
