"""Timelines of the examples: lengths in frames at 24 fps, source frames as far as media goes."""

from typing import Any

from tests.world import F, World

FILM: dict[str, Any] = {
    "url": "https://media.example/film.mov",
    "available": {"start": 0, "duration": 1000 * F},
    "rate": {"num": 24, "den": 1},
    "width": 1920,
    "height": 1080,
}


def row(*clips: tuple[str, int, int], track: str = "v1", kind: str = "video", world: World | None = None) -> World:
    """A track with clips (id, start, duration); every clip shows its source from frame 100 on."""
    world = world or World()
    world.do("add_track", track_id=track, kind=kind, name=track.upper())
    for id, start, duration in clips:
        add(world, id, start, duration, track=track)
    return world


def add(world: World, id: str, start: int, duration: int, *, track: str = "v1", **params: Any) -> None:
    given = {"media": FILM, "source_in": 100, "name": id.upper(), **params}
    world.do("add_clip", clip_id=id, track_id=track, start=start, duration=duration, **given)


def source(world: World, id: str) -> tuple[float, float]:
    """The source frames [first, end) that a clip at speed 1 shows."""
    value = world.value(id)
    return value["source_in"] / F, (value["source_in"] + value["duration"]) / F


def linked(world: World, *ids: str, label: str = "l1") -> None:
    world.write(lambda draft: [draft.set(id, {"link_id": label}) for id in ids])
