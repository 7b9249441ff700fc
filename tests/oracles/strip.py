"""A second opinion on every edit: a track as a strip of single frames, in frames only, with nothing of the service.

There is no arithmetic of ranges to get wrong here. A frame of the timeline is a cell that says which clip it shows and
which frame of that clip's source; an edit cuts, drops and puts down cells.

    [0 .. 4) of A, a gap of 2, [10 .. 12) of B       A0 A1 A2 A3 -- -- B10 B11
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

FOREVER = 1 << 40
"""The end of a source whose end is not known."""


class Cell(NamedTuple):
    """One frame: the clip that it shows (pieces of one clip share its name), the frame of its source, the piece."""

    name: str
    frame: int
    piece: int = 0


class Item(NamedTuple):
    """A piece as it lies on the track: frames, `source` is the first frame that it shows."""

    name: str
    start: int
    length: int
    source: int


class Impossible(Exception):
    """The edit cannot be made; says why in the word that the service uses for it."""


class Strip:
    """A track. `sources` holds the first frame and the end of each clip's source, (0, for ever) where not told."""

    def __init__(self, items: Iterable[Item] = (), sources: Mapping[str, tuple[int, int]] | None = None) -> None:
        self.cells: list[Cell | None] = []
        self.sources = dict(sources or {})
        self.pieces = 0
        for item in items:
            self._free(item.start, item.start + item.length)
            self.cells[item.start : item.start + item.length] = self._frames(item.name, item.source, item.length)

    def items(self) -> list[Item]:
        """The pieces in the order of time."""
        found: list[Item] = []
        before: Cell | None = None
        for at, cell in enumerate(self.cells):
            if cell is not None:
                if before == (cell.name, cell.frame - 1, cell.piece):
                    found[-1] = found[-1]._replace(length=found[-1].length + 1)
                else:
                    found.append(Item(cell.name, at, 1, cell.frame))
            before = cell
        return found

    # ---- new frames
    def overwrite(self, name: str, at: int, length: int, source: int) -> None:
        if at < 0:
            raise Impossible("negative_time")
        new = self._frames(name, source, length)
        self._reach(at + length)
        self.cells[at : at + length] = new

    def insert(self, name: str, at: int, length: int, source: int) -> None:
        if at < 0:
            raise Impossible("negative_time")
        new = self._frames(name, source, length)
        self._reach(at)
        self.cells[at:at] = new

    # ---- frames taken away
    def lift(self, start: int, end: int) -> None:
        self._reach(end)
        self.cells[start:end] = [None] * (end - start)

    def extract(self, start: int, end: int) -> None:
        del self.cells[start:end]

    def replace(self, start: int, end: int, name: str, length: int, source: int) -> None:
        """Other frames, as many as there are, for those of a range."""
        self.cells[start:end] = self._frames(name, source, length)

    # ---- gaps
    def add_gap(self, at: int, length: int, *, cut: bool = False) -> None:
        self._reach(at)
        before, after = (self.cells[k] if 0 <= k < len(self.cells) else None for k in (at - 1, at))
        if not cut and before is not None and after == (before.name, before.frame + 1, before.piece):
            raise Impossible("overlap")
        self.cells[at:at] = [None] * length

    def close_gap(self, at: int) -> None:
        shown = [k for k, cell in enumerate(self.cells) if cell is not None]
        ends = [k for k in shown if k > at]
        if at in shown or not ends:
            raise Impossible("no_gap")
        del self.cells[max((k + 1 for k in shown if k < at), default=0) : ends[0]]

    # ---- one clip; `at` is any frame of it
    def slice(self, at: int) -> None:
        cells = self.cells
        left, right = (cells[k] if 0 <= k < len(cells) else None for k in (at - 1, at))
        if left is None or right is None or right != (left.name, left.frame + 1, left.piece):
            raise Impossible("at_edge")
        self.pieces += 1
        for k in range(at, self._run(at)[1]):
            cell = cells[k]
            assert cell is not None
            cells[k] = cell._replace(piece=self.pieces)

    def slip(self, at: int, delta: int) -> None:
        start, end = self._run(at)
        cell = self._shown(start)
        self.cells[start:end] = self._frames(cell.name, cell.frame + delta, end - start, cell.piece)

    def trim(self, at: int, edge: str, delta: int) -> None:
        """The neighbours stay where they are."""
        start, end = self._run(at)
        self._not_shorter_than_one(at, edge, delta)
        if edge == "end" and delta > 0:
            self._free(end, end + delta)
            self.cells[end : end + delta] = self._beyond(end - 1, delta)
        elif edge == "end":
            self.lift(end + delta, end)
        elif delta < 0:
            if start + delta < 0:
                raise Impossible("negative_time")
            self._free(start + delta, start)
            self.cells[start + delta : start] = self._beyond(start, delta)
        else:
            self.lift(start, start + delta)

    def ripple_trim(self, at: int, edge: str, delta: int) -> None:
        """What lies later follows."""
        start, end = self._run(at)
        self._not_shorter_than_one(at, edge, delta)
        if edge == "end":
            self.cells[end + min(delta, 0) : end] = self._beyond(end - 1, delta) if delta > 0 else []
        elif delta < 0:
            self.cells[start:start] = self._beyond(start, delta)
        else:
            del self.cells[start : start + delta]

    def roll(self, cut: int, delta: int) -> None:
        """Move the cut between the clip that ends at a frame and the clip that starts there."""
        grows, shrinks = ((cut - 1, "end"), (cut, "start")) if delta > 0 else ((cut, "start"), (cut - 1, "end"))
        self.trim(*shrinks, delta)
        self.trim(*grows, delta)

    def slide(self, at: int, delta: int) -> None:
        """Move a clip between its two neighbours, which give and take."""
        start, end = self._run(at)
        if delta > 0:
            self.trim(end, "start", delta)
            self.shift(at, delta)
            self.trim(start - 1, "end", delta)
        else:
            self.trim(start - 1, "end", delta)
            self.shift(at, delta)
            self.trim(end, "start", delta)

    def shift(self, at: int, delta: int) -> None:
        """Move a clip into free space."""
        start, end = self._run(at)
        if start + delta < 0:
            raise Impossible("negative_time")
        moved = self.cells[start:end]
        self.lift(start, end)
        self._free(start + delta, end + delta)
        self.cells[start + delta : end + delta] = moved

    def move_over(self, at: int, delta: int) -> None:
        """Move a clip; what it lands on goes."""
        start, moved = self._taken(at, delta)
        self._reach(start + len(moved))
        self.cells[start : start + len(moved)] = moved

    def move_in(self, at: int, delta: int) -> None:
        """Move a clip; what lies from there on makes way, cut if need be."""
        start, moved = self._taken(at, delta)
        self._reach(start)
        self.cells[start:start] = moved

    def _taken(self, at: int, delta: int) -> tuple[int, list[Cell | None]]:
        start, end = self._run(at)
        if start + delta < 0:
            raise Impossible("negative_time")
        moved = self.cells[start:end]
        self.lift(start, end)
        return start + delta, moved

    def show(self, at: int, first: int, end: int) -> None:
        """Let a clip show [first, end) of its source, from where it begins."""
        start, stop = self._run(at)
        cell = self._shown(start)
        self.lift(start, stop)
        self._free(start, start + end - first)
        self.cells[start : start + end - first] = self._frames(cell.name, first, end - first, cell.piece)

    def shift_all(self, starts: Iterable[int], delta: int) -> None:
        """Several, the foremost in the direction of the move first."""
        for at in starts:
            self.shift(at, delta)

    def fill(self, name: str, at: int, frames: Sequence[int], gap: Sequence[int] | None) -> None:
        """Frames [source, length] put into a gap; where the gap has numbers of its own, only the frames that it has."""
        chosen = [n for n in range(frames[0], sum(frames)) if gap is None or gap[0] <= n < sum(gap)]
        self.overwrite(name, at, len(chosen), chosen[0])

    # ---- inside
    def _shown(self, at: int) -> Cell:
        cell = self.cells[at] if 0 <= at < len(self.cells) else None
        if cell is None:
            raise Impossible("no_neighbour")
        return cell

    def _run(self, at: int) -> tuple[int, int]:
        """Where the piece that lies at a frame begins and ends."""
        cell = self._shown(at)
        item = next(i for i in self.items() if i.start <= at < i.start + i.length)
        assert item.name == cell.name
        return item.start, item.start + item.length

    def _not_shorter_than_one(self, at: int, edge: str, delta: int) -> None:
        start, end = self._run(at)
        if end - start + (delta if edge == "end" else -delta) < 1:
            raise Impossible("too_short")

    def _frames(self, name: str, source: int, length: int, piece: int | None = None) -> list[Cell | None]:
        first, end = self.sources.get(name, (0, FOREVER))
        if source < first or source + length > end:
            raise Impossible("no_handle")
        if piece is None:
            self.pieces += 1
            piece = self.pieces
        return [Cell(name, source + k, piece) for k in range(length)]

    def _beyond(self, at: int, delta: int) -> list[Cell | None]:
        """The frames of a source that follow (delta > 0) or precede the one shown."""
        cell = self._shown(at)
        source = cell.frame + 1 if delta > 0 else cell.frame + delta
        return self._frames(cell.name, source, abs(delta), cell.piece)

    def _reach(self, end: int) -> None:
        self.cells += [None] * (end - len(self.cells))

    def _free(self, start: int, end: int) -> None:
        self._reach(end)
        if any(cell is not None for cell in self.cells[start:end]):
            raise Impossible("overlap")
