from dataclasses import replace
from html.parser import HTMLParser

import pytest

from course_support.grading import class_page, overview, pages
from course_support.grading.isolation import LEVELS
from course_support.grading.roster import Person, Roster
from course_support.grading.score import Mark, Row
from course_support.grading.similarity import Alike
from course_support.grading.standing import standing

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
VOID = {"meta", "wbr"}


class Elements(HTMLParser):
    """Which elements a page has and which it leaves open, and its text."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.open, self.text, self.attributes = set(), [], "", set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.text += " "
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def class_of(rows, items, roster=None, alike=(), **more):
    class_ = standing(rows, {"09_tiny": 7}, roster, known=["09_tiny"])
    graded = list(zip(rows, class_.entries, strict=False))
    spreads = overview.spreads(class_.entries, class_.lessons)
    return class_page.of_class(
        class_page.ClassReport(
            class_, spreads, overview.exercises(graded, items), alike, lambda who, name: f"{who}'s {name}", **more
        )
    )


def of_learner(*rows):
    entries = standing(rows, {"09_tiny": 7}).entries
    return pages.of_learner(entries[0].learner, zip(rows, entries, strict=True))


def row(learner="alice", points=2, **more):
    mark = Mark("tiny.shout", "Shout", points, 2, "passed" if points else "wrong", more.pop("reason", ""))
    return Row(f"{learner}.ipynb", learner, "d-secret", "09_tiny", marks=(mark,), **more)


def text(page):
    return " ".join(Elements(page).text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_nothing_of_a_submission_becomes_markup(reference):
    texts = dict.fromkeys(("reason", "expected", "seen", "next_step", "shown", "note"), EVIL)
    marks = (Mark("tiny.shout", EVIL, 0, 2, "wrong", **texts), Mark(EVIL, EVIL, 0, 2, "wrong", **texts))
    rows = [Row(f"{EVIL}{n}", EVIL, EVIL, EVIL, EVIL, marks, EVIL, {EVIL: EVIL}) for n in range(2)]
    rows.append(Row(f"{EVIL}_3_assignsubmission_file/x", EVIL, EVIL, "09_tiny", EVIL, marks, "sandbox"))
    roster = Roster((Person("1", EVIL), Person("2", f"{EVIL} {EVIL}")))
    alike = [Alike(EVIL, (EVIL, "b"), 0.9)]
    for page in (
        class_of(rows, reference.items, alike=alike, seed=EVIL, isolation=EVIL),
        class_of(rows, reference.items, roster),
        of_learner(*rows),
    ):
        elements = Elements(page)
        assert not elements.open
        assert not {"script", "img"} & elements.seen
        assert not any(name.startswith("on") or name == "src" for name in elements.attributes)
        assert "default-src 'none'" in page


def test_the_class_page_links_to_each_learner_and_counts_each_exercise(reference):
    page = class_of([row(), row("bob", 0, reason="Not loud."), row("carol", 0, reason="Not loud.")], reference.items)
    for learner in ("alice", "bob", "carol"):
        assert f'href="{pages.address(learner)}"' in page
    assert "tiny.shout 33% passed: 1 of 3 2 wrong 2 × Not loud." in text(page)


def test_the_spread_of_points_is_told_in_words_too(reference):
    page = class_of([row(), row("bob", 0), row("carol", 0)], reference.items)
    assert 'aria-label="Learners by per cent of the points of 09_tiny: 2 with 0 to 9 %, 1 with 100 %."' in page
    assert "3 learners, the median is 0 of 2 points" in text(page)


def test_the_class_page_says_how_to_replay_and_under_which_isolation(reference):
    page = class_of([row(isolation="sandbox")], reference.items, seed="a b", isolation="In a sandbox.")
    assert "course grade SUBMISSIONS -o REPORT --seed 'a b'" in text(page)
    assert "In a sandbox." in page
    assert "Isolation</th>" not in page
    mixed = class_of([row(isolation="sandbox"), row("bob", isolation="process")], reference.items)
    assert "1 file was graded in a sandbox; the table says which" in text(mixed)
    assert set(LEVELS) == set(class_page.ISOLATION)
    assert "Isolation</th>" in mixed


def test_the_class_page_tells_what_to_look_at(reference):
    roster = Roster((Person("1000001", "Ada Lovelace"), Person("1000002", "Alan Turing")))
    found = text(class_of([row("lovelace-ada"), row("bob")], reference.items, roster))
    assert "Nothing was handed in by; 0 in canvas.csv and moodle.csv (1) Alan Turing" in found
    assert "In the roster nobody fits; left out of canvas.csv and moodle.csv (1) bob.ipynb" in found
    assert "Handed in nothing 1" in found
    assert "To look at" not in text(class_of([row()], reference.items))


def test_answers_that_are_alike_are_shown_side_by_side_those_in_many_exercises_first(reference):
    alike = [
        Alike("tiny.double", ("alice", "carol"), 1.0),
        Alike("tiny.double", ("alice", "bob"), 0.9),
        Alike("tiny.shout", ("alice", "bob"), 1.0),
    ]
    found = text(class_of([row(), row("bob"), row("carol")], reference.items, alike=alike))
    first, second = found.index("alice, bob 2 exercises"), found.index("alice, carol 1 exercise")
    assert first < found.index("tiny.double 90% the same alice alice's tiny.double bob bob's tiny.double") < second


def test_two_who_are_alike_in_several_exercises_are_told_first(reference):
    groups = [("alice", "bob"), ("alice", "bob", "carol"), ("alice", "bob")]
    alike = [Alike(name, group, 1.0) for name, group in zip(("tiny.a", "tiny.b", "tiny.c"), groups, strict=True)]
    found = text(class_of([row(), row("bob"), row("carol")], reference.items, alike=alike))
    assert "alone or with others (1) alice, bob: 3 exercises alice, bob 2 exercises" in found


def test_a_learners_page_says_what_was_earned_and_why():
    texts = ("Not loud.", "AB", "ab", "Look.", "#1 GET /x", "It was elsewhere.")
    mark = Mark("tiny.shout", "Shout", 0, 2, "wrong", *texts)
    page = of_learner(
        Row("a.ipynb", "alice", "d-secret", "09_tiny", marks=(mark,), answers={"tiny.shout": "my answer"})
    )
    assert (
        "09_tiny: 0 of 2 points a.ipynb Shout tiny.shout 0 of 2 points ✘ wrong Not loud. It was elsewhere. "
        "expected AB seen ab next Look. The exchange that shows it: #1 GET /x"
    ) in text(page)
    assert "does not count" not in page
    assert "d-secret" not in page


def test_code_in_a_sentence_is_set_as_code_and_a_value_is_left_as_it_was():
    mark = Mark("tiny.shout", "Shout", 0, 2, "wrong", "It raised `x<y`.", "`a`", "`b`", "Use `json=`.")
    page = of_learner(Row("a.ipynb", "alice", "d", "09_tiny", marks=(mark,)))
    assert "<p>It raised <code>x&lt;y</code>.</p>" in page
    assert "<dd>`a`</dd><dt>seen</dt><dd>`b`</dd><dt>next</dt><dd>Use <code>json=</code>.</dd>" in page


def test_a_learners_page_says_which_file_does_not_count():
    page = of_learner(row(points=0), replace(row(), file="again.ipynb"))
    assert text(page).count("This file does not count") == 1


def test_a_learner_who_handed_in_nothing_is_told_so():
    absent = standing([], {}, Roster((Person("1", "Ada"),))).entries
    assert "Nothing was handed in." in pages.of_learner("Ada", [(Row("", "Ada", ""), absent[0])])
    namesakes = Roster((Person("1", "Ada"), Person("2", "Ada")))
    (_, first, _) = standing([row("Ada")], {}, namesakes).entries
    assert "Nothing was handed in" not in pages.of_learner("Ada (1)", [(Row("", "Ada (1)", ""), first)])


@pytest.mark.parametrize("learner", ["alice", "Ada Lovelace", "../../etc/passwd", "名前", "a" * 500, ""])
def test_a_learners_page_has_a_plain_address_of_its_own(learner):
    address = pages.address(learner)
    assert address.removeprefix("learners/").replace("-", "").removesuffix(".html").isalnum()
    assert address.isascii()
    assert len(address) < 80
    assert address != pages.address(learner + "!")
