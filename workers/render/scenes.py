"""What one frame of a plan shows: which layers, from the bottom up, each with its source frame and its place. Pure.

    tick ─> each lane: a transition or a clip ─> its source tick ─> source frame, window ─> place, motion, opacity
                                                        └─> a nest: the same again, at that tick of it
Lanes are asked from the top down, and none that is wholly hidden.
"""

from bisect import bisect_right
from fractions import Fraction

from workers.render import interpolate, windows
from workers.render.plan import RenderPlan
from workers.render.plan_parts import Composition, Cue, Effect, Item, Lane, Layer, Look, Mix, Motion, Scene, Shot

TURN = 360_000
"""Millidegrees."""


class Scenes:
    """The frames of a plan, by number."""

    def __init__(self, plan: RenderPlan) -> None:
        self._plan = plan
        self._sources = {source.key: source for source in plan.sources}

    def at(self, n: int) -> Scene:
        """What output frame n shows."""
        return self._scene(self._plan.root, n * self._plan.ticks_per_frame)

    def _scene(self, composition: Composition, tick: int) -> Scene:
        items: list[Item] = [self._text(cue) for cues in composition.captions for cue in _cue_at(cues, tick)]
        for lane in reversed(composition.lanes):
            item = self._item(lane, tick)
            if item is not None:
                items.append(item)
                if item.covers:
                    break
        return tuple(reversed(items))

    def _item(self, lane: Lane, tick: int) -> Item | None:
        blend = lane.blend_at(tick)
        if blend is None:
            shot = lane.shot_at(tick)
            return self._layer(shot, tick) if shot else None
        part = (tick - blend.start) * interpolate.PPM // blend.duration
        left, right = (
            None if side is None else self._layer(lane.shots[side], tick) for side in (blend.left, blend.right)
        )
        return Mix(blend.kind, part, left, right) if left or right else None

    def _layer(self, shot: Shot, tick: int) -> Layer | None:
        """A clip at a tick of its composition, which may lie in its handles; None where nothing of it is seen."""
        t = tick - shot.start
        opacity = shot.opacity_at(t)
        motion = self._motion(shot.look, t)
        if not opacity or (motion and min(motion.scale_x, motion.scale_y) <= 0):
            return None
        plan, source_tick = self._plan, shot.map.source_at(t)
        source = self._sources.get(shot.source)
        width, height = (source.width, source.height) if source else (plan.width, plan.height)
        rectangle = interpolate.rectangle_at(shot.crop, source_tick)
        window, place = windows.fit(windows.window_of(rectangle, width, height), plan.width, plan.height)
        inner = None if source else self._scene(plan.nests[shot.nest], source_tick)
        opaque = source.is_opaque if source else any(item.covers for item in inner or ())
        whole = place == (0, 0, plan.width, plan.height)
        return Layer(
            clip_id=shot.clip_id,
            source=shot.source,
            source_frame=max(0, source.frame_of(source_tick)) if source else 0,
            window=window,
            place=place,
            motion=motion,
            opacity=opacity,
            effects=tuple(_amount(effect, t, tick) for effect in shot.effects),
            inner=inner,
            covers=whole and opaque and motion is None and opacity == interpolate.PPM,
        )

    def _motion(self, look: Look | None, t: int) -> Motion | None:
        if look is None:
            return None
        x, y, scale_x, scale_y = look.transform.at(t)
        motion = Motion(
            x=round(x * self._plan.width * windows.FIX / interpolate.PPM),
            y=round(y * self._plan.height * windows.FIX / interpolate.PPM),
            scale_x=round(scale_x),
            scale_y=round(scale_y),
            rotation=round(look.rotation.at(t)[0]) % TURN,
        )
        return None if motion == Motion(0, 0, interpolate.PPM, interpolate.PPM, 0) else motion

    def _text(self, cue: Cue) -> Layer:
        width, height = self._plan.width, self._plan.height
        full = (0, 0, width * windows.FIX, height * windows.FIX)
        return Layer(cue.clip_id, cue.source, 0, full, (0, 0, width, height))


def _cue_at(cues: tuple[Cue, ...], tick: int) -> tuple[Cue, ...]:
    """The caption of one track at a tick, if any."""
    at = bisect_right(cues, tick, key=lambda cue: cue.start) - 1
    return cues[at : at + 1] if at >= 0 and tick < cues[at].start + cues[at].duration else ()


def _amount(effect: Effect, t: int, tick: int) -> tuple[str, int]:
    value: Fraction = effect.amount.at(tick if effect.is_of_track else t)[0]
    return effect.kind, round(value)
