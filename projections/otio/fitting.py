"""What a stranger's clips and transitions need to be lawful here: media that holds what is shown of it, handles, bonds.

The records are changed in place, each with a word in the report; the original numbers lie in what is kept.
"""

from collections import Counter
from typing import Any

from projections.otio.report import Report
from timeline_service.domain import clip_time, media, records, transitions

Json = dict[str, Any]


def source(clip: Json, report: Report, where: str) -> None:
    """Media begins at zero and reaches as far as it is shown: a file that says less of it is believed to be wrong."""
    if media.timeless(clip["media"]):
        return
    first, end = clip_time.source_span(clip)
    if first < 0:
        clip["source_in"] -= first
        first, end = 0, end - first
        report.approximated("source_before_zero", where)
    available = clip["media"].get("available")
    if available is None or (available["start"] <= first and end <= available["start"] + available["duration"]):
        return
    start = min(first, available["start"])
    stop = max(end, available["start"] + available["duration"])
    clip["media"] = {**clip["media"], "available": {"start": start, "duration": stop - start}}
    report.approximated("available_range", where)


def transition(
    value: Json, clips: dict[str, Json], taken: dict[str, int], grid: int, report: Report, where: str
) -> bool:
    """Cut the offsets to what the clips have room for; False where nothing is left.

    `taken` is how much of each clip is covered by the transition at its head. Where one clip has no media to show in
    it, the other one fades alone.
    """
    before, after = value["in_offset"], value["out_offset"]
    for sides in ((True, True), (True, False), (False, True)):
        left, right = (
            clips.get(value[side] or "") if there else None
            for side, there in zip(transitions.SIDES, sides, strict=True)
        )
        lead, tail = _fitting(left, right, _grid(before, grid), _grid(after, grid), taken.get(value["left_id"], 0))
        lead, tail = lead // grid * grid, tail // grid * grid
        if lead + tail > 0:
            break
    else:
        report.lost("transition", where)
        return False
    ends = {side: value[side] if there else None for side, there in zip(transitions.SIDES, sides, strict=True)}
    if {**value, **ends, "in_offset": lead, "out_offset": tail} != value:
        report.approximated("transition", where)
        value |= {**ends, "in_offset": lead, "out_offset": tail}
    if value["right_id"] is not None:
        taken[value["right_id"]] = tail
    return True


def _fitting(left: Json | None, right: Json | None, lead: int, tail: int, taken: int) -> tuple[int, int]:
    """What two clips, or one that fades alone, have room for."""
    lead = 0 if left is None else _least(lead, left["duration"] - taken)
    tail = 0 if right is None else _least(tail, right["duration"])
    if right is not None:
        lead = _least(lead, transitions.room(right)[0])
    if left is not None:
        tail = _least(tail, transitions.room(left)[1])
    return lead, tail


def _grid(ticks: int, grid: int) -> int:
    return (ticks + grid // 2) // grid * grid


def _least(ticks: int, most: int | None) -> int:
    return ticks if most is None else max(0, min(ticks, most))


def dissolve_bonds_of_one(clips: list[Json]) -> None:
    """Of one clip alone there is no link and no group."""
    for bond in records.BONDS:
        labels = Counter(clip[bond] for clip in clips)
        for clip in clips:
            if clip[bond] is not None and labels[clip[bond]] == 1:
                clip[bond] = None
