"""Who is on a timeline, over all processes: a hash in Redis that is forgotten soon, and a channel of the same name.

timeline:{id}:peers     hash; session → its newest `presence` frame, at:session → when (ms) which process last said
                        that it lives, tab:session → "since tab": when it came (µs), and what tab it is
on the channel          process + session frame     somebody is here, and does this
                        process - session frame     somebody went
                        @since tab session          a session of this tab has come: older ones go
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from redis.asyncio import Redis

FORGOTTEN_S: Final = 13.0
"""After so long without a word of its process a session is gone: others know within fifteen seconds."""
KEEP_MS: Final = 60_000

_SYNC: Final = """
local at = redis.call('TIME')
local now = at[1] * 1000 + math.floor(at[2] / 1000)
local announce, whole, process, forget = unpack(ARGV, 1, 4)
for i = 5, #ARGV, 4 do
  local session, frame, tab = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local since = string.format('%.0f', at[1] * 1000000 + at[2] - ARGV[i + 3])
  redis.call('HSET', KEYS[1], session, frame, 'at:' .. session, now .. ' ' .. process)
  if tab ~= '' and redis.call('HSETNX', KEYS[1], 'tab:' .. session, since .. ' ' .. tab) == 1 then
    redis.call('PUBLISH', KEYS[1], '@' .. since .. ' ' .. tab .. ' ' .. session)
  end
  if announce == '1' then redis.call('PUBLISH', KEYS[1], process .. '+' .. session .. frame) end
end
redis.call('PEXPIRE', KEYS[1], KEEP)
local found = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 3) == 'at:' then
    local session = string.sub(name, 4)
    local at, whose = string.match(redis.call('HGET', KEYS[1], name), '(%d+) (.*)')
    local age = now - at
    if age > tonumber(forget) then
      redis.call('HDEL', KEYS[1], session, name, 'tab:' .. session)
    else
      local frame = whole == '1' and redis.call('HGET', KEYS[1], session) or ''
      local own = whose == process and 1 or 0
      found[#found + 1] = {session, own, age, frame, redis.call('HGET', KEYS[1], 'tab:' .. session) or ''}
    end
  end
end
return found
""".replace("KEEP", str(KEEP_MS))

_TELL: Final = """
local process, sign, session, frame = unpack(ARGV)
if sign == '-' then
  redis.call('HDEL', KEYS[1], session, 'at:' .. session, 'tab:' .. session)
elseif redis.call('HEXISTS', KEYS[1], 'at:' .. session) == 1 then
  redis.call('HSET', KEYS[1], session, frame)
end
return redis.call('PUBLISH', KEYS[1], process .. sign .. session .. frame)
"""


class Own(NamedTuple):
    """A session of this process, as it is written down. `tab` is empty where it named none.

    `age_us`: how long ago it came. It may have come while Redis was away, or be written again after Redis was emptied.
    """

    session_id: str
    frame: str
    tab: str
    age_us: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A session of any process; `own`: of this one. `age_s`: since its process last said that it lives.

    `since` is when it came, by the clock of Redis in µs; 0 without a tab.
    """

    session_id: str
    own: bool
    age_s: float
    frame: str
    since: int
    tab: str


class Heard(NamedTuple):
    """A message of the channel. `sign` is `+`, `-` or `@`; `since` and `tab` come with the last alone."""

    sign: str
    session_id: str
    frame: str = ""
    since: int = 0
    tab: str = ""


def channel_of(timeline_id: UUID) -> str:
    return f"timeline:{timeline_id}:peers"


class PeerStore:
    """Raises what redis-py raises. `process` is 32 characters that no other process has."""

    def __init__(self, client: Redis, process: str) -> None:
        self._client = client
        self._process = process
        self._sync: Any = client.register_script(_SYNC)
        self._tell: Any = client.register_script(_TELL)

    async def sync(self, timeline_id: UUID, own: Iterable[Own], *, announce: bool, whole: bool) -> list[Seen]:
        """Say that these live, forget who is silent, and answer who is there; with their frames if `whole`."""
        args = [int(announce), int(whole), self._process, round(FORGOTTEN_S * 1000)]
        for one in own:
            args += one
        found = await self._sync(keys=[channel_of(timeline_id)], args=args)
        return [_seen(*row) for row in found]

    async def tell(self, words: Mapping[tuple[UUID, str], tuple[str, str]]) -> None:
        """Sign and frame of sessions, by timeline and session."""
        async with self._client.pipeline(transaction=False) as pipe:
            for (timeline_id, session_id), (sign, frame) in words.items():
                args = [self._process, sign, session_id, frame]
                await self._tell(keys=[channel_of(timeline_id)], args=args, client=pipe)
            await pipe.execute()

    def read(self, data: bytes) -> Heard | None:
        """A message of the channel; None for our own."""
        if data[:1] == b"@":
            since, tab, session_id = data[1:].decode().split(" ")
            return Heard("@", session_id, since=int(since), tab=tab)
        if data[:32] == self._process.encode():
            return None
        return Heard(data[32:33].decode(), data[33:69].decode(), data[69:].decode())


def _seen(session_id: bytes, own: int, age_ms: int, frame: bytes, tab: bytes) -> Seen:
    since, _, name = tab.decode().partition(" ")
    return Seen(session_id.decode(), own == 1, max(0, age_ms) / 1000, frame.decode(), int(since or 0), name)
