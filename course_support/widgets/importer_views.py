"""What the importer shows of a sheet and of an import, as HTML that a screen reader reads in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from course_support.sheets import COLUMNS, Row, Sheet, words
from course_support.views.quantity import count_text
from course_support.views.style import code, table, view
from course_support.widgets.form import status
from course_support.widgets.importer_client import OWNER, PATH, Counts, Fault, Import
from course_support.widgets.sender import same_in_python

PREVIEW = 3  # rows
MAX_FAULTS = 200


def offer_text(name: str, sheet: Sheet) -> str:
    """That a sheet can be imported, and what of it cannot."""
    left = sheet.left_out
    but = f" {words(left)} {'is' if len(left) == 1 else 'are'} left out: the CRM has {words(COLUMNS)}." if left else ""
    return f"{name} can be imported: press Import.{but}"


def preview_html(name: str, rows: Sequence[Row]) -> str:
    """The first rows with their lines in the sheet, below how many there are; nothing without a sheet."""
    if not rows:
        return ""
    columns = list(rows[0])
    shown = [[f"{row.line:,}", *(escape(row[column]) for column in columns)] for row in rows[:PREVIEW]]
    caption = f"{name}: {count_text(len(rows), 'row')}, the first {len(shown)} of them" if len(shown) > 1 else name
    return view("Preview", table(caption, ["line", *map(escape, columns)], shown, figures=[0]))


def progress_html(work: Import | None, total: int) -> str:
    """A bar with its numbers beside it: `300 of 2,000 rows`; nothing without a sheet."""
    if not total:
        return ""
    done = work.counts.processed if work else 0
    waits = f"; waiting {work.waits} s, as the service asks" if work and work.waits else ""
    bar = (
        f'<progress aria-label="Rows imported" max="{total}" value="{done}"'
        ' style="flex: 0 1 26rem; min-width: 6rem; height: 1.1rem"></progress>'
    )
    text = f'<span style="font-variant-numeric: tabular-nums">{done:,} of {count_text(total, "row")}{waits}</span>'
    return f'<div style="display: flex; align-items: center; gap: .3rem 1rem; flex-wrap: wrap">{bar}{text}</div>'


def outcome_html(work: Import) -> str:
    """What came of an import in a sentence; of one that failed the reason too."""
    counts = work.counts
    rows = count_text(len(work.rows), "row")
    match work.status:
        case "succeeded":
            return status(f"Imported {rows} in {count_text(counts.requests, 'request')}: {_numbers(counts)}.")
        case "cancelled":
            return status(
                f"Cancelled after {counts.processed:,} of {rows}, which stay as they are: {_numbers(counts)}."
            )
        case "failed":
            done = f"Until then, of {rows}: {_numbers(counts)}."
            return status(f"{escape(work.reason)} {done}", error=True)
        case _:
            return status("Importing …")


def _numbers(counts: Counts) -> str:
    known = sum(fault.code.startswith("duplicate") for fault in counts.faults)
    refused = f"{known:,} refused as known, " if known else ""
    return f"{counts.created:,} created, {counts.skipped:,} skipped, {refused}{len(counts.faults) - known:,} faulty"


def faults_html(faults: Sequence[Fault]) -> str:
    """The rows that the service did not take, by their lines in the sheet; nothing if it took all."""
    if not faults:
        return ""
    rows = [[f"{fault.line:,}", code(fault.code), escape(fault.message)] for fault in faults[:MAX_FAULTS]]
    more = len(faults) - MAX_FAULTS
    rows += [[f"… {count_text(more, 'more row')} not shown"]] if more > 0 else []
    return view("Refused rows", table("Rows that were not imported", ("line", "code", "message"), rows, figures=[0]))


def python_html(name: str, path: Path | None, size: int, skip: bool) -> str:
    """The Python that imports the sheet; a path of None stands for a file of the learner's own."""
    remark = "" if path else "  # your file, beside the notebook"
    return same_in_python(
        "from pathlib import Path",
        "from course_support.sheets import read",
        f"rows = read({name!r}, Path({str(path or name)!r}).read_bytes()){remark}",
        f"headers = {{'Authorization': f\"Bearer {{backend.credentials['{OWNER}']}}\", 'Prefer': 'respond-async'}}",
        f"for start in range(0, len(rows), {size}):",
        f"    sent = {{'operation': 'create', 'contacts': rows[start:start + {size}],",
        f"            'options': {{'skip_duplicates': {skip}}}}}",
        f"    answer = requests.post(backend.url + '{PATH}', json=sent, headers=headers)",
        "    job = backend.url + answer.headers['Location']",
        "    for line in requests.get(job + '/progress', headers=headers, stream=True).iter_lines():",
        "        print(line.decode())",
    )
