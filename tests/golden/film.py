"""A small timeline with every kind of record, written as OTIO once and pinned byte by byte.

python -m tests.golden.film        writes the file again, on purpose
"""

from pathlib import Path
from typing import Any

from projections.otio import write
from tests.world import F, World
from timeline_service.domain import records
from timeline_service.domain.draft import Draft

FOLDER = Path(__file__).parent / "otio"
FILM = FOLDER / "film.otio"


def film() -> World:
    """Two clips that dissolve, a title, a nest, a caption; keyframes, an effect, notes; and a sequence nobody shows."""
    world = World()
    world.write(_fill)
    return world


def _fill(draft: Draft) -> None:
    def put(kind: str, id: str, /, **value: Any) -> None:
        draft.put(kind, id, records.new(kind, **value))

    media = {"url": "https://media.example/film.mov", "width": 1920, "height": 1080, "kind": "video"}
    for id in ("scene", "spare"):
        put("sequence", id, name=id)
    put("track", "v1", kind="video", order="V", name="Pictures")
    put("track", "cc", kind="caption", order="W")
    put("track", "s1", kind="video", order="V", sequence_id="scene")
    put("track", "s2", kind="audio", order="V", sequence_id="spare")
    common = {"track_id": "v1", "duration": 24 * F}
    put("clip", "a", start=0, media=media, name="Beach", link_id=None, **common, **{"params.opacity": 500_000})
    put("clip", "b", start=24 * F, media=media, source_in=48 * F, speed={"num": 1, "den": 2}, reversed=True, **common)
    put("clip", "n", start=60 * F, media={"sequence_id": "scene"}, **common)
    put("clip", "t", start=84 * F, media={"generator": "title", "params": {"text": "End", "size": 80_000}}, **common)
    put("clip", "x", track_id="s1", start=0, duration=24 * F, media=media, speed={"num": 0, "den": 1})
    put("clip", "y", track_id="s2", start=5, duration=7, media={"missing": True})
    put("transition", "d", left_id="a", right_id="b", in_offset=2 * F, out_offset=4 * F)
    put("effect", "e", parent_id="a", kind="blur", order="V", **{"params.radius": 3})
    put("caption", "c", track_id="cc", start=F // 2, duration=24 * F, text="Hello", **{"params.align": "left"})
    put("marker", "m", parent_id="timeline", time=5 * F, name="look", comment="too dark")
    shape = {"type": "stroke", "points": [[0, 0], [500_000, 500_000]], "width": 2_000}
    put("annotation", "o", parent_id="a", time=3 * F, shape=shape, comment="boom")
    window = {"x": 0, "y": 0, "width": 500_000, "height": 1_000_000}
    put("keyframe", "k1", parent_id="a", property="crop", time=0, value=window)
    put("keyframe", "k2", parent_id="a", property="crop", time=12 * F, value={**window, "x": 400_000})
    put("keyframe", "k3", parent_id="e", property="params.radius", time=F, value=9, interpolation="hold")
    draft.set("timeline", {"metadata.otio": {"metadata": {"studio": {"job": "sc01"}}}})


if __name__ == "__main__":
    FILM.write_bytes(write.to_json(film().state, head_hash="00") + b"\n")
