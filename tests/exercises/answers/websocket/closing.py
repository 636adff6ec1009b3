"""Answers to `websocket.predict_close`."""

from tests.exercises.answers.answer import Answers

predict_close = Answers("websocket.predict_close")


@predict_close.right
def by_what_is_wrong(case):
    if "binary" in case:
        return 1003
    if "20,000" in case:
        return 1009
    if case.startswith("256"):
        return 1013
    return 1011 if "fails" in case else 1008


@predict_close.right
def rules_as_the_rest(case):
    rest = {"20,000": 1009, "binary": 1003, "fails": 1011, "256": 1013}
    return next((code for part, code in rest.items() if part in case), 1008)


def but(part, code):
    """The right answers, but for the case with this in its name."""

    def answer(case):
        return code if part in case else by_what_is_wrong(case)

    return answer


def closed_with(code):
    return lambda e: any(m.sender == "server" and m.close_code == code for m in e.messages)


@predict_close.wrong("With “a text that is no JSON” the service closes with 1008, not with 1007.", closed_with(1008))
def no_json_as_no_utf_8(case):
    return but("JSON", 1007)(case)


@predict_close.wrong("With “a binary message” the service closes with 1003, not with 1008.", closed_with(1003))
def binary_as_a_rule(case):
    return but("binary", 1008)(case)


@predict_close.wrong("20,000 characters” the service closes with 1009, not with 1008.", closed_with(1009))
def size_as_a_rule(case):
    return but("20,000", 1008)(case)


@predict_close.wrong("the service closes with 1011, not with 1012.", closed_with(1011))
def a_failure_as_a_restart(case):
    return but("fails", 1012)(case)


@predict_close.wrong("does not read” the service closes with 1013, not with 1008.", closed_with(1013))
def slowness_as_a_rule(case):
    return but("256", 1008)(case)


@predict_close.wrong("another user's name” the service closes with 1008, not with 1002.", closed_with(1008))
def a_name_as_an_error_of_the_protocol(case):
    return but("name", 1002)(case)


@predict_close.wrong("may only read” the service closes with 1008, not with 4403.", closed_with(1008))
def a_code_as_in_graphql(case):
    return but("only read", 4403)(case)


@predict_close.wrong("500 is a status of HTTP", closed_with(1011))
def a_failure_as_in_http(case):
    return but("fails", 500)(case)


@predict_close.wrong("nobody sends it", closed_with(1013))
def as_if_the_line_broke(case):
    return but("256", 1006)(case)


@predict_close.wrong("returned text, where a whole number is asked for", None)
def codes_as_text(case):
    return str(by_what_is_wrong(case))
