"""Our edits beside those of GStreamer Editing Services: the same, refused by both, or different for a known reason.

python -m tests.oracles.ges_agreement 5000      asks so many random questions and tells what came of them
python -m tests.oracles.ges_agreement record    writes ges_recorded.json anew, from the GES of this machine
"""

import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.oracles import divergences, ges
from tests.oracles.ges import Answer
from tests.oracles.questions import GES_OPS, Outcome, Question, outcome, question
from tests.oracles.strip import Item

RECORDED: Final = Path(__file__).with_name("ges_recorded.json")
RECORDED_EACH: Final = 25
SEED: Final = 20_261_120

SAME: Final = "same"
BOTH_REFUSE: Final = "both refuse"
DIFFERENT: Final = "DIFFERENT"


class Reason(NamedTuple):
    """Why the two differ where they do, and how a case of it is told from a fault."""

    holds: Callable[[Question, Outcome, list[Item] | None], bool]
    """Theirs is None where GES refused."""
    text: str


def _overlaps(layout: list[Item]) -> bool:
    return any(one.start + one.length > other.start for one, other in itertools.pairwise(layout))


def _cross_fade(question: Question, ours: Outcome, theirs: list[Item] | None) -> bool:
    return ours.refused == "overlap" and theirs is not None and _overlaps(theirs)


def _nothing_left(question: Question, ours: Outcome, theirs: list[Item] | None) -> bool:
    return ours.refused == "too_short" and theirs is not None and any(item.length == 0 for item in theirs)


REASONS: Final = {
    "cross_fade": Reason(
        _cross_fade,
        "In GES two clips of a layer may lie over each other by a part: that is how a cross-fade is said there. Here "
        "clips of one track never overlap (a cross-fade is a transition on a cut, and uses handles): `overlap`.",
    ),
    "nothing_left": Reason(
        _nothing_left,
        "In GES a clip may be trimmed to no length at all and stays in the layer. Here a clip is at least one frame "
        "long: `too_short`.",
    ),
}


def verdict(question: Question, answer: Answer, answered: Callable[[Question], Outcome] = outcome) -> str:
    """SAME, BOTH_REFUSE, the name of a reason, or DIFFERENT; of the service's answer, or of another's."""
    ours = answered(question)
    theirs = layout(question, answer) if "layout" in answer else None
    if ours.refused and theirs is None:
        return BOTH_REFUSE
    if not ours.refused and ours.layout == theirs:
        return SAME
    return next((name for name, reason in REASONS.items() if reason.holds(question, ours, theirs)), DIFFERENT)


def layout(question: Question, answer: Answer) -> list[Item]:
    """What GES says lies on the layer, in the order of time; the right half of a split under the name of its clip."""
    items = [Item(*item) for item in answer["layout"]]
    named = [item._replace(name=question["op"]["clip"]) if item.name == "new" else item for item in items]
    return sorted(named, key=lambda item: (item.start, item.length))


def explain(question: Question, answer: Answer) -> str:
    """For a failure: everything."""
    return json.dumps({"question": question, "theirs": answer, "ours": outcome(question)._asdict()})


Tally = dict[str, Counter[str]]


def main(argument: str) -> int:
    python = ges.python_with_ges()
    if python is None:
        print(f"GES is not installed: {ges.INSTALL}")
        return 2
    with ges.running(python) as oracle:
        return record(oracle) if argument == "record" else soak(oracle, int(argument))


def questions(seed: int) -> Iterator[Question]:
    """Random questions without end, each kind of edit in turn."""
    dice = random.Random(seed)
    for op in itertools.cycle(GES_OPS):
        yield question(dice.randint, op)


def soak(oracle: ges.Ges, wanted: int) -> int:
    """Ask `wanted` random questions; prints a line for each kind of edit. Fails with what differs."""
    seed, began = time.time_ns(), time.monotonic()
    tally: Tally = {op: Counter() for op in GES_OPS}
    for asked in itertools.islice(questions(seed), wanted):
        answer = oracle.ask(asked)
        found = verdict(asked, answer)
        tally[asked["op"]["op"]][found] += 1
        if found == DIFFERENT:
            print(explain(asked, answer))
    print(f"GES {oracle.version}, {wanted} questions, seed {seed}, {time.monotonic() - began:.0f} s")
    for op, counts in tally.items():
        print(f"{op:12}", ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    return int(any(counts[DIFFERENT] for counts in tally.values()))


def record(oracle: ges.Ges) -> int:
    """The same questions every time, with the answers of today's GES."""
    asked = itertools.islice(questions(SEED), RECORDED_EACH * len(GES_OPS))
    lines = [json.dumps({"question": one, "answer": oracle.ask(one)}) for one in asked]
    head = json.dumps({"oracle": "GStreamer Editing Services", "version": oracle.version, "seed": SEED})
    rows = {row.call: oracle.ask(row.question()) for row in divergences.ROWS if row.asked}
    cases, divergent = ",\n ".join(lines), ",\n ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in rows.items())
    RECORDED.write_text(f'{{"recorded": {head},\n"divergences": {{\n {divergent}\n}},\n"cases": [\n {cases}\n]}}\n')
    print(f"wrote {len(lines)} answers of GES {oracle.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
