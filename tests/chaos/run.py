"""A seeded run: servers, processes, people, disasters, and then silence and the reckoning."""

import asyncio
import contextlib
import random
import statistics
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests import fleet
from tests.chaos import checks
from tests.chaos.disasters import Disasters
from tests.chaos.gestures import START
from tests.chaos.ledger import Ledger
from tests.chaos.players import Player, Repeater, Witness
from timeline_service.eventstore.postgres import PostgresStore
from timeline_service.kit import database

QUIET_WITHIN_S = 120
RATE = {"num": 25, "den": 1}


@dataclass
class Scene:
    """One timeline and who is at it."""

    timeline_id: str
    workspace_id: str
    token: str
    url: str
    ledger: Ledger = field(default_factory=Ledger)
    players: list = field(default_factory=list)
    witnesses: list = field(default_factory=list)
    repeaters: list = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """How long, how many, how often something goes wrong on average."""

    seconds: float
    seed: int
    processes: int = 3
    timelines: int = 2
    players: int = 6
    every_s: float = 5.0


async def run(plan, folder):
    """Raises AssertionError (with the log of the processes beside it in `folder`) or answers the report as text."""
    async with contextlib.AsyncExitStack() as stack:
        servers = fleet.OwnServers(Path(folder) / "own")
        stack.callback(servers.stop)
        await servers.start()
        processes = fleet.Fleet(
            Path(folder) / "data",
            servers.prepared.database_url,
            servers.prepared.redis_url,
            size=plan.processes,
        )
        stack.push_async_callback(processes.stop)
        await processes.start()
        engine = database.create_engine(servers.prepared.database_url, application_name="chaos")
        stack.push_async_callback(engine.dispose)
        owner = database.create_engine(servers.prepared.migration_database_url, application_name="chaos", pool_size=1)
        stack.push_async_callback(owner.dispose)
        http = await stack.enter_async_context(httpx2.AsyncClient(timeout=30))
        scenes = [await make_scene(plan, processes, http, number) for number in range(plan.timelines)]
        disasters = Disasters(servers, processes, owner, random.Random(f"{plan.seed}/disasters"))
        await play(plan, scenes, disasters)
        heads = [await checks.timeline(scene, PostgresStore(engine), http) for scene in scenes]
        await asyncio.gather(*(player.client.close() for scene in scenes for player in scene.players))
        return report(plan, scenes, disasters, heads, processes.logs())


async def make_scene(plan, processes, http, number):
    """A timeline with eighteen clips, its people, a repeater and a witness."""
    url, owner = processes.urls[0], processes.token(f"owner{number}")

    async def ask(method, path, token=owner, **body):
        answer = await http.request(method, url + path, headers={"Authorization": f"Bearer {token}"}, json=body or None)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    workspace = (await ask("POST", "/api/v1/workspaces", name="Film"))["id"]
    timeline = await ask(
        "POST", "/api/v1/timelines", workspace_id=workspace, name="Cut", rate=RATE, width=1920, height=1080
    )
    await ask("POST", f"/api/v1/timelines/{timeline['id']}/gestures", gestures=START)
    scene = Scene(timeline["id"], workspace, owner, url)
    for place in range(plan.players):
        name = f"p{number}-{place}"
        token = processes.token(name)
        person = (await ask("GET", "/api/v1/me", token))["id"]
        await ask("POST", f"/api/v1/workspaces/{workspace}/members", person_id=person, role="editor")
        own = random.Random(f"{plan.seed}/{name}")
        scene.players.append(Player(name, processes.urls, timeline["id"], token, scene.ledger, own))
    own = random.Random(f"{plan.seed}/repeater{number}")
    scene.repeaters.append(Repeater(processes.urls, timeline["id"], scene.players[0], http, own))
    for place in range(2):
        own = random.Random(f"{plan.seed}/witness{number}-{place}")
        scene.witnesses.append(Witness(processes.urls, timeline["id"], owner, http, own))
    return scene


async def play(plan, scenes, disasters):
    """Edit and destroy for as long as planned, then wait until everybody has come to rest."""
    stop, heal = asyncio.Event(), asyncio.Event()
    players = [player for scene in scenes for player in scene.players]
    for player in players:
        await player.client.__aenter__()
    acting = [one for scene in scenes for one in (*scene.players, *scene.repeaters)]
    async with asyncio.TaskGroup() as group:
        witnessing = [group.create_task(witness.play(stop)) for scene in scenes for witness in scene.witnesses]
        tasks = [group.create_task(one.play(stop)) for one in acting]
        destroying = group.create_task(disasters.play(heal, plan.every_s))
        await asyncio.sleep(plan.seconds)
        heal.set()
        await destroying
        stop.set()
        await asyncio.gather(*tasks)
        await rest(scenes)
        for task in witnessing:
            task.cancel()


async def rest(scenes):
    """Until every client has its answers and every screen the head."""
    try:
        async with asyncio.timeout(QUIET_WITHIN_S):
            for scene in scenes:
                await asyncio.gather(*(player.rest() for player in scene.players))
                last = max(player.client.version for player in scene.players)
                await asyncio.gather(*(player.client.wait_for(last) for player in scene.players))
                while any(witness.twin.version < last for witness in scene.witnesses):
                    await asyncio.sleep(0.05)
    except TimeoutError:
        doing = [player.doing() for scene in scenes for player in scene.players]
        seen = [witness.twin.version for scene in scenes for witness in scene.witnesses]
        raise AssertionError("no rest: " + "; ".join([*doing, f"witnesses at {seen}"])) from None


def report(plan, scenes, disasters, heads, logs):
    """What happened, in figures."""
    ledgers = [scene.ledger for scene in scenes]
    waits = sorted(wait for ledger in ledgers for wait in ledger.waits_ms)
    refused = sum((ledger.codes() for ledger in ledgers), Counter())
    closed = sum((witness.closed_with for scene in scenes for witness in scene.witnesses), Counter())
    lines = [
        f"seed {plan.seed}, {plan.seconds:.0f} s, {plan.processes} processes, {plan.timelines} timelines of "
        f"{plan.players} editors, 2 witnesses and a repeater each",
        f"sent {sum(len(ledger.sent) for ledger in ledgers)} = acked {sum(len(ledger.acked) for ledger in ledgers)} "
        f"+ refused {sum(refused.values())} + without effect {sum(len(ledger.without_effect) for ledger in ledgers)}",
        f"repeated over HTTP and answered `duplicate`: {sum(one.count for scene in scenes for one in scene.repeaters)}",
        f"heads {heads}; log = projection = OTIO = {plan.players * plan.timelines} clients = {2 * plan.timelines} witnesses",
        f"wait for a result: p50 {statistics.median(waits):.0f} ms, p99 {waits[int(len(waits) * 0.99)]:.0f} ms, "
        f"longest {waits[-1] / 1000:.1f} s; longest silence of a timeline "
        f"{max(ledger.longest_outage_s for ledger in ledgers):.1f} s; longest drain {disasters.longest_drain_s:.1f} s",
        f"refused: {dict(refused.most_common())}",
        f"witnesses were closed with: {dict(closed)}",
        f"disasters: {dict(Counter(kind for _, kind in disasters.seen))}",
        f"lines in the logs of the processes: {dict(log_lines(logs).most_common(12))}",
    ]
    return "\n".join(lines)


def log_lines(logs):
    """How often each thing was logged at warning or above."""
    found = Counter()
    for line in logs.splitlines():
        _, mark, rest = line.partition('"event":')
        if mark:
            found[rest.strip().split('"')[1]] += 1
    return found
