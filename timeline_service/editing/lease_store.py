"""Leases in Redis: a hash per timeline, record → lease. Every change is one script, which also announces it.

timeline:{id}:leases                  hash; field "" is the revision of all
timeline:{id}:leases:{session}        sorted set: what a session holds, by its end
timeline:{id}:leases (channel)        every change, as it was made
"""

import time
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from redis.asyncio import Redis

from timeline_service.editing.leases import PER_SESSION, Holder, Lease

KEEP_MS: Final = 120_000
"""Twice the longest lease: what is left behind goes by itself."""

_COMMON: Final = """
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local function revise()
  local last = tonumber(redis.call('HGET', KEYS[1], '') or 0)
  local next = string.format('%.0f', math.max(last + 1, at[1] * 1000000 + at[2]))
  redis.call('HSET', KEYS[1], '', next)
  redis.call('PEXPIRE', KEYS[1], KEEP)
  return next
end
local function held(record)
  local raw = redis.call('HGET', KEYS[1], record)
  if not raw then return nil end
  local lease = cjson.decode(raw)
  if lease['until_ms'] <= now then return nil end
  return lease, raw
end
local function free(record)
  redis.call('HDEL', KEYS[1], record)
  redis.call('PUBLISH', KEYS[1], cjson.encode({record = record, revision = revise(), gone = true}))
end
""".replace("KEEP", str(KEEP_MS))

_CLAIM: Final = (
    _COMMON
    + """
local record, session, actor, name, ttl, take = unpack(ARGV)
local lease, raw = held(record)
if lease and lease['actor_id'] ~= actor and take ~= '1' then return {'held', raw, now} end
local mine = KEYS[1] .. ':' .. session
redis.call('ZREMRANGEBYSCORE', mine, '-inf', now)
if not redis.call('ZSCORE', mine, record) and redis.call('ZCARD', mine) >= PER_SESSION then return {'full', '', now} end
if lease and lease['session_id'] ~= session then redis.call('ZREM', KEYS[1] .. ':' .. lease['session_id'], record) end
local value = cjson.encode({record = record, session_id = session, actor_id = actor, name = name,
  until_ms = now + ttl, ttl_ms = tonumber(ttl), revision = revise()})
redis.call('HSET', KEYS[1], record, value)
redis.call('ZADD', mine, now + ttl, record)
redis.call('PEXPIRE', mine, KEEP)
redis.call('PUBLISH', KEYS[1], value)
return {'mine', value, now}
""".replace("PER_SESSION", str(PER_SESSION)).replace("KEEP", str(KEEP_MS))
)

_RELEASE: Final = (
    _COMMON
    + """
local lease, raw = held(ARGV[1])
if lease and lease['session_id'] == ARGV[2] then
  free(ARGV[1])
  redis.call('ZREM', KEYS[1] .. ':' .. ARGV[2], ARGV[1])
  raw = nil
end
return {'held', raw or '', now}
"""
)

_RELEASE_ALL: Final = (
    _COMMON
    + """
local mine = KEYS[1] .. ':' .. ARGV[1]
for _, record in ipairs(redis.call('ZRANGE', mine, 0, -1)) do
  local lease = held(record)
  if lease and lease['session_id'] == ARGV[1] then free(record) end
end
redis.call('DEL', mine)
return 1
"""
)

_READ: Final = (
    _COMMON
    + """
local revision = redis.call('HGET', KEYS[1], '') or ''
local found = {now, revision}
if revision == ARGV[1] then return found end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i] ~= '' then
    if held(all[i]) then found[#found + 1] = all[i + 1] else redis.call('HDEL', KEYS[1], all[i]) end
  end
end
return found
"""
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What became of a claim: `lease` is the asker's own (`mine`), or the one in the way or left (`held`, may be None).

    `full`: the session holds as many as it may.
    """

    outcome: Literal["mine", "held", "full"]
    lease: Lease | None


@dataclass(frozen=True, slots=True)
class Page:
    """All leases of a timeline at a revision; `leases` is None when the revision is the one that was known."""

    revision: str
    leases: list[Lease] | None


def channel_of(timeline_id: UUID) -> str:
    """Where changes are announced; the key of the hash has the same name."""
    return f"timeline:{timeline_id}:leases"


class LeaseStore:
    """Raises what redis-py raises."""

    def __init__(self, client: Redis) -> None:
        self._claim: Any = client.register_script(_CLAIM)
        self._release: Any = client.register_script(_RELEASE)
        self._release_all: Any = client.register_script(_RELEASE_ALL)
        self._read: Any = client.register_script(_READ)

    async def claim(self, timeline_id: UUID, record: str, holder: Holder, *, ttl_ms: int, take: bool) -> Claimed:
        """Acquire or renew. Other sessions of the same person, and with `take` anybody, give it up."""
        args = [record, holder.session_id, holder.actor_id, holder.name, ttl_ms, int(take)]
        outcome, raw, now_ms = await self._claim(keys=[channel_of(timeline_id)], args=args)
        return Claimed(outcome.decode(), lease_of(orjson.loads(raw), now_ms) if raw else None)

    async def release(self, timeline_id: UUID, record: str, session_id: str) -> Claimed:
        """Give up, if it is this session's."""
        _, raw, now_ms = await self._release(keys=[channel_of(timeline_id)], args=[record, session_id])
        return Claimed("held", lease_of(orjson.loads(raw), now_ms) if raw else None)

    async def release_all(self, timeline_id: UUID, session_id: str) -> None:
        """Give up all that a session holds."""
        await self._release_all(keys=[channel_of(timeline_id)], args=[session_id])

    async def read(self, timeline_id: UUID, known: str = "") -> Page:
        """All of a timeline. `known` is the revision that the reader has."""
        now_ms, revision, *values = await self._read(keys=[channel_of(timeline_id)], args=[known or "none"])
        revision = revision.decode()
        if revision == known and revision:
            return Page(revision, None)
        return Page(revision, [lease_of(orjson.loads(value), now_ms) for value in values])


def lease_of(value: dict[str, Any], now_ms: int | None = None) -> Lease:
    """A stored lease. `now_ms` is the time of Redis when it was read; None: it was made just now."""
    left_ms = value["ttl_ms"] if now_ms is None else value["until_ms"] - now_ms
    return Lease(
        record=value["record"],
        holder=Holder(value["session_id"], value["actor_id"], value["name"]),
        until_ms=int(value["until_ms"]),
        ttl_ms=int(value["ttl_ms"]),
        revision=int(value["revision"]),
        deadline=time.monotonic() + left_ms / 1000,
    )
