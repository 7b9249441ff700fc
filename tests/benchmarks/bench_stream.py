"""The stream beside its peers: same loader, same records, same minute.

For each server and each cell (sockets, rooms, gestures a second of all together): acknowledgement and delivery to the
others, p50/p95/p99 in ms, and CPU per gesture of the server's process; PostgreSQL and Valkey have columns of their own.
Ours acknowledges after the durable commit; the peers keep everything in memory and acknowledge before they keep it.
`no-op store` is our socket path with a store that acknowledges at once. Rate limits are raised for the benchmark.

    python -m tests.benchmarks.bench_stream [--only ours,no-op,hocuspocus,sharedb,pycrdt] [--seconds 6] [--quick]
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from tests.benchmarks.stream import cost, rivals
from tests.benchmarks.stream.dialects import Gestures, ShareDb, Yjs
from tests.benchmarks.stream.loader import Clients, Dialect, Load, percentile
from tests.benchmarks.stream.service import Service, serving

SERVERS: Final = ("ours", "no-op", "hocuspocus", "sharedb", "pycrdt")
KNEE_S: Final = 0.100
KNEE_RATES: Final = (250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000)
WRITERS, WINDOW, WATCHERS = 32, 32, 2
_markers = itertools.count(1, 1 << 20)


@dataclass(frozen=True)
class Cell:
    """So many sockets over so many rooms, so many gestures a second of all together."""

    sockets: int
    rooms: int
    rate: float

    def __str__(self) -> str:
        where = "" if self.rooms == 1 else f" over {self.rooms}"
        return f"{self.sockets} sockets{where}, {self.rate:,.0f}/s"


CELLS: Final = (
    Cell(2, 1, 100),
    Cell(20, 1, 100),
    Cell(50, 1, 100),
    Cell(200, 20, 100),
    Cell(2, 1, 1000),
    Cell(20, 1, 1000),
    Cell(50, 1, 1000),
    Cell(200, 20, 1000),
)


@dataclass
class Target:
    """A running server: where, how it is spoken to in a cell, and what it has used."""

    name: str
    port: int
    dialect: Callable[[int, int], Awaitable[Dialect]]
    used_s: Callable[[], dict[str, float]]
    fallen: bool = False
    """It has ended, or does not answer any more: nothing further is asked of it."""


@dataclass(frozen=True)
class Measured:
    """A cell's figures: the load, and CPU seconds by process."""

    load: Load
    used_s: dict[str, float]

    def cpu_ms(self, process: str) -> float:
        """Of one gesture."""
        return self.used_s.get(process, float("nan")) * 1000 / max(1, len(self.load.acks))

    def row(self) -> str:
        load = self.load
        ack, delivery = (
            " ".join(f"{percentile(values, share) * 1000:8.1f}" for share in (0.5, 0.95, 0.99))
            for values in (load.acks, load.deliveries)
        )
        cpu = " ".join(
            "       –" if name not in self.used_s else f"{self.cpu_ms(name):8.3f}"
            for name in ("server", "postgres", "valkey")
        )
        loader = f"{load.loader_cpu_s / load.seconds:5.0%}"
        missing = load.sent - len(load.acks)
        trouble = "".join(
            f"  {count} {what}"
            for count, what in ((load.refused, "refused"), (missing, "unanswered"), (load.lost, "sockets lost"))
            if count
        )
        return f"{ack} |{delivery} |{cpu} | {loader}{trouble}"


@contextlib.asynccontextmanager
async def target(name: str, scratch: Path, rooms: int) -> AsyncIterator[Target]:
    """A server by its name in SERVERS. Raises rivals.Absent."""
    if name in {"ours", "no-op"}:
        module = "timeline_service.embedded.web" if name == "ours" else "tests.benchmarks.stream.instant"
        async with serving(module) as service:
            yield await _ours(name, service)
        return
    start = {"hocuspocus": rivals.hocuspocus, "sharedb": rivals.sharedb, "pycrdt": rivals.pycrdt}[name]
    cells = itertools.count()

    async def dialect(sockets: int, rooms: int) -> Dialect:
        if name == "sharedb":
            return ShareDb(rooms, sockets)
        return Yjs(rooms, sockets, f"{next(cells)}", hocuspocus=name == "hocuspocus")

    async with start(scratch, rooms) as peer:
        yield Target(name, peer.port, dialect, peer.used_s)


async def _ours(name: str, service: Service) -> Target:
    async def dialect(sockets: int, rooms: int) -> Dialect:
        made = [await service.timeline() for _ in range(rooms)]
        return Gestures([timeline for timeline, _ in made], service.tokens, made[0][1], sockets)

    return Target(name, service.port, dialect, service.used_s)


@contextlib.contextmanager
def counted(server: Target) -> Iterator[dict[str, float]]:
    """CPU seconds that the server's processes use in the block, filled in at its end."""
    before, used = server.used_s(), dict[str, float]()
    yield used
    used.update({name: after - before[name] for name, after in server.used_s().items()})


async def attempt(server: Target, measuring: Coroutine[None, None, Measured]) -> Measured | None:
    """Measure and print, unless the server has fallen over."""
    if server.fallen:
        measuring.close()
        return None
    try:
        measured = await measuring
    except (OSError, TimeoutError) as error:
        server.fallen = True
        print(f"{server.name:12} has fallen over: {type(error).__name__}", flush=True)
        return None
    print(f"{server.name:12} {measured.row()}", flush=True)
    return measured


async def at_rate(server: Target, cell: Cell, seconds: float) -> Measured:
    """One cell of the table."""
    dialect = await server.dialect(cell.sockets, cell.rooms)
    async with Clients(dialect, server.port, cell.sockets, base=next(_markers)) as clients:
        await asyncio.sleep(0.2)
        with counted(server) as used:
            load = await clients.at_rate(cell.rate, seconds)
        return Measured(load, used)


async def pipelined(server: Target, seconds: float) -> Measured:
    """32 writers on one document, each with 32 gestures on their way; two of them measure deliveries."""
    dialect = await server.dialect(WRITERS, 1)
    async with Clients(dialect, server.port, WRITERS, base=next(_markers), watchers=WATCHERS) as clients:
        await asyncio.sleep(0.2)
        with counted(server) as used:
            load = await clients.pipelined(WINDOW, seconds)
        return Measured(load, used)


async def knee(server: Target, seconds: float) -> float:
    """The highest of KNEE_RATES with 20 clients at which p95 of the acknowledgements stays below 100 ms."""
    best = 0.0
    for rate in KNEE_RATES:
        measured = await attempt(server, at_rate(server, Cell(20, 1, rate), seconds))
        if measured is None:
            break
        load = measured.load
        kept_up = len(load.acks) == load.sent and load.sent / load.seconds >= 0.95 * rate
        if not kept_up or percentile(load.acks, 0.95) > KNEE_S:
            break
        best = rate
    return best


def heading(what: str) -> None:
    print(f"\n{what}\n{'':12} ack p50    p95      p99 | delivery p50 p95     p99 |   server postgres   valkey | loader")


async def main() -> None:
    """All cells, server by server within each, so that neighbours in the table are neighbours in time."""
    wish = options()
    names = [name for name in SERVERS if name in wish.only.split(",")]
    cells = [cell for cell in CELLS if not wish.quick or (cell.sockets == 20)]
    scratch = wish.scratch or Path(tempfile.gettempdir()) / "timeline-bench-peers"
    print(f"the stream: ms per acknowledgement and delivery, CPU ms per gesture; load {os.getloadavg()[0]:.1f}")
    async with contextlib.AsyncExitStack() as stack:
        running = []
        for name in names:
            try:
                running.append(
                    await stack.enter_async_context(target(name, scratch, max(cell.rooms for cell in cells)))
                )
            except rivals.Absent as reason:
                print(f"{name} is left out: {reason}")
        disk = cost.of_fdatasync(scratch.parent)
        table: dict[tuple[str, Cell], Measured] = {}
        for cell in cells:
            heading(str(cell))
            for server in running:
                measured = await attempt(server, at_rate(server, cell, wish.seconds))
                if measured is not None:
                    table[server.name, cell] = measured
        heading(f"{WRITERS} writers with {WINDOW} gestures on their way each, one document")
        for server in running:
            measured = await attempt(server, pipelined(server, wish.seconds))
            if measured is not None:
                print(f"{'':12} {len(measured.load.acks) / measured.load.seconds:,.0f}/s")
        if not wish.quick:
            for server in running:
                print(f"knee of {server.name}, 20 clients: {await knee(server, wish.seconds / 2):,.0f}/s", flush=True)
        verdicts(table, cells, disk, cost.of_fdatasync(scratch.parent))


def verdicts(table: dict[tuple[str, Cell], Measured], cells: list[Cell], *disks: cost.Disk) -> None:
    """What was wanted beside what was measured."""
    sync = statistics.mean(disk.p95 for disk in disks)
    print(
        f"\n20 sends of a frame of 900 bytes by raw sockets: CPU {cost.of_sends() * 1000:.3f} ms, the floor of a frame"
    )
    print(f"fdatasync of 8 KB, p95: {', '.join(f'{disk.p95 * 1000:.2f}' for disk in disks)} ms, before and after")
    for cell in cells:
        ours, instant = table.get(("ours", cell)), table.get(("no-op", cell))
        if ours is None:
            continue
        if instant is not None:
            p95, allowed = percentile(ours.load.acks, 0.95), percentile(instant.load.acks, 0.95) + 3 * sync
            word = "kept" if p95 <= allowed else "MISSED"
            print(f"  {cell}: p95 ack {p95 * 1000:.1f} ms, allowed {allowed * 1000:.1f}: {word}")
        for (name, _), peer in ((key, value) for key, value in table.items() if key[1] == cell):
            if name not in {"ours", "no-op"}:
                ratio = ours.cpu_ms("server") / peer.cpu_ms("server")
                print(f"  {cell}: CPU of ours {ratio:.2f} of {name}'s: {'ahead' if ratio < 1 else 'BEHIND'}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(SERVERS), help="servers, with commas")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each cell")
    parser.add_argument("--quick", action="store_true", help="20 sockets only, no knee")
    parser.add_argument("--scratch", type=Path, help="where the peers are installed")
    return parser.parse_args()


if __name__ == "__main__":
    uvloop.run(main())
