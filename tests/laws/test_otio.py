"""OTIO out and in: what we write, OTIO reads; what OTIO writes back, we read; the state is what it was."""

from typing import Any

import opentimelineio
import orjson
import pytest
from hypothesis import assume, given

from projections.otio import decode, read, write
from tests.strategies import worlds
from tests.world import World
from timeline_service.domain import errors, importing
from timeline_service.domain.draft import Facts
from timeline_service.domain.state import State


def values(state: State) -> dict[str, Any]:
    return {record.id: (record.kind, record.value) for record in state.records.values() if record.alive}


def through_otio(data: bytes) -> bytes:
    """What OTIO's own reader and writer make of a file."""
    return opentimelineio.adapters.read_from_string(data.decode(), "otio_json").to_json_string().encode()


@given(worlds.timelines())
def test_import_of_export_is_the_state_with_otio_in_between(world: World) -> None:
    state = world.state
    for data in (write.to_json(state), through_otio(write.to_json(state))):
        imported = read.from_json(data)
        back = {id: (kind, value) for kind, id, value in imported.records}
        back[state.timeline_id] = ("timeline", imported.timeline)
        assert back == values(state)
        assert not imported.report["approximated"]
        assert not imported.report["lost"]


@given(worlds.timelines())
def test_the_same_state_is_the_same_file_byte_by_byte(world: World) -> None:
    assert write.to_json(world.state) == write.to_json(world.fold())


@given(worlds.timelines())
def test_otio_sees_the_same_clips_at_the_same_places(world: World) -> None:
    state = world.state
    timeline = opentimelineio.adapters.read_from_string(write.to_json(state).decode(), "otio_json")
    seen = {}
    for track in timeline.find_children(descended_from_type=opentimelineio.schema.Track):
        for child in track:
            ours = child.metadata.get("timeline_service", {})
            if ours.get("kind") in ("clip", "caption"):
                seen[ours["id"]] = track.range_of_child(child)
    per_frame = state.rate.ticks_per_frame
    for item in (*state.living("clip"), *state.living("caption")):
        at = seen[item.id]
        assert abs(at.start_time.to_seconds() * 705_600_000 - item.value["start"]) < per_frame / 100
        assert abs(at.duration.to_seconds() * 705_600_000 - item.value["duration"]) < per_frame / 100


@given(worlds.timelines())
def test_a_file_that_comes_in_again_unchanged_changes_nothing(world: World) -> None:
    for data in (write.to_json(world.state), through_otio(write.to_json(world.state))):
        imported = read.from_json(data)
        with pytest.raises(errors.NoChange):
            importing.bring_in(
                world.state, imported.timeline, imported.records, imported.origin, Facts("again"), actor="ann"
            )


def stripped(thing: Any) -> Any:
    """What a program that knows no metadata but its own leaves of a file."""
    if isinstance(thing, dict):
        return {key: {} if key == "metadata" else stripped(value) for key, value in thing.items()}
    return [stripped(value) for value in thing] if isinstance(thing, list) else thing


@given(worlds.timelines())
def test_a_file_that_lost_all_metadata_on_its_way_changes_nothing(world: World) -> None:
    assume(any(True for _ in world.state.living("clip")))
    imported = read.from_json(orjson.dumps(stripped(orjson.loads(write.to_json(world.state)))))
    with pytest.raises(errors.NoChange):
        importing.bring_in(
            world.state, imported.timeline, imported.records, imported.origin, Facts("again"), actor="ann"
        )


@given(worlds.timelines())
def test_our_metadata_holds_no_floats(world: World) -> None:
    def ours(thing: Any, inside: bool) -> None:
        if isinstance(thing, dict):
            for key, value in thing.items():
                ours(value, inside or key == "timeline_service")
        elif isinstance(thing, list):
            for value in thing:
                ours(value, inside)
        else:
            assert not (inside and isinstance(thing, float))

    ours(orjson.loads(write.to_json(world.state)), inside=False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"not json", "otio_invalid"),
        (b"[]", "otio_foreign"),
        (b'{"OTIO_SCHEMA":"Timeline.1","tracks":null}', "otio_foreign"),
        (b"[" * 5000 + b"]" * 5000, "otio_invalid"),
        (b'{"OTIO_SCHEMA":"Timeline.1","metadata":{"timeline_service":{"format":1}},"tracks":null}', "otio_invalid"),
        (b'{"OTIO_SCHEMA":"Timeline.1","metadata":{"timeline_service":{"format":99}}}', "otio_foreign"),
    ],
)
def test_what_is_no_file_of_ours(data: bytes, code: str) -> None:
    with pytest.raises(read.Unreadable) as refused:
        read.from_json(data)
    assert refused.value.code == code


def exported() -> bytes:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    world.do("add_clip", clip_id="c1", track_id="v1", media={"asset_id": "film"}, start=0, duration=24, name="shot")
    return write.to_json(world.state)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (b'"OTIO_SCHEMA"', b'"OTIO_SCHEMA":"Timeline.1","OTIO_SCHEMA"'),  # twice the same, and twice another
        (b'"enabled":', b'"enabled":false,"enabled":'),
        (b'"rate":', b'"rate":1.0,"rate":'),
        (b"24.0", b"NaN"),
        (b"24.0", b"Infinity"),
        (b"24.0", b"-Infinity"),
        (b"24.0", b"1e400"),
        (b'"start": 0', b'"start":9007199254740992'),
        (b'"start": 0', b'"start":-9007199254740992'),
        (b'"start": 0', b'"start":' + b"9" * 5000),
        (b'"shot"', b'"\\ud800"'),
        (b'"shot"', b'"\xff"'),
    ],
)
def test_what_readers_could_take_for_different_things_is_refused(what: bytes, instead: bytes) -> None:
    data = exported()
    assert what in data, data
    with pytest.raises(read.Unreadable) as refused:
        read.from_json(data.replace(what, instead, 1))
    assert refused.value.code == "otio_invalid", refused.value.reason


@pytest.mark.parametrize(
    "value", [b"1e300", b"-0.0", b"9007199254740993.0", b"9007199254740991", b"[" * 62 + b"]" * 62]
)
def test_what_can_be_read_in_one_way_only_is_read(value: bytes) -> None:
    decode.parse(b'{"value":' + value + b"}")


def test_the_reason_repeats_nothing_of_the_file() -> None:
    with pytest.raises(decode.NotStrict) as refused:
        decode.parse(b'{"cAnArY":1,"cAnArY":2}')
    assert "cAnArY" not in str(refused.value)
