"""The health audit finds each thing where it is, and nothing on a sound cut."""

from collections.abc import Callable
from typing import Any

import pytest

from projections import health, health_sync
from projections.health_rules import RULES, Finding, Limits
from tests.stage import F25, stage
from tests.world import World
from timeline_service.api import examples
from timeline_service.domain import records
from timeline_service.domain.draft import Draft, Facts
from timeline_service.domain.state import State

F = F25


@pytest.fixture(name="world")
def the_stage() -> World:
    return stage()


def audit(state: State, missing: dict[str, str] | None = None, **limits: int) -> list[Finding]:
    return health.audit(state, missing or {}, Limits(**limits))


def forced(world: World, write: Callable[[Draft], object]) -> State:
    """A state that no gesture would leave: what a log of an older release may hold."""
    draft = Draft(world.state, Facts("forced"))
    write(draft)
    return draft.state


def put(world: World, kind: str, id: str, **fields: Any) -> State:
    return forced(world, lambda draft: draft.put(kind, id, records.new(kind, **fields)))


def change(world: World, id: str, **fields: Any) -> State:
    return forced(world, lambda draft: draft.set(id, fields))


def film(start: int, duration: int, **more: Any) -> dict[str, Any]:
    return {"track_id": "v1", "media": examples.FOOTAGE, "start": start * F, "duration": duration * F, **more}


def test_a_sound_cut_has_no_findings_but_what_is_worth_knowing(world: World) -> None:
    assert {finding.rule.severity for finding in audit(world.state)} <= {"info"}


CASES: dict[str, tuple[Callable[[World], State], tuple[str, ...], tuple[int, int]]] = {
    "flash_frame": (lambda w: put(w, "clip", "f", **film(250, 2)), ("f",), (250 * F, 252 * F)),
    "tiny_gap": (lambda w: put(w, "clip", "g", **film(202, 50)), ("g", "beach"), (200 * F, 202 * F)),
    "overlap": (lambda w: put(w, "clip", "o", **film(190, 50)), ("o", "beach"), (190 * F, 200 * F)),
    "media_missing": (
        lambda w: put(w, "clip", "m", **film(250, 50) | {"media": {"missing": True}}),
        ("m",),
        (250 * F, 300 * F),
    ),
    "transition_no_handle": (
        lambda w: change(w, "beach", source_in=0),
        ("x1", "intro", "beach"),
        (94 * F, 106 * F),
    ),
    "transition_apart": (
        lambda w: change(w, "beach", start=110 * F),
        ("x1", "intro", "beach"),
        (104 * F, 116 * F),
    ),
    "transition_unverified": (
        lambda w: change(w, "beach", media={"url": "https://media.example.com/live.mp4"}),
        ("x1", "intro", "beach"),
        (94 * F, 106 * F),
    ),
    "law_broken": (lambda w: change(w, "x1", in_offset=-F), ("x1", "intro", "beach"), (101 * F, 106 * F)),
    "caption_too_short": (lambda w: change(w, "cap1", duration=20 * F), ("cap1",), (0, 20 * F)),
    "caption_too_fast": (lambda w: change(w, "cap1", text="Welcome to the sea side " * 4), ("cap1",), (0, 50 * F)),
    "nest_too_long": (lambda w: change(w, "nest1", duration=101 * F), ("nest1",), (400 * F, 501 * F)),
    "sync_speed": (
        lambda w: change(w, "voice", speed={"num": 1, "den": 2}, media=examples.FOOTAGE),
        ("voice", "intro"),
        (0, 100 * F),
    ),
    "sync_drift": (
        lambda w: change(w, "voice", start=3 * F, media=examples.FOOTAGE),
        ("voice", "intro"),
        (0, 103 * F),
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_each_thing_is_found_where_it_is(world: World, code: str) -> None:
    make, ids, span = CASES[code]
    found = [finding for finding in audit(make(world)) if finding.code == code]
    assert [(finding.records, (finding.start, finding.end)) for finding in found] == [(ids, span)]
    shown = found[0].shown()
    assert (shown["message"], shown["advice"]) == (RULES[code].meaning, RULES[code].advice)


def test_every_rule_has_a_test() -> None:
    assert set(RULES) == {*CASES, "keyframes_hidden", "media_not_ready"}


def test_limits_say_from_where_on(world: World) -> None:
    state = put(world, "clip", "f", **film(203, 3))
    codes = {finding.code for finding in audit(state)}
    assert not codes & {"flash_frame", "tiny_gap"}
    codes = {finding.code for finding in audit(state, flash_frames=3, gap_frames=3)}
    assert codes >= {"flash_frame", "tiny_gap"}
    codes = {finding.code for finding in audit(state, caption_cps=1)}
    assert "caption_too_fast" in codes


def test_what_is_not_shown_does_not_flash(world: World) -> None:
    def flashes(**fields: Any) -> bool:
        state = put(world, "clip", "f", **film(250, 1, **fields))
        return any(finding.code == "flash_frame" for finding in audit(state))

    assert flashes() and not flashes(enabled=False)


@pytest.mark.parametrize(
    ("status", "code"),
    [("missing", "media_missing"), ("failed", "media_missing"), ("probing", "media_not_ready")],
)
def test_assets_that_are_not_there(world: World, status: str, code: str) -> None:
    state = put(world, "clip", "m", **film(250, 50) | {"media": {"asset_id": "a"}})
    assert health.asset_ids(state) == {"a"}
    [finding] = [f for f in audit(state, {"a": status, "b": "missing"}) if f.code.startswith("media")]
    assert (finding.code, finding.records, finding.details) == (code, ("m",), {"status": status})


def key(time: int) -> dict[str, Any]:
    return records.new("keyframe", parent_id="take1", property="opacity", time=time * F, value=0)


def test_hidden_keyframes_that_shape_nothing_are_told_from_those_that_do(world: World) -> None:
    def write(draft: Draft) -> None:
        for time in (-20, -10, 10, 50, 60, 70):
            draft.put("keyframe", f"at{time}".replace("-", "_"), key(time))

    [finding] = [f for f in audit(forced(world, write)) if f.records == ("take1",)]
    assert finding.code == "keyframes_hidden"
    assert finding.details == {
        "property": "opacity",
        "keyframe_ids": ["at_20", "at_10", "at50", "at60", "at70"],
        "without_effect": ["at_20", "at60", "at70"],
    }


def test_crop_keyframes_count_in_the_source(world: World) -> None:
    hidden = [
        f.details["keyframe_ids"] for f in audit(change(world, "intro", source_in=50 * F)) if "intro" in f.records
    ]
    assert ["k1"] in hidden


def drifts(state: State, synced: health_sync.Anchors | None = None, **limits: int) -> list[int]:
    found = health.audit(state, {}, Limits(**limits), synced)
    return [finding.details["drift"] for finding in found if finding.code == "sync_drift"]


def same_media(draft: Draft) -> None:
    draft.set("voice", {"media": examples.FOOTAGE})


@pytest.mark.parametrize(
    ("fields", "drift"),
    [
        ({"start": 3 * F}, [3 * F]),
        ({"source_in": 3 * F}, [-3 * F]),
        ({"start": 3 * F, "source_in": 3 * F, "duration": 97 * F}, []),
        ({"start": 5}, [5]),
    ],
)
def test_drift_is_how_much_later_the_sound_is_heard(world: World, fields: dict[str, Any], drift: list[int]) -> None:
    world.write(same_media)
    assert drifts(world.state) == []
    assert drifts(change(world, "voice", **fields)) == drift
    assert drifts(change(world, "voice", **fields), drift_ticks=3 * F) == []


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("speed", [(2, 1), (1, 3), (1001, 1000)])
def test_trims_at_any_speed_are_no_drift(world: World, speed: tuple[int, int], *, backwards: bool) -> None:
    def write(draft: Draft) -> None:
        same_media(draft)
        for id in ("intro", "voice"):
            draft.set(id, {"speed": {"num": speed[0], "den": speed[1]}, "reversed": backwards, "source_in": 300 * F})
        draft.drop("x1")

    world.write(write)
    world.write(lambda draft: draft.set("voice", {"link_id": None}))
    world.do("trim", clip_id="voice", edge="start", delta=7)
    world.do("trim", clip_id="voice", edge="end", delta=-9)
    world.write(lambda draft: draft.set("voice", {"link_id": "sync1"}))
    assert drifts(world.state) == []
    assert drifts(change(world, "voice", start=world.value("voice")["start"] + F)) == [F]


def test_sound_from_a_recorder_is_held_against_how_it_was_linked(world: World) -> None:
    then = world.state.fork()
    linked = then.records["voice"].owner("link_id")
    assert health_sync.links_to_recall(then) == {"sync1": linked}
    synced = health_sync.anchors(then, "sync1")
    assert set(synced) == {"intro", "voice"}
    assert drifts(then, synced) == []
    assert drifts(change(world, "voice", start=4 * F)) == []
    assert drifts(change(world, "voice", start=4 * F), synced) == [4 * F]


def test_findings_come_worst_first_and_in_time(world: World) -> None:
    def write(draft: Draft) -> None:
        for id, start in (("late", 380), ("early", 250)):
            draft.put("clip", id, records.new("clip", **film(start, 1)))
        draft.set("logo", {"media": {"missing": True}})

    found = [f for f in audit(forced(world, write)) if f.rule.severity != "info"]
    assert [f.records[0] for f in found] == ["logo", "early", "late"]
