"""Carry: where a time that was noted earlier lies on the ground of today.

A ripple moves the ground of its track. An older time goes through every later shift of its track in order. What a
closing shift (by < 0) swallows has no place until the reversal of that shift gives it back.
"""

from collections.abc import Iterable, Sequence

from timeline_service.domain import changes, errors
from timeline_service.domain.state import Ground, Log, Place


def later(shifts: Log[Ground], track: str | None, since: Place) -> list[changes.Shift]:
    """The shifts of one track after a place in the log, oldest first."""
    found: list[changes.Shift] = []
    for index in range(len(shifts) - 1, -1, -1):
        ground = shifts[index]
        if ground.at <= since:
            break
        if ground.shift.track == track:
            found.append(ground.shift)
    found.reverse()
    return found


def carry(time: int, shifts: Sequence[changes.Shift]) -> int:
    """An older time (ticks) in today's coordinates. Raises PlaceGone where it was cut away.

    from+by   from                 by < 0: [from+by, from) is swallowed; its left edge stays,
       |=======|----->             the rest comes back at the next shift of the same id
    """
    k = 0
    while k < len(shifts):
        start, by = shifts[k].start, shifts[k].by
        if time >= start:
            time += by
        elif time >= start + by:
            back = next((j for j in range(k + 1, len(shifts)) if shifts[j].id == shifts[k].id), None)
            if back is not None:
                time, k = shifts[back].start + time - (start + by), back
            elif time > start + by:
                raise errors.PlaceGone(shift=shifts[k].id)
        k += 1
    return time


def net(shifts: Iterable[changes.Shift]) -> list[changes.Shift]:
    """Without the pairs of a shift and its reversal that have nothing on their track between them."""
    kept: list[changes.Shift] = []
    for shift in shifts:
        last = next((k for k in reversed(range(len(kept))) if kept[k].track == shift.track), None)
        if last is not None and kept[last].id == shift.id:
            del kept[last]
        else:
            kept.append(shift)
    return kept
