"""The benchmark of graders runs, so that it is there when somebody wants to know; the other graders are left out."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = "--sheets tiny --graders bare --count 1 --rounds 1 --sizes 1"


@pytest.mark.slow
def test_it_tells_what_a_submission_costs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    grading = import_module("grading")
    monkeypatch.setattr(grading, "FEW", 1)
    monkeypatch.setattr(grading, "TIMES", {})
    monkeypatch.setattr(sys, "argv", ["grading.py", *ARGUMENTS.split(), "--json"])
    grading.main()
    told = json.loads(capsys.readouterr().out)
    sheet = told["sheets"]["tiny"]
    assert set(sheet["costs"]) == {"bare", "ours"}
    assert sheet["times ours"]["ours"] == 1
    assert sheet["whole classes"]["1"] > 0
    grading.show(told)
    shown = capsys.readouterr().out
    assert "course grade" in shown
    assert "A class of 1, start and report included" in shown


def test_an_answer_that_was_left_out_earns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What every grader is compared with."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    graders = import_module("graders")
    known = graders.lesson("tiny").reference
    learners = graders.class_of(known, 5)
    left = [[item.name for item in known.items if answers[item.name].startswith(item.stub)]
            for answers in learners.values()]  # fmt: skip
    assert left == [[], ["tiny.shout"], ["tiny.fetch"], [], ["tiny.double"]]
