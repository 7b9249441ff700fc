"""A Modal control plane for tests: the SDK talks to it over gRPC as it does to the real one.

A spawned call runs the real engine in a thread here, so that a renderer in front of it keeps the same contract as one
that renders locally. What a test needs to go wrong is an attribute.
"""

import asyncio
import base64
import contextlib
import json
import pickle
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from google.protobuf import empty_pb2
from grpclib import GRPCError, Status
from grpclib.server import Server
from modal_proto import api_grpc, api_pb2

from workers.render import engine, execute
from workers.render.modal import unpack

GenericResult = api_pb2.GenericResult


class Call:
    """A function call: its thread, its cancel flag, and its output once there is one."""

    def __init__(self) -> None:
        self.canceled = threading.Event()
        self.output: api_pb2.FunctionGetOutputsItem | None = None
        self.ended = asyncio.Event()


def _unimplemented(name: str) -> Callable[..., Any]:
    async def method(self: Any, stream: Any) -> None:
        raise GRPCError(Status.UNIMPLEMENTED, name)

    return method


class _Service(api_grpc.ModalClientBase):
    """Everything that the tests do not need answers UNIMPLEMENTED."""


for _name in api_grpc.ModalClientBase.__abstractmethods__:
    setattr(_Service, _name, _unimplemented(_name))
_Service.__abstractmethods__ = frozenset()


class ModalPlane(_Service):
    """Start with `await plane.start()`; the SDK finds it by MODAL_SERVER_URL."""

    def __init__(self, *, app_name: str = "timeline-render") -> None:
        self.app_name = app_name
        self.calls: dict[str, Call] = {}
        self.shelf: dict[str, bytes] = {}
        self.versions_asked: list[int] = []
        self.token = ("ak-test", "as-test")
        self.mute = asyncio.Event()
        """While set, FunctionGetOutputs says nothing at all."""
        self.raises: Exception | None = None
        """What the deployed function raises instead of rendering."""
        self.fails_with: int | None = None
        """A GenericResult status that the next calls end with instead of rendering."""
        self.runs = 0
        self._server = Server([self])
        self._loop: asyncio.AbstractEventLoop | None = None
        self._released = asyncio.Event()

    async def start(self) -> str:
        """Listen; the address for MODAL_SERVER_URL."""
        self._loop = asyncio.get_running_loop()
        await self._server.start("127.0.0.1", 0)
        sockets = self._server._server.sockets  # grpclib does not say which port it got
        return f"http://127.0.0.1:{sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Cancel what runs, wait for it, and close."""
        self._released.set()
        for call in self.calls.values():
            call.canceled.set()
        for call in self.calls.values():
            await call.ended.wait()
        self._server.close()
        await self._server.wait_closed()

    # What follows has the names of the protocol.

    async def ClientHello(self, stream: Any) -> None:
        await stream.recv_message()
        sent = stream.metadata
        if (sent.get("x-modal-token-id"), sent.get("x-modal-token-secret")) != self.token:
            raise GRPCError(Status.UNAUTHENTICATED, "Token is invalid")
        await stream.send_message(api_pb2.ClientHelloResponse())

    async def AuthTokenGet(self, stream: Any) -> None:
        await stream.recv_message()
        claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + 3600}).encode()).decode().rstrip("=")
        await stream.send_message(api_pb2.AuthTokenGetResponse(token=f"e30.{claims}.x"))

    async def FunctionGet(self, stream: Any) -> None:
        request = await stream.recv_message()
        self.versions_asked.append(request.app_version)
        if stream.metadata.get("x-modal-token-secret") != self.token[1]:
            raise GRPCError(Status.UNAUTHENTICATED, "Token is invalid")
        if request.app_name != self.app_name or request.object_tag != "render":
            raise GRPCError(Status.NOT_FOUND, "no such function")
        metadata = api_pb2.FunctionHandleMetadata(
            function_name="render", function_type=api_pb2.Function.FUNCTION_TYPE_FUNCTION
        )
        function = api_pb2.FunctionData(
            ranked_functions=[api_pb2.FunctionData.RankedFunction(rank=0, function=api_pb2.Function())]
        )
        await stream.send_message(
            api_pb2.FunctionGetResponse(function_id="fu-1", handle_metadata=metadata, function=function)
        )

    async def FunctionMap(self, stream: Any) -> None:
        request = await stream.recv_message()
        call_id, call = f"fc-{uuid.uuid4().hex}", Call()
        self.calls[call_id] = call
        args = request.pipelined_inputs[0].input.args
        (packed,), _ = pickle.loads(args)
        threading.Thread(target=self._work, args=(call, packed), daemon=True).start()
        await stream.send_message(
            api_pb2.FunctionMapResponse(
                function_call_id=call_id,
                pipelined_inputs=[api_pb2.FunctionPutInputsResponseItem(idx=0, input_id="in-1")],
            )
        )

    async def FunctionGetOutputs(self, stream: Any) -> None:
        request = await stream.recv_message()
        if self.mute.is_set():
            await self._released.wait()
        call = self.calls.get(request.function_call_id)
        if call is None:
            raise GRPCError(Status.NOT_FOUND, "no such call")
        if not call.ended.is_set() and request.timeout > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(call.ended.wait(), request.timeout)
        # The same output every time it is asked for, and twice in one answer: the protocol promises neither.
        outputs = [call.output, call.output] if call.output else []
        await stream.send_message(
            api_pb2.FunctionGetOutputsResponse(outputs=outputs, num_unfinished_inputs=0 if outputs else 1)
        )

    async def FunctionCallCancel(self, stream: Any) -> None:
        request = await stream.recv_message()
        call = self.calls.get(request.function_call_id)
        if call is None:
            raise GRPCError(Status.NOT_FOUND, "no such call")
        call.canceled.set()
        await stream.send_message(empty_pb2.Empty())

    async def DictGetOrCreate(self, stream: Any) -> None:
        await stream.recv_message()
        await stream.send_message(api_pb2.DictGetOrCreateResponse(dict_id="di-1"))

    async def DictGet(self, stream: Any) -> None:
        request = await stream.recv_message()
        value = self.shelf.get(pickle.loads(request.key))
        await stream.send_message(api_pb2.DictGetResponse(found=value is not None, value=value))

    async def DictPop(self, stream: Any) -> None:
        request = await stream.recv_message()
        value = self.shelf.pop(pickle.loads(request.key), None)
        await stream.send_message(api_pb2.DictPopResponse(found=value is not None, value=value))

    def _work(self, call: Call, packed: str) -> None:
        """What a container does with the call."""
        result = self._result(call, packed)

        def end() -> None:
            call.output = api_pb2.FunctionGetOutputsItem(
                result=result, idx=0, data_format=api_pb2.DATA_FORMAT_PICKLE, input_id="in-1"
            )
            call.ended.set()

        assert self._loop is not None
        self._loop.call_soon_threadsafe(end)

    def _result(self, call: Call, packed: str) -> GenericResult:
        self.runs += 1
        if self.fails_with is not None:
            return GenericResult(status=self.fails_with, exception="it ended from outside")
        if self.raises is not None:
            return GenericResult(
                status=GenericResult.GENERIC_STATUS_FAILURE,
                exception=repr(self.raises),
                data=pickle.dumps(self.raises),
            )
        job = unpack(packed)
        answer = execute.run(job, lambda progress: self._say(job.id, progress), call.canceled.is_set)
        if call.canceled.is_set():
            return GenericResult(status=GenericResult.GENERIC_STATUS_TERMINATED, exception="terminated")
        return GenericResult(status=GenericResult.GENERIC_STATUS_SUCCESS, data=pickle.dumps(answer))

    def _say(self, job_id: str, progress: engine.Progress) -> None:
        said = {"done": progress.frames_done, "total": progress.frames_total, "phase": progress.phase}
        self.shelf[job_id] = pickle.dumps(said)
