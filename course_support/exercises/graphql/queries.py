"""What the judges of the GraphQL exercises read in a request and a response, and the rules that they share."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import unquote_plus

from course_support.backends.events_data import ALWAYS
from course_support.backends.graphql import PATH, app
from course_support.evidence import Evidence, Rule
from course_support.exercise import URL
from course_support.exercises.rules import json_object, not_let_in, requested, sent_nothing, wrong_media_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

GUESTS = ("Ada", "Ben", "Cem", "Dora", "Eva", "Finn")


def service(draw: random.Random, **limits: int) -> tuple[Any, dict[str, Any]]:
    """A fresh event app, and the arguments that every call needs."""
    backend = app(draw.randrange(2**32), **limits)
    return backend, {"url": URL, "token": backend.state.credentials["organizer"]}


def drawn_ids(events: Any) -> list[str]:
    """The events to draw from: not the one of the lesson, whose id some know by heart."""
    return [id for id in events.ids() if id != ALWAYS]


def queries(evidence: Evidence) -> tuple[Exchange, ...]:
    """The learner's requests to the GraphQL address, subscriptions left out."""
    return tuple(e for e in evidence.exchanges if e.request.path == PATH and e.status != 101)


def query_text(exchange: Exchange) -> str:
    """The GraphQL document that was sent, in the content or in the address."""
    content = exchange.request.json()
    text = content.get("query") if isinstance(content, dict) else exchange.request.query.get("query")
    return text if isinstance(text, str) else ""


def errors(exchange: Exchange) -> list[dict[str, Any]]:
    found = json_object(exchange).get("errors")
    return [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []


def message(exchange: Exchange) -> str:
    """What the first error says."""
    return str(errors(exchange)[0].get("message")) if errors(exchange) else ""


def code(exchange: Exchange) -> str:
    """What the first error says to programs, or nothing."""
    extensions = errors(exchange)[0].get("extensions") if errors(exchange) else None
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def data(exchange: Exchange) -> dict[str, Any]:
    """The member `data` of the response; an empty dict where there is none."""
    found = json_object(exchange).get("data")
    return found if isinstance(found, dict) else {}


def answered(evidence: Evidence) -> Exchange | None:
    """The last query that was executed, whatever it came to."""
    return next((e for e in reversed(queries(evidence)) if "data" in json_object(e)), None)


def asked(evidence: Evidence) -> list[Exchange]:
    """The queries that were answered with data; whoever asks for the schema first has not asked yet."""
    return [e for e in queries(evidence) if data(e) and "__schema" not in query_text(e)]


def no_query(evidence: Evidence) -> Verdict | None:
    """Some other address was asked: the same app has REST as well."""
    if queries(evidence):
        return None
    return wrong(
        "You talked to the service, and sent it no GraphQL.",
        evidence.last,
        expected=f"a POST to {PATH}, with JSON that has the member query",
        seen=requested(evidence.exchanges[:4]),
        next_step=f'`requests.post(url + "{PATH}", json={{"query": …, "variables": …}}, headers=…)` sends a query.',
    )


def not_read(evidence: Evidence) -> Verdict | None:
    """HTTP refused the last query: it is no JSON, not of this form, or sent by a method that is not for it."""
    last = queries(evidence)[-1]
    if "data" in json_object(last) or not last.response or errors(last):
        return None
    status, detail = last.response.status, json_object(last).get("detail")
    if status == 405:
        cause, expected = f"The service does not take this by {last.request.method}.", "a POST"
        step = "A GET must change nothing, so a mutation goes by POST, and a query may: `requests.post(…)`."
    else:
        cause = f"The service answered {status} to your query, before it read it as GraphQL."
        expected = 'JSON such as {"query": "…", "variables": {…}}, labelled application/json'
        step = "With requests, `json={…}` encodes and labels it: give it a dict, and `variables` as a dict in it."
    return wrong(cause, last, expected=expected, seen=str(detail or last.response.text or "nothing"), next_step=step)


REFUSALS = (
    # what the message says, the cause, what to do about it
    ("Syntax", "Your query is no GraphQL.", "Count its braces and quotation marks."),
    ("on type 'Query'", "The type Query has no such field.", "What changes something begins with the word `mutation`."),
    (
        "Cannot query",
        "Your query asks for a field that is not there.",
        "Which type has it in the schema, and how is it spelt?",
    ),
    (
        "must have a",
        "Your query asks for an object, and for none of its fields.",
        "Select in braces what you want of it.",
    ),
    ("must not have a", "Your query looks for fields inside a plain value.", "Leave out the braces after it."),
    (
        "invalid value",
        "A variable that you sent has not the form that its type asks for.",
        "Compare it with that type.",
    ),
    (
        "was not provided",
        "Your query lacks a value that it needs.",
        "Send each variable that you declare, by its name.",
    ),
    ("not defined", "Your query uses a variable that it does not declare.", "Declare it: `query($id: ID!) { … }`."),
    (
        "expecting type",
        "You declared a variable with another type than its place asks for.",
        "Copy the type, its ! too.",
    ),
    ("never used", "Your query declares a variable and does not use it.", "Use it: `event(id: $id)`."),
    (
        "Unknown argument",
        "Your query gives a field an argument that it does not take.",
        "See the schema for those it takes.",
    ),
    ("Unknown fragment", "Your query spreads a fragment that it does not have.", "Write it beside the operation."),
    ("conflict", "Your query asks for several things by one name.", "Give each an alias: `a: event(id: $a) { … }`."),
    ("cannot represent", "A value in your query is not of the type that it has to be.", "A text stands in quotes."),
)


def not_executed(evidence: Evidence) -> Verdict | None:
    """The last query was refused by GraphQL as a whole: no GraphQL, not of this schema, or too much."""
    last = queries(evidence)[-1]
    if "data" in json_object(last) or not errors(last):
        return None
    said = message(last)
    known = ((cause, step) for part, cause, step in REFUSALS if part in said)
    cause, step = next(known, ("The service did not run your query.", "Its message says what it wants."))
    return wrong(
        cause, last, expected="a query that this service runs", seen=said, next_step=_place(errors(last)[0]) + step
    )


def _place(error: dict[str, Any]) -> str:
    match error.get("locations"):
        case [{"line": int() as line, "column": int() as column}, *_]:
            return f"Look at line {line}, column {column} of the query. "
    return ""


def other_event(evidence: Evidence) -> Verdict | None:
    """Another id than the argument was sent."""
    last, id = answered(evidence), str(evidence.arguments.get("event"))
    if not last or id in unquote_plus(last.request.target) + last.request.text:
        return None
    return wrong(
        "You asked for another event than the one that your function is given.",
        last,
        expected=f"the id {id}",
        seen=value_text(variables(last) or query_text(last)),
        next_step="The check draws another event each time: send the argument `event`.",
    )


def variables(exchange: Exchange) -> dict[str, Any]:
    """The values that were sent beside the query, in the content or in the address."""
    content = exchange.request.json()
    try:
        address = json.loads(exchange.request.query.get("variables", "{}"))
    except (ValueError, RecursionError):
        address = {}
    found = content.get("variables") if isinstance(content, dict) else address
    return found if isinstance(found, dict) else {}


ASKED: tuple[Rule, ...] = (sent_nothing, not_let_in, no_query, wrong_media_type, not_read, not_executed)
"""The last of them is the one that some exercises have more to say about."""


def leaves(value: Any) -> int:
    """How many values a response holds, apart from the objects and lists around them."""
    if isinstance(value, dict):
        return sum(leaves(value[name]) for name in value if name != "__typename")  # clients add it by themselves
    if isinstance(value, list):
        return sum(map(leaves, value))
    return 1
