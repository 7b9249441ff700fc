"""Every code with which a gesture can be refused is met by an example."""

import ast
import itertools
from pathlib import Path

from timeline_service.domain import errors

ELSEWHERE = {
    "bad_reference": "a batch: editing",
    "stale_field": "expect: editing",
    "undo_conflict": "undo",
    "nothing_to_undo": "undo",
    "nothing_to_redo": "undo",
    "timeline_not_empty": "import",
    "refused": "a root of the tree",
    "conflict": "a root of the tree",
}


def all_codes() -> set[str]:
    """The codes of the tree."""
    classes, codes = [errors.Refused], set()
    while classes:
        one = classes.pop()
        classes += one.__subclasses__()
        if one.__module__ == errors.__name__:
            codes.update(getattr(one, "CODES", (one.code,)))
    return codes


def codes_met() -> set[str]:
    """The literals given to `refused(...)`, and those in tables that feed a `code` parameter, in the tests here."""
    met: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refused":
                met.update(n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant))
            elif (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "parametrize"
            ):
                met.update(_table(node))
    return met


def _table(call: ast.Call) -> set[str]:
    names = [n.value for n in ast.walk(call.args[0]) if isinstance(n, ast.Constant)]
    if "code" not in names or not isinstance(call.args[1], ast.List):
        return set()
    rows = [row.elts for row in call.args[1].elts if isinstance(row, ast.Tuple)]
    return {cell.value for cell in itertools.chain(*rows) if isinstance(cell, ast.Constant)}


def test_every_code_has_an_example() -> None:
    missing = all_codes() - codes_met() - ELSEWHERE.keys()
    assert not missing, f"no example in tests/unit/domain is refused with {sorted(missing)}"


def test_codes_are_stable_words() -> None:
    for code in all_codes():
        assert code == code.lower()
        assert code.replace("_", "").isalpha()
