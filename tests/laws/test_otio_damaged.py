"""A file with parts that are not what they should be is read or refused, whatever its JSON says; nothing else is raised.

The bytes are sound JSON, so that what is damaged is met by the reader itself, and by the domain behind it.
"""

import copy
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.otio import read
from tests.golden.film import FILM, film
from tests.world import World
from timeline_service.domain import errors, importing
from timeline_service.domain.draft import Facts

WRONG: Final[tuple[Any, ...]] = (
    *(None, True, -1, 0, 0.5, 2**40, 1e12, "", "/", "a", [], {}, [None], {"a": None}, {"OTIO_SCHEMA": "Gap.1"}),
    {"OTIO_SCHEMA": "RationalTime.1", "rate": 24, "value": 1},
)  # fmt: skip
Place = tuple[Any, ...]


def places(thing: Any, at: Place = ()) -> list[Place]:
    """Every part of a JSON value."""
    inner = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    return [(*at, name) for name, _ in inner] + [found for name, part in inner for found in places(part, (*at, name))]


SOUND: Final = json.loads(FILM.read_text())
PLACES: Final = places(SOUND)
damages = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(("set", "take out", "double")), st.sampled_from(WRONG)),
    min_size=1,
    max_size=3,
)


def damaged(file: Any, how: list[tuple[Place, str, Any]]) -> Any:
    file = copy.deepcopy(file)
    for place, what, wrong in how:
        thing: Any = file
        try:
            for name in place[:-1]:
                thing = thing[name]
            if what == "set":
                thing[place[-1]] = copy.deepcopy(wrong)
            elif what == "double" and isinstance(thing, list):
                thing.append(copy.deepcopy(thing[place[-1]]))
            else:
                del thing[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier damage has taken the place away
    return file


def taken(file: Any, world: World) -> bool:
    try:
        imported = read.from_json(json.dumps(file).encode())
        rows = (imported.timeline, imported.records, imported.origin)
        importing.bring_in(world.state, *rows, Facts("in"), actor="ann")
    except (read.Unreadable, errors.Refused):
        return False
    return True


@settings(deadline=None)
@given(damages, st.booleans())
def test_a_damaged_film_is_taken_or_refused(how: list[tuple[Place, str, Any]], again: bool) -> None:
    taken(damaged(SOUND, how), film() if again else World())


def test_the_sound_one_is_taken() -> None:
    assert Path(FILM).exists() and taken(SOUND, World())


@pytest.mark.parametrize(
    ("name", "wrong"), [("id", ["film"]), ("id", {}), ("version", "3"), ("head_hash", 7), ("rows", True), ("rows", 3)]
)
def test_a_damaged_origin_is_refused(name: str, wrong: Any) -> None:
    file = copy.deepcopy(SOUND)
    file["metadata"]["timeline_service"][name] = wrong
    with pytest.raises(read.Unreadable) as refused:
        read.from_json(json.dumps(file).encode())
    assert refused.value.code == "otio_invalid"


@pytest.mark.parametrize("field", ["kind", "id"])
def test_a_damaged_row_is_refused(field: str) -> None:
    file = copy.deepcopy(SOUND)
    file["metadata"]["timeline_service"]["rows"][0][field] = ["spare"]
    with pytest.raises(read.Unreadable):
        read.from_json(json.dumps(file).encode())


@pytest.mark.parametrize("layers", [1, 2.5, True])
def test_layers_that_are_no_list_are_refused(layers: Any) -> None:
    file = copy.deepcopy(SOUND)
    del file["metadata"]["timeline_service"]
    file["tracks"]["children"] = layers
    with pytest.raises(read.Unreadable):
        read.from_json(json.dumps(file).encode())


@pytest.mark.parametrize("name", ["parent_id", "track_id", "link_id"])
def test_ids_that_are_no_text_are_refused_whoever_read_the_file(name: str) -> None:
    row = ("marker", "m", {"parent_id": "timeline", "time": 0, name: ["x"]})
    with pytest.raises(errors.Wrong):
        importing.bring_in(World().state, {}, [row], {}, Facts("in"), actor="ann")


def test_a_nest_of_what_is_no_id_is_refused() -> None:
    row: Any = ("clip", "c", {"media": {"sequence_id": {}}})
    with pytest.raises(errors.Wrong):
        importing.bring_in(World().state, {}, [row], {}, Facts("in"), actor="ann")
