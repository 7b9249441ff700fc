"""Other programs' files out and in, over HTTP; what a file does not carry is counted."""

from typing import Any

import pytest
import pytest_asyncio

from tests.api.conftest import Studio, add_clip, open_studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEUTRAL = {"content-type": "application/octet-stream"}
CARRIES_CUTS = ("edl", "fcp7", "fcpx", "aaf")


@pytest_asyncio.fixture(name="edited", scope="module", loop_scope="module")
async def make_edited(shared_studio: Studio) -> Studio:
    """Two cuts of picture with a gap, one of them renamed and cropped, a second track, sound, markers."""
    studio = await open_studio(shared_studio.service)
    window = {"x": 0, "y": 0, "width": 960, "height": 1080, "unit": "px"}
    await studio.apply(
        add_clip("c2", 150, 50, source_in=30, name="Beach"),
        {"type": "add_track", "track_id": "v2", "kind": "video", "name": "Top"},
        add_clip("c3", 20, 30, "v2", name="Sign"),
        {"type": "add_track", "track_id": "a1", "kind": "audio"},
        add_clip("s1", 0, 100, "a1", name="Sound"),
        {"type": "add_marker", "parent_id": "c2", "time": 5, "name": "look"},
        {"type": "add_crop_keyframe", "clip_id": "c2", "frame": 0, **window},
        {"type": "add_crop_keyframe", "clip_id": "c2", "frame": 20, **window},
    )
    return studio


async def report(studio: Studio, format: str) -> dict[str, Any]:
    told: dict[str, Any] = await studio.owner.ok(
        "GET", f"{studio.timeline}/interchange/report", params={"format": format}
    )
    assert told["timeline_id"] == studio.timeline_id
    for kind in told["kinds"].values():
        assert kind["total"] == kind["kept"] + kind["lost"] and kind["total"] > 0
    return told


def lost(told: dict[str, Any], kind: str) -> tuple[int, list[str]]:
    return next(((each["count"], each["ids"]) for each in told["lost"] if each["kind"] == kind), (0, []))


async def test_our_own_format_loses_nothing(edited: Studio) -> None:
    told = await report(edited, "otio")
    assert (told["how"], told["lossless"], told["lost"]) == ("read_back", True, [])


@pytest.mark.parametrize("format", ["edl", "fcp7", "fcpx", "aaf", "ale"])
async def test_what_no_other_format_carries(edited: Studio, format: str) -> None:
    told = await report(edited, format)
    assert (told["how"], told["lossless"]) == ("read_back", False)
    assert lost(told, "keyframes")[0] == 2
    assert lost(told, "frame_size")[0] == 1


async def test_an_edl_is_one_track_of_picture(edited: Studio) -> None:
    told = await report(edited, "edl")
    assert lost(told, "clips") == (2, ["c3", "s1"])
    assert lost(told, "tracks")[0] == 2
    assert lost(told, "markers")[0] == 0


@pytest.mark.parametrize("format", ["fcp7", "fcpx", "aaf"])
async def test_where_every_clip_is_at_its_place(edited: Studio, format: str) -> None:
    told = await report(edited, format)
    for kind in ("clips", "placements", "durations", "source_times", "tracks", "gaps"):
        assert told["kinds"][kind]["lost"] == 0, (kind, told["lost"])


async def test_a_log_of_clips_has_no_places(edited: Studio) -> None:
    told = await report(edited, "ale")
    assert lost(told, "placements")[0] == 2  # the other two lie at zero anyway
    assert lost(told, "clips")[0] == lost(told, "source_times")[0] == 0


async def test_a_picture_is_not_measured(edited: Studio) -> None:
    told = await report(edited, "svg")
    assert told["how"] == "derived"
    picture = await edited.owner.http.get(f"{edited.timeline}/interchange", params={"format": "svg"})
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "Beach" in picture.text


async def test_the_file_names_its_report(edited: Studio) -> None:
    answer = await edited.owner.http.get(f"{edited.timeline}/interchange", params={"format": "edl", "version": 3})
    assert answer.headers["content-disposition"].endswith('-3.edl"')
    address = answer.headers["link"].partition(">")[0].removeprefix("<")
    assert (await edited.owner.ok("GET", address))["version"] == 3
    again = await edited.owner.http.get(
        f"{edited.timeline}/interchange",
        params={"format": "edl", "version": 3},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize("format", CARRIES_CUTS)
async def test_what_went_out_comes_in_again(edited: Studio, format: str) -> None:
    file = await edited.owner.http.get(f"{edited.timeline}/interchange", params={"format": format})
    body = {"workspace_id": edited.workspace_id, "rate": {"num": 25, "den": 1}, "width": 1920, "height": 1080}
    empty = await edited.owner.ok("POST", "/api/v1/timelines", json=body)
    address = f"/api/v1/timelines/{empty['id']}"
    answer = await edited.owner.http.post(f"{address}/import", content=file.content, headers=NEUTRAL)
    assert answer.status_code == 201, answer.text
    here, there = await edited.owner.ok("GET", edited.timeline), await edited.owner.ok("GET", address)
    pictures = {track["id"] for track in here["tracks"] if track["id"] == "v1" or format != "edl"}
    cuts = sorted((c["start"], c["duration"], c["source_in"]) for c in here["clips"] if c["track_id"] in pictures)
    assert sorted((c["start"], c["duration"], c["source_in"]) for c in there["clips"]) == cuts


async def test_a_timeline_without_clips_is_no_file(shared_studio: Studio) -> None:
    body = {"workspace_id": shared_studio.workspace_id, "rate": {"num": 25, "den": 1}, "width": 64, "height": 64}
    empty = await shared_studio.owner.ok("POST", "/api/v1/timelines", json=body)
    address = f"/api/v1/timelines/{empty['id']}/interchange"
    assert await shared_studio.owner.refused("GET", address, params={"format": "edl"}) == (422, "interchange_empty")
    assert (await shared_studio.owner.refused("GET", address, params={"format": "mp4"}))[0] == 422


async def test_the_walls_are_told(shared_studio: Studio) -> None:
    ready = await shared_studio.owner.ok("GET", "/readyz")
    assert "rlimits" in ready["sandbox"]


async def test_a_file_of_no_declared_kind_is_told_how_to_come(edited: Studio) -> None:
    answer = await edited.owner.http.post(
        f"{edited.timeline}/import", content=b"TITLE: x\n", headers={"content-type": "video/mp4"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")
    assert NEUTRAL["content-type"] in answer.json()["error"]["message"]
    assert NEUTRAL["content-type"] in answer.json()["error"]["details"]["media_types"]
