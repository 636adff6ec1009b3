"""Reads a spreadsheet as its rows, and says in one sentence why a file cannot be imported.

The lesson reads a sheet by hand in four lines; those have no answer to the files that people really choose.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from itertools import islice, zip_longest
from pathlib import PurePath
from typing import Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from course_support.errors import CourseError

COLUMNS = ("name", "email", "company")
NEEDED = ("name", "email")
MOST = 10_000  # rows
LINES = 2**20  # of a sheet in a spreadsheet program, empty ones included
UNPACKED = 64 * 2**20  # bytes that an XLSX file, which is a ZIP archive, may hold


class SheetError(CourseError):
    """A file that cannot be imported, with the reason and the remedy in one sentence."""


class Row(dict[str, str]):
    """The cells of one row by column name. `line` is its number in the spreadsheet program; the header's is 1."""

    def __init__(self, cells: dict[str, str], line: int) -> None:
        super().__init__(cells)
        self.line = line


class Sheet(list[Row]):
    """The rows of a sheet. `left_out` are the columns that it has besides name, email and company."""

    def __init__(self, rows: Iterable[Row], left_out: Iterable[str]) -> None:
        super().__init__(rows)
        self.left_out = tuple(left_out)


Line = tuple[int, Sequence[str]]


def read(name: str, content: bytes) -> Sheet:
    """The rows below the header of the CSV or XLSX file called `name`, of an XLSX file those of its first sheet.

    A row has the cells of the columns name, email and company, as they are in the file, empty ones as an empty text;
    the header may be in upper case. Other columns and empty rows are left out. CSV (RFC 4180) is UTF-8 with or without
    a byte order mark, its cells separated by `,`, `;` or tabs.

    Raises SheetError for a file of another kind, an empty or damaged one, a header without `name` and `email`, a
    formula, and more than 10,000 rows.
    """
    kind = {".csv": _csv, ".xlsx": _xlsx}.get(PurePath(name).suffix.lower())
    if not kind:
        raise SheetError(f"{name} is no CSV and no XLSX file: save the sheet as one of these, and choose it again.")
    lines = list(islice(((line, cells) for line, cells in kind(name, content) if any(cells)), MOST + 2))
    if not lines:
        raise SheetError(f"{name} is empty: choose a sheet with a header and the rows below it.")
    header = _header(name, lines[0][1])
    if len(lines) == 1:
        raise SheetError(f"{name} has a header and no rows below it: there is nothing to import.")
    if len(lines) > MOST + 1:
        raise SheetError(f"{name} has more than {MOST:,} rows: divide it into several sheets.")
    rows = [Row(_row(name, header, line, cells), line) for line, cells in lines[1:]]
    return Sheet(rows, dict.fromkeys(column for column in header if column and column not in COLUMNS))


def _header(name: str, cells: Sequence[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    named = [column for column in header if column]
    alike = [column for column in named if "mail" in column and "@" not in column]
    if not set(named) & set(COLUMNS) and not alike:
        raise SheetError(f"{name} has no header: its first line has to name the columns, {words(COLUMNS)}.")
    if missing := [column for column in NEEDED if column not in named]:
        remedy = f"; rename {alike[0]} to email" if alike and "email" in missing else ""
        missed = " and no column ".join(missing)
        raise SheetError(f"{name} has no column {missed}: its columns are {words(named)}{remedy}.")
    if twice := [column for column in COLUMNS if named.count(column) > 1]:
        raise SheetError(f"{name} has two columns called {twice[0]}: rename one of them, or take it out.")
    return header


def _row(name: str, header: Sequence[str], line: int, cells: Sequence[str]) -> dict[str, str]:
    pairs = list(zip_longest(header, cells, fillvalue=""))
    if any(cell and not column for column, cell in pairs):
        raise SheetError(
            f"{name} has more cells in line {line} than named columns: text that holds a separator has to be in quotes."
        )
    formulas = (at for at, (column, cell) in enumerate(pairs, start=1) if column in COLUMNS and cell.startswith("="))
    if formula := next(formulas, None):
        place = f"{get_column_letter(formula)}{line}"
        raise SheetError(f"{name} has a formula in {place}: paste its value over it, and save the sheet again.")
    return {column: cell for column, cell in pairs if column in COLUMNS}


def words(names: Sequence[str]) -> str:
    """`name, email and company`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _csv(name: str, content: bytes) -> Iterator[Line]:
    text = _decoded(name, content)
    first = text.lstrip().partition("\n")[0]
    lines = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        yield from enumerate(lines, start=1)
    except csv.Error as error:
        raise SheetError(
            f"{name} cannot be read from line {lines.line_num} on: there is a quotation mark too few or too many."
        ) from error


def _decoded(name: str, content: bytes) -> str:
    try:
        text, wrong = content.decode("utf-8-sig"), content.find(0)  # UTF-16 is full of zero bytes
    except UnicodeDecodeError as error:
        text, wrong = "", error.start
    if wrong >= 0:
        line = content.count(b"\n", 0, wrong) + 1
        raise SheetError(f"{name} is not UTF-8 (see line {line}): save it again, with the file type “CSV UTF-8”.")
    return text


def _xlsx(name: str, content: bytes) -> Iterator[Line]:
    if not content:
        return
    try:
        lines = _cells(content) if _unpacked(content) <= UNPACKED else None
    except Exception as error:  # zipfile, XML parsers and openpyxl say it in many ways
        raise SheetError(
            f"{name} is no XLSX file inside, or it is locked: save the sheet as XLSX again, without a password."
        ) from error
    if lines is None:
        raise SheetError(f"{name} holds more than {UNPACKED // 2**20} MiB: divide it into several sheets.")
    yield from lines


def _unpacked(content: bytes) -> int:
    """The bytes that the archive's parts have when unpacked, in which a small file may be large."""
    with ZipFile(BytesIO(content)) as archive:
        return sum(part.file_size for part in archive.infolist())


def _cells(content: bytes) -> list[Line]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl names what it leaves out: styles, menus in cells, comments
        book = openpyxl.load_workbook(BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its size is often wrong
        rows = ([_text(cell) for cell in cells] for cells in islice(sheet.iter_rows(), LINES + 1))
        lines: list[Line] = [(line, texts) for line, texts in enumerate(rows, start=1) if line > LINES or any(texts)]
        if lines and lines[-1][0] > LINES:  # a row may say any number, and openpyxl fills the gap before it
            raise ValueError
        return lines


def _text(cell: Any) -> str:
    if cell.data_type == "f":
        return "="
    return "" if cell.value is None else str(cell.value)
