"""The shape of what is stored is pinned: it changes on purpose or not at all."""

import json

from tests.golden import shapes
from tests.golden.record import SHAPES

WHAT_TO_DO = """
The stored shape {name} is not what it was. Events of the old shape are in people's databases for ever.

  A new optional parameter or field with a default, which old events simply lack: let it be read, pin the new shape
  (delete its line in tests/golden/shapes.json, run `python -m tests.golden.record`), and say so in the changelog.
  Anything else: raise SCHEMA_VERSION in timeline_service/domain/event.py, write the upcaster from the old shape, keep
  tests/golden/events of the old version, record those of the new one, then pin the new shape.

The shape is now:
{shape}
"""


def test_stored_shapes_are_pinned() -> None:
    pinned = json.loads(SHAPES.read_text())
    for name, shape in shapes.shapes().items():
        told = WHAT_TO_DO.format(name=name, shape=json.dumps(shape, indent=1, sort_keys=True))
        assert pinned.get(name) == shapes.digest(shape), told


def test_nothing_pinned_has_vanished() -> None:
    gone = json.loads(SHAPES.read_text()).keys() - shapes.shapes().keys()
    assert not gone, f"stored events may still hold {sorted(gone)}; their shape can only be left behind by an upcaster"
