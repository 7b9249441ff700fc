"""The core agrees with the executable model of undo (tests/undo_model), step by step. `make soak` runs it long."""

import ast
from pathlib import Path

from tests import undo_model
from tests.laws import soak
from tests.laws.undo_agreement import BaseMachine
from tests.laws.undo_scenes import SceneMachine
from tests.laws.undo_vocabulary import VocabularyMachine


def test_the_core_agrees_with_the_model_on_clips_and_keyframes() -> None:
    """And the model with the first one, where that lies beside the project."""
    soak.short(BaseMachine)


def test_the_core_agrees_with_the_model_on_whole_scenes() -> None:
    soak.short(SceneMachine, examples=40)


def test_the_core_agrees_with_the_model_on_gestures_of_every_kind() -> None:
    soak.short(VocabularyMachine, examples=25)


def test_the_model_knows_nothing_of_the_core() -> None:
    assert undo_model.__file__ is not None
    for file in Path(undo_model.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(name.split(".")[0] not in ("timeline_service", "projections", "workers") for name in names)
