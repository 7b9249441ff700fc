"""The list of invariants is what the machine checks."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_invariant_of_the_list_is_checked_somewhere() -> None:
    listed = re.findall(r"^(\d+)\. (.+)$", (HERE / "README.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in listed] == list(range(1, 26))
    code = "\n".join((HERE / name).read_text() for name in ("machine.py", "invariants.py"))
    checked = {int(n) for n in re.findall(r"\"(\d+):", code)} | {int(n) for n in re.findall(r"\b(\d+): ", code)}
    named = re.findall(r"# ((?:\d+, )*\d+):", code)
    checked |= {int(number) for numbers in named for number in numbers.split(", ")}
    for number, told in listed:
        elsewhere = re.search(r"`(tests/\S+\.py)`", told)
        assert int(number) in checked or elsewhere, f"{number} is checked nowhere"
        if elsewhere is not None:
            assert (HERE.parents[1] / elsewhere[1]).exists()
