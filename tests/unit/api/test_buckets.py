"""Buckets by a clock of the test."""

import uuid

from timeline_service.api import buckets
from timeline_service.api.buckets import Bucket, Buckets


def test_a_bucket_starts_full_and_refills_on_average() -> None:
    now = [0.0]
    bucket = Bucket(2, 4, clock=lambda: now[0])
    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0, 0.5]
    now[0] = 0.5
    assert bucket.take() == 0 and bucket.take() == 0.5
    now[0] = 100
    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_people_do_not_take_from_each_other() -> None:
    people = Buckets(1, 2, clock=lambda: 0.0)
    alice, bob = uuid.uuid4(), uuid.uuid4()
    assert [people.take(alice) for _ in range(3)] == [0, 0, 1]
    assert people.take(bob) == 0


def test_who_asked_longest_ago_is_forgotten_first() -> None:
    people = Buckets(1, 1, clock=lambda: 0.0)
    first = uuid.uuid4()
    assert people.take(first) == 0 and people.take(first) == 1
    for _ in range(buckets.KEPT):
        people.take(uuid.uuid4())
    assert people.take(first) == 0
