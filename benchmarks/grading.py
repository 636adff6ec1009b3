"""Measures grading: `python benchmarks/grading.py` prints what one more submission costs us, and other graders.

Each figure is a median over rounds taken in turn, so that a busy moment of the machine hits all alike: the ratios can
be compared between machines, the milliseconds cannot. Every grader is run on few submissions and on many: the
difference is what submissions cost, and the rest is its start, for ours in a process that has imported everything. All
give the same points, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from graders import CORES, FOLDER, Lesson, Prepare, class_of, examiner, lesson, nbgrader, otter, ours, plain_nbval
from processor import by_part
from rich.console import Console
from rich.table import Column, Table
from warm import bare

FEW = 2
TIMES = {"bare": 10, "ours": 10, "alone": 5}  # as many submissions for those that take a tenth of the others' time
GOALS = {"bare": 0.5, "nbval": 5, "nbgrader": 8, "otter": 15}  # times ours; of a bare execution at least half
GOAL = 200  # milliseconds a submission, of ours
NAMES = {
    "bare": "the bare cells, warm",
    "ours": "course grade",
    "alone": "course grade, one worker",
    "nbval": "plain pytest --nbval",
    "nbgrader": "nbgrader autograde",
    "otter": "otter-grader",
}
WAITING = "cores that wait, fork, or work for others"
MEASURED: dict[str, Prepare] = {
    "bare": bare,
    "ours": ours,
    "alone": partial(ours, workers=1),
    "nbval": plain_nbval,
    "nbgrader": nbgrader,
    "otter": otter,
}


@dataclass(frozen=True)
class Cost:
    """Seconds until the first submission can be graded, for each, and of each in which part of ours."""

    start: float
    each: float
    parts: Mapping[str, float]


def main() -> None:
    options = _options()
    FOLDER.mkdir(exist_ok=True)
    found: dict[str, Any] = {"cores": CORES, "submissions": options.count, "rounds": options.rounds, "sheets": {}}
    for name in options.sheets:
        with beside_an_examiner(lesson(name)) as known:
            costs = in_turn(known, options.graders, options.count, options.rounds)
            found["sheets"][name] = {
                "costs": {grader: {"start": cost.start, "each": cost.each} for grader, cost in costs.items()},
                "times ours": {grader: costs[grader].each / costs["ours"].each for grader in costs},
                "whole classes": {str(count): timed(known, ours, count) / count for count in options.sizes},
                "processor": costs["ours"].parts,
            }
    print(json.dumps(found, indent=1)) if options.json else show(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheets", nargs="+", default=["tiny", "01_rest"], help="`tiny`, or lessons (%(default)s)")
    parser.add_argument("--graders", nargs="+", choices=NAMES, default=list(NAMES), help="(all, and ours always)")
    parser.add_argument("--count", type=int, default=10, help="submissions for the slow graders (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="of which each figure is the median (%(default)s)")
    parser.add_argument("--sizes", nargs="*", type=int, default=[20, 200], help="classes for ours alone, up to 2000")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    options.graders = list(dict.fromkeys([*options.graders, "ours"]))
    return options


@contextmanager
def beside_an_examiner(known: Lesson) -> Iterator[Lesson]:
    with examiner(known.settings.exercises) as address:
        yield replace(known, examiner=address)


def in_turn(known: Lesson, graders: list[str], count: int, rounds: int) -> dict[str, Cost]:
    """The median cost of each grader."""
    costs: dict[str, list[Cost]] = {grader: [] for grader in graders}
    for number in range(rounds):
        for grader in graders:
            print(f"{known.reference.lesson}, round {number + 1}: {NAMES[grader]} …", file=sys.stderr)
            costs[grader].append(cost(known, MEASURED[grader], count * TIMES.get(grader, 1)))
    return {grader: middle(found) for grader, found in costs.items()}


def cost(known: Lesson, prepare: Prepare, count: int) -> Cost:
    with by_part() as short:
        few = timed(known, prepare, FEW)
    with by_part() as long:
        many = timed(known, prepare, FEW + count)
    each = (many - few) / count
    parts = {part: (long[part] - short.get(part, 0)) / count for part in long}
    return Cost(few - FEW * each, each, parts | {WAITING: CORES * each - sum(parts.values())})


def middle(costs: list[Cost]) -> Cost:
    parts = {part: median(cost.parts.get(part, 0) for cost in costs) for part in costs[0].parts}
    return Cost(median(cost.start for cost in costs), median(cost.each for cost in costs), parts)


def timed(known: Lesson, prepare: Prepare, count: int) -> float:
    """Seconds that one grading takes; AssertionError if it gives other points than all are to give."""
    learners = class_of(known.reference, count)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        run = prepare(known, learners, Path(folder))
        started = perf_counter()
        points = run()
        seconds = perf_counter() - started
    due = {
        name: sum(item.points for item in known.reference.items if answers[item.name].startswith(item.solution))
        for name, answers in learners.items()
    }
    assert points == due, {name: (due[name], points.get(name)) for name in due if due[name] != points.get(name)}
    return seconds


def show(found: dict[str, Any]) -> None:
    console = Console()
    title = f"{found['cores']} cores, {found['submissions']} submissions, medians of {found['rounds']} rounds in turn"
    for name, sheet in found["sheets"].items():
        columns = ("ms each", "start, s", "300, min", "times ours", "goal")
        table = Table(*(Column(heading, no_wrap=True) for heading in ("", *columns)), title=f"{name}: {title}")
        for grader, cost in sheet["costs"].items():
            class_of_300 = (cost["start"] + 300 * cost["each"]) / 60
            goal = f"≤ {GOAL} ms" if grader == "ours" else f"≥ {GOALS[grader]}" if grader in GOALS else ""
            table.add_row(NAMES[grader], f"{cost['each'] * 1000:.0f}", f"{cost['start']:.1f}", f"{class_of_300:.1f}",
                          f"{sheet['times ours'][grader]:.2f}", goal)  # fmt: skip
        console.print(table)
        for size, seconds in sheet["whole classes"].items():
            console.print(f"A class of {size}, start and report included: {seconds * 1000:.0f} ms a submission.")
        console.print("Processor time of one submission of ours:")
        for part, seconds in sheet["processor"].items():
            console.print(f"{seconds * 1000:6.0f} ms  {part}")


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    main()
