"""What a class's rows add up to: how the points are distributed, how each exercise went, and why it was not passed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from course_support.grading.reference import Item
from course_support.grading.score import Row
from course_support.grading.standing import Entry

BINS = (*((low, low + 9) for low in range(0, 100, 10)), (100, 100))  # per cent, both ends included
MOST = 5  # diagnoses of an exercise
MAX_REASON = 500  # characters that tell diagnoses apart
# What differs from learner to learner in one diagnosis: quoted values, numbers, words with digits. A status is told.
_VALUES = re.compile(r"(?<!\w)'[^'\n]*'(?!\w)|“[^“”\n]*”|\"[^\"\n]*\"|(?![1-5]\d\d\b(?!\.\d))\b\w*\d(?:[\w,]|\.\d)*")


@dataclass(frozen=True, slots=True)
class Spread:
    """How the points of one lesson are spread: `counts` are the learners in each of `BINS`, `middle` is the median."""

    lesson: str
    of: int
    counts: tuple[int, ...]
    middle: float

    @property
    def learners(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Went:
    """How one exercise went: the number of each outcome, and the most frequent diagnoses with their numbers.

    `more` is how many were given another diagnosis.
    """

    item: Item
    outcomes: Mapping[str, int]
    diagnoses: tuple[tuple[str, int], ...] = ()
    more: int = 0

    @property
    def learners(self) -> int:
        return sum(self.outcomes.values())

    @property
    def passed(self) -> int:
        return self.outcomes.get("passed", 0)


def spreads(entries: Iterable[Entry], lessons: Iterable[str]) -> list[Spread]:
    """One spread for each lesson that somebody's file counts for."""
    shares: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.counts and entry.of:
            shares[entry.lesson].append(entry)
    return [_spread(lesson, shares[lesson]) for lesson in lessons if shares[lesson]]


def exercises(graded: Iterable[tuple[Row, Entry]], items: Sequence[Item]) -> list[Went]:
    """How each exercise went in the files that count; those that nobody handed in are left out."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    said: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row, entry in graded:
        for mark in row.marks if entry.counts else ():
            outcomes[mark.exercise][mark.outcome] += 1
            if mark.outcome not in ("passed", "not attempted"):
                variants = said[mark.exercise][kind(mark.reason)]
                variants[mark.reason if len(variants) < 2 else ""] += 1
    return [_went(item, outcomes[item.name], said[item.name]) for item in items if outcomes[item.name]]


def kind(reason: str) -> str:
    """A diagnosis without the values that were drawn, so that those that say the same are the same."""
    return _VALUES.sub("…", reason[:MAX_REASON])


def _spread(lesson: str, entries: Sequence[Entry]) -> Spread:
    shares = [100 * entry.points // entry.of for entry in entries]
    counts = tuple(sum(low <= share <= high for share in shares) for low, high in BINS)
    return Spread(lesson, entries[0].of, counts, median(entry.points for entry in entries))


def _went(item: Item, outcomes: Mapping[str, int], said: Mapping[str, Counter[str]]) -> Went:
    texts = [
        (next(iter(variants)) if len(variants) == 1 else text, variants.total()) for text, variants in said.items()
    ]
    texts.sort(key=lambda told: (-told[1], told[0]))
    return Went(item, dict(outcomes), tuple(texts[:MOST]), sum(count for _, count in texts[MOST:]))
