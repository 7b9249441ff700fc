"""Trim, ripple, roll, split and move as GStreamer Editing Services does them (the agreement: ges_agreement.py)."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.oracles import ges, ges_agreement
from tests.oracles.ges_agreement import BOTH_REFUSE, DIFFERENT, REASONS, SAME, explain, verdict
from tests.oracles.questions import FEW, GES_OPS, Question, counted, outcome, question

RECORDED = json.loads(ges_agreement.RECORDED.read_text())

OPS = pytest.mark.parametrize("op", GES_OPS)


# ---------------------------------------------------------------- recorded answers, everywhere
@OPS
def test_we_agree_with_what_ges_answered(op: str) -> None:
    cases = [case for case in RECORDED["cases"] if case["question"]["op"]["op"] == op]
    assert len(cases) == ges_agreement.RECORDED_EACH
    found = Counter(agreed(case["question"], case["answer"]) for case in cases)
    assert found[SAME] >= 5
    assert found[BOTH_REFUSE] >= 3


def agreed(question: Question, answer: ges.Answer) -> str:
    """The verdict, which is anything but a difference without a reason."""
    found = verdict(question, answer)
    assert found != DIFFERENT, explain(question, answer)
    return found


@OPS
def test_counting_frames_agrees_with_ges(op: str) -> None:
    """Two oracles that know nothing of each other."""
    for case in RECORDED["cases"]:
        if case["question"]["op"]["op"] == op:
            assert verdict(case["question"], case["answer"], counted) != DIFFERENT, explain(**case)


def test_every_reason_has_a_case() -> None:
    """A reason that nothing needs any more goes from the list."""
    found = {verdict(case["question"], case["answer"]) for case in RECORDED["cases"]}
    assert found == {SAME, BOTH_REFUSE, *REASONS}


@pytest.mark.parametrize("spoil", ["start", "length", "source", "refusal", "missing"])
def test_a_wrong_answer_is_seen(spoil: str) -> None:
    """No reason excuses a clip that is a frame off, an edit that only one of the two makes, or a clip too few."""
    kept = [case for case in RECORDED["cases"] if verdict(case["question"], case["answer"]) == SAME]
    for case in kept:
        assert verdict(case["question"], spoiled(case["answer"], spoil)) == DIFFERENT
    assert len(kept) > 50


def spoiled(answer: ges.Answer, how: str) -> ges.Answer:
    layout: list[list[Any]] = [list(item) for item in answer["layout"]]
    if how == "refusal":
        return {"refused": "not done", "unchanged": True}
    if how == "missing":
        return {"layout": layout[1:]}
    layout[-1][{"start": 1, "length": 2, "source": 3}[how]] += 1
    return {"layout": layout}


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_excuses_nothing_else(name: str) -> None:
    """Another refusal of ours, or doing it, is a difference in every case that the reason is for."""
    for case in RECORDED["cases"]:
        if verdict(case["question"], case["answer"]) == name:
            ours = outcome(case["question"])
            for code in ("no_handle", "negative_time", ""):
                changed = ours._replace(refused=code)
                assert verdict(case["question"], case["answer"], lambda _: changed) == DIFFERENT  # noqa: B023


# ---------------------------------------------------------------- live, where GES is installed
@OPS
@FEW
@given(data=st.data())
def test_we_agree_with_ges(op: str, oracle: ges.Ges, data: st.DataObject) -> None:
    asked = question(lambda first, last: data.draw(st.integers(first, last)), op)
    note(json.dumps(asked))
    agreed(asked, oracle.ask(asked))


def test_the_recorded_answers_are_those_of_ges(oracle: ges.Ges) -> None:
    """The questions are asked again. Another version may answer otherwise, as long as we agree with it."""
    for case in RECORDED["cases"][::3]:
        again = oracle.ask(case["question"])
        agreed(case["question"], again)
        if oracle.version == RECORDED["recorded"]["version"]:
            assert again == case["answer"]


def test_a_dead_oracle_is_told(oracle: ges.Ges) -> None:
    """No answer is no agreement."""
    with ges.running(oracle.python) as other:
        other.process.kill()
        other.process.wait()
        with pytest.raises(ges.Silent):
            other.ask(RECORDED["cases"][0]["question"])
