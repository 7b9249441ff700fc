"""A connection to Redis that is held for as long as its owner lives: for what is asked sixty times a second.

To borrow a connection, to build and pack a pipeline, and to limit the time of each piece cost several times the rest.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Broken

from timeline_service.kit.redis import ANSWER_TIMEOUT_S


class Line:
    """Commands one after the other, by one task at a time; connected at the first, and again after a failure."""

    def __init__(self, client: Redis) -> None:
        pool = client.connection_pool
        # One time limit around the whole is enough.
        self._connection: AbstractConnection = pool.connection_class(
            **{**pool.connection_kwargs, "socket_timeout": None}
        )
        self._used = False

    async def ask(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Send them in one write; their answers, as Redis gives them. Raises RedisError, OSError, TimeoutError.

        Where the connection was broken, perhaps for long, they are sent again once, so they may arrive twice.
        """
        packed = b"".join(map(pack, commands))
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            if self._used:
                try:
                    return await self._exchange(packed, len(commands))
                except (Broken, OSError):
                    pass
            return await self._exchange(packed, len(commands))

    async def _exchange(self, packed: bytes, answers: int) -> list[Any]:
        connection = self._connection
        self._used = False
        try:
            await connection.send_packed_command(packed, check_health=False)
            answered = [await connection.read_response() for _ in range(answers)]
        except BaseException:
            await connection.disconnect(nowait=True)  # answers may be on their way to what was asked
            raise
        self._used = True
        return answered

    async def aclose(self) -> None:
        """Disconnect; what is asked after it connects again."""
        await self._connection.disconnect(nowait=True)


def pack(command: tuple[Any, ...]) -> bytes:
    """A command of bytes, text and numbers as it goes over the wire (RESP)."""
    pieces = [b"*%d\r\n" % len(command)]
    for word in command:
        data = word if isinstance(word, bytes) else str(word).encode()
        pieces += (b"$%d\r\n" % len(data), data, b"\r\n")
    return b"".join(pieces)
