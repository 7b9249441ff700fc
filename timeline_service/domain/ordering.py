"""Order: put a record right before or right behind another of the same pile, by rank strings.

order   A "V"   B "W"   C "X"      C before B   ->   A "V"   C "VV"   B "W"      only what moves is written
"""

from collections.abc import Iterable

from timeline_service.domain import errors, rank
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import Record


def pile(records: Iterable[Record]) -> list[Record]:
    """Records that have an order, the lowest first; ties by id."""
    return sorted(records, key=lambda record: (record.value["order"], record.id))


def on_top(records: Iterable[Record]) -> str:
    """The rank above all of them."""
    return rank.after(max((record.value["order"] for record in records), default=""))


def neighbour(before_id: str | None, after_id: str | None) -> str:
    """The one that was named. Raises Wrong for none or both."""
    named = [id for id in (before_id, after_id) if id is not None]
    if len(named) != 1:
        raise errors.Wrong(reason="give either before_id or after_id")
    return named[0]


def put_beside(draft: Draft, moved: Record, beside: str, records: Iterable[Record], *, before: bool) -> None:
    """Give `moved` a rank right before (or behind) `beside`, one of the other records of its pile.

    Where there is no room between two ranks, or they tie, the whole pile is ranked anew.
    """
    standing = pile(records)
    others = [record for record in standing if record.id != moved.id]
    place = next(n for n, record in enumerate(others) if record.id == beside) + (not before)
    ordered = [*others[:place], moved, *others[place:]]
    if [record.id for record in ordered] == [record.id for record in standing]:
        return
    low = others[place - 1].value["order"] if place else ""
    high = others[place].value["order"] if place < len(others) else ""
    try:
        draft.set(moved.id, {"order": rank.between(low, high)})
    except ValueError:
        last = ""
        for record in ordered:
            last = rank.after(last)
            draft.set(record.id, {"order": last})
