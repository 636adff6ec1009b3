"""Runs the examiner alone in a process, for grading: `python -m course_support.exercises --seed S --log FILE`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from course_support.examiner import Examiner
from course_support.exercises import all_exercises
from course_support.server import Server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", required=True, help="decides every value that is drawn")
    parser.add_argument("--log", required=True, type=Path, help="verdicts are appended to this file, a JSON line each")
    options = parser.parse_args()
    examiner = Examiner(all_exercises().values(), seed=options.seed, graded=True, log=options.log)
    with Server(examiner.app) as server:
        print(json.dumps({"url": server.url}), flush=True)
        sys.stdin.read()  # the grader holds the other end: its close, or its death, is the sign to stop


if __name__ == "__main__":
    main()
