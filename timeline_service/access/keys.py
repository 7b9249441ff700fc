"""The keys that tokens are verified with: fetched in a thread, cached, refreshed behind the scenes, kept when stale.

One code path for both sources: the JWKS address of an identity provider, and the locally made key of a development
machine (see issuer). `KeySet.get` never waits for the network when it has a key, and a flood of tokens with invented
key ids costs one request per cooldown.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

import jwt

from timeline_service.kit import errors

LIFETIME_S = 300.0
COOLDOWN_S = 30.0
FETCH_TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)

Fetch = Callable[[], Any]
"""Blocking: answers the JSON of a JWK set, or raises."""


def from_url(url: str) -> Fetch:
    """Fetch from an identity provider; only http and https, no redirects."""
    client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=FETCH_TIMEOUT_S)
    return client.fetch_data


class KeySet:
    """Keys by `kid`. Publish a new key at least five minutes before signing with it."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        lifetime_s: float = LIFETIME_S,
        cooldown_s: float = COOLDOWN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._lifetime_s = lifetime_s
        self._cooldown_s = cooldown_s
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def prefetch(self) -> None:
        """Fetch now; a provider that does not answer is no reason not to start."""
        with contextlib.suppress(errors.Unavailable):
            await self._refresh()

    async def get(self, kid: str) -> jwt.PyJWK | None:
        """The key of this id, or None when the provider has none.

        Raises Unavailable when no key was ever fetched and the provider does not answer.
        """
        if self._fetched_at is not None and self._clock() - self._fetched_at > self._lifetime_s:
            self._refresh_behind()
        key = self._keys.get(kid)
        if key is None and self._may_fetch():
            await self._refresh_unless_known(kid)
            key = self._keys.get(kid)
        if key is None and self._fetched_at is None:
            raise errors.Unavailable("The identity provider's keys cannot be fetched; try again.", code="keys_missing")
        return key

    async def renewed(self, kid: str) -> jwt.PyJWK | None:
        """The key of this id after a refetch: providers have put a new key under an old id. None in the cooldown."""
        if not self._may_fetch():
            return None
        with contextlib.suppress(errors.Unavailable):
            await self._refresh()
        return self._keys.get(kid)

    async def close(self) -> None:
        """End a refresh that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    def _may_fetch(self) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= self._cooldown_s

    def _refresh_behind(self) -> None:
        if self._may_fetch() and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self.prefetch())

    async def _refresh_unless_known(self, kid: str) -> None:
        async with self._lock:
            # Another caller may have fetched it while this one waited.
            if kid not in self._keys and self._may_fetch():
                with contextlib.suppress(errors.Unavailable):
                    await self._refresh()

    async def _refresh(self) -> None:
        self._tried_at = self._clock()
        try:
            data = await asyncio.to_thread(self._fetch)
            keys = jwt.PyJWKSet.from_dict(data).keys
        except (jwt.PyJWTError, ValueError, OSError) as error:
            # Stale keys are better than nobody getting in; the log line is for whoever watches.
            _log.warning("keys not refreshed: %s", type(error).__name__)
            raise errors.Unavailable("The identity provider does not answer.", code="keys_missing") from error
        self._keys = {key.key_id: key for key in keys if key.key_id and key.public_key_use in {"sig", None}}
        self._fetched_at = self._clock()
