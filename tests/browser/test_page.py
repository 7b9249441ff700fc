"""The page and its files over HTTP: policy, types, tags, and nothing but what is meant to be served."""

import re

import pytest

from tests.api.conftest import Service
from timeline_service.api import playground
from timeline_service.settings import Storage

pytestmark = pytest.mark.asyncio(loop_scope="session")
STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


async def test_the_page_has_a_strict_policy_and_nothing_inline(house: Service) -> None:
    async with house.client() as http:
        page = await http.get("/play")
    assert page.headers["content-security-policy"] == STRICT
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://(?!www\.w3\.org)", page.text)


async def test_every_module_and_sheet_is_there_with_its_type_and_tag(house: Service) -> None:
    seen: set[str] = set()
    async with house.client() as http:
        wanted = set(re.findall(r'(?:src|href)="(/play/[^"]+)"', (await http.get("/play")).text))
        while wanted - seen:
            path = (wanted - seen).pop()
            seen.add(path)
            found = await http.get(path)
            assert found.status_code == 200, path
            assert found.headers["content-type"] == playground.TYPES["." + path.rpartition(".")[2]]
            assert found.headers["cache-control"] == "no-cache"
            again = await http.get(path, headers={"If-None-Match": found.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            if path.endswith(".js"):
                for name in re.findall(r'from "(\./[^"]+|\.\./[^"]+)"', found.text):
                    wanted.add(str(found.url.join(name).path))
    assert "/play/client/index.js" in seen and len(seen) > 40


@pytest.mark.parametrize(
    "path",
    [
        "/play/../playground.py",
        "/play/%2e%2e/playground.py",
        "/play/client/../../app.py",
        "/play/nothing.js",
        "/play/main.js/",
        "/play/.hidden.js",
        "/play//etc/passwd",
        "/play/index.html%00.js",
        "/play/main.py",
    ],
)
async def test_nothing_else_is_served(house: Service, path: str) -> None:
    async with house.client() as http:
        answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "route_missing"


async def test_a_file_is_never_a_page_of_its_own(house: Service) -> None:
    async with house.client() as http:
        script = await http.get("/play/main.js")
    assert script.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert script.headers["x-content-type-options"] == "nosniff"


async def test_signed_addresses_of_a_bucket_are_allowed() -> None:
    named = Storage(bucket="films", endpoint_url="http://store:9000/x", public_endpoint_url="https://media.test:8443/s")
    policy = playground.page_policy(playground.store_origins(named))
    assert "connect-src 'self' https://media.test:8443;" in policy
    assert "media-src 'self' blob: https://media.test:8443;" in policy
    aws = Storage(bucket="films", region="eu-west-1")
    assert playground.store_origins(aws) == (
        "https://films.s3.amazonaws.com", "https://films.s3.eu-west-1.amazonaws.com"
    )  # fmt: skip
    assert playground.store_origins(Storage(bucket="")) == ()
