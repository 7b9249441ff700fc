"""What a clip keeps of its media, and which track takes it."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.domain.refused import refused
from tests.world import ASSETS
from timeline_service.domain import media
from timeline_service.domain.draft import Facts
from timeline_service.domain.time import TICKS_PER_SECOND

FACTS = Facts("g", ASSETS)


def known(**given: Any) -> dict[str, Any]:
    return media.MediaReference.model_validate(given).known(FACTS)


def test_an_asset_brings_what_was_measured() -> None:
    assert known(asset_id="film", width=1, height=1) == {
        "asset_id": "film",
        "kind": "video",
        "has_audio": True,
        "available": {"start": 0, "duration": 60 * TICKS_PER_SECOND},
        "rate": {"num": 24, "den": 1},
        "width": 1920,
        "height": 1080,
    }
    assert known(asset_id="photo") == {
        "asset_id": "photo", "kind": "image", "has_audio": False, "width": 4000, "height": 3000,
    }  # fmt: skip


def test_other_references_keep_what_was_given() -> None:
    given = {
        "url": "https://media.example/a.mov",
        "available": {"start": 5, "duration": 10},
        "width": 640,
        "height": 360,
    }
    assert known(**given) == given
    assert known(generator="tone", params={"hertz": 440}) == {"generator": "tone", "params": {"hertz": 440}}


def test_an_asset_that_is_not_ready_is_missing() -> None:
    with refused("media_missing"):
        known(asset_id="nowhere")


@pytest.mark.parametrize("given", [{}, {"asset_id": "film", "url": "x"}, {"generator": "black", "missing": True}])
def test_media_is_one_reference(given: dict[str, Any]) -> None:
    with refused("invalid"):
        known(**given)


def test_a_rate_that_nobody_knows() -> None:
    with refused("rate_unknown"):
        known(url="x", rate={"num": 25, "den": 2})


@pytest.mark.parametrize("params", [{"gain": 1.5}, {"deep": [{"er": 0.0}]}, {"n": 2**53}, {"text": "\x00"}, {"": 1}])
def test_no_float_enters_a_record_outside_metadata(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        media.MediaReference.model_validate({"generator": "title", "params": params})


@pytest.mark.parametrize(
    ("given", "tracks"),
    [
        ({"asset_id": "film"}, {"video", "audio"}),
        ({"asset_id": "silent"}, {"video"}),
        ({"asset_id": "sound"}, {"audio"}),
        ({"asset_id": "photo"}, {"video"}),
        ({"generator": "tone"}, {"audio"}),
        ({"generator": "title"}, {"video"}),
        ({"url": "x"}, {"video", "audio"}),
        ({"missing": True}, {"video", "audio"}),
    ],
)
def test_which_track_takes_it(given: dict[str, Any], tracks: set[str]) -> None:
    assert {kind for kind in ("video", "audio", "caption") if media.fits(known(**given), kind)} == tracks


def test_stills_and_generators_have_no_end() -> None:
    assert media.timeless(known(asset_id="photo"))
    assert media.timeless(known(generator="black"))
    assert not media.timeless(known(asset_id="film"))
    assert not media.timeless(known(missing=True))
