"""Signed URLs carry the address that clients reach the store by, which need not be ours."""

import pytest

from timeline_service.kit.storage import choice
from timeline_service.settings import Settings


async def test_signed_urls_carry_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET", "films")
    monkeypatch.setenv("S3_REGION", "us-east-1")
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://s3:8333")
    monkeypatch.setenv("S3_PUBLIC_ENDPOINT_URL", "https://media.example.test")
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "secret")
    store = choice.create(Settings())
    signed = await store.sign_get("ws/w/assets/a", filename="a.mp4", expires_s=60)
    await store.close()
    assert signed.url.startswith("https://media.example.test/films/ws/w/assets/a?")
