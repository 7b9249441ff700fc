"""The order of tracks and effects: rank strings, where the file has them in another order or new ones among them."""

from itertools import groupby

from projections.otio.schema import Json
from timeline_service.domain import rank


def settle(tracks: list[tuple[str, Json, Json | None]]) -> None:
    """Give the tracks (id, value, what it was) of one sequence ranks that put those of each kind in the file's order.

    Ranks that fit stay; where there is no room between two of them all of that kind are ranked anew.
    """
    by_kind = groupby(sorted(tracks, key=lambda track: track[1]["kind"]), key=lambda track: track[1]["kind"])
    for _, found in by_kind:
        settle_pile(list(found))


def settle_pile(tracks: list[tuple[str, Json, Json | None]]) -> None:
    """The same for records of one pile."""
    kept = _rising([(own["order"], id) if own is not None else None for id, _, own in tracks])
    if len(kept) == len(tracks):
        return
    orders = [tracks[place][1]["order"] if place in kept else None for place in range(len(tracks))]
    try:
        ranks = _between(orders)
    except ValueError:
        ranks = _between([None] * len(tracks))
    for (_, value, _), order in zip(tracks, ranks, strict=True):
        value["order"] = order


def _rising(keys: list[tuple[str, str] | None]) -> set[int]:
    """The places of the first rising run: each rank above all that stay before it."""
    places: set[int] = set()
    last: tuple[str, str] | None = None
    for place, key in enumerate(keys):
        if key is not None and (last is None or key > last):
            places.add(place)
            last = key
    return places


def _between(orders: list[str | None]) -> list[str]:
    made: list[str] = []
    for place, order in enumerate(orders):
        if order is not None:
            made.append(order)
            continue
        last = made[-1] if made else ""
        following = next((known for known in orders[place:] if known is not None), "")
        made.append(rank.between(last, following) if following else rank.after(last))
    return made
