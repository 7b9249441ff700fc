"""Other formats: which one a file is in, what is checked before it is read, and what goes out comes back or is counted."""

import io
import json
import os
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import opentimelineio
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.otio import loss, sandbox_child, write
from projections.otio.formats import adapters, bundle, catalogue, markup, picture
from projections.otio.formats.catalogue import FORMATS
from projections.otio.formats.refusal import Unfit
from tests.strategies import worlds
from tests.world import World
from timeline_service.domain import records
from timeline_service.domain.draft import Draft
from timeline_service.domain.state import State


def film() -> World:
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    world.do("add_clip", clip_id="a", track_id="v1", media={"asset_id": "film"}, start=0, duration=48, name="A")
    world.do("add_clip", clip_id="b", track_id="v1", media={"asset_id": "film"}, start=48, duration=48, source_in=240)
    return world


def counted(state: State, format: str) -> dict[str, tuple[int, int]]:
    """Kind → (total, lost) of a file that is written and read back."""
    rate = state.rate.num / state.rate.den
    answer, made = sandbox_child.write_file(write.to_json(state), FORMATS[format], rate)
    told = loss.report(state, FORMATS[format], answer.get("found"), answer.get("unread"), len(made))
    assert told["how"] in {"read_back", "derived"}, told
    return {kind: (count["total"], count["lost"]) for kind, count in told["kinds"].items()}


def test_an_edl_of_another_rate_is_refused_by_the_rate_it_was_read_at() -> None:
    edl = b"TITLE: x\n\n001  AX       V     C        00:00:00:24 00:00:01:24 00:00:00:00 00:00:01:00\n"
    assert adapters.to_otio(edl, FORMATS["edl"], 25.0)
    with pytest.raises(Unfit) as unfit:
        adapters.to_otio(edl, FORMATS["edl"], 24.0)
    assert "at 24 frames per second" in str(unfit.value)


# ---------------------------------------------------------------- which format
@pytest.mark.parametrize(
    ("data", "filename", "format"),
    [
        (b'\xef\xbb\xbf {"OTIO_SCHEMA"', "", "otio"),
        (b"PK\x03\x04rest", "a.edl", "otioz"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "", "aaf"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE xmeml>\n<xmeml version="5">', "", "fcp7"),
        ('<?xml version="1.0"?><fcpxml version="1.8">'.encode("utf-16"), "", "fcpx"),
        (b"TITLE: x\n", "", "edl"),
        (b"\n001  AX       V     C        00:00:00:00", "", "edl"),
        (b"", "cut.EDL", "edl"),
        (b"", "cut.xml", "fcp7"),
        (b"", "cut.txt", None),
        (b"Heading\n", "log.ale", None),
    ],
)
def test_which_format_a_file_is_in(data: bytes, filename: str, format: str | None) -> None:
    found = catalogue.sniff(data, filename)
    assert (found and found.name) == format


# ---------------------------------------------------------------- XML and bundles
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_editing_programs_write_is_let_through(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml><name>Schnitt</name></xmeml>'
    assert ET.fromstring(markup.checked(text.encode(encoding))).findtext("name") == "Schnitt"


@pytest.mark.parametrize("depth", [markup.MAX_DEPTH, markup.MAX_DEPTH + 1])
def test_how_deep_xml_may_be(depth: int) -> None:
    data = b"<a>" * depth + b"</a>" * depth
    if depth <= markup.MAX_DEPTH:
        assert markup.checked(data) == data.decode()
    else:
        with pytest.raises(Unfit):
            markup.checked(data)


@given(st.text(max_size=200))
@settings(max_examples=50)
def test_no_document_type_but_a_bare_one_gets_through(text: str) -> None:
    try:
        passed = markup.checked(f"<!DOCTYPE xmeml {text}><xmeml/>".encode())
    except (Unfit, UnicodeEncodeError):
        return
    assert "<!DOCTYPE" not in passed


@pytest.mark.parametrize("name", ["content.otio", "film.otiod/content.otio"])
def test_a_bundle_holds_one_timeline(name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(name, b"{}")
        file.writestr("media/a.mov", b"film")
    assert bundle.content(packed.getvalue()) == b"{}"


# ---------------------------------------------------------------- out, and back
@settings(max_examples=15, deadline=None)
@given(worlds.timelines())
@pytest.mark.parametrize("format", ["edl", "fcp7", "fcpx", "aaf", "ale"])
def test_every_timeline_goes_out_and_is_counted_or_it_is_said_why(format: str, world: World) -> None:
    state, chosen = world.state, FORMATS[format]
    refused: Unfit | None = None
    try:
        answer, made = sandbox_child.write_file(write.to_json(state), chosen, state.rate.num / state.rate.den)
    except Unfit as reason:
        refused = reason
    if refused is not None:
        assert refused.code == "interchange_empty" or refused.reason.endswith("at this frame rate.")
        return
    told = loss.report(state, chosen, answer["found"], None, len(made))
    assert not told["lossless"]  # none of them says how large the frame is
    clips = sum(1 for _ in state.living("clip"))
    assert told["kinds"]["clips"]["total"] == clips
    for kind in told["kinds"].values():
        assert 0 <= kind["lost"] <= kind["total"] == kind["kept"] + kind["lost"]


@settings(max_examples=30, deadline=None)
@given(worlds.timelines())
def test_our_own_format_loses_nothing(world: World) -> None:
    data = write.to_json(world.state)
    answer, made = sandbox_child.write_file(data, FORMATS["otio"], 24.0)
    told = loss.report(world.state, FORMATS["otio"], answer["found"], None, len(made))
    assert made == data and told["lossless"], told["lost"]


@settings(max_examples=20, deadline=None)
@given(worlds.timelines())
def test_a_picture_of_every_timeline_is_xml(world: World) -> None:
    _, made = sandbox_child.write_file(write.to_json(world.state), FORMATS["svg"], 24.0)
    assert ET.fromstring(made.decode()).tag.endswith("svg")


@pytest.mark.parametrize("format", ["edl", "fcp7", "fcpx", "aaf"])
def test_cuts_are_carried(format: str) -> None:
    found = counted(film().state, format)
    assert {kind: found[kind] for kind in ("clips", "placements", "durations", "source_times")} == dict.fromkeys(
        ("clips", "placements", "durations", "source_times"), (2, 0)
    )


@pytest.mark.parametrize(("format", "lost"), [("edl", 0), ("fcp7", 1), ("fcpx", 1), ("aaf", 1)])
def test_speed_is_carried_by_an_edl_only(format: str, lost: int) -> None:
    world = film()
    world.do("set_speed", clip_id="b", speed={"num": 2, "den": 1}, keep="duration")
    assert counted(world.state, format)["speeds"] == (1, lost)


@pytest.mark.parametrize(("format", "lost"), [("edl", 0), ("fcp7", 0), ("fcpx", 1), ("aaf", 1)])
def test_where_a_dissolve_survives(format: str, lost: int) -> None:
    world = film()
    world.do("add_transition", transition_id="t", left_id="a", right_id="b", kind="dissolve", in_offset=6, out_offset=6)
    assert counted(world.state, format)["transitions"] == (1, lost)


@pytest.mark.parametrize("asks", ["write_to_string", "read_from_string"])
def test_what_an_adapter_warns_of_is_no_failure(asks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.12 and later warn of what the Final Cut X adapter does, and our tests make errors of warnings."""
    plain, warned = getattr(opentimelineio.adapters, asks), []

    def deprecated(*args: Any, **options: Any) -> Any:
        warned.append(asks)
        warnings.warn("Testing an element's truth value", DeprecationWarning, stacklevel=1)
        return plain(*args, **options)

    monkeypatch.setattr(opentimelineio.adapters, asks, deprecated)
    assert counted(film().state, "fcpx")["clips"] == (2, 0)
    assert warned


def test_a_line_break_in_a_name_is_no_edit() -> None:
    world = film()
    world.do("add_clip", clip_id="c", track_id="v1", media={"asset_id": "film"}, start=96, duration=24,
             name="x\n003  AX  V  C  00:00:00:00 00:01:00:00 00:10:00:00 00:11:00:00")  # fmt: skip
    made = adapters.from_otio(write.timeline(world.state), FORMATS["edl"], 24.0)
    back = orjson.loads(adapters.to_otio(made, FORMATS["edl"], 24.0))
    assert len([child for child in back["tracks"]["children"][0]["children"] if child["name"]]) == 3


def test_a_file_that_cannot_be_read_back_is_not_counted() -> None:
    told = loss.report(film().state, FORMATS["fcp7"], None, "why", 5)
    assert (told["how"], told["reason"], told["lossless"], told["kinds"]) == ("unread", "why", False, {})


def test_an_edl_is_read_at_the_rate_of_the_timeline() -> None:
    line = b"TITLE: x\n001  AX  V  C  00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00\n"
    file: Any = json.loads(adapters.to_otio(line, FORMATS["edl"], 25.0))
    [clip] = file["tracks"]["children"][0]["children"]
    assert clip["source_range"]["duration"] == {"OTIO_SCHEMA": "RationalTime.1", "rate": 25.0, "value": 25.0}


def test_the_picture_shows_names_as_text() -> None:
    found: Any = {"name": "<script>", "tracks": [], "clips": [], "transitions": []}
    assert b"<script>" not in picture.draw(found)


def test_a_clip_that_a_dissolve_has_made_longer_is_there_but_not_at_its_place() -> None:
    world = film()
    world.do("add_transition", transition_id="t", left_id="a", right_id="b", kind="dissolve", in_offset=6, out_offset=6)
    found = counted(world.state, "edl")
    assert [found[kind] for kind in ("clips", "placements", "durations")] == [(2, 0), (2, 1), (2, 2)]


# ---------------------------------------------------------------- what is counted
def everything() -> State:
    """A nest with all kinds of things in it and a wipe inside, beside a clip with a marker and an effect."""
    world = film()
    world.do("add_transition", transition_id="t", left_id="a", right_id="b", kind="wipe", in_offset=6, out_offset=6)
    world.do("add_effect", effect_id="e", parent_id="a", kind="blur", params={"radius": 5})
    world.do("add_marker", marker_id="m", parent_id="a", time=3, name="look")
    world.do("link", clip_ids=["a", "b"], link_id="pair")
    world.do("nest", clip_ids=["a", "b"], clip_id="n", sequence_id="s", name="both")
    world.do("add_clip", clip_id="c", track_id="v1", media={"asset_id": "film"}, start=120, duration=24, source_in=24)
    world.do("add_marker", marker_id="m2", parent_id="c", time=26, name="here")
    world.do("add_effect", effect_id="e2", parent_id="c", kind="blur", params={"radius": 5})
    return world.state


@pytest.mark.parametrize("format", ["edl", "fcp7", "fcpx", "aaf", "ale", "svg"])
def test_what_lies_in_a_nest_is_counted(format: str) -> None:
    found = counted(everything(), format)
    assert found["effects"] == (2, 2)
    assert found["sequences"] == (1, 1)
    assert found["clips"] == (4, 2)
    assert found["tracks"] == (2, 1)
    assert found["transitions"] == found["transition_kinds"] == found["transition_spans"] == (1, 1)
    assert found["links"] == (1, 1)
    assert found["markers"] == ((2, 1) if format in ("edl", "fcp7", "fcpx") else (2, 2))


def test_a_wipe_is_no_dissolve_there() -> None:
    world = film()
    world.do("add_transition", transition_id="t", left_id="a", right_id="b", kind="wipe", in_offset=6, out_offset=6)
    found = counted(world.state, "fcp7")
    assert found["transitions"] == (1, 0) and found["transition_kinds"] == (1, 1)


@pytest.mark.parametrize(
    ("format", "out_offset", "lost"), [("edl", 6, 1), ("fcp7", 6, 0), ("fcp7", 4, 1), ("svg", 6, 1)]
)
def test_where_a_dissolve_keeps_its_place(format: str, out_offset: int, lost: int) -> None:
    """Final Cut 7 has it across the middle of the cut, before or after it, and nowhere else."""
    world = film()
    sides: dict[str, Any] = {"left_id": "a", "right_id": "b", "in_offset": 6, "out_offset": out_offset}
    world.do("add_transition", transition_id="t", kind="dissolve", **sides)
    assert counted(world.state, format)["transition_spans"] == (1, lost)


def test_a_picture_says_what_it_does_not_show() -> None:
    found = counted(everything(), "svg")
    assert found["source_times"] == (4, 4)
    assert found["placements"] == (4, 2)


@pytest.mark.parametrize("format", ["edl", "fcp7", "fcpx", "aaf", "ale", "svg"])
def test_a_file_is_the_same_in_another_process(format: str, tmp_path: Path) -> None:
    data = write.to_json(film().state)
    (tmp_path / "film.otio").write_bytes(data)
    _, made = sandbox_child.write_file(data, FORMATS[format], 24.0)
    code = (
        "import sys; from pathlib import Path; from projections.otio import sandbox_child as c; "
        "from projections.otio.formats.catalogue import FORMATS; "
        f"sys.stdout.buffer.write(c.write_file(Path('film.otio').read_bytes(), FORMATS['{format}'], 24.0)[1])"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(write.__file__).parents[2])}
    command = [sys.executable, "-c", code]
    other = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert other.stdout == made


def test_a_title_whose_media_is_said_to_be_empty_goes_out_as_aaf() -> None:
    file = write.timeline(film().state)
    clip = next(child for child in file["tracks"]["children"][0]["children"] if child["OTIO_SCHEMA"] == "Clip.2")
    (reference,) = clip["media_references"].values()
    nothing = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 0.0}
    reference["available_range"] = {"OTIO_SCHEMA": "TimeRange.1", "start_time": nothing, "duration": dict(nothing)}
    made = adapters.from_otio(file, FORMATS["aaf"], 24.0)
    assert catalogue.sniff(made) == FORMATS["aaf"]


def test_media_of_which_a_tick_is_there_go_out_as_aaf() -> None:
    """A freeze frame shows one tick of its media, which in whole frames is nothing."""
    world = World()
    world.do("add_track", track_id="v1", kind="video")
    media = {"url": "https://media.example/a.mov", "available": {"start": 0, "duration": 1}}
    new = records.new("clip", track_id="v1", start=0, duration=10 * world.state.rate.ticks_per_frame, media=media)
    world.write(lambda draft: draft.put("clip", "a", new | {"speed": {"num": 0, "den": 1}}))
    assert counted(world.state, "aaf")["clips"] == (1, 0)


def sound(*lengths: float, at: float = 0) -> State:
    """Clips of sound in a row, `at` frames into the timeline, of so many frames each."""
    world, media = World(), {"url": "https://media.example/a.wav"}
    world.do("add_track", track_id="a1", kind="audio")
    frame = world.state.rate.ticks_per_frame

    def fill(draft: Draft) -> None:
        for number, length in enumerate(lengths):
            start, duration = round((at + sum(lengths[:number])) * frame), round(length * frame)
            new = records.new("clip", track_id="a1", start=start, duration=duration, media=media)
            draft.put("clip", f"c{number}", new)

    world.write(fill)
    return world.state


@pytest.mark.parametrize("format", ["fcpx", "aaf"])
def test_a_clip_of_less_than_half_a_frame_is_left_out_and_counted(format: str) -> None:
    assert counted(sound(10, 0.25, 10), format)["clips"] == (3, 1)
    assert counted(sound(10, 0.25), format)["clips"] == (2, 1)
    with pytest.raises(Unfit) as unfit:
        counted(sound(0.25), format)
    assert unfit.value.code == "interchange_empty"


@pytest.mark.parametrize("lengths", [(1.6,) * 8, (1.4,) * 8, (0.5, 1.5, 2.5, 0.75)])
@pytest.mark.parametrize("format", ["fcp7", "fcpx", "aaf"])
def test_clips_of_sound_between_frames_go_out(format: str, lengths: tuple[float, ...]) -> None:
    """The gap that Final Cut X hangs them on is as long as they are when each is rounded."""
    answer, _ = sandbox_child.write_file(write.to_json(sound(*lengths, at=0.3)), FORMATS[format], 24.0)
    assert "found" in answer


def test_a_row_that_starts_with_a_fade_hangs_on_the_spine_of_final_cut() -> None:
    file = write.timeline(film().state)
    rate = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 6.0}
    fade = {"OTIO_SCHEMA": "Transition.1", "name": "", "transition_type": "SMPTE_Dissolve", "metadata": {}}
    file["tracks"]["children"][0]["children"].insert(0, fade | {"in_offset": dict(rate), "out_offset": dict(rate)})
    assert adapters.from_otio(file, FORMATS["fcpx"], 24.0)


def test_a_time_warp_that_is_switched_off_is_no_speed_elsewhere() -> None:
    file = write.timeline(film().state)
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "", "time_scalar": 2.0, "metadata": {}}
    clip = next(child for child in file["tracks"]["children"][0]["children"] if child["OTIO_SCHEMA"] == "Clip.2")
    clip["effects"] = [warp | {"enabled": False}]
    assert b"M2 " not in adapters.from_otio(orjson.loads(orjson.dumps(file)), FORMATS["edl"], 24.0)
    clip["effects"] = [warp | {"enabled": True}]
    assert b"M2 " in adapters.from_otio(file, FORMATS["edl"], 24.0)
