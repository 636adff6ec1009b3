"""What the bookshop's partner must do: believe nobody but the shop, ask the shop, and show what is newest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from course_support.attempts import crashed_serving
from course_support.backends.shop_rest import BOOKS
from course_support.evidence import Evidence
from course_support.exercises.choosing.notices import COPY
from course_support.exercises.webhooks.deliveries import sent
from course_support.exercises.webhooks.shops import said
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

# --- What it answers --------------------------------------------------------------------------------------------------


def no_answer(evidence: Evidence) -> Verdict | None:
    """The application has no answer to give, or nothing at one of its two addresses."""
    for exchange in evidence.afterwards:
        response, method, path = exchange.response, exchange.request.method, exchange.request.path
        if not response:
            cause, step = "Your application gave no answer.", "Each way through your code has to end in a response."
        elif response.status == 404 and _never_found(evidence, path):
            cause = f"Your application has nothing for {method} {path}."
            step = f'`Route("{path}", …, methods=["{method}"])` is the route.'
        elif response.status == 405:
            cause = f"Your application has a route for {path} that does not take {method}."
            step = "A Route of Starlette takes GET alone, unless it is told `methods`."
        elif 300 <= response.status < 400:
            cause = f"Your application sends elsewhere whoever comes to {path}, and the shop does not follow."
            step = f"Compare your route's address, letter by letter, with {path}: there is no slash at its end."
        elif response.status == 500 and response.body == b"Internal Server Error":
            cause = "Your application gave no answer, so its server answered 500."
            step = "Each way through your code has to end in a response."
        else:
            continue
        return wrong(cause, exchange, expected=f"an answer to {method} {path}", seen=said(exchange), next_step=step)
    return None


def _never_found(evidence: Evidence, path: str) -> bool:
    return all(e.status == 404 for e in evidence.afterwards if e.request.path == path)


def json_of(exchange: Exchange) -> dict[str, Any]:
    """The JSON object in a request's content; an empty one where there is none."""
    content = exchange.request.json()
    return content if isinstance(content, dict) else {}


def not_taken(evidence: Evidence) -> Verdict | None:
    """Something else than 204 for a genuine notice."""
    before: set[str] = set()
    for it, exchange in sent(evidence):
        status = exchange.status or 0
        if it.amiss or status == 204:
            before.add(it.id)
            continue
        if 200 <= status < 300:
            cause = f"Your application answered a genuine notice with {status}, where 204 is asked for."
            step = "For the shop each 2xx means that the notice has arrived; the exercise asks for 204."
        elif it.event["isbn"] == evidence.expected.get("unknown"):
            cause = f"Your application answered {status} to the notice of a book that the shop does not have any more."
            step = (
                "The notice is genuine, and however often it comes, there is nothing to copy: answer it as any other."
            )
        elif it.id in before:
            cause = f"Your application answered {status} to a notice that came again, so it will come once more."
            step = "That it has come before is no failure: answer as the first time."
        elif status in (401, 403):
            cause = "Your application refused a genuine notice."
            step = "Verify the bytes as they came, `await request.body()`, before any parsing, with all header fields."
        else:
            cause = f"Your application answered {status} to a genuine notice, which will come again."
            step = "Anything but a 2xx means that the shop tries again: look at what your code does with this notice."
        return wrong(cause, exchange, expected="204 No Content", seen=said(exchange), next_step=step)
    return None


def not_refused(evidence: Evidence) -> Verdict | None:
    """Something else than 401 for a notice that is not genuine."""
    for it, exchange in sent(evidence):
        status = exchange.status or 0
        if not it.amiss or status == 401:
            continue
        taken = 200 <= status < 300
        return wrong(
            f"Your application took a notice {it.amiss}."
            if taken
            else f"Your application answered {status} to a notice {it.amiss}, where 401 is asked for.",
            exchange,
            expected="401 Unauthorized",
            seen=said(exchange),
            next_step="Anybody can POST to this address: verify before you believe a word of the content."
            if taken
            else "Whatever is wrong with the signature, its fields or its time, the answer is the same.",
        )
    return None


def crashed_on_strangers(evidence: Evidence) -> Verdict | None:
    """The first crash came of a notice that is not genuine: `verify` raises two kinds of errors."""
    crash = crashed_serving(evidence)
    if not crash or crash.exchange not in [exchange for it, exchange in sent(evidence) if it.amiss]:
        return None
    for error, why in (
        ("WebhookVerificationError", "is not genuine"),
        ("ValueError", "has no form, as some signatures"),
    ):
        if crash.seen.startswith(error):
            return replace(crash, next_step=f"`verify` raises {error} for what {why}: catch it and answer 401.")
    return None


def crashed_on_the_unknown(evidence: Evidence) -> Verdict | None:
    """The first crash came of a book that the shop does not have."""
    crash, unknown = crashed_serving(evidence), evidence.expected.get("unknown")
    if not crash or not crash.exchange or not unknown or json_of(crash.exchange).get("isbn") != unknown:
        return None
    asked = next((e for e in evidence.exchanges if e.request.path.endswith(str(unknown)) and e.status == 404), None)
    if not asked:
        return None
    step = "The shop answered 404: it has no such book any more. Look at the status before you read the book; there is "
    return replace(crash, next_step=f"{step}nothing to copy, and the notice is answered as any other.")


# --- What it asks the shop for ----------------------------------------------------------------------------------------


def asked_amiss(evidence: Evidence) -> Verdict | None:
    """A request for which the shop has nothing, and no notice told of it."""
    unknown = evidence.expected.get("unknown")
    good = (f"{BOOKS}/{unknown}", f"{BOOKS}/{unknown}/history")
    missed = next((e for e in evidence.exchanges if e.status in (404, 405) and e.request.path not in good), None)
    if not missed:
        return None
    return wrong(
        "Your application asked the shop for something that is not there.",
        missed,
        expected=f"GET {BOOKS}/{{isbn}}, with the isbn of the notice",
        seen=f"{missed.request.method} {missed.request.target}",
        next_step="There are braces in it: does your string begin with f?"
        if "{" in missed.request.target or "%7B" in missed.request.target
        else "Compare the target in the request's first line with the address of a book.",
    )


def asked_for_strangers(evidence: Evidence) -> Verdict | None:
    """A request after a notice that was not genuine, whatever that was answered."""
    known = list(sent(evidence))
    genuine = {it.event["isbn"] for it, _ in known if not it.amiss}
    strangers = {it.event["isbn"]: it for it, _ in known if it.amiss and it.event["isbn"] not in genuine}
    for exchange in evidence.exchanges:
        isbn = exchange.request.path.removeprefix(f"{BOOKS}/").partition("/")[0]
        if isbn in strangers:
            return wrong(
                f"Your application asked for the book of a notice {strangers[isbn].amiss}.",
                exchange,
                expected="no request, and 401",
                seen=f"{exchange.request.method} {exchange.request.target}",
                next_step="First verify, and only then do anything: else anybody can make you send requests.",
            )
    return None


def read_nothing(evidence: Evidence) -> Verdict | None:
    """Nothing was read although something genuine came."""
    if any(e.status == 200 for e in evidence.exchanges):
        return None
    came = next((exchange for it, exchange in sent(evidence) if not it.amiss), None)
    return wrong(
        "Your application read nothing from the shop.",
        came,
        expected=f"GET {BOOKS}/{{isbn}}, at the `url` that your function is given",
        seen="no such request",
        next_step="The notice does not say the stock: read the book. Does your code get that far? What fails after the "
        "answer is told to nobody.",
    )


# --- What it shows ----------------------------------------------------------------------------------------------------


def _copied(evidence: Evidence) -> tuple[Exchange | None, Any]:
    """The last exchange that shows the copy, and what it shows."""
    shown = [e for e in evidence.afterwards if e.request.path == COPY]
    return (shown[-1], shown[-1].response and shown[-1].response.json()) if shown else (None, None)


def no_copy(evidence: Evidence) -> Verdict | None:
    """No JSON object of whole numbers."""
    exchange, copy = _copied(evidence)
    form = '{"9780000000019": 12, …}'
    if not isinstance(copy, dict) or (exchange and exchange.status != 200):
        cause, step = (
            f"What your application answers to GET {COPY} is no JSON object.",
            "`JSONResponse(copy)` makes one.",
        )
    elif odd := next((it for it in copy.items() if type(it[1]) is not int), None):
        cause = f"Behind the ISBN {value_text(odd[0], 60)} your copy has no stock."
        step = "Whatever else you keep of a book, and whatever you could not read, is not to be shown."
    else:
        return None
    return wrong(cause, exchange, expected=form, seen=said(exchange) if exchange else "nothing", next_step=step)


def other_books(evidence: Evidence) -> Verdict | None:
    """A book is lacking; or one is there that the shop does not have."""
    exchange, copy = _copied(evidence)
    right, stocks = evidence.expected["right"], evidence.expected["stocks"]
    missing = next((isbn for isbn in right if isbn not in copy), None)
    odd = next((isbn for isbn in copy if isbn not in stocks), None)
    if missing:
        cause = f"Your copy lacks {missing}, of which you have been told."
        step = "Does each genuine notice lead to a read, and each read to an entry, the first of a book as well?"
    elif odd is not None:
        cause = f"Your copy has {value_text(odd, 60)} in it, and the shop has no such book."
        step = "The shop answered 404 to your question: then there is nothing to copy."
    else:
        return None
    return wrong(cause, exchange, expected=value_text(right), seen=value_text(copy), next_step=step)


def other_stocks(evidence: Evidence) -> Verdict | None:
    exchange, copy = _copied(evidence)
    stocks, versions = evidence.expected["stocks"], evidence.expected["versions"]
    odd = [isbn for isbn in copy if copy[isbn] != stocks[isbn][-1]]
    if not odd:
        return None
    isbn = odd[0]
    reads = [e for e in evidence.exchanges if e.status == 200 and e.request.path in (BOOKS, f"{BOOKS}/{isbn}")]
    shown: Exchange | None = exchange
    if 1 <= copy[isbn] <= versions[isbn]:
        cause = "Your copy has the version of a book in the place of its stock."
        step = "A notice does not say the stock: it stands in the book, which you read by REST."
    elif isbn == evidence.expected.get("overtaken") and copy[isbn] in stocks[isbn] and len(reads) > 1:
        shown = max(reads, key=lambda e: e.ended)
        cause = "An older answer of the shop came after a newer one, and your copy went back to it."
        step = "Each answer has a `version`: keep it with the stock, and let the greater one stay."
    elif copy[isbn] in stocks[isbn]:
        cause = "A book has changed again, and your copy still has what it was before."
        shown = next((e for it, e in reversed(list(sent(evidence))) if it.event["isbn"] == isbn), exchange)
        step = "A book that you know already can change: which notices lead to no read in your code?"
    else:
        cause, step = "Your copy has a stock that this book never had.", "Which member of the book do you keep?"
    want, seen = stocks[isbn][-1], copy[isbn]
    return wrong(cause, shown, expected=f"{isbn}: {want}", seen=f"{isbn}: {value_text(seen, 100)}", next_step=step)
