"""Sheets as spreadsheet programs save them, and those that cannot be imported."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from course_support import sheets
from course_support.sheets import MOST, SheetError, read

HEADER = ("name", "email", "company")
ADA = ("Ada Löwe", "ada@sea.example", "Löwe, Söhne & Co")
ROW = dict(zip(HEADER, ADA, strict=True))
DATA = Path(__file__).parents[1] / "notebooks" / "data"


def xlsx(*rows: Iterable[object]) -> bytes:
    book, content = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(list(row))
    book.save(content)
    return content.getvalue()


def packed(**parts: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


CSV = 'name,email,company\r\nAda Löwe,ada@sea.example,"Löwe, Söhne & Co"\r\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV.encode("utf-8-sig")),
        ("a.csv", CSV.encode()),
        ("a.CSV", CSV.replace("\r\n", "\n").encode()),
        ("a.csv", "name;email;company\nAda Löwe;ada@sea.example;Löwe, Söhne & Co".encode()),
        ("a.csv", "name\temail\tcompany\nAda Löwe\tada@sea.example\tLöwe, Söhne & Co".encode()),
        ("a.csv", b"\r\n Name ,EMAIL,Company,,\r\n" + CSV.encode().split(b"\n")[1] + b"\n,,\r\n\r\n"),
        ("a.xlsx", xlsx(HEADER, ADA)),
        ("a.xlsx", xlsx((" Name", "EMAIL", "Company"), ADA, (None, "", None))),
    ],
    ids=["with BOM", "plain", "line feeds", "semicolons", "tabs", "untidy", "XLSX", "untidy XLSX"],
)
def test_reads_what_spreadsheets_save(name: str, content: bytes) -> None:
    assert read(name, content) == [ROW]


def test_lines_are_those_of_the_spreadsheet() -> None:
    text = 'name,email\n"Ada\nLöwe",a@sea.example\n\n,,\nBob,b@sea.example\n'
    sheet = xlsx(HEADER[:2], ("Ada", "a@sea.example"), (), (), ("Bob", "b@sea.example"))
    for name, content in (("a.csv", text.encode()), ("a.xlsx", sheet)):
        assert [row.line for row in read(name, content)] == [2, 5]


def test_cells_stay_as_they_are() -> None:
    assert read("a.csv", b"name,email\n Ada ,\n") == [{"name": " Ada ", "email": ""}]
    assert read("a.csv", b"name,email,company\nAda\n") == [{"name": "Ada", "email": "", "company": ""}]
    assert read("a.xlsx", xlsx(HEADER, (7, None, 1.5))) == [{"name": "7", "email": "", "company": "1.5"}]


def altered(old: bytes, new: bytes) -> bytes:
    """A workbook with Ada, in whose sheet something else stands."""
    with ZipFile(BytesIO(xlsx(HEADER, ADA))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = "xl/worksheets/sheet1.xml"
    assert old in parts[path]
    return packed(**parts | {path: parts[path].replace(old, new)})


def test_columns_that_the_crm_does_not_know_are_left_out_and_told() -> None:
    sheet = read("a.csv", b"phone,name,phone,email,born,\n1,Ada,2,a@sea.example,=A1,\n")
    assert sheet == [{"name": "Ada", "email": "a@sea.example"}]
    assert sheet.left_out == ("phone", "born")
    assert read("a.csv", CSV.encode()).left_out == ()


def test_a_sheet_that_misstates_its_size_is_read_whole() -> None:
    assert read("a.xlsx", altered(b'ref="A1:C2"', b'ref="A1"')) == [ROW]


LONG = "name,email\n" + "Ada,a@sea.example\n" * (MOST + 1)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"%PDF", "a.pdf is no CSV and no XLSX file: save the sheet as one of these"),
        ("a.xls", b"", "a.xls is no CSV and no XLSX file"),
        ("a.csv", b"", "a.csv is empty: choose a sheet with"),
        ("a.csv", b"\xef\xbb\xbf\r\n,,\r\n", "a.csv is empty"),
        ("a.xlsx", b"", "a.xlsx is empty"),
        ("a.xlsx", xlsx(), "a.xlsx is empty"),
        ("a.csv", b"name,email\n", "a.csv has a header and no rows below it"),
        ("a.csv", b"Ada,a@sea.example\nBob,b@sea.example\n", "a.csv has no header: its first line has to name the"),
        ("a.csv", b"ada@gmail.example,Ada\n", "a.csv has no header"),
        ("a.csv", b"name,address\nAda,a@sea.example\n", "a.csv has no column email: its columns are name and address."),
        (
            "a.csv",
            b"name,E-mail\nAda,a@sea.example\n",
            "a.csv has no column email: its columns are name and e-mail; rename e-mail to email.",
        ),
        ("a.csv", b"E-Mail\tOrt\na@sea.example\tUlm\n", "a.csv has no column name and no column email: its columns"),
        ("a.csv", b"company\nSea\n", "a.csv has no column name and no column email: its columns are company."),
        ("a.csv", b"name,email,Email\nAda,a,b\n", "a.csv has two columns called email: rename one"),
        ("a.csv", CSV.encode("latin-1"), "a.csv is not UTF-8 (see line 2): save it again, with the file type “CSV UTF"),
        ("a.csv", CSV.encode("utf-16"), "a.csv is not UTF-8 (see line 1)"),
        ("a.csv", CSV.encode("utf-16-le"), "a.csv is not UTF-8 (see line 2)"),
        ("a.csv", "name,email\nAda,a".encode("utf-16-le"), "a.csv is not UTF-8 (see line 1)"),
        ("a.csv", b"name,email\nAda,a@sea.example,Sea\n", "a.csv has more cells in line 2 than named columns"),
        ("a.csv", b'name,email\n"Ada,a@sea.example\n', "a.csv cannot be read from line 2 on: there is a quo"),
        ("a.csv", b'name,email\n"Ada" L,a@sea.example\n', "a.csv cannot be read from line 2 on: there is a quo"),
        ("a.csv", LONG.encode(), "a.csv has more than 10,000 rows: divide it"),
        ("a.csv", b"name,email\nAda,=A1\n", "a.csv has a formula in B2: paste its value over it"),
        ("a.xlsx", xlsx(HEADER, (), ("Ada", "a@sea.example", '=A3&"!"')), "a.xlsx has a formula in C3: paste its val"),
        ("a.xlsx", CSV.encode(), "a.xlsx is no XLSX file inside, or it is locked: save the sheet as XLSX again"),
        ("a.xlsx", packed(word=b"no workbook"), "a.xlsx is no XLSX file inside"),
        ("a.xlsx", xlsx(HEADER, ADA)[:-100], "a.xlsx is no XLSX file inside"),
    ],
    ids=range(27),
)
def test_says_why_a_file_cannot_be_imported(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(SheetError) as caught:
        read(name, content)
    assert str(caught.value).startswith(sentence)
    assert str(caught.value).endswith(".")


def test_a_damaged_workbook_is_told_whatever_is_damaged() -> None:
    whole, sentences = xlsx(HEADER, ADA), set()
    for at in range(0, len(whole), 97):
        damaged = whole[:at] + b"\x00\xff\x00" + whole[at + 3 :]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                assert read("a.xlsx", damaged) == [ROW]
            except SheetError as error:
                sentences.add(str(error))
    assert all(sentence.startswith("a.xlsx ") for sentence in sentences)


def test_a_small_file_that_unpacks_to_a_large_one_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "UNPACKED", 2**20)
    bomb = packed(**{"xl/sharedStrings.xml": bytes(2**20 + 1)})
    assert len(bomb) < 10_000
    with pytest.raises(SheetError, match=r"a\.xlsx holds more than 1 MiB: divide it"):
        read("a.xlsx", bomb)


def test_a_row_far_below_all_others_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row may have any number: to read on to 30,000,000 takes a quarter of a minute."""
    monkeypatch.setattr(sheets, "LINES", 1000)
    assert [row.line for row in read("a.xlsx", altered(b'<row r="2"', b'<row r="1000"'))] == [1000]
    for number in (b"1001", b"1000000000000"):
        with pytest.raises(SheetError, match=r"^a\.xlsx is no XLSX file inside"):
            read("a.xlsx", altered(b'<row r="2"', b'<row r="%s"' % number))


def test_as_many_rows_as_allowed_are_read() -> None:
    assert len(read("a.csv", LONG.removesuffix("Ada,a@sea.example\n").encode())) == MOST


@pytest.mark.parametrize(("name", "count"), [("contacts", 247), ("contacts_with_faults", 60)])
def test_both_files_of_a_sheet_that_the_course_ships_hold_the_same(name: str, count: int) -> None:
    as_csv, as_xlsx = (read(path.name, path.read_bytes()) for path in (DATA / f"{name}.csv", DATA / f"{name}.xlsx"))
    assert as_csv == as_xlsx
    assert [row.line for row in as_csv] == [row.line for row in as_xlsx] == list(range(2, count + 2))
