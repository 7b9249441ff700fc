"""Rendering on Modal: a deployed function is spawned per job and found again by its call id.

The engine there is the same (`modal_app.py`); sources and output are signed URLs, progress lies in a Modal Dict under
the job's id. Nothing is contacted before the first call, so the service starts without Modal.
"""

import asyncio
import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

import modal
from modal import exception as refused

from workers.render import errors
from workers.render.job import Handle, RenderJob, RenderStatus, outcome

NAME: Final = "modal"
FUNCTION: Final = "render"
PROGRESS_DICT: Final = "timeline-render-progress"
CALL_TIMEOUT_S: Final = 30.0
"""Longest wait for one answer of Modal's control plane."""
MISCONFIGURED: Final = (refused.AuthError, refused.PermissionDeniedError, refused.InvalidError, refused.VersionError)
UNAVAILABLE: Final = (
    refused.ConnectionError,
    refused.ServiceError,
    refused.InternalError,
    refused.ResourceExhaustedError,
    refused.ClientClosed,
    OSError,
    TimeoutError,
)


def pack(job: RenderJob) -> str:
    """A job as one compact text argument; small jobs then travel inline, without a blob."""
    return base64.b85encode(zlib.compress(json.dumps(job.as_dict()).encode(), 9)).decode()


def unpack(text: str) -> RenderJob:
    """The job of `pack`."""
    return RenderJob(**json.loads(zlib.decompress(base64.b85decode(text))))


class ModalRenderer:
    """Spawns the deployed function `render` of an app, pinned to a version where one is given."""

    needs_urls: Final = True

    def __init__(
        self,
        *,
        app_name: str,
        app_version: int | None = None,
        environment: str | None = None,
        token_id: str,
        token_secret: str,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._app_name = app_name
        self._app_version = app_version
        self._environment = environment
        self._token_id = token_id
        self._token_secret = token_secret
        self._call_timeout_s = call_timeout_s
        self._connecting = asyncio.Lock()
        self._client: modal.Client | None = None
        self._submitted: dict[str, Handle] = {}
        self._cancel_asked: set[str] = set()

    async def submit(self, job: RenderJob) -> Handle:
        """Spawn the function. A job this process spawned and has not seen fail is not spawned twice."""
        known = self._submitted.get(job.id)
        if known is not None and (await self.poll(known)).state in {"running", "completed"}:
            return known
        client = await self._connect()
        function = modal.Function.from_name(
            self._app_name, FUNCTION, version=self._app_version, environment_name=self._environment, client=client
        )
        try:
            call = await self._in_time(function.spawn.aio(pack(job)))
        except Exception as error:
            raise _classified(error) from error
        handle = self._submitted[job.id] = Handle(NAME, job.id, call.object_id)
        return handle

    async def poll(self, handle: Handle, wait_s: float = 0) -> RenderStatus:
        """How it stands. Modal keeps results for a week; after that, or for an unknown call, it is lost."""
        call = modal.FunctionCall.from_id(handle.reference, client=await self._connect())
        try:
            async with asyncio.timeout(wait_s + self._call_timeout_s) as limit:
                answer = await call.get.aio(timeout=wait_s)
        except TimeoutError:
            # Two things have this name: "no result yet", and our own limit on a control plane that says nothing.
            if limit.expired():
                raise errors.RendererUnavailable(type="no_answer") from None
            return await self._progress(handle)
        except (refused.NotFoundError, refused.OutputExpiredError):
            return RenderStatus("lost")
        except refused.InputCancellation:
            return RenderStatus("canceled")
        except Exception as error:  # noqa: BLE001 - the function may have raised anything
            return self._failure(handle, error)
        return outcome(answer, await self._progress(handle))

    async def cancel(self, handle: Handle) -> None:
        """Cancel the call; the container stops rendering when the signal reaches it."""
        self._cancel_asked.add(handle.reference)
        call = modal.FunctionCall.from_id(handle.reference, client=await self._connect())
        try:
            await self._in_time(call.cancel.aio())
        except refused.NotFoundError:
            return
        except Exception as error:
            raise _classified(error) from error

    async def forget(self, handle: Handle) -> None:
        """Drop the job's progress; Modal drops results by itself."""
        self._submitted.pop(handle.job_id, None)
        self._cancel_asked.discard(handle.reference)
        try:
            shelf = await self._shelf()
            await self._in_time(shelf.pop.aio(handle.job_id))
        except KeyError:
            return
        except Exception as error:
            raise _classified(error) from error

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close.aio()

    def _failure(self, handle: Handle, error: Exception) -> RenderStatus:
        """What an exception of `get` says about the job; raises where it says something about the connection only."""
        status = RenderStatus("running")
        if isinstance(error, refused.RemoteError) and handle.reference in self._cancel_asked:
            # A terminated call has no payload: the SDK can say no more than that it ended from outside.
            return status.ended("canceled")
        if isinstance(error, refused.FunctionTimeoutError):
            return status.ended("failed", error=errors.RenderTimedOut().as_dict())
        if isinstance(error, (refused.RemoteError, refused.InternalFailure)):
            return status.ended("failed", error=errors.EngineCrashed(type=type(error).__name__).as_dict())
        if isinstance(error, refused.Error):
            raise _classified(error) from error
        # Not of the SDK: what the function itself raised. The engine answers its own errors, so this is a defect.
        return status.ended("failed", error=errors.RenderError(type=type(error).__name__).as_dict())

    async def _progress(self, handle: Handle) -> RenderStatus:
        """What the container last wrote; progress is worth less than an answer, so its absence is not an error."""
        try:
            shelf = await self._shelf()
            said: Mapping[str, Any] | None = await self._in_time(shelf.get.aio(handle.job_id))
        except (refused.Error, *UNAVAILABLE):
            said = None
        if said is None:
            return RenderStatus("running")
        return RenderStatus("running", said["done"], said["total"], said["phase"])

    async def _shelf(self) -> Any:
        client = await self._connect()
        return modal.Dict.from_name(
            PROGRESS_DICT, environment_name=self._environment, create_if_missing=True, client=client
        )

    async def _connect(self) -> modal.Client:
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await self._in_time(
                        modal.Client.from_credentials.aio(self._token_id, self._token_secret)
                    )
                except Exception as error:
                    raise _classified(error) from error
            return self._client

    async def _in_time(self, call: Any) -> Any:
        return await asyncio.wait_for(call, self._call_timeout_s)


def _classified(error: Exception) -> errors.RenderError:
    """An SDK error as ours: misconfigured (permanent) or unavailable (try again)."""
    kind = type(error).__name__
    if isinstance(error, (refused.NotFoundError, *MISCONFIGURED)):
        return errors.RendererMisconfigured(type=kind)
    if isinstance(error, (refused.Error, *UNAVAILABLE)):
        return errors.RendererUnavailable(type=kind)
    return errors.RenderError(type=kind)
