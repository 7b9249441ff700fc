"""The chain's bytes are pinned for ever, and every kind of tampering is found."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from timeline_service.domain import chain

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "chain.json").read_text())
TIMELINE = UUID(GOLDEN["timeline_id"])


@dataclass(frozen=True)
class Event:
    timeline_id: UUID
    version: int
    recorded_at_us: int
    schema_version: int
    gesture_id: str
    type: str
    actor_id: UUID
    body: bytes
    hash: bytes


def facts(row):
    names = ("version", "recorded_at_us", "schema_version", "gesture_id", "type")
    return {name: row[name] for name in names} | {
        "actor_id": UUID(row["actor_id"]),
        "body": bytes.fromhex(row["body"]),
    }


EVENTS = [Event(TIMELINE, **facts(row), hash=bytes.fromhex(row["hash"])) for row in GOLDEN["events"]]


def test_golden():
    previous = chain.genesis(TIMELINE)
    assert previous.hex() == GOLDEN["genesis"]
    for row in GOLDEN["events"]:
        leaf = chain.leaf(TIMELINE, **facts(row))
        assert leaf.hex() == row["leaf"]
        previous = chain.link(previous, leaf)
        assert previous.hex() == row["hash"]


def test_a_sound_run_verifies_whole_and_in_parts():
    assert chain.verify(EVENTS) is None
    assert chain.verify([]) is None
    assert chain.verify(EVENTS[2:], after_version=2, previous=EVENTS[1].hash) is None
    assert chain.verify(EVENTS[2:], after_version=2, previous=EVENTS[0].hash) == 3


@pytest.mark.parametrize(
    "altered",
    [
        {"body": b"{}"},
        {"recorded_at_us": 1},
        {"schema_version": 2},
        {"gesture_id": "h"},
        {"type": "trin"},
        {"actor_id": UUID(int=7)},
        {"timeline_id": UUID(int=7)},
        {"hash": bytes(32)},
        {"gesture_id": "gt", "type": "rim"},  # lengths are hashed: text cannot wander from one field to the next
    ],
    ids=lambda altered: "+".join(altered),
)
def test_an_altered_field_is_found_where_it_is(altered):
    events = [EVENTS[0], replace(EVENTS[1], **altered), *EVENTS[2:]]
    assert chain.verify(events) == 2


def test_removal_insertion_swap_and_renumbering_are_found():
    first, second, third, fourth = EVENTS
    assert chain.verify([first, third, fourth]) == 2
    assert chain.verify([second, third]) == 1
    assert chain.verify([first, first, second]) == 2
    assert chain.verify([first, third, second, fourth]) == 2
    renumbered = [first, replace(third, version=2), replace(fourth, version=3)]
    assert chain.verify(renumbered) == 2
