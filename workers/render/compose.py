"""Painting output frames: layers from the bottom up, transitions as a mixture of two paintings, nests as pictures.

scene ─> layer ─> pixmap (file, generator, nest) ─> effects ─> sampled into its box ─> laid over what is there
     └─> mix ──> left and right, each painted over the same ground, then mixed
"""

from collections import Counter, OrderedDict
from typing import Any, Final

from workers.render import colour, effects, placing, texts, turning
from workers.render.canvas import Canvas, blank, mix
from workers.render.colour import FULL, Box, Pixmap
from workers.render.decode import Pool
from workers.render.encode import Picture
from workers.render.plan import RenderPlan
from workers.render.plan_parts import Item, Layer, Mix, Motion, Scene, Source
from workers.render.sample import Sampler
from workers.render.scenes import Scenes
from workers.render.windows import FIX, Window

PPM: Final = 1_000_000
KEPT: Final = 6
"""Pictures of generators that are kept; each is as large as the output."""


class Painter:
    """Paints the frames of a plan, and remembers what could not be shown as asked."""

    def __init__(self, plan: RenderPlan, pool: Pool) -> None:
        self._size = (plan.width, plan.height)
        self._scenes = Scenes(plan)
        self._sources = {source.key: source for source in plan.sources}
        self._pool = pool
        self._sampler = Sampler()
        self._made: OrderedDict[str, Pixmap] = OrderedDict()
        self._held: Counter[str] = Counter()
        self._flattened: set[str] = set()
        self._unwritten: dict[str, str] = {}

    def paint(self, n: int) -> Picture:
        """Output frame n."""
        self._pool.next_frame()
        picture = Picture(*self._size)
        canvas = Canvas(picture.planes)
        scene = self._scenes.at(n)
        if not scene or not scene[0].covers:
            canvas.blacken()
        self._scene(canvas, scene)
        return picture

    def report(self) -> list[dict[str, Any]]:
        """One entry per clip that shows its last picture because the file ends, that is shown without its transparency,
        or that has characters which the font lacks.
        """
        return [
            *({"code": "source_ended", "clip_id": clip, "frames": count} for clip, count in self._held.items()),
            *({"code": "transparency_not_drawn", "clip_id": clip} for clip in sorted(self._flattened)),
            *({"code": "glyphs_missing", "clip_id": clip, "characters": c} for clip, c in self._unwritten.items() if c),
        ]

    def _scene(self, canvas: Canvas, scene: Scene) -> None:
        for item in scene:
            self._item(canvas, item)

    def _item(self, canvas: Canvas, item: Item) -> None:
        if isinstance(item, Mix):
            self._mix(canvas, item)
        else:
            self._layer(canvas, item)

    def _mix(self, canvas: Canvas, item: Mix) -> None:
        """Paint what the left side shows, and beside it what the right one shows, over the same ground; mix them."""
        other = canvas.copy()
        if item.left is not None:
            self._layer(canvas, item.left)
        if item.right is not None:
            self._layer(other, item.right)
        if item.kind == "wipe":
            mix(canvas, other, placing.wiped(item.part, self._size[0]))
        else:
            share = placing.opacity_of(item.part)
            mix(canvas, other, (share, share))

    def _layer(self, canvas: Canvas, layer: Layer) -> None:
        plain = layer.motion is None and layer.opacity == PPM
        if layer.inner is not None and plain and not layer.effects and self._is_whole(layer.window):
            self._scene(canvas, layer.inner)
            return
        pixmap = self._pixmap(layer)
        if layer.effects:
            pixmap = effects.applied(pixmap, layer.effects, layer.window)
        if layer.motion is not None:
            self._moved(canvas, layer, pixmap, layer.motion)
        elif plain and pixmap.alpha is None:
            self._sampler.sample(pixmap.planes, layer.window, canvas.part(layer.place)[:3])
            for plane in canvas.part(layer.place)[3:]:
                plane[...] = FULL
        else:
            window, box = layer.window, layer.place
            if pixmap.box and self._is_whole(window):
                x, y, width, height = box = pixmap.box
                window = (x * FIX, y * FIX, width * FIX, height * FIX)
            share = placing.opacity_of(layer.opacity)
            canvas.lay(box, self._sampled(pixmap, window, box), (share, share))

    def _moved(self, canvas: Canvas, layer: Layer, pixmap: Pixmap, motion: Motion) -> None:
        rectangle = placing.moved(layer.place, motion, self._size)
        pixmap, window = placing.oriented(pixmap, layer.window, motion)
        if motion.rotation % placing.QUARTER:
            self._turned(canvas, pixmap, window, turning.Turn(rectangle, motion.rotation), layer.opacity)
            return
        if motion.rotation // placing.QUARTER % 2:
            rectangle = placing.swapped(rectangle)
        found = placing.upright(rectangle, window, self._size)
        if found is not None:
            box, part, covers = found
            canvas.lay(box, self._sampled(pixmap, part, box), placing.faded(covers, layer.opacity))

    def _turned(self, canvas: Canvas, pixmap: Pixmap, window: Window, turn: turning.Turn, opacity: int) -> None:
        box = turn.box(self._size)
        if box is None or min(turn.rectangle.width, turn.rectangle.height) < placing.SMALLEST:
            return
        # As large as it will be, but no larger than it is: what is between its pixels is found when it is turned.
        width = min(-(-turn.rectangle.width // FIX), -(-window[2] // FIX))
        height = min(-(-turn.rectangle.height // FIX), -(-window[3] // FIX))
        flat = self._sampled(pixmap, window, (0, 0, width + width % 2, height + height % 2))
        shown, covers = turning.turned(flat, turn, box)
        canvas.lay(box, shown, placing.faded(covers, opacity))

    def _sampled(self, pixmap: Pixmap, window: Window, box: Box) -> Pixmap:
        """What a window of a picture looks like at the size of a box."""
        made = blank(box[2], box[3], alpha=pixmap.alpha is not None)
        self._sampler.sample(pixmap.all_planes, window, made.all_planes)
        return Pixmap(made.planes, made.alpha)

    def _pixmap(self, layer: Layer) -> Pixmap:
        """The picture that a layer shows, before its effects."""
        if layer.inner is not None:
            canvas = blank(*self._size, alpha=not any(item.covers for item in layer.inner))
            self._scene(canvas, layer.inner)
            return Pixmap(canvas.planes, canvas.alpha)
        source = self._sources[layer.source]
        if not source.is_file:
            return self._generated(source, layer.clip_id)
        picked = self._pool.picture(layer.source, layer.source_frame)
        if picked.held and source.duration:
            self._held[layer.clip_id] += 1
        if picked.flattened:
            self._flattened.add(layer.clip_id)
        return picked.pixmap

    def _generated(self, source: Source, clip_id: str) -> Pixmap:
        """The picture of a generator, kept for the next frame."""
        if source.style is not None and clip_id not in self._unwritten:
            self._unwritten[clip_id] = texts.lacking(source.style.text)
        made = self._made.pop(source.key, None)
        if made is None:
            made = texts.picture(source.style, *self._size) if source.style else _filled(source, self._size)
        self._made[source.key] = made
        if len(self._made) > KEPT:
            self._made.popitem(last=False)
        return made

    def _is_whole(self, window: Window) -> bool:
        return window == (0, 0, self._size[0] * FIX, self._size[1] * FIX)


def _filled(source: Source, size: tuple[int, int]) -> Pixmap:
    """One colour."""
    canvas = blank(*size, alpha=False)
    for plane, level in zip(canvas.planes, colour.levels(source.color or "#000000"), strict=True):
        plane[...] = level
    return Pixmap(canvas.planes)
