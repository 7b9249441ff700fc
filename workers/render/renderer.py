"""The renderer protocol, and the choice between its two implementations. Callers never ask which one they have."""

from pathlib import Path
from typing import Protocol

from timeline_service.settings import Settings
from workers.render.job import Handle, RenderJob, RenderStatus
from workers.render.local import LocalRenderer
from workers.render.modal import ModalRenderer


class Renderer(Protocol):
    """Renders jobs somewhere.

    Errors of a job are in its status. Methods raise RendererUnavailable (retryable) and RendererMisconfigured.
    """

    @property
    def needs_urls(self) -> bool:
        """Whether sources and output must be URLs, because the renderer does not see our disk."""
        ...

    async def submit(self, job: RenderJob) -> Handle:
        """Start a job. Store the handle before waiting for it. The same job again is the same rendering."""
        ...

    async def poll(self, handle: Handle, wait_s: float = 0) -> RenderStatus:
        """How a job stands; waits up to `wait_s` for its end. An unknown handle is `lost`, not an error."""
        ...

    async def cancel(self, handle: Handle) -> None:
        """Ask a job to stop. An ended or unknown one is left alone."""
        ...

    async def forget(self, handle: Handle) -> None:
        """Drop what the renderer keeps about an ended job."""
        ...

    async def close(self) -> None:
        """Give back connections and processes."""
        ...


def choose(settings: Settings) -> Renderer:
    """The renderer that the settings ask for: Modal when it is named, or `auto` with credentials; else local."""
    modal = settings.modal
    if settings.renderer == "modal" or (settings.renderer == "auto" and modal.token_id):
        return ModalRenderer(
            app_name=modal.app_name,
            app_version=modal.app_version,
            environment=modal.environment,
            token_id=modal.token_id,
            token_secret=modal.token_secret.get_secret_value(),
        )
    return LocalRenderer(Path(settings.data_dir) / "render")
