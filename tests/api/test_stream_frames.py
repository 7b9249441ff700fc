"""Hostile frames and nearly right ones: each is answered, nothing else happens, and the stream goes on."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api import streaming
from tests.api.conftest import Studio
from tests.strategies import messages
from timeline_service.api import strict_json
from timeline_service.api.protocol import FRAME_BYTES, MESSAGE, PRESENCE_BYTES, STRIKES, Close
from timeline_service.kit.errors import ServiceError

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "cAnArY"
CODES = set(re.findall(r"^\| `(\w+)` \|", (Path(__file__).parents[2] / "docs" / "errors.md").read_text(), re.MULTILINE))
OURS_ALONE = {"internal_error", "unavailable"}
"""What the service answers when it has failed, not the client."""

WRONG: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "invalid_json"),
    "no JSON": ("nonsense", "invalid_json"),
    "half a message": ('{"t":"ping"', "invalid_json"),
    "a list": ("[]", "invalid_message"),
    "a number": ("1", "invalid_message"),
    "null": ("null", "invalid_message"),
    "text": (f'"{CANARY}"', "invalid_message"),
    "no kind": ("{}", "invalid_message"),
    "an unknown kind": (f'{{"t":"{CANARY}"}}', "invalid_message"),
    "a kind that is an object": ('{"t":{}}', "invalid_message"),
    "a kind of the service": ('{"t":"welcome"}', "invalid_message"),
    "a second hello": (f'{{"t":"hello","token":"{CANARY}"}}', "invalid_message"),
    "a push of nothing": ('{"t":"push"}', "invalid_message"),
    "no gestures": ('{"t":"push","batch":"b","gestures":[]}', "invalid_message"),
    "501 gestures": (json.dumps({"t": "push", "batch": "b", "gestures": [{}] * 501}), "invalid_message"),
    "a gesture that is none": ('{"t":"push","batch":"b","gestures":[7]}', "invalid_message"),
    "an empty batch name": ('{"t":"push","batch":"","gestures":[{}]}', "invalid_message"),
    "an unknown field": (f'{{"t":"ping","{CANARY}":1}}', "invalid_message"),
    "a version in words": (f'{{"t":"pull","after_version":"{CANARY}"}}', "invalid_message"),
    "a version below zero": ('{"t":"pull","after_version":-1}', "invalid_message"),
    "a version of half": ('{"t":"recv","version":0.5}', "invalid_message"),
    "true for a number": ('{"t":"recv","version":true}', "invalid_message"),
    "a restore to nothing": ('{"t":"restore","version":0}', "invalid_message"),
    "an undo of all": ('{"t":"undo","target":{}}', "invalid_message"),
    "a lease for ever": ('{"t":"lease","do":"acquire","record":"c1","ttl_ms":3600000}', "invalid_message"),
    "a lease of no record": ('{"t":"lease","do":"acquire","record":"../c1"}', "invalid_message"),
    "a key twice": ('{"t":"ping","n":1,"n":2}', "duplicate_key"),
    "a key twice in disguise": ('{"t":"ping","n":1,"\\u006e":2}', "duplicate_key"),
    "NaN": ('{"t":"ping","n":NaN}', "number_not_finite"),
    "infinity": ('{"t":"ping","n":1e400}', "number_not_finite"),
    "minus zero": ('{"t":"ping","n":-0}', "minus_zero"),
    "2^53": ('{"t":"recv","version":' + str(2**53) + "}", "number_too_large"),
    "10^400": ('{"t":"recv","version":1' + "0" * 400 + "}", "number_too_large"),
    "depth 65": ('{"t":"presence","cursor":{"a":' + "[" * 64 + "]" * 64 + "}}", "too_deep"),
    "depth 10^4": ("[" * 10_000 + "]" * 10_000, "too_deep"),
    "a lone surrogate": ('{"t":"presence","tool":"\\ud800"}', "text_not_storable"),
    "NUL": ('{"t":"presence","tool":"\\u0000"}', "text_not_storable"),
    "a byte order mark": ('\ufeff{"t":"ping"}', "invalid_json"),
    "a binary frame": (b'{"t":"ping"}', "binary_frame"),
    "bytes": (b"\x00\xff", "binary_frame"),
    "more than 4 KB of presence": (json.dumps({"t": "presence", "cursor": {"a": "x" * PRESENCE_BYTES}}), "too_large"),
    "more than 256 KB": (json.dumps({"t": "presence", "cursor": {"a": "x" * FRAME_BYTES}}), "too_large"),
    "256 KB of two bytes each": (
        json.dumps({"t": "presence", "tool": "é" * (FRAME_BYTES - 1000)}, ensure_ascii=False),
        "too_large",
    ),
}


def join(studio: Studio, **hello: Any) -> Any:
    return streaming.opened(studio.service.url, studio.timeline_id, studio.owner.token, **hello)


@pytest.mark.parametrize("name", WRONG)
async def test_s22_a_frame_that_is_wrong_is_answered_and_the_stream_goes_on(shared_studio: Studio, name: str) -> None:
    frame, code = WRONG[name]
    before = await shared_studio.version()
    async with join(shared_studio) as stream:
        await stream.socket.send(frame)
        answer = await stream.until("error")
        assert answer["code"] == code, answer
        assert CANARY not in json.dumps(answer)
        await stream.send(t="ping", n=1)
        await stream.until("pong", n=1)
    assert await shared_studio.version() == before


@pytest.mark.parametrize(
    ("frame", "batch"),
    [
        ('{"t":"push","batch":"b1","gestures":[{"type":"rename","name":"\\ud800"}]}', "b1"),
        ('{"t":"push","batch":"b1","gestures":[{"type":"set_volume","gain":-0.0}]}', "b1"),
        ('{"t":"push","batch":"b1","gestures":[{"type":"rename"}],"transaction":{"id":7}}', "b1"),
        (json.dumps({"t": "push", "batch": "b1", "gestures": [{"name": "x" * FRAME_BYTES}]}), "b1"),
        ('{"t":"undo","batch":"b1","policy":"now"}', "b1"),
        (f'{{"t":"push","batch":"{CANARY} {CANARY}","gestures":[]}}', None),
        ('{"t":"push","batch":7,"gestures":[]}', None),
        ('["batch"]', None),
        ('{"t":"push","batch":"b1"', None),
    ],
)
async def test_s22_the_error_says_which_push_it_was(shared_studio: Studio, frame: str, batch: str | None) -> None:
    """A push that is no message has no result: whoever keeps it would send it for ever."""
    async with join(shared_studio) as stream:
        await stream.socket.send(frame)
        answer = await stream.until("error")
        assert answer["details"].get("batch") == batch
        assert CANARY not in json.dumps(answer)


async def test_s22_a_message_in_fragments_is_one_message(shared_studio: Studio) -> None:
    async with join(shared_studio) as stream:
        await stream.socket.send(['{"t":"pi', 'ng","n"', ":", "5}"])
        await stream.until("pong", n=5)
        half = ["x" * 100_000] * 4  # none of the fragments is too large, the message is
        await stream.socket.send(['{"t":"presence","tool":"', *half, '"}'])
        assert (await stream.until("error"))["code"] == "too_large"


async def test_s22_twenty_wrong_messages_end_it(shared_studio: Studio) -> None:
    async with join(shared_studio) as stream:
        for _ in range(STRIKES - 1):
            await stream.socket.send("nonsense")
        for _ in range(STRIKES - 1):
            await stream.until("error")
        await stream.send(t="ping", n=1)
        await stream.until("pong")
        await stream.socket.send("nonsense")
        assert await stream.closed() == Close.BAD


async def test_s22_a_megabyte_is_not_even_read(shared_studio: Studio) -> None:
    async with join(shared_studio) as stream:
        await stream.send(t="presence", cursor={"text": "x" * 2_000_000})
        assert await stream.closed() == 1009


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(messages.TEXTS, min_size=1, max_size=10), ends=st.integers(0, 3))
async def test_s22_whatever_comes_is_answered_in_the_words_of_the_protocol(
    shared_studio: Studio, texts: list[str], ends: int
) -> None:
    """Only messages of the models come back (streaming holds them to it), only codes of docs/errors.md, no close."""
    async with join(shared_studio, client_id="fuzz") as stream:
        for text in texts:
            await stream.socket.send(text)
        await stream.send(t="ping", n=77_777)
        owed = sum(_edits(text) for text in texts)
        ponged = False
        while owed or not ponged:
            message = await stream.receive()
            told = [message, *message.get("r", [])]
            codes = {one["code"] for one in told if "code" in one}
            assert codes <= CODES - OURS_ALONE, message
            owed -= message["t"] == "result"
            ponged |= message == {"t": "pong", "n": 77_777}
        if not ends:  # gone without a word, with whatever is under way
            stream.socket.transport.abort()
            await asyncio.sleep(0)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=messages.TEXTS)
async def test_s01_whatever_comes_first_is_a_hello_or_the_end(shared_studio: Studio, first: str) -> None:
    async with streaming.raw(shared_studio.service.url, shared_studio.timeline_id) as stream:
        await stream.socket.send(first)
        assert await stream.closed() in {Close.BAD, Close.UNAUTHENTICATED, Close.OLD}


def _edits(text: str) -> bool:
    """Whether the service owes a result: whether it is an edit by the model of the protocol."""
    try:
        return bool(MESSAGE.validate_python(strict_json.parse_text(text)).t in {"push", "undo", "redo", "restore"})
    except (ValueError, ServiceError):
        return False
