"""Reads one handed-in file as a value: which lesson it is, and the source of each answer. Nothing of it is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from course_support import notebooks
from course_support.grading.folder import MAX_BYTES, HandIn
from course_support.grading.reference import Item, Reference

MAX_CELLS = 5_000
MAX_ANSWER = 100_000  # characters
MAX_PARTS = 2_000_000  # lists and objects, which take many times as much memory as their text
PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in, as far as it could be understood.

    `answers` are sources by exercise; an exercise without one has none. `notes` say where an answer was found that was
    not in its place. `elsewhere` are the names that cells other than answers define. `problem` is a sentence where
    nothing can be graded. `digest` names the content.
    """

    path: str
    learner: str
    digest: str = ""
    lesson: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Code:
    id: str
    source: str
    defines: frozenset[str]


def read(handed_in: HandIn, references: Sequence[Reference]) -> Submission:
    """Understand a file; whatever is wrong with it is the submission's `problem`, never an error."""
    digest = hashlib.sha256(handed_in.data).hexdigest()[:16]
    if handed_in.problem:
        return Submission(handed_in.path, handed_in.learner, digest, problem=handed_in.problem)
    try:
        cells = _code_cells(_document(handed_in))
    except _Unreadable as error:
        return Submission(handed_in.path, handed_in.learner, digest, problem=str(error))
    reference = max(references, key=lambda reference: _score(reference, cells))
    if not any(_score(reference, cells)):
        lessons = ", ".join(reference.lesson for reference in references)
        problem = (
            f"No answer cell of this course is in it: hand in the notebook of a lesson or its exercises ({lessons})."
        )
        return Submission(handed_in.path, handed_in.learner, digest, problem=problem)
    found = {item.name: _answer(item, cells) for item in reference.items}
    answers = {name: source for name, (source, _) in found.items() if source is not None}
    notes = {name: note for name, (_, note) in found.items() if note}
    taken = {item.answer_id for item in reference.items}
    elsewhere = frozenset(name for cell in cells if cell.id not in taken for name in cell.defines)
    return Submission(handed_in.path, handed_in.learner, digest, reference.lesson, answers, notes, elsewhere)


class _Unreadable(Exception):
    """Says in a sentence why a file is not a notebook."""


def _document(handed_in: HandIn) -> Any:
    again = "Open it in JupyterLab, save it, and hand it in again."
    if not handed_in.data.strip(b"\0 \t\r\n"):  # a drive that lost the content leaves as many zeros
        raise _Unreadable(f"The file is empty: nothing of it arrived. {again}")
    if len(handed_in.data) > MAX_BYTES:
        raise _Unreadable(f"It is larger than {MAX_BYTES // 2**20} MiB: clear the outputs, save, and hand it in again.")
    try:
        if handed_in.data.count(b"[") + handed_in.data.count(b"{") > MAX_PARTS:
            raise ValueError("too many parts")
        return json.loads(handed_in.data)
    except UnicodeDecodeError:
        damage = f"The notebook's text is not UTF-8, so it was damaged on its way. {again}"
    except json.JSONDecodeError as error:
        early = error.msg.startswith("Unterminated") or error.pos >= len(error.doc.rstrip()) - 1
        where = "it ends too early" if early else f"line {error.lineno} is not JSON"
        damage = f"The notebook is damaged: {where}. {again}"
    except (ValueError, RecursionError, MemoryError):
        damage = f"The notebook is damaged: no program could have saved this. {again}"
    raise _Unreadable(_something_else(handed_in) or damage)


def _something_else(handed_in: HandIn) -> str:
    """What a file that is no JSON is instead, as far as its name or its first bytes tell; empty if it is none of it."""
    if not handed_in.path.lower().endswith(".ipynb"):
        return "It is not a notebook: hand in the file that ends in .ipynb."
    if handed_in.data.startswith(PACKED):
        return "It is packed: unpack it, and hand in the notebook itself."
    if b"<<<<<<< " in handed_in.data and b">>>>>>> " in handed_in.data:
        return "Git left marks of a conflict in it (<<<<<<<): settle that, open it in JupyterLab, and hand it in again."
    if handed_in.data.lstrip().startswith(b"<"):
        return "It is a web page that shows a notebook: download the notebook itself, and hand that in."
    return ""


def _code_cells(document: Any) -> list[_Code]:
    """The code cells of a notebook of any format; the third had worksheets, `input` for source, and no ids."""
    cells = document.get("cells") if isinstance(document, dict) else None
    if isinstance(document, dict) and cells is None:
        worksheets = document.get("worksheets")
        sheets = [sheet for sheet in worksheets if isinstance(sheet, dict)] if isinstance(worksheets, list) else []
        lists = [sheet["cells"] for sheet in sheets if isinstance(sheet.get("cells"), list)]
        cells = [cell for found in lists for cell in found] if lists else None
    if not isinstance(cells, list):
        raise _Unreadable(
            "It is not a notebook: it has no cells. Hand in the course's notebook with your answers in it."
        )
    if len(cells) > MAX_CELLS:
        raise _Unreadable(
            f"It has more than {MAX_CELLS:,} cells: hand in the course's notebook with your answers in it."
        )
    return list(_code(cells))


def _code(cells: list[Any]) -> Iterator[_Code]:
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = _text(cell.get("source", cell.get("input", "")))
            yield _Code(_id(cell), source, notebooks.defined(source) if len(source) <= MAX_ANSWER else frozenset())


def _id(cell: dict[str, Any]) -> str:
    """A cell's id, or what Colab keeps of it; empty where there is none, or none that is a text."""
    metadata = cell.get("metadata")
    found = cell.get("id") or (metadata.get("id") if isinstance(metadata, dict) else "")
    return found if isinstance(found, str) else ""


def _text(source: Any) -> str:
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    # a lone surrogate can stand in JSON, but no file or socket takes it
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _score(reference: Reference, cells: list[_Code]) -> tuple[int, int]:
    """How surely the cells are of this lesson: how many answers are there by id, and how many by name."""
    ids = {cell.id for cell in cells}
    defined = frozenset(name for cell in cells for name in cell.defines)
    return (
        sum(item.answer_id in ids for item in reference.items),
        sum(bool(item.defines & defined) for item in reference.items),
    )


def _answer(item: Item, cells: list[_Code]) -> tuple[str | None, str]:
    """The source of an answer and a note on where it was found.

    The cell with the answer's id counts; of several, the last that is not the stub any more. Where there is none, or
    it was left as it was, a cell that defines what is asked for counts, again the last: an answer that was moved into
    a cell of its own has lost its id, not its worth.
    """
    by_id = [cell.source for cell in cells if cell.id == item.answer_id]
    tried = [source for source in by_id if source.strip() and not _same(source, item.stub)]
    by_name = [c.source for c in cells if c.id != item.answer_id and item.defines & c.defines]
    by_name = [source for source in by_name if not _same(source, item.stub)]
    if tried:
        source, note = tried[-1], "Its cell is there more than once: the last one counts." if len(by_id) > 1 else ""
    elif by_name:
        source, note = by_name[-1], "It was found in another cell, by what it defines."
    else:
        return _untried(by_id)
    if len(source) > MAX_ANSWER:
        return None, f"The answer is longer than {MAX_ANSWER:,} characters: shorten it."
    return source, note


def _untried(by_id: list[str]) -> tuple[str | None, str]:
    if not by_id:
        return None, "Its cell is missing."
    written = [source for source in by_id if source.strip()]
    return (written[0], "") if written else (None, "Its cell is empty.")


def _same(left: str, right: str) -> bool:
    return left.split() == right.split()
