"""The exercise that reads one record by three doors, and finds the same in each."""

from __future__ import annotations

import random
import re
from typing import Any

from course_support.backends.bookshop import app
from course_support.backends.shop_graphql import PATH as GRAPHQL
from course_support.backends.shop_rest import BOOKS
from course_support.backends.shop_soap import PATH as SOAP
from course_support.evidence import Evidence, Rule, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.choosing.doors import style_of
from course_support.exercises.rules import json_object, not_found, not_let_in, of_form, refused, requested, sent_nothing
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

ADDRESSES = {"REST": f"GET {BOOKS}/{{isbn}}", "GraphQL": f"POST {GRAPHQL}", "SOAP": f"POST {SOAP}"}
FORM = dict.fromkeys(ADDRESSES, 7)


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, "shop", draw.randint(100, 900)), _scene(draw, "partner", 0)]


def _scene(draw: random.Random, who: str, stock: int) -> Scene:
    shop = app(draw.randrange(2**32))
    book = draw.choice(shop.state.shelf.books[1:])
    for copies in (draw.randint(1000, 9000), stock):
        shop.state.shelf.change(book.isbn, stock=copies, by="webhook")
    arguments = {"url": URL, "token": shop.state.credentials[who], "isbn": book.isbn}
    others = [other.stock for other in shop.state.shelf.books if other.isbn != book.isbn]
    return Scene(shop, arguments, {"stock": stock, "version": 3, "others": others})


def _judge(evidence: Evidence) -> Verdict:
    taken, asked = ([rule(style) for style in ADDRESSES] for rule in (_taken, _asked))
    return first_of(evidence, sent_nothing, not_let_in, *taken, _elsewhere, *asked, _text, of_form(FORM), _other_stock)


# --- Each door was asked, and told the stock -------------------------------------------------------------------------


def _at(evidence: Evidence, style: str) -> list[Exchange]:
    """What went to this door: for SOAP without the contract, which says nothing of books."""
    method = ADDRESSES[style].partition(" ")[0]
    return [e for e in evidence.exchanges if style_of(e) == style and e.request.method == method and _near(e, style)]


def _near(exchange: Exchange, style: str) -> bool:
    return style != "REST" or exchange.request.path.startswith(BOOKS)


def _taken(style: str) -> Rule:
    def rule(evidence: Evidence) -> Verdict | None:
        asked = _at(evidence, style)
        if not asked or any(_told(e, evidence) for e in asked):
            return None
        cause, step = _refused(style, asked[-1], evidence)
        wanted = f"the stock of {evidence.arguments['isbn']}"
        return wrong(cause, asked[-1], expected=wanted, seen=_said(asked[-1]), next_step=step)

    return rule


def _elsewhere(evidence: Evidence) -> Verdict | None:
    """The last request went past the doors, while one is still to be asked."""
    if all(_at(evidence, style) for style in ADDRESSES):
        return None
    return not_found(evidence) or refused(evidence)


def _asked(style: str) -> Rule:
    def rule(evidence: Evidence) -> Verdict | None:
        return None if _at(evidence, style) else _unasked(evidence, style)

    return rule


def _unasked(evidence: Evidence, style: str) -> Verdict:
    contract = [e for e in evidence.exchanges if e.request.path == SOAP] if style == "SOAP" else []
    return wrong(
        "You read SOAP's contract, and called no operation of it." if contract else f"You did not read by {style}.",
        contract[-1] if contract else evidence.last,
        expected=ADDRESSES[style],
        seen=requested(evidence.exchanges),
        next_step="The contract names the operations: which of them reads a book?"
        if contract
        else "Three doors lead to the record: ask each of them, as its style asks.",
    )


def _told(exchange: Exchange, evidence: Evidence) -> bool:
    """Whether the answer tells the stock of the book: of what is in it, the judge of the values says the rest."""
    response = exchange.response
    if not response or response.status != 200 or "errors" in json_object(exchange):
        return False
    stock = str(evidence.expected["stock"]).encode()
    if exchange.request.path == GRAPHQL:  # where a field may have another name
        return b"stock" in exchange.request.body and bool(re.search(rb":\s*" + stock + rb"\b", response.body))
    mark = rb"stock\W[^\w<]*" if exchange.request.path != SOAP else rb"stock[^<>]*>\s*"
    return bool(re.search(mark + stock + rb"\b", response.body))


def _said(exchange: Exchange) -> str:
    response = exchange.response
    return f"{response.status}: {response.body[:300].decode(errors='replace')}" if response else "no answer"


def _refused(style: str, exchange: Exchange, evidence: Evidence) -> tuple[str, str]:
    response = exchange.response
    if not response:
        return f"{style} gave no answer.", "Ask again, and wait for the answer."
    return {"REST": _refused_rest, "GraphQL": _refused_graphql, "SOAP": _refused_soap}[style](exchange, evidence)


def _refused_rest(exchange: Exchange, evidence: Evidence) -> tuple[str, str]:
    if exchange.status != 200:
        step = "Compare the target in the request's first line with the routes of the bookshop: each book has its own."
        return f"What you asked REST for was answered with {exchange.status}.", step
    return "By REST you read something else than this book.", "The ISBN belongs at the end of the address."


def _refused_graphql(exchange: Exchange, evidence: Evidence) -> tuple[str, str]:
    content = json_object(exchange)
    if "errors" in content:
        messages = re.findall(r'"message": ?"((?:[^"\\]|\\.)*)', _body(exchange))
        said = f": {messages[0][:150].rstrip('.')}" if messages and ". " not in messages[0][:150] else ""
        return f"GraphQL found something wrong with your query{said}.", "Read the errors: they name the place."
    if exchange.status != 200:
        step = "Its content is JSON, labelled as such, with a member `query`, and `variables` where there are some."
        return f"What you sent to GraphQL was answered with {exchange.status}.", step
    if b"null" in (exchange.response.body if exchange.response else b""):
        return "GraphQL knows no book with the ISBN in your query.", "Give it the ISBN that your function is given."
    if "stock" not in exchange.request.body.decode(errors="replace"):
        return (
            "Your query does not ask for the stock.",
            "GraphQL answers what a query names: name the field `stock` too.",
        )
    return "By GraphQL you read something else than this book.", "Name the book: `book(isbn: …) { stock }`."


def _body(exchange: Exchange) -> str:
    return exchange.response.body.decode(errors="replace") if exchange.response else ""


def _refused_soap(exchange: Exchange, evidence: Evidence) -> tuple[str, str]:
    found = re.search(r"<faultstring[^>]*>([^<]*)", _body(exchange))
    if found:
        return "SOAP answered with a fault.", f"Read its faultstring: {found[1][:200]}"
    if exchange.status != 200:
        step = "SOAP 1.1 is labelled as text/xml, with a field SOAPAction; zeep does all that from the contract."
        return f"What you sent to SOAP was answered with {exchange.status}.", step
    return "By SOAP you read something else than this book.", "The operation is GetBook, with the ISBN of this book."


# --- What was returned -----------------------------------------------------------------------------------------------


def _text(evidence: Evidence) -> Verdict | None:
    value = evidence.value
    texts = [style for style in FORM if isinstance(value.get(style), str)] if isinstance(value, dict) else []
    if not texts:
        return None
    return wrong(
        f"The stock by {texts[0]} is text in your dict, and it is a number.",
        _at(evidence, texts[0])[-1],
        expected=f"{texts[0]!r}: {evidence.expected['stock']}",
        seen=value_text(value),
        next_step="XML is text all over: the schema says that this text is a whole number. `int()` makes one of it."
        if texts[0] == "SOAP"
        else "Take the number as JSON gives it.",
    )


def _other_stock(evidence: Evidence) -> Verdict | None:
    expected, value = evidence.expected, evidence.value
    odd = next((style for style in FORM if value[style] != expected["stock"]), None)
    if not odd:
        return None
    shown = next(e for e in reversed(_at(evidence, odd)) if _told(e, evidence))
    cause, step = _mistaken(odd, value[odd], expected)
    return wrong(cause, shown, expected=dict.fromkeys(FORM, expected["stock"]), seen=value, next_step=step)


def _mistaken(style: str, stock: int, expected: dict[str, Any]) -> tuple[str, str]:
    if stock == expected["version"]:
        return f"What you return for {style} is the version of the book.", "The stock is another member of it."
    if stock in expected["others"]:
        return (
            f"What you return for {style} is the stock of another book.",
            "Which of the books has the ISBN asked for?",
        )
    step = "Look at the answer: the stock stands there once, as it is."
    return f"What you return for {style} is not the stock in its answer.", step


THREE_VIEWS = Exercise(
    "choosing.three_views",
    "Read one record by three doors",
    3,
    (
        "REST has an address for each book, GraphQL one for all queries, and SOAP's contract is at `url + "
        '"/soap?wsdl"`. The same field says at each door who asks.',
        '`requests.get(f"{url}/api/v1/books/{isbn}", headers=fields).json()["stock"]`; '
        '`requests.post(f"{url}/graphql", json={"query": …, "variables": {"isbn": isbn}}, headers=fields)`, and the '
        'stock in `["data"]["book"]`; '
        '`client = Client(f"{url}/soap?wsdl")`, its `client.transport.session.headers.update(fields)`, and '
        "`client.service.GetBook(isbn=isbn).stock`.",
    ),
    _scenes,
    _judge,
)
