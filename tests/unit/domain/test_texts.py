"""Captions and titles: text for a while, with a style that is merged per key."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.examples import row
from tests.unit.domain.refused import refused
from tests.world import F, World
from timeline_service.domain import free


def captioned() -> World:
    world = row(("a", 0, 40))
    world.do("add_track", track_id="cc", kind="caption", name="CC")
    world.do("add_caption", caption_id="c1", track_id="cc", start=0, duration=10, text="Hello", params={"y": 900_000})
    world.do("add_caption", caption_id="c2", track_id="cc", start=20, duration={"ticks": 1}, text="Bye")
    return world


def test_a_caption() -> None:
    world = captioned()
    assert world.value("c1") == {
        "track_id": "cc",
        "start": 0,
        "duration": 10 * F,
        "text": "Hello",
        "name": "",
        "enabled": True,
        "params.y": 900_000,
    }
    decision = world.do("add_caption", track_id="cc", start=12, duration=2, text="one\ntwo  " + "x" * 50)
    assert decision.body.description == f'added the caption "one two {"x" * 32}…" to "CC" at 00:00:00:12'


def test_update_sets_what_is_given() -> None:
    world = captioned()
    decision = world.do(
        "update_caption",
        caption_id="c1",
        start=2,
        duration=4,
        text="Hi",
        params={"size": 50_000, "y": None},
        enabled=False,
    )
    assert world.value("c1") == {
        "track_id": "cc",
        "start": 2 * F,
        "duration": 4 * F,
        "text": "Hi",
        "name": "",
        "enabled": False,
        "params.size": 50_000,
    }
    said = 'changed the caption "Hello" to "Hi" and to 00:00:00:02 and to 4 frames and in size, y'
    assert decision.body.description == said
    assert world.do("remove_caption", caption_id="c1").body.description == 'removed the caption "Hi" from "CC"'
    with refused("caption_missing"):
        world.do("remove_caption", caption_id="c1")


def test_captions_never_overlap_and_the_refusal_says_where_there_is_room() -> None:
    world = captioned()
    with refused("overlap") as caught:
        world.do("add_caption", track_id="cc", start=9, duration=2, text="x")
    room = [{"start": 10 * F, "end": 20 * F}, {"start": 20 * F + 1, "end": None}]
    assert caught.value.details["legal"] == {"free": room}
    with refused("overlap") as caught:
        world.do("update_caption", caption_id="c2", start=5)
    assert caught.value.details["legal"] == {"free": [{"start": 10 * F, "end": None}]}
    world.do("update_caption", caption_id="c2", start=10)
    assert free.spans(world.state, "cc") == [{"start": 10 * F + 1, "end": None}]


@pytest.mark.parametrize(
    ("gesture", "params", "code"),
    [
        ("add_caption", {"track_id": "v1", "start": 50, "duration": 1, "text": "x"}, "kind_mismatch"),
        ("add_caption", {"track_id": "no", "start": 50, "duration": 1, "text": "x"}, "track_missing"),
        ("add_caption", {"track_id": "cc", "start": -1, "duration": 1, "text": "x"}, "negative_time"),
        ("add_caption", {"track_id": "cc", "start": 50, "duration": 0, "text": "x"}, "too_short"),
        ("add_caption", {"track_id": "cc", "start": 50, "duration": 1, "text": "x", "caption_id": "c1"}, "id_taken"),
        ("update_caption", {"caption_id": "c1", "duration": 0}, "too_short"),
        ("update_caption", {"caption_id": "c1", "text": "Hello"}, "no_change"),
        ("update_caption", {"caption_id": "c1", "track_id": "v1"}, "kind_mismatch"),
        ("update_caption", {"caption_id": "a", "text": "x"}, "caption_missing"),
        ("update_title", {"clip_id": "a", "text": "x"}, "kind_mismatch"),
        ("remove_title", {"clip_id": "a"}, "kind_mismatch"),
        ("remove_title", {"clip_id": "c1"}, "clip_missing"),
        ("add_title", {"track_id": "cc", "start": 50, "duration": 1, "text": "x"}, "kind_mismatch"),
        ("add_title", {"track_id": "v1", "start": 39, "duration": 2, "text": "x"}, "overlap"),
        ("add_title", {"track_id": "v1", "start": 50, "duration": 0, "text": "x"}, "too_short"),
        ("add_title", {"track_id": "v1", "start": {"ticks": 40 * F + 1}, "duration": 1, "text": "x"}, "off_grid"),
    ],
)
def test_refusals(gesture: str, params: dict[str, Any], code: str) -> None:
    with refused(code):
        captioned().do(gesture, **params)


@pytest.mark.parametrize(
    "style",
    [
        {"size": 0},
        {"size": 1.5},
        {"color": "red"},
        {"color": "#FF0000"},
        {"align": "top"},
        {"font": "Serif"},
        {"x": True},
    ],
)
def test_text_has_a_closed_style(style: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        captioned().do("update_caption", caption_id="c1", params=style)


def test_titles_are_clips_whose_picture_is_text() -> None:
    world = captioned()
    world.do("add_track", track_id="v2", kind="video", name="V2")
    decision = world.do(
        "add_title",
        clip_id="t",
        track_id="v2",
        start=5,
        duration=10,
        text="Summer",
        params={"size": 90_000, "background": None},
    )
    assert world.value("t")["media"] == {"generator": "title", "params": {"text": "Summer", "size": 90_000}}
    assert decision.body.description == 'added the title "Summer" to "V2" at 00:00:00:05'
    decision = world.do("update_title", clip_id="t", params={"size": None, "color": "#ffcc00"})
    assert world.value("t")["media"] == {"generator": "title", "params": {"text": "Summer", "color": "#ffcc00"}}
    assert decision.body.description == 'changed the title "Summer" in color, size'
    world.do("update_title", clip_id="t", text="Winter")
    with refused("no_change"):
        world.do("update_title", clip_id="t", text="Winter")
    assert world.do("remove_title", clip_id="t").body.description == 'removed the title "Winter" from "V2"'
    assert world.picture("v2") == ""


@pytest.mark.parametrize(
    ("mode", "picture"),
    [("overwrite", "a[0,10) t[10,15) {clear}[15,40)"), ("insert", "a[0,10) t[10,15) {insert}[15,45)")],
)
def test_modes(mode: str, picture: str) -> None:
    world = captioned()
    decision = world.do("add_title", clip_id="t", track_id="v1", start=10, duration=5, text="Now", mode=mode)
    right = next(c.id for c in decision.body.changes if c.id not in ("a", "t") and getattr(c, "kind", "") == "clip")
    assert world.picture("v1") == picture.format(clear=right, insert=right)
