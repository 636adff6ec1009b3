import pytest

from course_support.grading.assemble import Sheet
from course_support.grading.read import Submission
from course_support.grading.run import Result, Run
from course_support.grading.score import TROUBLE, UNSEEN, score
from course_support.verdict import PASSED, Verdict, wrong
from course_support.wire import Exchange, Fields, Request, Response

PORT = "http://127.0.0.1:40123/number"


def entry(verdict):
    return {"exercise": "tiny.shout", "outcome": verdict.outcome, "points": 2, "of": 2, "verdict": verdict.to_json()}


def exchange(started=1.0, port=40123):
    request = Request("GET", "/number", Fields((("Host", f"127.0.0.1:{port}"),)))
    body = b'{"at": "http://127.0.0.1:%d/number"}' % port
    response = Response(200, "OK", Fields((("content-type", "application/json"),)), body)
    return Exchange(1, request, response, 60, 90, started, started + 0.1, started + 0.2345)


@pytest.fixture
def mark(reference):
    def mark(result, **submission):
        results = {item.name: Result() for item in reference.items} | {"tiny.shout": result}
        handed_in = Submission("a.ipynb", "alice", "d1", "09_tiny", **submission)
        row = score(Run(Sheet(reference, {}), results), handed_in)
        (found,) = [mark for mark in row.marks if mark.exercise == "tiny.shout"]
        assert (row.points, row.of) == (found.points, 7)
        return found

    return mark


def test_points_are_for_a_pass_in_the_log_whose_line_was_seen(mark):
    found = mark(Result(entry(PASSED), seen=True))
    assert (found.points, found.of, found.outcome, found.reason) == (2, 2, "passed", "")


def test_a_trial_call_that_fails_below_a_right_answer_costs_nothing(mark):
    assert mark(Result(entry(PASSED), seen=True, trouble="error", detail="NameError: x")).points == 2


def test_a_line_without_a_pass_in_the_log_is_worth_nothing(mark):
    assert mark(Result(None, seen=True)).points == 0
    assert mark(Result(entry(wrong("No.")), seen=True)).points == 0


def test_a_pass_in_the_log_without_the_line_is_worth_nothing(mark):
    found = mark(Result(entry(PASSED), seen=False))
    assert (found.points, found.outcome, found.reason) == (0, "lost", UNSEEN)


@pytest.mark.parametrize("trouble", ["died", "flooded", "timed out", "not started"])
def test_trouble_comes_before_a_verdict(mark, trouble):
    interrupted = Verdict("crashed", "Your function was interrupted.")
    for verdict in (None, entry(PASSED), entry(interrupted)):
        found = mark(Result(verdict, trouble=trouble))
        assert (found.points, found.outcome, found.reason) == (0, "lost", TROUBLE[trouble])


def test_an_error_of_the_answer_cell_is_named(mark):
    found = mark(Result(trouble="error", detail="SyntaxError: expected ':' (1424022777.py, line 1)"))
    assert (found.outcome, found.reason) == (
        "crashed",
        "The answer cell stopped with SyntaxError: expected ':' (line 1).",
    )


def test_an_error_of_the_check_cell_is_named(mark):
    found = mark(Result(trouble="check", detail="NameError: name 'shout' is not defined"))
    assert found.reason == "The check could not be run on it: NameError: name 'shout' is not defined."


def test_a_wrong_answer_keeps_its_verdict_and_the_exchange_that_shows_it(mark):
    verdict = wrong("Not loud.", exchange(), expected="AB", seen="ab", next_step="Look at upper().")
    found = mark(Result(entry(verdict)))
    assert (found.outcome, found.reason, found.expected, found.seen) == ("wrong", "Not loud.", "AB", "ab")
    assert found.next_step == "Look at upper()."
    assert found.shown.startswith("#1 GET /number → 200 OK   sent 60 B, received 90 B\n")


def test_ports_times_and_addresses_do_not_show(mark):
    def shown(port, started, address):
        verdict = wrong(f"At http://127.0.0.1:{port}/x.", exchange(started, port), seen=f"<object at {address}>")
        return mark(Result(entry(verdict)))

    assert shown(40123, 1.0, "0x7f1234567890") == shown(51234, 99.5, "0x55abcdef0123")


def test_a_helper_outside_of_the_answer_is_named(mark):
    crashed = Verdict("crashed", "Your function raised NameError.", seen="NameError: name 'helper' is not defined")
    found = mark(Result(entry(crashed)), elsewhere=frozenset({"helper"}))
    assert found.next_step.endswith("move what defines `helper` into the answer cell.")
    assert mark(Result(entry(crashed))).next_step == ""


def test_a_note_on_where_the_answer_was_found_stays(mark):
    assert mark(Result(entry(PASSED), seen=True), notes={"tiny.shout": "It was elsewhere."}).note == "It was elsewhere."


def test_what_was_not_attempted_says_so(mark):
    found = mark(Result(entry(Verdict("not attempted"))))
    assert (found.outcome, found.reason) == ("not attempted", "It was not attempted.")
