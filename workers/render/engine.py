"""Rendering a plan to a file: one loop over output frames, the same here and in the cloud.

plan ─> reader pool ─> painter ─> picture ─┐
   └──> audio readers ─> mixer ────────────┴─> writer ─> partial file ─> check ─> final name
"""

import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from timeline_service.domain import preset
from workers.render import errors, verify
from workers.render.compose import Painter
from workers.render.decode import Pool
from workers.render.encode import X264, Encoder, Writer
from workers.render.mixer import Mixer
from workers.render.plan import RenderPlan
from workers.render.plan_parts import SAMPLE_RATE

AUDIO_BLOCK: Final = SAMPLE_RATE
NOTES_OF_A_KIND: Final = 100

Phase = Literal["video", "package", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rendering is. Monotonic; `phase` is done only when the file has its final name."""

    frames_done: int
    frames_total: int
    phase: Phase


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished file. `report` names what could not be shown as asked: [{code, …}]."""

    frames: int
    samples: int
    size: int
    sha256: str
    engine: str
    report: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


OnProgress = Callable[[Progress], None]
ShouldCancel = Callable[[], bool]


def silent(_: Progress) -> None:
    """For callers that want no progress."""


def never() -> bool:
    """For callers that never cancel."""
    return False


def render(
    plan: RenderPlan,
    sources: Mapping[str, str | Path],
    out_path: Path,
    on_progress: OnProgress = silent,
    should_cancel: ShouldCancel = never,
    encoder: Encoder = X264,
) -> Rendered:
    """Render `plan` to `out_path`.

    `sources`: the file (path or URL) of each source key of the plan. `on_progress` is called after every frame,
    `should_cancel` before. The file appears under its name only when it is whole and checked; partial files are
    removed. Raises Canceled, SourceUnreadable, OutputInvalid.
    """
    missing = [key for key in plan.files if key not in sources]
    if missing:
        raise errors.MissingMedia(sources=missing)
    addresses = {key: str(address) for key, address in sources.items()}
    partial = out_path.with_name(f".{out_path.name}.{secrets.token_hex(4)}.partial")
    try:
        writer = Writer(plan, partial, encoder)
        report = _write(plan, addresses, writer, on_progress, should_cancel)
        on_progress(Progress(plan.frames, plan.frames, "package"))
        verify.check(partial, plan)
        size, digest = partial.stat().st_size, verify.sha256_of(partial)
        _settle(partial, out_path)
    finally:
        partial.unlink(missing_ok=True)
    on_progress(Progress(plan.frames, plan.frames, "done"))
    return Rendered(plan.frames, plan.samples, size, digest, f"{preset.ENGINE_VERSION}+{encoder}", report)


def _write(
    plan: RenderPlan,
    addresses: Mapping[str, str],
    writer: Writer,
    on_progress: OnProgress,
    should_cancel: ShouldCancel,
) -> tuple[dict[str, Any], ...]:
    """Encode everything and finish the file; the notes of the plan and of the readers."""
    pool = Pool({source.key: source for source in plan.sources}, addresses)
    mixer = Mixer(plan, addresses)
    painter = Painter(plan, pool)
    try:
        for n in range(plan.frames):
            _heed(should_cancel, n)
            if n * plan.ticks_per_frame * SAMPLE_RATE >= writer.samples * _ticks_per_second(plan):
                _write_sound(plan, mixer, writer)
            writer.picture(painter.paint(n))
            on_progress(Progress(n + 1, plan.frames, "video"))
        while writer.samples < plan.samples:
            _write_sound(plan, mixer, writer)
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    finally:
        pool.close()
        mixer.close()
    return tuple(shortened([*plan.notes, *painter.report()]))


def shortened(report: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first notes of each code; of those with very many, one more that says how many more there are."""
    counts: Counter[str] = Counter()
    for note in report:
        counts[note["code"]] += 1
        if counts[note["code"]] <= NOTES_OF_A_KIND:
            yield note
    for code, count in counts.items():
        if count > NOTES_OF_A_KIND:
            yield {"code": code, "more": count - NOTES_OF_A_KIND}


def _heed(should_cancel: ShouldCancel, frames_done: int) -> None:
    if should_cancel():
        raise errors.Canceled(frames_done=frames_done)


def _ticks_per_second(plan: RenderPlan) -> int:
    return plan.ticks_per_frame * plan.rate_num // plan.rate_den


def _write_sound(plan: RenderPlan, mixer: Mixer, writer: Writer) -> None:
    count = min(AUDIO_BLOCK, plan.samples - writer.samples)
    if count > 0:
        writer.sound(mixer.block(writer.samples, count))


def _settle(partial: Path, out_path: Path) -> None:
    """Make the file durable, then give it its name."""
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(out_path)
