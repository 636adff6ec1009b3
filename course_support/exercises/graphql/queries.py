"""What the judges of the GraphQL exercises read in a request and a response, and the rules that they share."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from course_support.backends.graphql import PATH, app
from course_support.evidence import Evidence
from course_support.exercise import URL
from course_support.exercises.rules import json_object, not_let_in, sent_nothing
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

Rule = Callable[[Evidence], Verdict | None]


def service(draw: random.Random, **limits: int) -> tuple[Any, dict[str, Any]]:
    """A fresh event app, and the arguments that every call needs."""
    backend = app(draw.randrange(2**32), **limits)
    return backend, {"url": URL, "token": backend.state.credentials["organizer"]}


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


def data(exchange: Exchange) -> dict[str, Any]:
    """The member `data` of the response; an empty dict where there is none."""
    found = json_object(exchange).get("data")
    return found if isinstance(found, dict) else {}


def codes(exchange: Exchange) -> list[str]:
    return [str((error.get("extensions") or {}).get("code", "")) for error in errors(exchange)]


def answered(evidence: Evidence) -> Exchange | None:
    """The last query that was executed, whatever it came to."""
    return next((e for e in reversed(queries(evidence)) if "data" in json_object(e)), None)


def no_query(evidence: Evidence) -> Verdict | None:
    """Some other address was asked: the same app has REST as well."""
    if queries(evidence):
        return None
    return wrong(
        "You talked to the service, and sent it no GraphQL.",
        evidence.last,
        expected=f"a POST to {PATH}, with JSON that has the member query",
        seen=", ".join(f"{e.request.method} {e.request.target}" for e in evidence.exchanges[:4]),
        next_step=f'`requests.post(url + "{PATH}", json={{"query": …, "variables": …}}, headers=…)` sends a query.',
    )


def not_executed(evidence: Evidence) -> Verdict | None:
    """The last query was refused as a whole: not JSON, not GraphQL, not of this schema, or too much."""
    last = queries(evidence)[-1]
    if "data" in json_object(last) or not last.response:
        return None
    refusals = errors(last)
    if not refusals:
        detail = json_object(last).get("detail")
        return wrong(
            f"The service answered {last.response.status} {last.response.reason} to your query, before it read it.",
            last,
            expected="JSON with the member query, labelled application/json",
            seen=str(detail or last.response.text or "nothing"),
            next_step="With requests, `json={…}` encodes and labels it.",
        )
    message = str(refusals[0].get("message"))
    return wrong(
        "The service did not run your query." if "Syntax" not in message else "Your query is no GraphQL.",
        last,
        expected="a query of this schema",
        seen=message,
        next_step=f"{_place(refusals[0])}Spell names as the schema does; an object needs a selection in braces.",
    )


def _place(error: dict[str, Any]) -> str:
    places = error.get("locations")
    match places:
        case [{"line": int() as line, "column": int() as column}, *_]:
            return f"Look at line {line}, column {column} of the query. "
    return ""


def other_event(evidence: Evidence) -> Verdict | None:
    """The event came back as null: there is none with the id that was sent."""
    last = answered(evidence)
    if not last or errors(last) or data(last).get("event", 0) is not None:
        return None
    return wrong(
        "The service knows no event with the id that you sent.",
        last,
        expected=f"the id {evidence.arguments.get('event')}",
        seen=value_text((last.request.json() or {}).get("variables") or query_text(last)),
        next_step="The check draws another event each time: send the argument `event`.",
    )


ASKED: tuple[Rule, ...] = (sent_nothing, not_let_in, no_query, not_executed)


def leaves(value: Any) -> int:
    """How many values a response holds, apart from the objects and lists around them."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    if isinstance(value, list):
        return sum(map(leaves, value))
    return 1
