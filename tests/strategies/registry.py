"""`PAYLOADS`: one Hypothesis strategy per gesture, of payloads that fit a state or do not.

Each file in gestures/ registers its own with `@payload`; a gesture without one fails a law.
"""

import importlib
import pkgutil

from hypothesis import strategies as st

from tests.strategies import gestures
from tests.strategies.parts import Payload
from tests.strategies.payloads import PAYLOADS
from timeline_service.domain.state import State

for _module in pkgutil.iter_modules(gestures.__path__):
    importlib.import_module(f"{gestures.__name__}.{_module.name}")


def payloads(state: State) -> st.SearchStrategy[Payload]:
    """A payload of any gesture."""
    return st.one_of(*(PAYLOADS[name](state) for name in sorted(PAYLOADS)))
