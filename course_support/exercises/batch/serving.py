"""The exercise of the server's half: a batch in one transaction, where each item has its own fate or all share one."""

from __future__ import annotations

import random
from dataclasses import replace

from starlette.applications import Starlette

from course_support.attempts import crashed_serving
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.batch.served import Answered, Item, answered_in, judged, otherwise, people
from course_support.exercises.batch.served_rows import other_count, other_errors, other_rows
from course_support.exercises.rules import json_object
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

CONTACTS, BATCH = "/contacts", "/contacts/batch"
ADDRESSLESS: tuple[Item, ...] = (
    {"name": "No Address"},
    {"name": "Null Address", "email": None},
    {"name": "Empty Address", "email": ""},
)
FORM = '{"created": n, "errors": [{"index": …, "code": …}, …]}'


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, first) for first in ("good", "atomic")]


def _scene(draw: random.Random, first: str) -> Scene:
    """With an atomic one at first nothing is stored yet; what is rolled back comes again, and is new then."""
    crowd = people(draw, 14)
    known = crowd[:2]
    faulty = [*ADDRESSLESS, otherwise(known[0]), *crowd[2:5], otherwise(crowd[4])]
    again = [*crowd[5:8], otherwise(crowd[5])]
    lacking = [*crowd[8:10], draw.choice(ADDRESSLESS), known[1]]
    draw.shuffle(faulty)
    mixed = [crowd[10], *faulty, crowd[11]]
    batches: list[tuple[list[Item], bool]] = [
        (known, False),
        (mixed, False),
        (again, True),
        (lacking, True),
        (crowd[8:10], True),
        (again, False),
        (crowd[12:], False),
    ]
    if first == "atomic":
        batches[:2] = [(mixed, True), *batches[:2]]
    sent = list(judged(batches))

    def visit(client: Client) -> None:
        for batch in sent:
            client.send("POST", BATCH, "", {"contacts": batch.contacts, "atomic": batch.atomic})
            client.send("GET", CONTACTS)

    return Scene(Starlette(), {}, {"batches": sent}, afterwards=visit, serves=True)


def _judge(evidence: Evidence) -> Verdict:
    rules = (other_rows, _other_status, _no_form, other_errors, other_count)
    each = (rule(answered) for answered in answered_in(evidence) for rule in rules)
    return first_of(evidence, _no_answer, lambda _: next(filter(None, each), None))


def _no_answer(evidence: Evidence) -> Verdict | None:
    """The application has no answer to give, or nothing at the address."""
    for exchange in evidence.afterwards:
        response, asked = exchange.response, f"{exchange.request.method} {exchange.request.path}"
        if not response:
            cause, step = f"Your application gave no answer to {asked}.", "Each way through your code has to end."
        elif response.status == 404:
            cause = f"Your application has nothing for {asked}."
            step = f'`routes.append(Route("{BATCH}", stored, methods=["POST"]))` adds a route.'
        elif response.status == 405:
            cause = f"Your application has a route for {exchange.request.path} that does not take a POST."
            step = "A Route of Starlette takes GET alone, unless it is told `methods`."
        elif 300 <= response.status < 400:
            cause = "Your application sends the client elsewhere instead of answering."
            step = f"Compare your route's address, letter by letter, with {BATCH}: there is no slash at its end."
        elif exchange.request.method == "GET" and not isinstance(response.json(), list):
            cause = f"Your application does not answer {asked} with its list of addresses any more."
            step = "Leave the route that is there in `routes` as it is, and append yours."
        else:
            continue
        return wrong(cause, exchange, expected=f"an answer to {asked}", seen=_said(exchange), next_step=step)
    missing = len(answered_in(evidence)) < len(evidence.expected["batches"])
    last = evidence.afterwards[-1] if evidence.afterwards else None
    step = "Each way through your code has to end in a response."
    cause = "Your application did not answer all that it was sent."
    return wrong(cause, last, expected="an answer", seen="none", next_step=step) if missing else None


def _said(exchange: Exchange) -> str:
    response = exchange.response
    if not response:
        return "no answer at all"
    text = "" if response.text == response.reason else response.text[:200]
    return f"{response.status} {response.reason} {text}".strip()


def _other_status(answered: Answered) -> Verdict | None:
    batch, post = answered.batch, answered.post
    expected = 422 if batch.fails else 200
    if post.status == expected:
        return None
    if batch.fails:
        cause = (
            f"Your application answered {post.status} to an atomic batch that has an error, of which nothing is stored."
        )
        step = "Whoever looks at the status alone must see that nothing came of it: 422 is asked for."
    elif batch.errors:
        cause = f"Your application answered {post.status} to a batch of which a part is stored, where 200 is asked for."
        step = "Errors make a 422 of an atomic batch alone; of another one the content tells what became of each."
    else:
        cause = f"Your application answered {post.status} to a batch without a fault, where 200 is asked for."
        step = "The exercise asks for 200, with the counts in the content."
    return wrong(cause, post, expected=expected, seen=_said(post), next_step=step)


def _no_form(answered: Answered) -> Verdict | None:
    post = answered.post
    content = json_object(post)
    if not content:
        cause = "What your application answers is no JSON object."
    elif lacking := [name for name in ("created", "errors") if name not in content]:
        cause = f"Your {post.status} has no member `{lacking[0]}`."
    elif answered.errors is None:
        cause = "The `errors` of your answer are no list of objects with an `index` and a `code`."
    else:
        return None
    step = "`JSONResponse({…}, status)` sends a dict; the exercise names its members, which are there in every answer."
    return wrong(cause, post, expected=FORM, seen=_said(post), next_step=step)


ADVICE = {
    "within a transaction": "An earlier batch has begun a transaction and not ended it: each way through your code "
    'needs a "COMMIT" or a "ROLLBACK" before its `return`.',
    "no transaction is active": 'There is nothing to roll back or to commit: send "BEGIN" before the first INSERT. '
    "With isolation_level=None sqlite3 does not do it for you.",
    "UNIQUE constraint": "The table knows of a duplicate that your code did not see: catch sqlite3.IntegrityError at "
    "its INSERT, and note an error of this contact.",
    "NOT NULL constraint": "A contact without an address is refused by the table: catch sqlite3.IntegrityError at "
    "its INSERT, and note an error of this contact.",
}


def _crashed_in_the_database(evidence: Evidence) -> Verdict | None:
    """What SQLite says of a transaction or a constraint has a next step of its own."""
    crash = crashed_serving(evidence)
    step = next((ADVICE[text] for text in ADVICE if crash and text in crash.seen), None)
    return replace(crash, next_step=step) if crash and step else None


CONTACTS_SERVICE = Exercise(
    "batch.contacts_service",
    "Write the service",
    4,
    (
        "Who knows for certain that an address is a duplicate: your code, or the table? And until when can everything "
        "still be taken back?",
        '`database.execute("BEGIN")`, then a loop with `try` around each INSERT: sqlite3.IntegrityError says in its '
        "text whether NOT NULL or UNIQUE failed. Note index and code, and go on with the next. NOT NULL takes an empty "
        'text: insert `contact.get("email") or None`.',
        '`if errors and sent["atomic"]: database.execute("ROLLBACK")`, and `return JSONResponse({"created": 0, '
        '"errors": errors}, 422)`. Otherwise "COMMIT", and `created` is the number of contacts less the errors.',
    ),
    _scenes,
    _judge,
    early=(_crashed_in_the_database,),
)
