"""The grades as JUnit XML, as continuous integration shows it: a suite for each file, a case for each exercise.

The form is that of Ant's JUnit task, as in the schemas https://github.com/windyroad/JUnit-Schema and junit-10.xsd of
Jenkins's xunit plugin. They ask for a host, a time and durations, which are constant here: the same rows give the same
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from course_support.grading.score import Mark, Row
from course_support.grading.standing import Entry

KINDS = {"wrong": "failure", "crashed": "error", "lost": "error", "not attempted": "skipped"}
CONSTANT = {"timestamp": "1970-01-01T00:00:00", "hostname": "localhost", "time": "0"}
# XML 1.0, 2.2: every other character is no part of any document
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(graded: Iterable[tuple[Row, Entry]], seed: str = "") -> Iterator[str]:
    """junit.xml in parts. A wrong answer is a failure, one that crashed or was lost an error, a stub is skipped."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, (row, entry) in enumerate((row, entry) for row, entry in graded if entry.file):
        suite = _suite(row, entry, number, seed)
        etree.indent(suite, " ", level=1)
        yield f" {etree.tostring(suite, encoding='unicode')}\n"
    yield "</testsuites>\n"


def _suite(row: Row, entry: Entry, number: int, seed: str) -> etree._Element:
    kinds = [KINDS.get(mark.outcome, "") for mark in row.marks] or ["error"]
    counts = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    counts["skipped"] = kinds.count("skipped")
    numbers = {name: str(count) for name, count in counts.items()}
    suite = _element("testsuite", name=entry.file, package=entry.learner, id=str(number), **numbers, **CONSTANT)
    properties = etree.SubElement(suite, "properties")
    said = {"learner": entry.learner, "lesson": row.lesson, "points": row.points, "of": row.of}
    said |= {"counts": "yes" if entry.counts else "no", "seed": row.seed, "run seed": seed, "isolation": row.isolation}
    properties.extend(_element("property", name=name, value=str(value)) for name, value in said.items())
    suite.extend(_case(row.lesson, mark) for mark in row.marks)
    if not row.marks:
        suite.append(_problem(row))
    suite.extend(_element(name) for name in ("system-out", "system-err"))
    return suite


def _case(lesson: str, mark: Mark) -> etree._Element:
    case = _element("testcase", name=mark.exercise, classname=lesson, time="0")
    if kind := KINDS.get(mark.outcome):
        told = _element(kind, type=mark.outcome, message=mark.reason)
        sides = (("expected", mark.expected), ("seen", mark.seen), ("next", mark.next_step))
        parts = [f"{name}: {text}" for name, text in sides if text] + [mark.shown, mark.note]
        told.text = _clean("\n".join(part for part in parts if part))
        case.append(told)
    return case


def _problem(row: Row) -> etree._Element:
    case = _element("testcase", name="the file", classname=row.lesson or "no lesson", time="0")
    case.append(_element("error", type="problem", message=row.problem))
    return case


def _element(tag: str, **attributes: str) -> etree._Element:
    return etree.Element(tag, {name: _clean(value) for name, value in attributes.items()})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
