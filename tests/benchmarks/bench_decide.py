"""How many gestures a second are validated, decided and folded at 1,000 clips, and what a ripple costs at 10,000.

The stream of bench_fold, as JSON bytes from the wire: parsed, validated by the gesture's model, decided on the state at
the head, folded into the next. Beside it, in interleaved rounds: the limit (JSON and validation alone), and the same
stream's trims, moves and keyframes as bare edits of OpenTimelineIO objects, which checks nothing. Then single gestures
at 10,000 clips: a ripple delete at the head of a track of 24, and of one track that holds all 10,000 (folded, and
decided). CPU seconds of the process, best round.

    python -m tests.benchmarks.bench_decide
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec

from projections import fold
from tests.benchmarks import bench_fold
from tests.world import F, World
from timeline_service.domain import changes, decide, event, records, registry
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.state import State

GESTURES, ROUNDS = 5_000, 5
GOAL, RIPPLE_GOAL_MS = 10_000, 2.0
MANY, PER_TRACK = 10_000, 24
Stream = list[tuple[str, bytes]]


def decided(stream: Stream, start: State) -> None:
    state = start
    for number, (actor, payload) in enumerate(stream, start.version + 1):
        gesture = registry.parse(msgspec.json.decode(payload))
        state = decide.decide(state, gesture, Facts(f"g{number}"), actor=actor).state


def validated(stream: Stream, start: State) -> None:
    del start
    for _, payload in stream:
        registry.parse(msgspec.json.decode(payload))


def stored(stream: Stream, start: State) -> None:
    """And encoded as it would be stored."""
    state = start
    for number, (actor, payload) in enumerate(stream, start.version + 1):
        gesture = registry.parse(msgspec.json.decode(payload))
        decision = decide.decide(state, gesture, Facts(f"g{number}"), actor=actor)
        event.encode(decision.body)
        state = decision.state


def throughput() -> None:
    world = bench_fold.furnished()
    start = world.state.fork()
    editor, names = bench_fold.Editor(world), []
    while len(names) < GESTURES:
        name = editor.edit()
        if name is not None:
            names.append(name)
    stream = [(actor, json.dumps(asked).encode()) for actor, asked in editor.accepted]
    rows = world.rows[-GESTURES:]
    subset = [row for row, name in zip(rows, names, strict=True) if name in bench_fold.SUBSET]
    closed = bench_fold._closed(start, subset)
    best: dict[str, tuple[int, float]] = {}
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for label, work in (
            ("validate + decide + fold", decided),
            ("and encode", stored),
            ("validate only", validated),
        ):
            bench_fold._keep(best, label, GESTURES, bench_fold.seconds(work, stream, start.fork()))
        spent = bench_fold.seconds(bench_fold.Otio(start).fold, closed)
        bench_fold._keep(best, "OTIO objects, unchecked", len(closed), spent)
    rates = {label: count / spent for label, (count, spent) in best.items()}
    for label, rate in rates.items():
        print(f"  {label:26}{rate:>10,.0f} gestures/s")
    ours = rates["validate + decide + fold"]
    print(f"  decide / goal of {GOAL:,}: {ours / GOAL:.2f}   / limit {ours / rates['validate only']:.2f}")


# ---------------------------------------------------------------- single gestures at 10,000 clips
def crowded(per_track: int) -> World:
    world = World()
    tracks = [f"v{n}" for n in range(-(-MANY // per_track))]
    for track in tracks:
        world.do("add_track", kind="video", track_id=track)

    def fill(draft: Draft) -> None:
        for n in range(MANY):
            place = {"track_id": tracks[n // per_track], "start": n % per_track * 10 * F, "duration": 10 * F}
            draft.put("clip", f"c{n}", records.new("clip", media=bench_fold.MEDIA, source_in=100 * F, **place))

    world.write(fill)
    return world


def milliseconds(work: Callable[[], Any], setup: Callable[[], Any] = lambda: None) -> float:
    best = float("inf")
    for _ in range(ROUNDS * 2):
        setup()
        gc.collect()
        gc.disable()
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
        gc.enable()
    return best * 1000


def ripples() -> None:
    for per_track in (PER_TRACK, MANY):
        world = crowded(per_track)
        ripple = {"type": "ripple_delete", "clip_ids": ["c0"], "scope": "track"}
        body = event.encode(world.decide(ripple).body)
        told = event.decode_folded(body).changes
        states = iter([fold.replay(world.rows) for _ in range(ROUNDS * 2)])
        used: list[State] = []  # to free ten thousand records is not what is measured
        folded = milliseconds(
            lambda told=told, used=used: used[-1].take(told, "ann", None, None),
            lambda states=states, used=used: used.append(next(states)),
        )
        asked = milliseconds(lambda world=world, ripple=ripple: world.decide(ripple))
        trim = {"type": "trim", "clip_id": "c5", "edge": "end", "delta": -1}
        trimmed = milliseconds(lambda world=world, trim=trim: world.decide(trim))
        shifts = sum(isinstance(change, changes.Shift) for change in told)
        print(
            f"  {MANY:,} clips, {per_track:,} a track: ripple delete at the head folds in {folded:.2f} ms "
            f"({RIPPLE_GOAL_MS:.0f} wanted), is decided in {asked:.2f} ms; a trim in {trimmed:.3f} ms ({shifts} shift)"
        )


def main() -> int:
    throughput()
    ripples()
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"  load average {load} on {os.cpu_count()} CPUs, Python {sys.version.split()[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
