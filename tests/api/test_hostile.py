"""Hostile input: every case is answered with a 4xx and a code, nothing is stored, nothing that was sent comes back."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.api import streaming
from tests.api.conftest import Studio
from timeline_service.kit import clock

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "cAnArY"
DEEP = "[" * 10_000 + "]" * 10_000


def as_json(values: dict[str, str]) -> bytes:
    return ("{" + ",".join(f'"{key}":{value}' for key, value in values.items()) + "}").encode()


def marker(**changes: str) -> bytes:
    """An add_marker gesture as JSON text; `changes` replace values as they stand."""
    values = {"parent_id": '"c1"', "time": "5", "name": f'"{CANARY}"'} | changes
    return (
        "{" + ",".join(f'"{key}":{value}' for key, value in {"type": '"add_marker"', **values}.items()) + "}"
    ).encode()


BOTH = f'{{"url":"{CANARY}","missing":true}}'


def trim(**changes: str) -> bytes:
    values = {"clip_id": '"c1"', "edge": '"end"', "delta": "-1"} | changes
    return as_json({"type": '"trim"', **values})


def size(value: str) -> bytes:
    return f'{{"type":"set_timeline","name":"{CANARY}","width":{value}}}'.encode()


GESTURES: dict[str, tuple[bytes, set[str]]] = {
    "NaN": (trim(delta="NaN"), {"number_not_finite"}),
    "Infinity": (trim(delta="Infinity"), {"number_not_finite"}),
    "-Infinity": (trim(delta="-Infinity"), {"number_not_finite"}),
    "1e400": (trim(delta="1e400"), {"number_not_finite"}),
    "-1e400": (trim(delta="-1e400"), {"number_not_finite"}),
    "NaN as a string": (trim(delta='"NaN"'), {"invalid"}),
    "minus zero": (trim(delta="-0"), {"minus_zero"}),
    "minus zero as a float": (trim(delta='{"value":-0.0,"rate":25}'), {"minus_zero"}),
    "true as a number": (trim(delta="true"), {"invalid"}),
    "false as a number": (size("false"), {"invalid"}),
    "a string as a number": (trim(delta='"-1"'), {"invalid"}),
    "a float as an integer": (size("1280.0"), {"invalid"}),
    "a float as an id": (trim(clip_id="1.5"), {"invalid"}),
    "a number as an id": (trim(clip_id="7"), {"invalid"}),
    "null as a number": (trim(delta="null"), {"invalid"}),
    "an object as an id": (trim(clip_id=f'{{"{CANARY}":1}}'), {"invalid"}),
    "2^31 as a size": (size(str(2**31)), {"invalid"}),
    "-2^31 as a size": (size(str(-(2**31))), {"invalid"}),
    "2^31 frames": (trim(delta=str(2**31)), {"bad_range"}),
    "-2^31 frames": (trim(delta=str(-(2**31))), {"bad_range"}),
    "2^53": (trim(delta=str(2**53)), {"number_too_large"}),
    "-2^53": (trim(delta=str(-(2**53))), {"number_too_large"}),
    "2^63": (trim(delta=str(2**63)), {"number_too_large"}),
    "-2^63": (trim(delta=str(-(2**63))), {"number_too_large"}),
    "10^400": (trim(delta="1" + "0" * 400), {"number_too_large"}),
    "-10^400": (trim(delta="-1" + "0" * 400), {"number_too_large"}),
    "rate 0": (trim(delta='{"value":1,"rate":0}'), {"rate_unknown"}),
    "a rate nobody has": (trim(delta='{"value":1,"rate":17}'), {"rate_unknown"}),
    "NUL in a value": (marker(name=f'"{CANARY}\\u0000"'), {"text_not_storable"}),
    "NUL in a key": (marker(**{f"{CANARY}\\u0000": "1"}), {"text_not_storable"}),
    "a raw NUL": (marker(name=f'"{CANARY}\x00"'), {"invalid_json"}),
    "a lone surrogate in a value": (marker(name=f'"{CANARY}\\ud800"'), {"text_not_storable"}),
    "a lone surrogate in a key": (marker(**{f"{CANARY}\\udc00": "1"}), {"text_not_storable"}),
    "a duplicate key": (trim()[:-1] + b',"delta":-2}', {"duplicate_key"}),
    "a duplicate key in disguise": (trim()[:-1] + b',"d\\u0065lta":-2}', {"duplicate_key"}),
    "an unknown field": (trim(**{CANARY: "1"}), {"invalid"}),
    "an unknown gesture": (f'{{"type":"{CANARY}"}}'.encode(), {"unknown_gesture"}),
    "no type": (f'{{"name":"{CANARY}"}}'.encode(), {"unknown_gesture"}),
    "create_timeline as a gesture": (b'{"type":"create_timeline"}', {"unknown_gesture"}),
    "depth 10^4": (marker(name=DEEP), {"too_deep"}),
    "depth 65": (marker(name="[" * 65 + "]" * 65), {"too_deep"}),
    "an id of 65 characters": (trim(clip_id=f'"{CANARY}{"x" * 59}"'), {"invalid"}),
    "an id with a slash": (trim(clip_id=f'"{CANARY}/../x"'), {"invalid"}),
    "an id with a line end": (trim(clip_id='"c1\\n"'), {"invalid"}),
    "an empty id": (trim(clip_id='""'), {"invalid"}),
    "a gesture_id of 65 characters": (trim(gesture_id=f'"{CANARY}{"x" * 59}"'), {"invalid"}),
    "a gesture_id with a slash": (trim(gesture_id=f'"{CANARY}/"'), {"invalid"}),
    "a number as gesture_id": (trim(gesture_id="1"), {"invalid"}),
    "an expect that is no object": (trim(expect=f'["{CANARY}"]'), {"invalid"}),
    "an after that is no list": (trim(after=f'"{CANARY}"'), {"invalid"}),
    "an after that is a number": (trim(after="1"), {"invalid"}),
    "a reference to nothing": (trim(clip_id='{"$ref":"gestures[7].clip_id"}'), {"bad_reference"}),
    "a reference to itself": (trim(clip_id='{"$ref":"gestures[0].clip_id"}'), {"bad_reference"}),
    "text of 100 KB": (marker(name='"' + CANARY * 17_000 + '"'), {"invalid"}),
    "an asset id that is no id": (
        b'{"type":"add_clip","track_id":"v1","media":{"asset_id":"%b"},"start":500,"duration":5}' % CANARY.encode(),
        {"media_missing", "invalid"},
    ),
    "media of two kinds": (
        as_json({"type": '"add_clip"', "track_id": '"v1"', "start": "500", "duration": "5", "media": BOTH}),
        {"invalid"},
    ),
    "a number for a gesture": (b"7", {"invalid", "invalid_message"}),
    "a broken escape": (marker(name=f'"{CANARY}\\x"'), {"invalid_json"}),
    "a trailing comma": (trim()[:-1] + b",}", {"invalid_json"}),
    "a comment": (trim()[:-1] + f"/*{CANARY}*/}}".encode(), {"invalid_json"}),
    "invalid UTF-8": (marker(name='"\xff"').replace("\xff".encode(), b"\xff"), {"invalid_json"}),
}


@dataclass
class Request:
    """A request that is not a well-formed batch with one bad gesture."""

    code: str
    status: int = 422
    path: str = "{timeline}/gestures"
    method: str = "POST"
    content: bytes = b'{"gestures":[' + trim() + b"]}"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def post(path: str, body: Any, code: str = "invalid", status: int = 422) -> Request:
    return Request(code, status, path, content=body if isinstance(body, bytes) else json.dumps(body).encode())


def get(path: str, code: str = "invalid", status: int = 422, **headers: str) -> Request:
    return Request(code, status, path, "GET", b"", headers)


NEW = {"workspace_id": "{workspace}", "name": CANARY, "rate": {"num": 25, "den": 1}, "width": 1920, "height": 1080}
REQUESTS: dict[str, Request] = {
    "50 MB": Request(
        "too_large", 413, content=b'{"gestures":[' + marker(name='"' + CANARY + "x" * 50_000_000 + '"') + b"]}"
    ),
    "256 KB and a byte": Request("too_large", 413, content=b" " * (256 * 1024 + 1)),
    "wrong content type": Request("unsupported_media_type", 415, headers={"content-type": "text/plain"}),
    "a form": Request("unsupported_media_type", 415, headers={"content-type": "application/x-www-form-urlencoded"}),
    "missing content type": Request("unsupported_media_type", 415, headers={}),
    "bad charset": Request("unsupported_media_type", 415, headers={"content-type": "application/json; charset=utf-16"}),
    "unknown charset": Request(
        "unsupported_media_type", 415, headers={"content-type": f"application/json; charset={CANARY}"}
    ),
    "a byte order mark": Request("invalid_json", content=b'\xef\xbb\xbf{"gestures":[' + trim() + b"]}"),
    "UTF-16": Request("invalid_json", content=json.dumps({"gestures": []}).encode("utf-16")),
    "an empty body": Request("empty_body", content=b""),
    "white space": Request("empty_body", content=b" \n "),
    "half a body": Request("invalid_json", content=b'{"gestures":['),
    "an array for an object": Request("not_an_object", content=b"[" + trim() + b"]"),
    "a string for an object": Request("not_an_object", content=f'"{CANARY}"'.encode()),
    "null for an object": Request("not_an_object", content=b"null"),
    "an object for the array": post("{timeline}/gestures", {"gestures": {CANARY: 1}}),
    "no gestures": post("{timeline}/gestures", {"gestures": []}),
    "501 gestures": post("{timeline}/gestures", {"gestures": [{}] * 501}),
    "an unknown field of the batch": post("{timeline}/gestures", {"gestures": [{}], CANARY: 1}),
    "version 0": post("{timeline}/gestures", {"gestures": [{}], "base_version": 0}),
    "a version as a string": post("{timeline}/gestures", {"gestures": [{}], "expected_version": "3"}),
    "a transaction_id with a slash": post("{timeline}/gestures", {"gestures": [{}], "transaction_id": f"{CANARY}/"}),
    "atomic as a number": post("{timeline}/gestures", {"gestures": [{}], "atomic": 1}),
    "limit=-1": get("{timeline}/events?limit=-1"),
    "limit=0": get("{timeline}/events?limit=0"),
    "limit=NaN": get("{timeline}/events?limit=NaN"),
    "limit=10^5000": get("{timeline}/events?limit=1" + "0" * 5000),
    "after_version=-1": get("{timeline}/events?after_version=-1"),
    "after_version=2^63": get(f"{{timeline}}/events?after_version={2**63}"),
    "a garbage cursor": get(f"{{timeline}}/events?cursor={CANARY}", "cursor_invalid"),
    "a cursor of other bytes": get("{timeline}/events?cursor=%FF%FE", "cursor_invalid"),
    "a forged cursor": get("{timeline}/events?cursor=OTk5OS4wMDAwMDAwMDAwMDA", "cursor_invalid"),
    "an endless cursor": get("{timeline}/events?cursor=" + "A" * 5000),
    "%00 in the path": get(f"/api/v1/timelines/{CANARY}%00"),
    "%00 in an unknown path": get(f"/api/v1/{CANARY}%00", "route_missing", 404),
    "%00 in the query": get("{timeline}/events?type=a%00b"),
    "%00 in a record id": get("{timeline}/blame?record=c1%00"),
    "a broken escape in the path": get(f"/api/v1/timelines/{CANARY}%zz"),
    "an id of 65 characters in the path": post(f"/api/v1/clips/{'x' * 65}/actions", {"action": "trim", "data": {}}),
    "an id with a slash in the path": post(
        f"/api/v1/clips/{CANARY}%2Fx/actions", {"action": "trim"}, "route_missing", 404
    ),
    "dots in the path": get("/api/v1/timelines/%2e%2e/%2e%2e/etc/passwd", "route_missing", 404),
    "a timeline id that is none": get(f"/api/v1/timelines/{CANARY}"),
    "version=0": get("{timeline}?version=0"),
    "version=-1": get("{timeline}?version=-1"),
    "version=1e3": get("{timeline}?version=1e3"),
    "version=2^63": get(f"{{timeline}}?version={2**63}"),
    "a version that is not there": get("{timeline}?version=999", "version_missing", 404),
    "an If-Match that is none": Request(
        "version_conflict", 412, headers={"content-type": "application/json", "if-match": CANARY}
    ),
    "an unknown method": Request("method_not_allowed", 405, "{timeline}", "PATCH"),
    "TRACE": Request("method_not_allowed", 405, "{timeline}", "TRACE", b"", {}),
    "a slash too many": post("/api/v1/timelines/", NEW, "route_missing", 404),
    "an unknown address": get(f"/{CANARY}", "route_missing", 404),
    "a timeline of NaN": post(
        "/api/v1/timelines", json.dumps(NEW | {"width": float("nan")}).encode(), "number_not_finite"
    ),
    "a timeline with NUL in its name": post("/api/v1/timelines", NEW | {"name": f"{CANARY}\x00"}, "text_not_storable"),
    "a timeline of half a pixel": post("/api/v1/timelines", NEW | {"width": 0.5}),
    "a timeline at no known rate": post("/api/v1/timelines", NEW | {"rate": {"num": 17, "den": 1}}, "rate_unknown"),
    "a timeline with a rate over zero": post("/api/v1/timelines", NEW | {"rate": {"num": 25, "den": 0}}),
    "a workspace id that is none": post("/api/v1/timelines", NEW | {"workspace_id": CANARY}),
    "a workspace of a lone surrogate": post("/api/v1/workspaces", b'{"name":"\\ud800"}', "text_not_storable"),
    "a workspace without a name": post("/api/v1/workspaces", {"name": ""}),
    "an endless name": post("/api/v1/workspaces", {"name": CANARY * 100}),
    "a role that is none": post(
        "/api/v1/workspaces/{workspace}/members", {"person_id": str(clock.new_id()), "role": CANARY}
    ),
    "undo with an unknown policy": post("{timeline}/undo", {"policy": CANARY}),
    "undo of an unknown target": post("{timeline}/undo", {"target": {CANARY: 1}}),
    "undo of everything for ever": post("{timeline}/undo", {"target": {"actor_id": CANARY, "from": 1, "to": 2}}),
    "undo of version -1": post("{timeline}/undo", {"target": {"version": -1}}),
    "restore to version 0": post("{timeline}/restore", {"version": 0}),
    "restore to the future": post("{timeline}/restore", {"version": 10**6}, "version_missing", 404),
    "an action that is none": post("/api/v1/clips/c1/actions", {"action": f"{CANARY};", "data": {}}),
    "an action whose data is a list": post("/api/v1/clips/c1/actions", {"action": "trim", "data": [CANARY]}),
    "an action on another clip": post("/api/v1/clips/c1/actions", {"action": "trim", "data": {"clip_id": CANARY}}),
    "an upload with NUL in its name": post(
        "/api/v1/uploads",
        {"workspace_id": "{workspace}", "filename": "a\x00", "size": 5, "content_type": "video/mp4"},
        "text_not_storable",
    ),
    "an upload of nothing": post(
        "/api/v1/uploads", {"workspace_id": "{workspace}", "filename": "a", "size": 0, "content_type": "video/mp4"}
    ),
    "an upload of 2^62 bytes": post(
        "/api/v1/uploads",
        {"workspace_id": "{workspace}", "filename": "a", "size": 2**52, "content_type": "video/mp4"},
        "media_too_large",
        413,
    ),
    "an upload that is a page": post(
        "/api/v1/uploads",
        {"workspace_id": "{workspace}", "filename": "a", "size": 5, "content_type": "text/html"},
        "content_type_invalid",
    ),
    "an export in a format that is none": post(
        "/api/v1/exports", {"timeline_id": "{timeline_id}", "preset": CANARY.lower()}, "preset_unknown"
    ),
    "an export path": post("/api/v1/exports", {"timeline_id": "{timeline_id}", "preset": f"../{CANARY}"}),
    "an import that is not JSON": post("{timeline}/import", CANARY.encode(), "otio_invalid"),
    "an import 10^4 deep": post("{timeline}/import", DEEP.encode(), "otio_invalid"),
    "an import of somebody else's": post(
        "{timeline}/import", {"OTIO_SCHEMA": "Timeline.1", "name": CANARY}, "otio_foreign"
    ),
    "an import with null tracks": post(
        "{timeline}/import", {"OTIO_SCHEMA": "Timeline.1", "tracks": None}, "otio_foreign"
    ),
    "an import of damaged records": post(
        "{timeline}/import",
        {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": {"timeline_service": {"format": 1, "record": {CANARY: 1}}},
            "tracks": {},
        },
        "otio_invalid",
    ),
    "an import as a page": Request(
        "unsupported_media_type", 415, "{timeline}/import", headers={"content-type": "text/html"}
    ),
    "a job id that is none": get(f"/api/v1/jobs/{CANARY}"),
    "a Last-Event-ID that is none": get(
        f"/api/v1/jobs/{clock.new_id()}/events", "cursor_invalid", **{"last-event-id": CANARY}
    ),
}


@pytest.mark.parametrize("name", GESTURES)
async def test_a_hostile_gesture_over_http(shared_studio: Studio, name: str) -> None:
    gesture, codes = GESTURES[name]
    before = await shared_studio.version()
    content = b'{"gestures":[' + gesture + b"]}"
    answer = await shared_studio.owner.http.post(
        f"{shared_studio.timeline}/gestures", content=content, headers={"content-type": "application/json"}
    )
    check_refusal(answer, codes | {"invalid"} if gesture == b"7" else codes)
    assert await shared_studio.version() == before


@pytest.mark.parametrize("name", GESTURES)
async def test_a_hostile_gesture_over_the_stream(shared_studio: Studio, name: str) -> None:
    gesture, codes = GESTURES[name]
    studio = shared_studio
    before = await studio.version()
    async with streaming.opened(
        studio.service.url, studio.timeline_id, studio.owner.token, after_version=before
    ) as stream:
        await stream.socket.send(b'{"t":"push","batch":"b","gestures":[' + gesture + b"]}", text=True)
        if name == "invalid UTF-8":  # the protocol beneath ends the connection
            assert await stream.closed() == 1007
        else:
            text = await stream.socket.recv()
            answer = json.loads(text)
            found = answer if answer["t"] == "error" else answer["r"][0]
            assert found["code"] in codes, answer
            assert CANARY not in str(text)
    assert await studio.version() == before


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_hostile_request(shared_studio: Studio, name: str) -> None:
    case, studio = REQUESTS[name], shared_studio
    before = await studio.version()

    def filled(text: str) -> str:
        for placeholder, value in (
            ("{timeline}", studio.timeline),
            ("{timeline_id}", studio.timeline_id),
            ("{workspace}", studio.workspace_id),
        ):
            text = text.replace(placeholder, value)
        return text

    content = case.content
    if b"{workspace}" in content or b"{timeline_id}" in content:
        content = filled(content.decode()).encode()
    answer = await studio.owner.http.request(case.method, filled(case.path), content=content, headers=case.headers)
    assert answer.status_code == case.status, answer.text[:300]
    check_refusal(answer, {case.code})
    assert await studio.version() == before
    assert len((await studio.owner.ok("GET", "/api/v1/workspaces"))["items"]) == 1


def check_refusal(answer: Any, codes: set[str]) -> None:
    """A 4xx in the envelope, and nothing of what was sent."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details", "correlation_id", "retryable"}
    assert error["code"] in codes, error
    assert error["correlation_id"] == answer.headers["x-request-id"]
    assert CANARY.lower() not in answer.text.lower(), answer.text
    assert not any(CANARY in value for value in answer.headers.values())


async def test_a_body_that_lies_about_its_length_is_counted(shared_studio: Studio) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 10_000

    answer = await shared_studio.owner.http.post(
        f"{shared_studio.timeline}/gestures", content=endless(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


async def test_a_correlation_id_is_taken_only_if_it_is_one(shared_studio: Studio) -> None:
    http = shared_studio.owner.http
    assert (await http.get("/livez", headers={"x-request-id": "build-42.request_7"})).headers[
        "x-request-id"
    ] == "build-42.request_7"
    for given in ("short", "x" * 65, "a b c d e f g", "<script>alert(1)</script>"):
        assert (await http.get("/livez", headers={"x-request-id": given})).headers["x-request-id"] != given
