"""Every gesture there is, found by loading the files beside this one."""

import importlib
import pkgutil
from typing import Any, Final

from timeline_service.domain import gestures
from timeline_service.domain.gesture import REGISTRY, Gesture

for _module in pkgutil.iter_modules(gestures.__path__):
    importlib.import_module(f"{gestures.__name__}.{_module.name}")

GESTURES: Final[dict[str, type[Gesture]]] = dict(sorted(REGISTRY.items()))
"""Wire name → class, in the order of the names."""


def parse(data: dict[str, Any]) -> Gesture:
    """Validate a payload by its `type`. Raises pydantic.ValidationError, or KeyError for an unknown type."""
    return GESTURES[data["type"]].model_validate(data)
