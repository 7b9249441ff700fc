"""The semantic diff says what a person would say, and blame says who."""

from collections.abc import Callable
from typing import Any

import pytest

from projections import blame, diff
from tests.laws import writers
from tests.laws.acts import add, insert, place
from tests.laws.session import FRAME, Session
from tests.stage import F25, stage
from tests.world import World
from timeline_service.domain import errors
from timeline_service.domain.draft import Draft

CROP = {"x": 0, "y": 0, "width": 500_000, "height": 500_000}
Act = Callable[[Session], object]


@pytest.fixture
def session() -> Session:
    s = Session()
    for n in range(3):
        add(s, "A", f"c{n}", "v1", 20 * n, 10)
    s.write("A", "name", writers.set_fields("clip", "c0", name="Intro"))
    s.do("A", type="add_marker", marker_id="m", time=8, name="beat")
    s.do("A", type="add_crop_keyframe", keyframe_id="k", clip_id="c0", frame=12, **CROP)
    return s


def told(session: Session, act: Act) -> dict[str, Any]:
    before = session.state.fork()
    act(session)
    return diff.diff(before, session.state)


CASES: dict[str, tuple[Act, list[str], list[str]]] = {
    "trim_start": (
        lambda s: s.do("B", type="trim", clip_id="c0", edge="start", delta=2),
        ["trimmed start"],
        ['trimmed the start of "Intro", 2 frames shorter'],
    ),
    "trim_end": (
        lambda s: s.do("B", type="trim", clip_id="c0", edge="end", delta=1),
        ["trimmed end"],
        ['trimmed the end of "Intro", 1 frame longer'],
    ),
    "move": (
        lambda s: s.do("B", type="move", clip_ids=["c0"], delta=4),
        ["moved"],
        ['moved "Intro" 4 frames later'],
    ),
    "move_to_another_track": (
        lambda s: place(s, "B", "c0", "v2", 0),
        ["moved"],
        ['moved "Intro" from track v1 to track v2'],
    ),
    "rename": (
        lambda s: s.write("B", "name", writers.set_fields("clip", "c0", name="Outro")),
        ["renamed"],
        ['renamed clip "Intro" to "Outro"'],
    ),
    "slip": (
        lambda s: s.write("B", "slip", writers.set_fields("clip", "c0", source_in=11 * FRAME)),
        ["slipped"],
        ['slipped "Intro"'],
    ),
    "retime": (
        lambda s: s.write("B", "speed", writers.set_fields("clip", "c0", speed={"num": 2, "den": 1})),
        ["retimed"],
        ['retimed "Intro" from 100 % to 200 %'],
    ),
    "disable": (
        lambda s: s.write("B", "disable", writers.set_fields("clip", "c0", enabled=False)),
        ["disabled"],
        ['disabled "Intro"'],
    ),
    "metadata": (
        lambda s: s.write("B", "key", writers.set_key("c0", "scene", 3)),
        ["changed"],
        ['changed metadata.scene of "Intro"'],
    ),
    "crop": (
        lambda s: s.do("B", type="move_crop_keyframe", keyframe_id="k", to={"frame": 14}),
        ["re-cropped"],
        ['re-cropped "Intro"'],
    ),
    "remove": (
        lambda s: s.do("B", type="remove_clip", clip_id="c0"),
        ["removed"],
        ['removed clip "Intro"'],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_one_edit_of_a_clip_in_words(session: Session, name: str) -> None:
    act, words, sentences = CASES[name]
    shown = told(session, act)
    clips = [record for record in shown["records"] if record["kind"] == "clip"]
    assert [(record["id"], record["changes"]) for record in clips] == [("c0", words)]
    assert shown["sentences"] == sentences


def test_fields_stand_with_before_and_after(session: Session) -> None:
    shown = told(session, lambda s: s.do("B", type="trim", clip_id="c0", edge="end", delta=1))
    assert shown["records"][0]["fields"] == {"duration": {"before": 10 * FRAME, "after": 11 * FRAME}}
    assert (shown["from"] + 1, shown["counts"]) == (shown["to"], {"clip": {"trimmed end": 1}})


def test_a_ripple_is_one_sentence(session: Session) -> None:
    shown = told(session, lambda s: insert(s, "B", "i", "v1", 0, 5))
    assert shown["sentences"] == ["added clip i", "shifted 3 clips on track v1 5 frames later"]
    assert shown["duration"] == {"before": 50 * FRAME, "after": 55 * FRAME}


def test_timeline_track_and_marker(session: Session) -> None:
    def act(s: Session) -> None:
        s.do("B", type="set_timeline", name="final", width=1080, height=1920)
        s.do("B", type="add_track", kind="video", track_id="v3", name="Titles")
        s.write("B", "lock", writers.set_fields("track", "v2", locked=True))
        s.write("B", "marker", writers.place_marker("m", "timeline", 9 * FRAME, 0))

    assert told(session, act)["sentences"] == [
        'resized "final"; renamed timeline "cut" to "final"',
        "locked v2",
        'added track "Titles"',
        'moved "beat" 1 frame later',
    ]


def test_a_state_and_itself_differ_in_nothing(session: Session) -> None:
    again = session.fold(session.state.version)
    shown = diff.diff(session.state, again)
    assert (shown["records"], shown["sentences"], shown["counts"]) == ([], [], {})


def test_back_is_the_mirror_of_forth(session: Session) -> None:
    before = session.state.fork()
    session.do("B", type="ripple_delete", clip_ids=["c1"])
    session.do("B", type="split", clip_id="c0", at=4, new_id="r")
    forth, back = diff.diff(before, session.state), diff.diff(session.state, before)
    assert [r["id"] for r in forth["records"]] == [r["id"] for r in back["records"]]
    for one, other in zip(forth["records"], back["records"], strict=True):
        mirrored = {field: {"before": f["after"], "after": f["before"]} for field, f in other["fields"].items()}
        assert one["fields"] == mirrored


def test_an_undone_edit_leaves_no_difference(session: Session) -> None:
    def act(s: Session) -> None:
        s.do("B", type="ripple_delete", clip_ids=["c1"])
        s.undo("B")

    assert told(session, act)["records"] == []


def test_blame_names_version_and_actor_of_every_field(session: Session) -> None:
    moved = session.do("B", type="move", clip_ids=["c0"], delta=4)
    shown = blame.blame(session.state, "c0")
    assert shown["fields"]["start"] == {"value": 4 * FRAME, "version": moved, "actor": "B"}
    assert shown["fields"]["duration"]["actor"] == shown["exists"]["actor"] == "A"
    session.undo("B")
    assert blame.blame(session.state, "c0")["fields"]["start"]["actor"] == "A"


def test_blame_knows_what_was_dropped_and_refuses_what_never_was(session: Session) -> None:
    version = session.do("B", type="remove_clip", clip_id="c0")
    shown = blame.blame(session.state, "c0")
    assert (shown["alive"], shown["exists"]) == (False, {"version": version, "actor": "B"})
    with pytest.raises(errors.RecordMissing):
        blame.blame(session.state, "nobody")


@pytest.fixture(name="world")
def all_kinds() -> World:
    return stage()


def told_of(world: World, **records: dict[str, Any]) -> list[str]:
    """The sentences after these fields of these records were written."""
    before = world.state.fork()

    def write(draft: Draft) -> None:
        for id, fields in records.items():
            draft.set(id, fields)

    world.write(write)
    return list(diff.diff(before, world.state)["sentences"])


F = F25
OF_OTHER_KINDS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "freeze": ("take1", {"speed": {"num": 0, "den": 1}}, ["frozen take1"]),
    "opacity": ("beach", {"params.opacity": 500_000}, ['set the opacity of "Beach"']),
    "rotation": ("beach", {"params.rotation": 90_000}, ['rotated "Beach"']),
    "unlink": ("intro", {"link_id": None}, ['unlinked "Intro"']),
    "transition": ("x1", {"kind": "wipe"}, ['restyled the wipe between "Intro" and "Beach"']),
    "longer transition": ("x1", {"in_offset": 7 * F}, ['resized the dissolve between "Intro" and "Beach"']),
    "effect": ("fx1", {"params.radius": 30_000}, ['adjusted the effect blur on "Beach"']),
    "effect off": ("fx1", {"enabled": False}, ['disabled the effect blur on "Beach"']),
    "caption": ("cap1", {"text": "Goodbye"}, ['reworded "Goodbye"']),
    "caption later": ("cap1", {"start": 10 * F}, ['moved "Welcome" 10 frames later']),
    "caption shorter": ("cap1", {"duration": 40 * F}, ['trimmed the end of "Welcome", 10 frames shorter']),
    "caption head": (
        "cap1",
        {"start": 10 * F, "duration": 40 * F},
        ['trimmed the start of "Welcome", 10 frames shorter'],
    ),
    "annotation": ("note1", {"comment": "too bright"}, ["commented note1"]),
    "keyframe": ("k2", {"value": 250_000}, ['changed the opacity keyframes of "Beach"']),
    "sequence": ("scene1", {"name": "Prologue"}, ['renamed sequence "Scene" to "Prologue"']),
}


@pytest.mark.parametrize("name", OF_OTHER_KINDS)
def test_one_edit_of_any_other_record_in_words(world: World, name: str) -> None:
    id, fields, sentences = OF_OTHER_KINDS[name]
    assert told_of(world, **{id: fields}) == sentences


def test_what_comes_and_goes_is_named_by_what_it_is(world: World) -> None:
    before = world.state.fork()
    world.write(lambda draft: [draft.drop(id) for id in ("x1", "fx1", "cap1")])
    assert diff.diff(before, world.state)["sentences"] == [
        'removed the dissolve between "Intro" and "Beach"',
        'removed the effect blur on "Beach"',
        'removed caption "Welcome"',
    ]


def test_affected_are_ids_by_kind(world: World) -> None:
    before = world.state.fork()
    world.do("split", clip_id="beach", at=150, new_id="right")
    found = diff.affected(diff.diff(before, world.state))
    assert found["clip"] == ["beach", "right"]
    assert set(found) <= {"clip", "keyframe", "effect", "transition", "marker", "annotation"}


def test_a_clip_that_somebody_moved_was_not_shifted(world: World) -> None:
    before = world.state.fork()
    world.do("ripple_delete", clip_ids=["title1"])
    world.do("move", clip_ids=["take2"], delta=10)
    shown = diff.diff(before, world.state)
    words = {record["id"]: record["changes"] for record in shown["records"] if record["kind"] == "clip"}
    assert (words["logo"], words["nest1"], words["take2"]) == (["shifted"], ["shifted"], ["moved"])
    assert 'shifted 3 clips on "V2" 50 frames earlier' in shown["sentences"]
