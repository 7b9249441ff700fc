"""Sequences that are shown often, deep or never: all of them come back, and no file doubles with every level."""

import opentimelineio
import pytest

from projections.otio import read, write
from tests.world import F, World, values
from timeline_service.domain import records
from timeline_service.domain.draft import Draft


def nested(levels: int, *, times: int = 2, shown: bool = True) -> World:
    """Sequences q0, q1, …: each shows the one before it so many times; the root shows the last one, or none does."""
    world = World()

    def fill(draft: Draft) -> None:
        draft.put("track", "v", records.new("track", kind="video", order="V"))
        media: dict[str, object] = {"missing": True}
        for level in range(levels):
            draft.put("sequence", f"q{level}", records.new("sequence", name=f"level {level}"))
            track = records.new("track", kind="video", order="V", sequence_id=f"q{level}")
            draft.put("track", f"t{level}", track)
            for number in range(times):
                place = {"track_id": f"t{level}", "start": number * F, "duration": F}
                draft.put("clip", f"c{level}_{number}", records.new("clip", media=media, **place))
            media = {"sequence_id": f"q{level}"}
        if shown:
            draft.put("clip", "root", records.new("clip", track_id="v", start=0, duration=F, media=media))

    world.write(fill)
    return world


@pytest.mark.parametrize(("levels", "shown"), [(1, True), (3, True), (3, False), (14, True), (14, False)])
def test_all_sequences_come_back(levels: int, shown: bool) -> None:
    world = nested(levels, shown=shown)
    data = write.to_json(world.state)
    through = opentimelineio.adapters.read_from_string(data.decode(), "otio_json").to_json_string().encode()
    for file in (data, through):
        imported = read.from_json(file)
        back = {id: value for _, id, value in imported.records}
        assert {**back, "timeline": imported.timeline} == values(world.state)


def test_a_file_does_not_double_with_every_level() -> None:
    assert len(write.to_json(nested(14).state)) < 4 * len(write.to_json(nested(7).state))
