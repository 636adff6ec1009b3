"""A hint for the teacher: answers to one exercise that are more alike than chance makes them.

It says where to look and proves nothing. Answers are compared by runs of tokens, without comments, layout and the names
that an author chooses; what the stub or much of the class has as well tells nothing and is left out.

Answers are read by pattern: Python's own parser can be made to exhaust the stack of the process that it runs in.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

RUN = 5  # tokens
COMPANY = 8  # learners of a group, above which it says little of any two
SEVERAL = 3  # exercises
MAX_TOKENS = 4_000
LEAST = 20  # runs that tell something, for an answer to be compared
LONG = 60  # runs from which on equal answers tell something, however many there are
ALIKE = 0.8
COMMON, MOST = 0.2, 40  # a run tells nothing in more answers than this share of them all, or than this number
SKETCH, SHARED = 24, 6  # two answers are compared where their sketches of 24 runs share 6
# every alternative takes what it began, so that no text costs more than its length
_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*|\s+|\\\n)
    |(?P<text>[A-Za-z]{0,2}(?:\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
        |\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Alike:
    """Learners whose answers to one exercise are alike; `share` of what tells something is the least between two."""

    exercise: str
    learners: tuple[str, ...]
    share: float


def runs(source: str, stub: str = "") -> array[int]:
    """What tells something about who wrote an answer: its runs of tokens that the stub has not, as sorted numbers."""
    known = set(_runs(tokens(stub)))
    return array("I", sorted(set(_runs(tokens(source))) - known))


def tokens(source: str) -> list[str]:
    """The tokens of a source, at most 4,000; every name that its author chose is the same."""
    found: list[str] = []
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup, match[0]
        if kind == "text":
            found.append(text.lstrip("bBfFrRuU").strip("\"'"))
        elif kind == "name" and text not in _KEPT and found[-1:] != ["."]:
            found.append("name")
        elif kind != "skip":
            found.append(text)
        if len(found) >= MAX_TOKENS:
            break
    return found


def alike(exercise: str, answers: Mapping[str, Sequence[int]]) -> list[Alike]:
    """Who handed in answers that are alike, from the runs of each learner's answer; the most alike first."""
    equal: dict[bytes, list[str]] = defaultdict(list)
    for learner, told in sorted(answers.items()):
        equal[array("I", told).tobytes()].append(learner)
    holders = Counter(run for learner in answers for run in answers[learner])
    most = min(max(3, int(COMMON * len(answers))), MOST)
    rare = {group[0]: frozenset(run for run in answers[group[0]] if holders[run] <= most) for group in equal.values()}
    rare = {learner: told for learner, told in rare.items() if len(told) >= LEAST}
    pairs = {pair: share for pair in _candidates(rare) if (share := _share(*(rare[one] for one in pair))) >= ALIKE}
    copies = {group[0]: group for group in equal.values() if len(group) > 1 and _tells(group, answers, rare)}
    return _groups(exercise, pairs, copies)


def together(found: Iterable[Alike]) -> list[tuple[tuple[str, str], int]]:
    """Pairs who are alike in several exercises, and in how many, the most first: a third may have joined in some."""
    groups = [one.learners for one in found if len(one.learners) <= COMPANY]
    counts = Counter(pair for learners in groups for pair in combinations(learners, 2))
    told = [(pair, count) for pair, count in counts.items() if count >= SEVERAL]
    return sorted(told, key=lambda pair: (-pair[1], pair[0]))


def _tells(group: Sequence[str], answers: Mapping[str, Sequence[int]], rare: Mapping[str, object]) -> bool:
    """Whether it tells something that answers are equal: they are rare, or long and not those of half the class."""
    return group[0] in rare or (len(answers[group[0]]) >= LONG and 2 * len(group) <= len(answers))


def _runs(found: Sequence[str]) -> Iterable[int]:
    data = b"".join(zlib.crc32(token.encode("utf-8", "replace")).to_bytes(4, "big") for token in found)
    return (zlib.crc32(data[start : start + 4 * RUN]) for start in range(0, len(data) - 4 * RUN + 1, 4))


def _candidates(rare: Mapping[str, frozenset[int]]) -> list[tuple[str, str]]:
    """Pairs that may be alike: those whose sketches, the smallest numbers of each, have enough in common."""
    buckets: dict[int, list[str]] = defaultdict(list)
    for learner in sorted(rare):
        for run in sorted(rare[learner])[:SKETCH]:
            buckets[run].append(learner)
    shared = Counter(pair for bucket in buckets.values() for pair in combinations(bucket, 2))
    return [pair for pair, count in shared.items() if count >= min(SHARED, *(len(rare[one]) for one in pair))]


def _share(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _groups(exercise: str, pairs: Mapping[tuple[str, str], float], copies: Mapping[str, Sequence[str]]) -> list[Alike]:
    """Pairs and copies joined into groups."""
    root = {learner: learner for pair in pairs for learner in pair} | {learner: learner for learner in copies}

    def top(learner: str) -> str:
        while root[learner] != learner:
            learner = root[learner]
        return learner

    least: dict[str, float] = {}
    for (one, other), share in sorted(pairs.items()):
        first, second = sorted((top(one), top(other)))
        least[first] = min(share, least.get(first, 1), least.pop(second, 1) if second != first else 1)
        root[second] = first
    members: dict[str, list[str]] = defaultdict(list)
    for learner in root:
        members[top(learner)] += copies.get(learner, [learner])
    found = [Alike(exercise, tuple(sorted(group)), least.get(first, 1.0)) for first, group in members.items()]
    return sorted(found, key=lambda group: (-group.share, group.learners))
