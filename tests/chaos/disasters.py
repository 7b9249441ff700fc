"""What goes wrong, one thing at a time. Each is over, and what it hit works again, when its function returns."""

import asyncio
import os
import signal
import time

import redis.asyncio
import sqlalchemy as sa

from tests import fleet


class Disasters:
    """Draws them from a seeded chance; `seen` lists them with the seconds since the beginning."""

    def __init__(self, servers, processes, owner_engine, chance):
        self.servers, self.fleet, self.owner_engine, self.chance = servers, processes, owner_engine, chance
        self.seen = []
        self.longest_drain_s = 0.0
        self.began = time.monotonic()
        self.kinds = (
            self.kill_a_process,
            self.kill_a_process,
            self.drain_a_process,
            self.freeze_a_process,
            self.kill_redis,
            self.flush_redis,
            self.freeze_redis,
            self.end_backends,
            self.kill_a_backend,
            self.kill_the_postmaster,
        )

    async def play(self, stop, every_s):
        """Until told to stop: each kind before any comes again."""
        deck = []
        while True:
            try:
                return await asyncio.wait_for(stop.wait(), every_s * (0.5 + self.chance.random()))
            except TimeoutError:
                deck = deck or self.chance.sample(self.kinds, len(self.kinds))
                kind = deck.pop()
                self.seen.append((round(time.monotonic() - self.began, 1), kind.__name__))
                await kind()

    async def pause(self, most_s):
        await asyncio.sleep(self.chance.random() * most_s)

    # ---- API processes
    async def kill_a_process(self):
        process = self.chance.choice(self.fleet.processes)
        await process.kill()
        await self.pause(2)
        await process.start()

    async def drain_a_process(self):
        process, began = self.chance.choice(self.fleet.processes), time.monotonic()
        await process.drain()
        self.longest_drain_s = max(self.longest_drain_s, time.monotonic() - began)
        await process.start()

    async def freeze_a_process(self):
        process = self.chance.choice(self.fleet.processes)
        fleet.freeze(process.process)
        await self.pause(3)
        fleet.resume(process.process)

    # ---- Redis
    async def kill_redis(self):
        await fleet.kill(self.servers.valkey)
        await self.pause(2)
        await fleet.launch_again(self.servers.valkey)

    async def flush_redis(self):
        async with redis.asyncio.from_url(self.servers.prepared.redis_url) as client:
            await client.flushall()

    async def freeze_redis(self):
        fleet.freeze(self.servers.valkey.process)
        await asyncio.sleep(2)
        fleet.resume(self.servers.valkey.process)

    # ---- PostgreSQL
    async def end_backends(self):
        end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'"
        async with self.owner_engine.connect() as connection:
            await connection.execute(sa.text(end))

    async def kill_a_backend(self):
        """PostgreSQL then ends all others and recovers."""
        find = "select pid from pg_stat_activity where backend_type = 'client backend' and usename = 'app' limit 1"
        async with self.owner_engine.connect() as connection:
            backend = (await connection.execute(sa.text(find))).scalar_one_or_none()
        if backend is not None:
            os.kill(backend, signal.SIGKILL)

    async def kill_the_postmaster(self):
        await fleet.kill(self.servers.prepared.postgres)
        await fleet.launch_again(self.servers.prepared.postgres)
        await self.owner_engine.dispose()
