"""The size budget: no file over 400 lines, no function over 50, nothing named utils, no words in __init__.py.

python -m tests.house.budget        prints what is over; exit status 1 if anything is
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOTS = ("timeline_service", "projections", "workers", "migrations")
MOST_LINES = 400
MOST_FUNCTION_LINES = 50
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|base|misc|manager|handlers?)(_|$)")
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def complaints(path: Path) -> Iterator[str]:
    """What one file has too much of."""
    text = path.read_text()
    lines = text.count("\n")
    if lines > MOST_LINES:
        yield f"{path}: {lines} lines, at most {MOST_LINES}"
    if VAGUE.search(path.stem):
        yield f"{path}: a name that says nothing"
    tree = ast.parse(text)
    if path.name == "__init__.py" and tree.body and len(path.parts) > 1:
        yield f"{path}: __init__.py stays empty"
    top_level = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {MOST_FUNCTION_LINES}"
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top_level and not _typing_only(tree, node):
            yield f"{path}:{node.lineno}: an import hidden in a block"


def _typing_only(tree: ast.Module, wanted: ast.stmt) -> bool:
    blocks = (node for node in tree.body if isinstance(node, ast.If | ast.Try))
    return any(wanted in ast.walk(block) for block in blocks)


def main() -> int:
    """All files of the roots."""
    found = [line for root in ROOTS for path in sorted(Path(root).rglob("*.py")) for line in complaints(path)]
    for line in found:
        print(line)
    if not found:
        print("size budget kept")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
