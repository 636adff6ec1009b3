"""The page for the teacher: how the class did, what to look at before trusting it, and a line for each file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from shlex import quote

from course_support.grading.overview import BINS, Spread, Went
from course_support.grading.pages import SIGNS, address, page, points, prose
from course_support.grading.similarity import Alike, together
from course_support.grading.standing import Entry, Findings, Standing

ISOLATION = {
    "sandbox": "in a sandbox",
    "user": "without a sandbox, as a user without rights",
    "process": "without a sandbox, with the rights of whoever started the grading",
}
FILES = {
    "grades.csv": "a line for each file, for a spreadsheet",
    "grades.json": "everything, for programs",
    "junit.xml": "for continuous integration",
    "canvas.csv": "to import into Canvas, where an empty cell changes nothing",
    "moodle.csv": "to import into Moodle, where an empty cell takes a grade away",
}
MOST = 60  # groups of answers that are alike


@dataclass(frozen=True, slots=True)
class ClassReport:
    """All that the page shows. `answer` gives a learner's source of an exercise, for those that are alike."""

    standing: Standing
    spreads: Sequence[Spread]
    exercises: Sequence[Went]
    alike: Sequence[Alike]
    answer: Callable[[str, str], str]
    seed: str = ""
    isolation: str = ""


def of_class(report: ClassReport) -> str:
    """The page for the teacher, which shows everybody's work."""
    sections = {
        "To look at": _findings(report.standing.findings),
        "Points": _spreads(report.spreads),
        "Exercises": "".join(map(_went, report.exercises)),
        "Answers that are alike": _alike(report.alike, report.answer),
        "Files": _files(report.standing),
        "This grading": _grading(report),
    }
    there = {title: body for title, body in sections.items() if body}
    anchors = {title: title.lower().replace(" ", "-") for title in there}
    links = " ".join(f'<a href="#{anchors[title]}">{title}</a>' for title in there)
    body = (f'<section id="{anchors[title]}"><h2>{title}</h2>{body}</section>' for title, body in there.items())
    return page("Grades", "<h1>Grades</h1>", f"<nav>{links}</nav>", _facts(report.standing), *body)


def _facts(standing: Standing) -> str:
    handed_in = [entry for entry in standing.entries if entry.file]
    facts = {
        "Learners": len({entry.learner for entry in standing.entries}),
        "Files": len(handed_in),
        "Not graded": sum(bool(entry.problem) for entry in handed_in),
    }
    if standing.roster:
        facts["Handed in nothing"] = len(standing.findings.absent)
    told = "".join(f"<div><dt>{name}</dt><dd>{count:,}</dd></div>" for name, count in facts.items())
    return f'<dl class="facts">{told}</dl>'


def _findings(findings: Findings) -> str:
    groups = [
        ("The grader itself failed; left out of moodle.csv: run the same command again", findings.failed),
        ("Nothing was handed in by; 0 in canvas.csv and moodle.csv", findings.absent),
        (
            "No file for a lesson that others handed in; 0 in canvas.csv and moodle.csv",
            [f"{learner}: {', '.join(lessons)}" for learner, lessons in findings.lacking],
        ),
        ("In the roster nobody fits; left out of canvas.csv and moodle.csv", findings.unknown),
        (
            "In the roster more than one fits; the file is left out of both, and these people of moodle.csv",
            [f"{file}: {', '.join(people)}" for file, people in findings.unclear],
        ),
        (
            "Known by the file's own name alone, which a learner chooses",
            [f"{file}: taken for {learner}" for file, learner in findings.by_file],
        ),
        (
            "One name, but two people or two files; told apart by a number",
            [f"{file}: here {learner}" for file, learner in findings.namesakes],
        ),
        (
            "More than one file of a learner for a lesson; the one with the most points counts, of equals the first",
            [f"{learner}, {lesson}: {files[0]} counts, not {', '.join(files[1:])}"
             for learner, lesson, files in findings.doubles],
        ),
    ]  # fmt: skip
    return "".join(_finding(title, texts) for title, texts in groups if texts)


def _finding(title: str, texts: Sequence[str]) -> str:
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    opened = " open" if len(texts) <= 10 else ""
    return f'<details class="panel"{opened}><summary>{title} ({len(texts):,})</summary><ul>{lines}</ul></details>'


def _spreads(spreads: Sequence[Spread]) -> str:
    return f'<div class="spreads">{"".join(map(_spread, spreads))}</div>' if spreads else ""


def _spread(spread: Spread) -> str:
    labels = ["100" if low == high else f"{low}" for low, high in BINS]
    told = ", ".join(
        f"{count} with {f'{low} to {high}' if low < high else high} %"
        for (low, high), count in zip(BINS, spread.counts, strict=True)
        if count
    )
    most = max(spread.counts)
    bars = "".join(
        f'<div><b style="--share:{count / most:.3f}">{count or ""}</b><span>{label}</span></div>'
        for count, label in zip(spread.counts, labels, strict=True)
    )
    learners = "1 learner" if spread.learners == 1 else f"{spread.learners:,} learners"
    middle = f"the median is {spread.middle:g} of {spread.of} points"
    alternative = escape(f"Learners by per cent of the points of {spread.lesson}: {told}.")
    return (
        f'<figure class="panel"><figcaption><h3>{escape(spread.lesson)}</h3>'
        f'<span class="quiet">{learners}, {middle}. Learners by per cent of the points: 70 stands for 70 to 79.</span>'
        "</figcaption>"
        f'<div class="bars" role="img" aria-label="{alternative}">{bars}</div></figure>'
    )


def _went(went: Went) -> str:
    share = went.passed / went.learners
    others = ", ".join(
        f"{count:,} {outcome}" for outcome in SIGNS if outcome != "passed" and (count := went.outcomes.get(outcome))
    )
    lines = [(f"{count:,}\N{NO-BREAK SPACE}×", text) for text, count in went.diagnoses]
    if went.more:
        lines.append((f"{went.more:,}\N{NO-BREAK SPACE}×", "another diagnosis, seldom given"))
    diagnoses = "".join(f"<li><span>{count}</span><span>{prose(text)}</span></li>" for count, text in lines)
    return (
        f'<div class="panel"><div class="head"><h3>{escape(went.item.title)}</h3> '
        f'<code class="quiet">{escape(went.item.name)}</code> '
        f'<span class="points">{share:.0%} passed: {points(went.passed, went.learners)}</span></div>'
        f'<span class="meter" aria-hidden="true"><i style="--share:{share:.1%}"></i></span>'
        + (f'<p class="quiet">{others}</p>' if others else "")
        + (f'<ul class="diagnoses">{diagnoses}</ul>' if diagnoses else "")
        + "</div>"
    )


def _alike(found: Sequence[Alike], answer: Callable[[str, str], str]) -> str:
    """Those who are alike in most exercises come first: once may be chance."""
    if not found:
        return ""
    together: dict[tuple[str, ...], list[Alike]] = defaultdict(list)
    for one in found:
        together[one.learners].append(one)
    groups = sorted(together.items(), key=lambda group: (-len(group[1]), -max(one.share for one in group[1]), group[0]))
    more = f" The first {MOST} of {len(groups):,} groups are shown." if len(groups) > MOST else ""
    return (
        '<p class="quiet">A hint, and no proof: people who learn together write alike. Comments, layout and chosen '
        f"names are left out, as is what much of the class has in common. Learners' pages do not show this.{more}</p>"
        + _pairs(found)
        + "".join(_group(learners, alike, answer) for learners, alike in groups[:MOST])
    )


def _pairs(found: Sequence[Alike]) -> str:
    texts = [f"{one}, {other}: {count} exercises" for (one, other), count in together(found)[:MOST]]
    return _finding("Two who are alike in several exercises, alone or with others", texts) if texts else ""


def _group(learners: Sequence[str], found: Sequence[Alike], answer: Callable[[str, str], str]) -> str:
    number = "1 exercise" if len(found) == 1 else f"{len(found)} exercises"
    pairs = "".join(_pair(one, answer) for one in found)
    return (
        f'<div class="panel"><div class="head"><h3>{", ".join(map(_link, learners))}</h3> '
        f'<span class="points">{number}</span></div>{pairs}</div>'
    )


def _pair(alike: Alike, answer: Callable[[str, str], str]) -> str:
    how = "the same but for comments, layout and names" if alike.share == 1 else f"{alike.share:.0%} the same"
    sources = "".join(
        f"<div>{escape(learner)}<pre>{escape(answer(learner, alike.exercise))}</pre></div>"
        for learner in alike.learners[:2]
    )
    return (
        f'<details><summary><code>{escape(alike.exercise)}</code> <span class="quiet">{how}</span></summary>'
        f'<div class="pairs">{sources}</div></details>'
    )


def _files(standing: Standing) -> str:
    graded = [entry for entry in standing.entries if entry.file]
    mixed = len({entry.isolation for entry in graded if entry.isolation}) > 1
    columns = ["Learner", "Points", "Lesson", "File", "Counts", *(["Isolation"] if mixed else [])]
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    lines = "".join(_line(entry, mixed) for entry in standing.entries)
    return (
        '<div class="scroll" role="region" aria-label="Files" tabindex="0"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _line(entry: Entry, mixed: bool) -> str:
    problem = f'<span class="problem">{escape(entry.problem)}</span>' if entry.problem else ""
    cells = [
        f'<td class="figure">{points(entry.points, entry.of) if entry.of else "0"}</td>',
        f"<td>{escape(entry.lesson)}</td>",
        f'<td class="wide">{escape(entry.file).replace("/", "/<wbr>")}{problem}</td>',
        f"<td>{'yes' if entry.counts else 'no'}</td>",
        f"<td>{escape(entry.isolation)}</td>" if mixed else "",
    ]
    return f'<tr><th scope="row">{_link(entry.learner)}</th>{"".join(cells)}</tr>\n'


def _link(learner: str) -> str:
    return f'<a href="{address(learner)}">{escape(learner)}</a>'


def _grading(report: ClassReport) -> str:
    files = "".join(f'<li><a href="{name}">{name}</a>: {text}</li>' for name, text in FILES.items())
    seed = ""
    if report.seed:
        command = f"course grade SUBMISSIONS -o REPORT --seed {quote(report.seed)}"
        seed = (
            "<p>Every value that a judge drew comes from the seed of this grading and the content of the file. This "
            f"command, into another folder, draws the same values again:</p><pre>{escape(command)}</pre>"
        )
    return f"<p>{escape(_isolation(report))}</p>{seed}<p>Beside this page:</p><ul>{files}</ul>"


def _isolation(report: ClassReport) -> str:
    """Under what the files were graded; they may differ where a grading was taken up again on another machine."""
    levels = Counter(entry.isolation for entry in report.standing.entries if entry.isolation)
    told = [
        f"{count:,} {'file was' if count == 1 else 'files were'} graded {ISOLATION.get(level, level)}"
        for level, count in sorted(levels.items())
    ]
    if len(levels) > 1:
        return f"The files differ in their isolation: {', '.join(told)}; the table says which."
    return report.isolation or (f"{told[0]}." if told else "No answer was run.")
