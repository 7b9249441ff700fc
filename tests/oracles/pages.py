"""docs/otio-divergences.md and docs/ges-agreement.md: what other editors answer, beside what the gestures do today.

python -m tests.oracles.pages         writes both
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.oracles import divergences, ges, ges_agreement, otio_edits
from tests.oracles.questions import GES_OPS

ROOT: Final = Path(__file__).parents[2]
OTIO: Final = ROOT / "docs" / "otio-divergences.md"
GES: Final = ROOT / "docs" / "ges-agreement.md"
BEFORE_ZERO: Final = "negative time: it cannot be said"
"""How ges_runner.py says that a question cannot be asked."""
WRITTEN: Final = "Written by `python -m tests.oracles.pages` from a run of the gestures; do not edit."


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def otio_page() -> str:
    """Their results beside ours."""
    provenance = otio_edits.DATA["provenance"]
    recorded = json.loads(ges_agreement.RECORDED.read_text())
    rows = [(row.call, row.theirs, divergences.told(row), _beside_ges(row, recorded)) for row in divergences.ROWS]
    rows += [(call, theirs, ours(), "") for call, theirs, ours in divergences.ALSO]
    wrong = [(f"`{case['test']}` {case.get('part', '')}".strip(), case["why"]) for case in otio_edits.DATA["excluded"]]
    reasons = [
        (f"`{next(iter(reason.codes))}`", reason.text, ", ".join(otio_edits.cases_with(name)))
        for name, reason in otio_edits.REASONS.items()
    ]
    return f"""# Where edits differ from OpenTimelineIO's

{WRITTEN}

OpenTimelineIO has edit algorithms in C++ (`src/opentimelineio/algo/editAlgorithm.h`), which its Python package does not
offer. We use them neither as an engine nor as an oracle: eleven calls corrupt a timeline, the same in release 0.18.1 and
on its main branch (commit bc5fe2d, 2026-08). Their column was measured by compiling and calling them; ours is the result of
the gestures. Before each edit: A shows source frames 100..148, B 200..248, C 300..348, one after the other at 24 fps
unless the edit says otherwise; ends are exclusive. Every row of ours is also counted frame by frame in the tests; the
last column is what GStreamer Editing Services made of it, where it can be asked.

{table(("edit", "OpenTimelineIO", "here", f"GES {recorded['recorded']['version']}"), rows)}
## What their own tests assert

The cases of `{provenance["file"]}` (commit {provenance["commit"][:7]}, Apache-2.0) are kept as data in
`tests/oracles/otio_edit_cases.json`, {len(otio_edits.DATA["cases"])} of them; each result is derived again by counting single
frames before ours is compared with it. These are left out, because what they assert is wrong:

{table(("test", "why"), wrong)}
## Where their result is sound and we refuse

There is no other reason than these; where there is none, the tracks and the source ranges are the same.

{table(("refused with", "why", "cases"), reasons)}"""


def _beside_ges(row: divergences.Row, recorded: dict[str, Any]) -> str:
    """What GStreamer Editing Services answered to the same edit, where it can be asked it."""
    if row.asked is None:
        return ""
    answer = recorded["divergences"][row.call]
    if answer.get("refused") == BEFORE_ZERO:
        return "cannot be asked: times are unsigned"
    return {ges_agreement.SAME: "as here", ges_agreement.BOTH_REFUSE: "refused too"}[
        ges_agreement.verdict(row.question(), answer)
    ]


def ges_page() -> str:
    """The recorded agreement, and the reasons for what differs."""
    recorded = json.loads(ges_agreement.RECORDED.read_text())
    names = (ges_agreement.SAME, ges_agreement.BOTH_REFUSE, *ges_agreement.REASONS)
    found: dict[str, Counter[str]] = {op: Counter() for op in GES_OPS}
    for case in recorded["cases"]:
        found[case["question"]["op"]["op"]][ges_agreement.verdict(case["question"], case["answer"])] += 1
    rows = [(f"`{op}`", *(str(counts[name]) for name in names)) for op, counts in found.items()]
    reasons = "\n".join(f"- **{name}**: {reason.text}" for name, reason in ges_agreement.REASONS.items())
    return f"""# Agreement with GStreamer Editing Services

{WRITTEN}

GStreamer Editing Services (GES), the engine of Pitivi, is asked the same edits on random timelines of one layer: clips of
1 to 12 frames, half of them touching, with sources that end soon or never. Either both come to the same layout (starts,
lengths, source frames), or both refuse (GES cannot be told a time before zero; that counts as refused), or the case meets the condition of one of the reasons below; anything else fails
the tests. `tests/oracles/ges_recorded.json` holds {len(recorded["cases"])} answers of GES {recorded["recorded"]["version"]}, checked
everywhere; where GES is installed (`{ges.INSTALL}`) it is also asked live.
`python -m tests.oracles.ges_agreement 5000` asks 5000 new questions.

How an edit is asked: `trim`, `roll` and `move` by GES's edit modes trim, roll and normal; `move_tail`, a clip with all later
ones, by ripple of the whole clip; `split` by its split; `ripple_trim` of an end by ripple of that end, and of a start, which
GES ripples by moving the clip, by a trim and a ripple of the whole clip.

{table(("edit", *names), rows)}
## Reasons

{reasons}
"""


PAGES: Final = {OTIO: otio_page, GES: ges_page}

if __name__ == "__main__":
    for path, page in PAGES.items():
        path.write_text(page())
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
