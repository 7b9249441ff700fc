"""The issuer of a development machine: one ES256 key in the data directory, made on first use.

Nothing about its tokens is special: the service verifies them with the code that verifies those of a real provider,
and refuses to start with it when the environment is production.
"""

import base64
import contextlib
import hashlib
import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from timeline_service.settings import Tokens

KEY_FILE = "issuer-key.pem"
ALGORITHM = "ES256"
TOKEN_LIFETIME = timedelta(hours=12)


class DevelopmentIssuer:
    """Signs tokens with the key in `data_dir`, readable by its owner only."""

    def __init__(self, data_dir: Path, settings: Tokens) -> None:
        self._path = data_dir / KEY_FILE
        self._settings = settings

    def jwks(self) -> dict[str, Any]:
        """The public key as a JWK set, as `/.well-known/jwks.json` serves it."""
        return {"keys": [_public_jwk(self._key())]}

    def sign(self, subject: str, *, name: str | None = None, lifetime: timedelta = TOKEN_LIFETIME) -> str:
        """A token that speaks for `subject`."""
        key = self._key()
        now = datetime.now(UTC)
        claims = {
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "sub": subject,
            "name": name or subject,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
        }
        return jwt.encode(claims, key, ALGORITHM, headers={"kid": _public_jwk(key)["kid"]})

    def _key(self) -> ec.EllipticCurvePrivateKey:
        if not self._path.exists():
            self._make()
        key = serialization.load_pem_private_key(self._path.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self._path} does not hold an elliptic curve key; remove it to have a new one made")
        return key

    def _make(self) -> None:
        """Write a new key under its name in one step; of two processes that do so at once, the first one's stays."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        handle, draft = tempfile.mkstemp(dir=self._path.parent, prefix=KEY_FILE)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(pem)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, self._path)
        finally:
            Path(draft).unlink()


def _public_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    # RFC 7638: the id of a key is the hash of its required members.
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
    return {**members, "kid": thumbprint, "use": "sig", "alg": ALGORITHM}
