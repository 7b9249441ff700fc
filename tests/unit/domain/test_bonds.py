"""Groups and links: who is bound to whom, and that of one alone there is neither."""

from typing import Any

import pytest

from tests.unit.domain.examples import row
from tests.unit.domain.refused import refused
from tests.world import World
from timeline_service.domain.draft import derive_id

BOTH = pytest.mark.parametrize(
    ("bind", "release", "bond"), [("group", "ungroup", "group_id"), ("link", "unlink", "link_id")]
)


def four() -> World:
    return row(("a", 0, 4), ("b", 4, 4), ("c", 8, 4), ("d", 12, 4))


def label(bond: str, name: str) -> dict[str, Any]:
    return {bond: name}


def labels(world: World, bond: str) -> str:
    return " ".join(str(world.value(id)[bond]) for id in ("a", "b", "c", "d"))


@BOTH
def test_binding_moves_clips_to_a_new_label(bind: str, release: str, bond: str) -> None:
    world = four()
    decision = world.do(bind, clip_ids=["a", "b"], **label(bond, "one"))
    assert labels(world, bond) == "one one None None"
    assert decision.body.description == f'{bind}ed "A" and "B"'
    world.do(bind, clip_ids=["c"], **label(bond, "one"))
    assert labels(world, bond) == "one one one None"
    world.do(bind, clip_ids=["b", "c"], **label(bond, "two"))
    assert labels(world, bond) == "None two two None", "of one alone nothing is left"
    world.do(bind, clip_ids=["a", "d"])
    derived = derive_id(f"g{world.state.version}", bind)
    assert labels(world, bond) == f"{derived} two two {derived}"


@BOTH
def test_releasing_dissolves_what_is_left_of_one(bind: str, release: str, bond: str) -> None:
    world = four()
    world.do(bind, clip_ids=["a", "b", "c"], **label(bond, "one"))
    world.do(release, clip_ids=["a"])
    assert labels(world, bond) == "None one one None"
    decision = world.do(release, **label(bond, "one"))
    assert labels(world, bond) == "None None None None"
    assert decision.body.description == f"dissolved the {bind} one"
    world.do(bind, clip_ids=["a", "b"], **label(bond, "one"))
    world.do(release, clip_ids=["b"])
    assert labels(world, bond) == "None None None None"


@BOTH
@pytest.mark.parametrize(
    ("releases", "params", "code"),
    [
        (False, {"clip_ids": ["a"]}, "invalid"),
        (False, {"clip_ids": ["a", "gone"]}, "clip_missing"),
        (True, {"clip_ids": ["a"]}, "no_change"),
        (True, {"clip_ids": ["gone"]}, "clip_missing"),
        (True, {}, "invalid"),
    ],
)
def test_refusals(bind: str, release: str, bond: str, releases: bool, params: dict[str, Any], code: str) -> None:
    with refused(code):
        four().do(release if releases else bind, **params)
    if releases:
        with refused("no_change"):
            four().do(release, **label(bond, "nobody"))


def test_clips_of_several_sequences_share_no_time() -> None:
    world = four()
    world.do("nest", clip_ids=["a", "b"], clip_id="n", sequence_id="q")
    for bind in ("link", "group"):
        with refused("kind_mismatch"):
            world.do(bind, clip_ids=["a", "c"])
    world.do("link", clip_ids=["a", "b"])
