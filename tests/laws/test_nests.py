"""nest and unnest change where clips are kept, never what is shown and heard, and when."""

from collections import Counter
from typing import Any

from hypothesis import given, note
from hypothesis import strategies as st

from tests.strategies import parts, worlds
from tests.world import World, refusal
from timeline_service.domain import clip_time
from timeline_service.domain.state import Record, State

WHERE = ("track_id", "start", "duration", "link_id", "group_id", "media", "source_in", "map_offset")


def shown(
    state: State, sequence: str | None = None, at: int = 0, window: tuple[int, int] | None = None
) -> Counter[Any]:
    """Every piece of media that plays: on which kind of track, when, which ticks of which source, and how it looks.

    Nests at speed 1 are looked into; others count as media of their own.
    """
    found: Counter[Any] = Counter()
    for track in state.inside(sequence, "track"):
        for clip in state.inside(track.id, "clip"):
            start, end = clip.value["start"], clip.value["start"] + clip.value["duration"]
            low, high = (start, end) if window is None else (max(start, window[0]), min(end, window[1]))
            if low < high:
                found += _of_clip(state, track.value["kind"], clip, (low - start, high - start), at)
    return found


def _of_clip(state: State, kind: str, clip: Record, part: tuple[int, int], at: int) -> Counter[Any]:
    value = clip.value
    low, high = part
    inside = value["media"].get("sequence_id")
    if inside is not None and value["speed"]["num"] == value["speed"]["den"] and not value["reversed"]:
        first = value["source_in"] + value["map_offset"]
        return shown(state, inside, at + value["start"] - first, (first + low, first + high))
    looks = sorted((name, repr(field)) for name, field in value.items() if name not in WHERE)
    ticks = (clip_time.source_at(value, low), clip_time.source_at(value, high - 1))
    keys = sorted(
        (k.value["property"], k.value["time"] - (0 if k.value["property"] == "crop" else low), repr(k.value["value"]))
        for k in state.inside(clip.id, "keyframe")
    )
    start = at + value["start"]
    return Counter([(kind, start + low, start + high, repr(value["media"]), ticks, repr(looks), repr(keys))])


@given(data=st.data())
def test_unnest_undoes_nest(data: st.DataObject) -> None:
    world = data.draw(worlds.timelines(locked=False))
    clips = parts.living(world.state, "clip")
    if not clips:
        return
    before = shown(world.state)
    chosen = data.draw(st.lists(st.sampled_from(clips), min_size=1, max_size=3, unique=True))
    payload: dict[str, Any] = {"clip_ids": chosen, "clip_id": "nest", "single": data.draw(st.booleans())}
    note(str(payload))
    if refusal(lambda: world.do("nest", **payload)):
        return
    assert shown(world.state) == before
    inside = {id for track in world.state.living("track") for id in world.state.members.get(track.id, ())}
    assert set(chosen) <= inside
    world.do("unnest", clip_id="nest")
    assert shown(world.state) == before
    assert not world.alive("nest")
    assert set(clips) <= set(parts.living(world.state, "clip"))


@given(data=st.data())
def test_unnest_of_a_part_shows_that_part(data: st.DataObject) -> None:
    """A nest that was trimmed or slipped, alone or beside another of its sequence, opens to exactly what it showed."""
    world = data.draw(worlds.timelines(locked=False))
    clips = [c.id for c in world.state.living("clip") if c.value["track_id"] == "t0"]
    if not clips:
        return
    chosen = data.draw(st.lists(st.sampled_from(sorted(clips)), min_size=1, max_size=3, unique=True))
    if refusal(lambda: world.do("nest", clip_ids=chosen, clip_id="nest", single=True)):
        return
    for edge in ("start", "end"):
        delta = data.draw(st.integers(0, 3)) * (1 if edge == "start" else -1)
        refusal(lambda asked: world.do("trim", clip_id="nest", **asked), {"edge": edge, "delta": delta})
    if data.draw(st.booleans()):
        _show_again(world)
    before = shown(world.state)
    if refusal(lambda: world.do("unnest", clip_id="nest")) == "off_grid":  # sound may lie between two frames
        return
    assert not world.alive("nest")
    assert shown(world.state) == before


def _show_again(world: World) -> None:
    end = max(c.value["start"] + c.value["duration"] for c in world.state.living("clip"))
    frame = world.state.rate.ticks_per_frame
    media = dict(world.value("nest")["media"])
    start = {"ticks": -(-end // frame) * frame}
    world.do("add_clip", clip_id="again", track_id="t0", media=media, start=start, duration=4)
