"""Clips of one track never overlap, whatever else an event does to them."""

from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import invariants, records, undo
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.event import Event, decode_folded


def world_of_one() -> World:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    world.do("add_clip", clip_id="c1", track_id="v1", media={"asset_id": "film"}, start=0, duration=4, source_in=10)
    return world


def test_a_clip_that_only_changed_its_colour_still_lies_where_it_lay() -> None:
    draft = Draft(world_of_one().state, Facts("g"))
    before = draft.state.fork()
    draft.set("c1", {"color": "red"})
    media = before.records["c1"].value["media"]
    value = records.new("clip", track_id="v1", start=3 * F, duration=F, media=media)
    draft.put("clip", "c2", value)
    with refused("overlap"):
        invariants.check(before, draft.state, draft.changes)


def test_undo_of_what_dropped_a_half_is_blocked_when_the_other_has_grown_into_its_place() -> None:
    """Found by the machine that compares the core with the research model, after some 7 000 sequences."""
    world = world_of_one()
    world.do("split", clip_id="c1", at=3, new_id="c2")

    def back(draft: Draft) -> None:  # as a restore to before the split and the colour does it, in one event
        draft.set("c1", {"color": "blue"})
        draft.drop("c2")

    world.write(back, actor="ann")
    version = world.state.version
    world.do("trim", clip_id="c1", edge="end", delta=1, actor="bob")
    _, actor, body, schema_version = world.rows[version - 1]
    event = Event(version=version, actor=actor, changes=decode_folded(body, schema_version).changes)
    entry = world.state.stacks["ann"].undo[-1]
    with refused("undo_conflict") as caught:
        undo.flip(world.state, "ann", "undo", "skip", "stop", {version: event}, Facts("u"))
    assert entry.versions == (version,)
    assert [conflict["code"] for conflict in caught.value.details["conflicts"]] == ["overlap"]
