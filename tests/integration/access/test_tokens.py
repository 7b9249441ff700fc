"""The verifier: what it takes, what it refuses, and how it treats the identity provider."""

import asyncio
import base64
import hashlib
import hmac
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from timeline_service import main
from timeline_service.access import issuer, keys, tokens
from timeline_service.kit import errors
from timeline_service.settings import Settings, Tokens

SETTINGS = Tokens(issuer="https://issuer.test", audience="timeline-service", jwks_url="")
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def public(key: Any, kid: str, algorithm: str) -> dict[str, Any]:
    writer = {"ES256": ECAlgorithm, "RS256": RSAAlgorithm, "EdDSA": OKPAlgorithm}[algorithm]
    return {**writer.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": algorithm}


class Provider:
    """An identity provider: counts how often it is asked, and may be down."""

    def __init__(self, *published: dict[str, Any]) -> None:
        self.published = list(published)
        self.asked = 0
        self.down = False

    def fetch(self) -> Any:
        self.asked += 1
        if self.down:
            raise OSError("no route to host")
        return {"keys": self.published}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    known = {"iss": SETTINGS.issuer, "aud": SETTINGS.audience, "sub": "alice", "iat": now, "nbf": now}
    known |= {"exp": now + timedelta(minutes=5), "name": "Alice"} | changes
    return {name: value for name, value in known.items() if value is not None}


def signed(key: Any = EC_KEY, algorithm: str = "ES256", kid: str | None = "ec", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm, headers={"kid": kid} if kid else None)


@pytest.fixture
def provider() -> Provider:
    return Provider(public(EC_KEY, "ec", "ES256"), public(RSA_KEY, "rsa", "RS256"), public(ED_KEY, "ed", "EdDSA"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(provider: Provider, clock: Clock) -> tokens.Verifier:
    return tokens.Verifier(keys.KeySet(provider.fetch, clock=clock), SETTINGS)


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(EC_KEY, "ES256", "ec"), (RSA_KEY, "RS256", "rsa"), (ED_KEY, "EdDSA", "ed")]
)
async def test_takes_the_three_algorithms(verifier: tokens.Verifier, key: Any, algorithm: str, kid: str) -> None:
    said = await verifier.verify(signed(key, algorithm, kid))
    assert (said.issuer, said.subject, said.name) == (SETTINGS.issuer, "alice", "Alice")
    assert said.expires_at > datetime.now(UTC)


def unsigned() -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part, default=lambda d: int(d.timestamp())).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none", "kid": "ec"}, claims())
    )
    return f"{head}.{body}."


def signed_with_the_public_key() -> str:
    """HS256, keyed with what everybody can download."""
    pem = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part, default=lambda d: int(d.timestamp())).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "kid": "rsa"}, claims())
    )
    mac = hmac.new(pem, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


NOW = datetime.now(UTC)
REFUSED = {
    "expired": (signed(exp=NOW - timedelta(minutes=5)), "token_expired"),
    "no exp": (signed(exp=None), "token_invalid"),
    "no iat": (signed(iat=None), "token_invalid"),
    "no nbf": (signed(nbf=None), "token_invalid"),
    "no sub": (signed(sub=None), "token_invalid"),
    "no iss": (signed(iss=None), "token_invalid"),
    "no aud": (signed(aud=None), "token_invalid"),
    "not yet": (signed(nbf=NOW + timedelta(hours=1)), "token_invalid"),
    "other issuer": (signed(iss="https://elsewhere.test"), "token_invalid"),
    "other audience": (signed(aud="another-service"), "token_invalid"),
    "empty subject": (signed(sub=""), "token_invalid"),
    "subject with NUL": (signed(sub="a\x00b"), "token_invalid"),
    "endless subject": (signed(sub="a" * 300), "token_invalid"),
    "alg none": (unsigned(), "token_invalid"),
    "HS256 with the public key": (signed_with_the_public_key(), "token_invalid"),
    "another key under a known id": (signed(OTHER_KEY), "token_invalid"),
    "unknown key id": (signed(OTHER_KEY, kid="x"), "token_invalid"),
    "no key id": (signed(kid=None), "token_invalid"),
    "the key of another algorithm": (signed(EC_KEY, "ES256", "rsa"), "token_invalid"),
    "not a token": ("nonsense", "token_malformed"),
    "empty": ("", "token_malformed"),
    "huge": ("a" * 10_000, "token_malformed"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_refuses(verifier: tokens.Verifier, case: str) -> None:
    token, code = REFUSED[case]
    with pytest.raises(errors.Unauthenticated) as refusal:
        await verifier.verify(token)
    assert refusal.value.stable_code == code
    assert "alice" not in refusal.value.message


async def test_invented_key_ids_cost_one_request_per_cooldown(
    verifier: tokens.Verifier, provider: Provider, clock: Clock
) -> None:
    await verifier.verify(signed())
    for number in range(200):
        with pytest.raises(errors.Unauthenticated):
            await verifier.verify(signed(OTHER_KEY, kid=f"made-up-{number}"))
    assert provider.asked == 1
    clock.now += keys.COOLDOWN_S
    with pytest.raises(errors.Unauthenticated):
        await verifier.verify(signed(OTHER_KEY, kid="made-up"))
    assert provider.asked == 2


async def test_a_new_key_is_found(verifier: tokens.Verifier, provider: Provider, clock: Clock) -> None:
    await verifier.verify(signed())
    provider.published.append(public(OTHER_KEY, "new", "ES256"))
    clock.now += keys.COOLDOWN_S
    assert (await verifier.verify(signed(OTHER_KEY, kid="new"))).subject == "alice"


async def test_a_new_key_under_an_old_id_is_found(verifier: tokens.Verifier, provider: Provider, clock: Clock) -> None:
    await verifier.verify(signed())
    provider.published[0] = public(OTHER_KEY, "ec", "ES256")
    clock.now += keys.COOLDOWN_S
    assert (await verifier.verify(signed(OTHER_KEY))).subject == "alice"


async def test_old_keys_serve_while_the_provider_is_down(
    verifier: tokens.Verifier, provider: Provider, clock: Clock
) -> None:
    await verifier.verify(signed())
    provider.down = True
    clock.now += 10 * keys.LIFETIME_S
    assert (await verifier.verify(signed())).subject == "alice"
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not asyncio.current_task()))
    assert provider.asked == 2
    assert (await verifier.verify(signed())).subject == "alice"


async def test_without_any_key_the_answer_is_try_again(provider: Provider) -> None:
    provider.down = True
    verifier = tokens.Verifier(keys.KeySet(provider.fetch), SETTINGS)
    await verifier.keys.prefetch()
    with pytest.raises(errors.Unavailable):
        await verifier.verify(signed())


async def test_the_development_issuer_goes_through_the_same_verifier(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    made = tokens.development_issuer(settings)
    said = await tokens.create_verifier(settings).verify(made.sign("bob"))
    assert said.subject == "bob"
    assert stat.S_IMODE((tmp_path / issuer.KEY_FILE).stat().st_mode) == 0o600
    # Another process finds the same key.
    assert tokens.development_issuer(settings).jwks() == made.jwks()
    assert "d" not in made.jwks()["keys"][0]


def test_production_refuses_the_development_issuer(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, env="production")
    with pytest.raises(RuntimeError, match="TIMELINE_JWT_JWKS_URL"):
        tokens.create_verifier(settings)
    named = Settings(data_dir=tmp_path, env="production", tokens=Tokens(jwks_url="https://issuer.test/jwks.json"))
    with pytest.raises(RuntimeError, match="TIMELINE_JWT_ISSUER"):
        tokens.create_verifier(named)
    assert list(tmp_path.iterdir()) == []


def test_keys_come_over_http_only() -> None:
    with pytest.raises(jwt.PyJWTError):
        keys.from_url("file:///etc/passwd")


def test_the_service_does_not_start_with_it_in_production(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="development issuer is refused"):
        main.create_app(Settings(data_dir=tmp_path, env="production"))
