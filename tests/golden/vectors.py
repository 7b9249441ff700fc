"""Write the vectors that hold every client to the service: how events fold, and what gestures come to.

    python -m tests.golden.vectors          writes the files that are not there, and fold/events.json, which names others

fold/events.json       every golden event: what it changes, by value
fold/session-*.json    random sessions over the whole vocabulary, with undo, redo, revert and restore; some states by value
fold/ripples-*.json    the same of what moves the ground, under effects and notes of tracks
decide/worlds-*.json   timelines as editors make them, and gestures on each: what they change, or why they are refused
decide/carried-*.json  the same, where the author has not seen ripples yet
decide/moves-*.json    moves over what lies there, over tracks and over transitions
decide/offsets-*.json  trims and splits of clips at speed 1 whose source is still counted with an offset

A *difference* is {id: null} for a record that went, {id: {"new": kind, "value": …}} for one that came, {id: {field:
value}} for what was written; null takes a key of a map away.
"""

import contextlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from projections import fold
from tests.golden import record
from tests.laws.session import Session
from tests.strategies.registry import PAYLOADS
from tests.strategies.worlds import timelines
from tests.world import ASSETS, World
from timeline_service.domain import changes, decide, errors, event, registry
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.state import Ground, Place, Record, State

HERE: Final = Path(__file__).parent
FOLD: Final = HERE / "fold"
DECIDE: Final = HERE / "decide"
SESSIONS: Final = 6
STEPS: Final = 90
EVERY: Final = 20
FEWEST: Final = 20
WORLD_FILES: Final = 8
WORLDS: Final = 6
TRIED: Final = 4
FEWEST_CLIPS: Final = 3
MOVES: Final = 40
OFFSET: Final = 777
OFTEN: Final = ("move", "trim", "split")
LOCAL: Final = (
    "reverse", "remove_clip", "remove_title", "add_crop_keyframe", "update_crop_keyframe", "move_crop_keyframe",
    "delete_crop_keyframe", "rename", "rename_track", "lock_track", "mute_track", "solo_track", "hide_track", "enable",
    "set_color", "set_fades", "set_metadata", "set_opacity", "set_rotation", "set_transform", "set_volume",
    "set_timeline", "set_transition", "update_marker", "update_caption", "remove_marker", "remove_annotation",
    "remove_caption", "remove_effect", "remove_transition", "delete_keyframe",
)  # fmt: skip
"""Gestures that a client may decide by itself, beside those of OFTEN."""
POSITIONED: Final = (
    "split", "split", "move", "add_crop_keyframe", "move_crop_keyframe", "update_marker", "update_caption"
)  # fmt: skip
"""Gestures that name a place on the timeline."""
RIPPLES: Final = ("add_gap", "close_gap", "ripple_delete", "ripple_trim", "extract_range", "add_marker", "add_keyframe")

Value = dict[str, Any]


# ---------------------------------------------------------------- states by value
def records_of(state: State) -> list[list[Any]]:
    """The living records: [id, kind, value], in the order of their ids."""
    return [[id, record.kind, record.value] for id, record in sorted(state.records.items()) if record.alive]


def difference(before: State, after: State) -> dict[str, Value | None]:
    """What is another in the second state; see above."""
    found: dict[str, Value | None] = {}
    for id in sorted({*before.records, *after.records}):
        old, new = before.find(id), after.find(id)
        if old is None and new is not None:
            found[id] = {"new": new.kind, "value": new.value}
        elif old is not None and new is None:
            found[id] = None
        elif old is not None and new is not None and not same(old.value, new.value):
            names = sorted({*old.value, *new.value})
            found[id] = {
                name: new.value.get(name) for name in names if not same(old.value.get(name), new.value.get(name))
            }
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON to every client: 1.0 is 1 there, and true is not."""
    return json.dumps(_plain(one), sort_keys=True) == json.dumps(_plain(other), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def state_of(world: Value) -> State:
    """A state from what a vector says of it; whose its fields are is not said."""
    state = State()
    state.version, state.timeline_id = world["version"], world["timeline_id"]
    for id, kind, value in world["records"]:
        state.records[id] = Record(kind, id, value, {}, 1, 1, True, object())
        state.index(state.records[id])
    for id in world["gone"]:
        state.records[id] = Record("clip", id, {}, {}, 1, 1, False, object())
    for version, shift in world["shifts"]:
        told = changes.Shift(
            id=shift["id"], track=shift["track"], start=shift["from"], by=shift["by"], moves=shift["moves"], unit=0
        )
        state.shifts.append(Ground(Place(version, 0), told))
    for _ in range(state.version):
        state.authors.append("ann")
    return state


def world_of(state: State) -> Value:
    """What a vector says of a state."""
    return {
        "version": state.version,
        "timeline_id": state.timeline_id,
        "gone": sorted(id for id, record in state.records.items() if not record.alive),
        "shifts": [[ground.at.version, _shift(ground.shift)] for ground in state.shifts],
        "records": records_of(state),
    }


def _shift(shift: changes.Shift) -> Value:
    return {name: value for name, value in changes.as_json(shift).items() if name not in ("op", "unit")}


# ---------------------------------------------------------------- decide
def outcome(state: State, case: Value) -> Value:
    """What a gesture of a vector comes to: {"changes": difference} or {"refused": code}."""
    try:
        decision = decide.decide(
            state,
            registry.parse(case["gesture"]),
            Facts(case["gesture_id"], ASSETS),
            actor="ann",
            base_version=case.get("base"),
        )
    except errors.Refused as refusal:
        return {"refused": refusal.stable_code}
    except ValueError:
        return {"refused": "invalid"}
    return {"changes": difference(state, decision.state)}


def worlds(number: int) -> Value:
    """A file of worlds, each with cases."""
    chance = random.Random(number)
    found = []
    while len(found) < WORLDS:
        world = _peopled(chance, rich=bool(number % 2))
        base = world.state.version
        if chance.random() < 0.5:
            _ripple(world, chance)
        names = [*OFTEN * 6, *LOCAL, *chance.sample(sorted(PAYLOADS), 3)]
        cases = [_case(world.state, name, n, base, chance) for n, name in enumerate(names)]
        found.append({**world_of(world.state), "cases": cases})
    return {"worlds": found}


def carried(number: int) -> Value:
    """Worlds whose ground has moved, and gestures of people who have not seen it."""
    chance = random.Random(number + 1_000)
    found = []
    while len(found) < WORLDS:
        world = _peopled(chance, rich=False)
        seen = world.copy().state
        _ripple(world, chance)
        if not len(world.state.shifts):
            continue
        cases = []
        for n, name in enumerate(POSITIONED * 4):
            case: Value = {"gesture_id": f"g{n}", "gesture": drawn(PAYLOADS[name](seen), chance), "base": seen.version}
            cases.append({**case, **outcome(world.state, case)})
        found.append({**world_of(world.state), "cases": cases})
    return {"worlds": found}


def moves(number: int) -> Value:
    """Worlds with transitions, and moves over what lies there."""
    chance = random.Random(number + 2_000)
    found = []
    while len(found) < WORLDS:
        world = _peopled(chance, rich=True)
        if not any(world.state.living("transition")):
            continue
        cases = []
        for n in range(MOVES):
            gesture = drawn(PAYLOADS["move"](world.state), chance)
            gesture["on_overlap"] = "overwrite" if chance.random() < 0.8 else "refuse"
            if chance.random() < 0.3:
                gesture = {name: value for name, value in gesture.items() if name != "to"}
                gesture["track_offset"] = chance.choice((-1, 1))
            case: Value = {"gesture_id": f"g{n}", "gesture": gesture}
            cases.append({**case, **outcome(world.state, case)})
        found.append({**world_of(world.state), "cases": cases})
    return {"worlds": found}


def offsets(number: int) -> Value:
    """Worlds in which clips play at speed 1 again, and still have the offset of another speed."""
    chance = random.Random(number + 3_000)
    found = []
    while len(found) < WORLDS:
        world = _peopled(chance, rich=False)
        for clip in list(world.state.living("clip")):
            source_in = max(0, clip.value["source_in"] - OFFSET)
            after = {"map_offset": OFFSET, "source_in": source_in, "speed": {"num": 1, "den": 1}}
            with contextlib.suppress(errors.Refused):
                world.write(partial(_set, clip.id, after))
        cases = [_case(world.state, name, n, world.state.version, chance) for n, name in enumerate(OFTEN * 8)]
        found.append({**world_of(world.state), "cases": cases})
    return {"worlds": found}


def _set(id: str, after: Value, draft: Draft) -> None:
    draft.set(id, after)


def _peopled(chance: random.Random, *, rich: bool) -> World:
    while True:
        world: World = drawn(timelines(rich=rich), chance)
        if len(list(world.state.living("clip"))) >= FEWEST_CLIPS:
            return world


def _ripple(world: World, chance: random.Random) -> None:
    """Some edits that move the ground, so that positions of an earlier version have to be carried."""
    for name in ("add_gap", "ripple_delete", "ripple_trim", "remove_clip"):
        with contextlib.suppress(errors.Refused):
            world.keep(world.decide(drawn(PAYLOADS[name](world.state), chance)))


def _case(state: State, name: str, number: int, base: int, chance: random.Random) -> Value:
    case: Value = {"gesture_id": f"g{number}", "gesture": drawn(PAYLOADS[name](state), chance)}
    if base < state.version and chance.random() < 0.5:
        case["base"] = chance.randint(base, state.version)
    return {**case, **outcome(state, case)}


# ---------------------------------------------------------------- fold
class Recorded(Session):
    """A session that goes on where a world stands."""

    def __init__(self, world: World) -> None:
        self.rows, self.state, self.start = list(world.rows), world.state.fork(), world.state.version

    def _facts(self) -> Facts:
        return Facts(f"g{self.state.version + 1}", ASSETS)


def session(number: int) -> Value:
    """A log as clients get it, and what it folds to at some versions."""
    chance = random.Random(number)
    return _played(chance, sorted(PAYLOADS), lambda world: len(world.state.records) >= FEWEST)


def ripples(number: int) -> Value:
    """The same of gestures that move the ground, on a track with an effect that is animated."""
    return _played(random.Random(number + 4_000), RIPPLES, lambda world: world.state.find("t0ek") is not None)


def _played(chance: random.Random, names: Sequence[str], fits: Callable[[World], bool]) -> Value:
    world = drawn(timelines(locked=False, rich=True), chance)
    while not fits(world):
        world = drawn(timelines(locked=False, rich=True), chance)
    played = Recorded(world)
    for _ in range(STEPS):
        with contextlib.suppress(errors.Refused, ValueError):
            _step(played, names, chance)
    at = sorted({*range(played.start, len(played.rows), EVERY), len(played.rows)})
    return {
        "events": [_as_sent(row) for row in played.rows],
        "states": [{"version": version, "records": records_of(played.fold(version))} for version in at],
    }


def _step(played: Recorded, names: Sequence[str], chance: random.Random) -> None:
    actor, what = chance.choice(("ann", "bob")), chance.randint(0, 29)
    if what == 0:
        played.restore(actor, chance.randint(played.start, played.state.version))
    elif what <= 3:
        played.undo(actor, chance.choice(("skip", "force")), "next")
    elif what <= 5:
        played.redo(actor, "skip", "next")
    elif what == 6:
        played.revert(actor, [chance.randint(played.start, played.state.version)])
    else:
        played.do(actor, **drawn(PAYLOADS[chance.choice(names)](played.state), chance))


def _as_sent(row: fold.Row) -> Value:
    """An event with what a fold needs of it, as the stream sends it."""
    version, actor, body, schema_version = row
    told = event.decode(body, schema_version)
    return {
        "version": version,
        "actor": actor,
        "schema_version": schema_version,
        "type": told.gesture.get("type", ""),
        "changes": [changes.as_json(change) for change in told.changes],
    }


def golden_events() -> Value:
    """Of every golden event: what lies beneath it (`on`: a file, or the log so far), and the difference it makes."""
    index = json.loads((record.EVENTS / "index.json").read_text())
    rows: list[fold.Row] = []
    found = []
    for entry in index:
        body = (record.EVENTS / f"{entry['type']}.json").read_bytes()
        beneath = _stage(entry["on"]) if "on" in entry else rows
        row = (entry["version"], entry["actor"], body, event.SCHEMA_VERSION)
        change = difference(fold.replay(beneath), fold.replay([*beneath, row]))
        found.append({"type": entry["type"], "version": entry["version"], "on": entry.get("on"), "changes": change})
        if "on" not in entry:
            rows.append(row)
    return {"events": found}


def _stage(name: str) -> list[fold.Row]:
    lines = (record.EVENTS / name).read_bytes().splitlines()
    return [(n, "ann", body, event.SCHEMA_VERSION) for n, body in enumerate(lines, 1)]


# ---------------------------------------------------------------- files
def files() -> Iterator[tuple[Path, Callable[[], Value]]]:
    """Each file, and what makes its content."""
    yield FOLD / "events.json", golden_events
    for number in range(SESSIONS):
        yield FOLD / f"session-{number}.json", partial(session, number)
    for number in range(2):
        yield FOLD / f"ripples-{number}.json", partial(ripples, number)
    for number in range(WORLD_FILES):
        yield DECIDE / f"worlds-{number}.json", partial(worlds, number)
    for number in range(2):
        yield DECIDE / f"carried-{number}.json", partial(carried, number)
        yield DECIDE / f"moves-{number}.json", partial(moves, number)
    yield DECIDE / "offsets-0.json", partial(offsets, 0)


def text(content: Value) -> str:
    """JSON with one entry a line, so that a difference can be read."""
    parts = []
    for name, entries in content.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":"), sort_keys=True) for entry in entries)
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
    return "{" + ",\n".join(parts) + "}\n"


def drawn(strategy: st.SearchStrategy[Any], chance: random.Random) -> Any:
    """One value of a strategy; the first ones that Hypothesis thinks of are the simplest, and passed over."""
    found: list[Any] = []

    @seed(chance.getrandbits(32))
    @settings(
        max_examples=TRIED,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found[-1]


def main() -> None:
    for path, make in files():
        if not path.exists() or path.name == "events.json":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text(make()))


if __name__ == "__main__":
    main()
