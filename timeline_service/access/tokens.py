"""Bearer tokens: JWTs of one issuer for one audience, signed with an asymmetric key of a closed list of algorithms."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from timeline_service.access import issuer, keys
from timeline_service.kit import errors
from timeline_service.settings import Settings, Tokens

ALGORITHMS: Final = ("ES256", "RS256", "EdDSA")
REQUIRED: Final = ("exp", "iat", "nbf", "sub", "iss", "aud")
LEEWAY_S: Final = 30
MAX_TOKEN: Final = 8192
MAX_CLAIM: Final = 255

_log = logging.getLogger(__name__)


class TokenMalformed(errors.Unauthenticated):
    """The token is not a JWT."""

    code = "token_malformed"


class TokenInvalid(errors.Unauthenticated):
    """The token is not valid here."""

    code = "token_invalid"


class TokenExpired(errors.Unauthenticated):
    """The token has expired; get a new one."""

    code = "token_expired"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says."""

    issuer: str
    subject: str
    name: str
    expires_at: datetime


class Verifier:
    """Verifies tokens against a set of keys."""

    def __init__(self, key_set: keys.KeySet, settings: Tokens) -> None:
        self.keys = key_set
        self._settings = settings

    async def verify(self, token: str) -> Claims:
        """The claims of a valid token. Raises Unauthenticated with a code that says what to do about it."""
        kid = _key_id(token)
        key = await self.keys.get(kid)
        if key is None:
            raise TokenInvalid
        try:
            claims = self._decode(token, key)
        except jwt.InvalidSignatureError:
            renewed = await self.keys.renewed(kid)
            if renewed is None:
                raise TokenInvalid from None
            claims = self._try_decode(token, renewed)
        except jwt.PyJWTError as error:
            raise _reason(error) from None
        return _claims(claims)

    def _try_decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            return self._decode(token, key)
        except jwt.PyJWTError as error:
            raise _reason(error) from None

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=self._settings.audience,
            issuer=self._settings.issuer,
            leeway=LEEWAY_S,
            options={"require": list(REQUIRED)},
        )


def create_verifier(settings: Settings) -> Verifier:
    """The verifier of this environment.

    Raises RuntimeError in production without the JWKS address of an identity provider: tokens that anybody on the
    machine could sign are for development only.
    """
    if settings.tokens.jwks_url:
        if settings.env == "production" and settings.tokens.issuer == Tokens.model_fields["issuer"].default:
            raise RuntimeError("TIMELINE_JWT_ISSUER is the development issuer; set it to your identity provider's.")
        return Verifier(keys.KeySet(keys.from_url(settings.tokens.jwks_url)), settings.tokens)
    return Verifier(keys.KeySet(development_issuer(settings).jwks), settings.tokens)


def development_issuer(settings: Settings) -> issuer.DevelopmentIssuer:
    """The local issuer. Raises RuntimeError in production, and where another issuer is configured."""
    if settings.env == "production":
        raise RuntimeError(
            "TIMELINE_ENV is production and TIMELINE_JWT_JWKS_URL is not set: the development issuer is refused. "
            "Set TIMELINE_JWT_ISSUER, TIMELINE_JWT_AUDIENCE and TIMELINE_JWT_JWKS_URL to your identity provider's."
        )
    if settings.tokens.jwks_url:
        raise RuntimeError("TIMELINE_JWT_JWKS_URL is set: get tokens from that identity provider.")
    return issuer.DevelopmentIssuer(settings.data_dir, settings.tokens)


def _key_id(token: str) -> str:
    if len(token) > MAX_TOKEN:
        raise TokenMalformed
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise TokenMalformed from None
    kid = header.get("kid")
    if header.get("alg") not in ALGORITHMS or not isinstance(kid, str):
        raise TokenInvalid
    return kid


def _claims(claims: dict[str, Any]) -> Claims:
    subject = claims["sub"]
    name = claims.get("name")
    if not 0 < len(subject) <= MAX_CLAIM or not _storable(subject):
        raise TokenInvalid
    if not isinstance(name, str) or not 0 < len(name) <= MAX_CLAIM or not _storable(name):
        name = subject
    return Claims(claims["iss"], subject, name, datetime.fromtimestamp(claims["exp"], UTC))


def _storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _reason(error: jwt.PyJWTError) -> errors.Unauthenticated:
    # Which check failed is for the log; a stranger learns only whether a fresh token would help.
    _log.info("token refused: %s", type(error).__name__)
    return TokenExpired() if isinstance(error, jwt.ExpiredSignatureError) else TokenInvalid()
