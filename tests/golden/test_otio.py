"""OTIO as it was written once: the bytes of today's format, and files of every format that there was."""

from projections.otio import read, write
from tests.golden.film import FILM, FOLDER, film
from tests.world import F, values


def test_the_bytes_of_a_film_are_pinned() -> None:
    assert write.to_json(film().state, head_hash="00") + b"\n" == FILM.read_bytes(), (
        "the file that an export writes has changed: if that is meant, run `python -m tests.golden.film`"
    )


def test_the_pinned_film_is_the_state() -> None:
    imported = read.from_json(FILM.read_bytes())
    back = {id: value for _, id, value in imported.records}
    assert {**back, "timeline": imported.timeline} == values(film().state)


def test_files_of_the_first_format_are_read() -> None:
    imported = read.from_json((FOLDER / "format1.otio").read_bytes())
    back = {id: (kind, value) for kind, id, value in imported.records}
    assert {id: kind for id, (kind, _) in back.items()} == {
        "v1": "track", "a1": "track", "c1": "clip", "c2": "clip", "k1": "keyframe", "m1": "marker",
    }  # fmt: skip
    assert back["c2"][1]["start"] == 3 * F
    assert back["k1"][1]["parent_id"] == "c1"
    assert imported.report["lost"] == imported.report["approximated"] == []
