"""The planted bugs are still where the code is. Whether they are noticed is asked by `make mutants`."""

import ast
from pathlib import Path

import pytest

from tests.mutants.planted import PLANTED, Mutant

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", PLANTED, ids=lambda mutant: mutant.name)
def test_a_bug_can_be_planted(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text()
    assert text.count(mutant.old) == 1
    ast.parse(text.replace(mutant.old, mutant.new))


def test_there_are_enough_of_them() -> None:
    assert len({mutant.name for mutant in PLANTED}) == len(PLANTED) >= 20
