"""`course grade` on the tiny course in a process of its own, which a test may end.

Usage: `python -m tests.grading.standin SECONDS SOLUTIONS SUBMISSIONS -o REPORT …`, with `real` for SECONDS where the
answers are to be run; elsewhere something that takes so long stands in for it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from course_support import cli, grading
from course_support.grading import isolation, pipeline
from course_support.grading.run import Result, Run
from course_support.verdict import PASSED, wrong
from tests.grading import tiny

SECONDS = 0.0


def run(sheet, seed, settings):
    """Every answer with a `return` in it passes; another one is wrong, in words that depend on the seed."""
    time.sleep(SECONDS)
    return Run(sheet, {item.name: _result(sheet.answers.get(item.name, ""), seed) for item in sheet.items}, seed)


def _result(answer, seed):
    verdict = PASSED if "return" in answer else wrong("The value is not right.", seen=seed)
    return Result({"outcome": verdict.outcome, "verdict": verdict.to_json()}, seen=verdict.passed)


def tiny_course(solutions, grade_folder=grading.grade_folder):
    """`grade_folder` with the tiny course."""

    def tiny_folder(*arguments, settings, **more):
        settings = replace(tiny.SETTINGS, seed=settings.seed, require=settings.require)
        return grade_folder(*arguments, solutions=Path(solutions), settings=settings, **more)

    return tiny_folder


def stand_in(patch=setattr):
    patch(pipeline, "run", run)
    patch(grading, "probe", probe)


def probe(least=""):
    return isolation.Isolation("process", "Nothing is run.")


def main():
    global SECONDS
    seconds, solutions, *arguments = sys.argv[1:]
    grading.grade_folder = tiny_course(solutions)
    if seconds != "real":
        SECONDS = float(seconds)
        stand_in()
    return cli.main(["grade", *arguments])


if __name__ == "__main__":
    sys.exit(main())
