from html.parser import HTMLParser

import pytest

from course_support.grading import pages
from course_support.grading.score import Mark, Row

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


class Elements(HTMLParser):
    """Which elements a page has, and which it leaves open."""

    def __init__(self, page):
        super().__init__()
        self.seen, self.open = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def evil_row():
    texts = dict.fromkeys(("reason", "expected", "seen", "next_step", "shown", "note"), EVIL)
    return Row(EVIL, EVIL, EVIL, EVIL, EVIL, (Mark(EVIL, EVIL, 0, 2, "wrong", **texts),))


def test_nothing_of_a_submission_becomes_markup(reference):
    row = evil_row()
    for page in (pages.of_class([row], [True], reference.items), pages.of_learner(row.learner, [(row, False)])):
        elements = Elements(page)
        assert not elements.open
        assert not {"script", "img"} & elements.seen
        assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_the_class_page_links_to_each_learner_and_counts_each_exercise(reference):
    rows = [
        Row("a.ipynb", "alice", "d", "09_tiny", marks=(Mark("tiny.shout", "Shout", 2, 2, "passed"),)),
        Row("b.ipynb", "bob", "d", "09_tiny", marks=(Mark("tiny.shout", "Shout", 0, 2, "wrong"),)),
        Row("c.ipynb", "bob", "d", "09_tiny", marks=(Mark("tiny.shout", "Shout", 0, 2, "wrong"),)),
    ]
    page = pages.of_class(rows, [True, True, False], reference.items)
    assert f'href="{pages.address("alice")}"' in page
    assert '<th scope="row">tiny.shout: Shout &lt;loudly&gt;</th><td>1</td><td>1</td>' in page
    assert pages.ISOLATION in page


def test_a_learners_page_says_what_was_earned_and_why():
    mark = Mark(
        "tiny.shout", "Shout", 0, 2, "wrong", "Not loud.", "AB", "ab", "Look.", "#1 GET /x", "It was elsewhere."
    )
    page = pages.of_learner("alice", [(Row("a.ipynb", "alice", "d", "09_tiny", marks=(mark,)), True)])
    for text in ("a.ipynb: 0 of 2 points", "✘ tiny.shout: Shout (0 of 2 points)", "Not loud.", "It was elsewhere."):
        assert text in page
    assert "<dt>expected</dt><dd>AB</dd><dt>seen</dt><dd>ab</dd><dt>next</dt><dd>Look.</dd>" in page
    assert "<pre>#1 GET /x</pre>" in page
    assert "does not count" not in page


@pytest.mark.parametrize("learner", ["alice", "Ada Lovelace", "../../etc/passwd", "名前", "a" * 500, ""])
def test_a_learners_page_has_a_plain_address_of_its_own(learner):
    address = pages.address(learner)
    assert address.removeprefix("learners/").replace("-", "").removesuffix(".html").isalnum()
    assert address.isascii()
    assert len(address) < 80
    assert address != pages.address(learner + "!")
