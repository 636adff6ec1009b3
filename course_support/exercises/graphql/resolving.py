"""The exercise of the server's half: a resolver that asks another service once, not once for each object."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.backends import problem
from course_support.backends.graphql import app
from course_support.backends.problem import Problem
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.graphql.queries import data, errors, message
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

PEOPLE = "/people"
GRAPHQL = "/graphql"
QUERIES = {
    "{ talks { title speaker { name } } }": ("name",),
    "{ talks { speaker { id name } title } }": ("id", "name"),
}


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, missing) for missing in (0, 1)]


def _scene(draw: random.Random, missing: int) -> Scene:
    events = app(draw.randrange(2**32)).state.events
    speakers = list({it.id: it.name for id in events.ids() for it in events.speakers_of(id)}.items())
    people = dict(draw.sample(speakers, 6))
    ids = [*people, draw.choice(list(people)), *(f"gone{number}" for number in range(missing))]
    draw.shuffle(ids)
    talks = [{"title": f"Talk {number}", "speaker": id} for number, id in enumerate(ids)]

    def visit(client: Client) -> None:
        for query in QUERIES:
            client.send("POST", GRAPHQL, "", {"query": query})

    return Scene(_directory(people), {"url": URL, "talks": talks}, {"people": people}, afterwards=visit, serves=True)


def _directory(people: dict[str, str]) -> Starlette:
    """A service that knows people: many at a time, in an order of its own, and without those whom it does not know."""

    async def list_people(request: Request) -> Response:
        ids = request.query_params.get("ids")
        if not ids:
            raise Problem(400, "Ask for people as /people?ids=sp1,sp2.")
        known = sorted({id for id in ids.split(",") if id in people}, reverse=True)
        return JSONResponse({"people": [{"id": id, "name": people[id]} for id in known]})

    return Starlette(routes=[Route(PEOPLE, list_people)], exception_handlers=problem.HANDLERS)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        _no_answer,
        _refused_below,
        _with_errors,
        _other_talks,
        _not_asked_for,
        _other_speakers,
        _asked_too_often,
    )


def _no_answer(evidence: Evidence) -> Verdict | None:
    silent = next((e for e in evidence.afterwards if not errors(e) and "talks" not in data(e)), None)
    if not silent and len(evidence.afterwards) == len(QUERIES):
        return None
    answer = silent and silent.response
    if not answer:
        cause, seen = "Your application gave no answer.", "no answer at all"
    elif answer.status >= 400:
        cause = f"Your application answers {answer.status} {answer.reason} to the query.".replace("  ", " ")
        seen = answer.text or "an empty answer"
    else:
        cause, seen = "What your application answers is no GraphQL response with talks.", answer.text or "nothing"
    return wrong(
        cause,
        silent,
        expected=f'{{"data": {{"talks": [ … ]}}}}, in answer to POST {GRAPHQL}',
        seen=seen,
        next_step="Return the application that the last lines of the answer's cell make, as they make it.",
    )


def _refused_below(evidence: Evidence) -> Verdict | None:
    refused = next((e for e in evidence.exchanges if e.status != 200), None)
    if not refused:
        return None
    return wrong(
        "The service that knows the people refused what your application asked.",
        refused,
        expected=f"GET {PEOPLE}?ids=, and the ids with commas between them",
        seen=f"{refused.request.method} {refused.request.target}",
        next_step='`requests.get(f"{url}/people", params={"ids": ",".join(ids)})` asks for all of them.',
    )


def _with_errors(evidence: Evidence) -> Verdict | None:
    failed = next((e for e in evidence.afterwards if errors(e)), None)
    if not failed:
        return None
    said, step = message(failed), "The message is that of the exception in your resolver or loader."
    if "wrong number" in said:
        cause = "Your loader does not give one value for each id."
        step = "It must give exactly one for each, in their order, and None for one that is not there."
    elif "KeyError" in said or any(said == repr(id) for id in _unknown(evidence)):
        cause = "Your loader fails for a speaker whom the other service does not know."
        step = "Whoever is unknown is not in its answer: give None for this id, as `dict.get` does."
    elif "got Future" in said or "coroutine" in said or "await" in said:
        cause = "Something is awaited that cannot be, or not awaited that has to be."
        step = "A loader is an `async def`, and whoever calls `load` awaits what it returns."
    elif "'dict' object has no attribute" in said:
        cause = "Your loader gives dicts, where the schema has objects of the type Person."
        step = "Make one of each: `Person(**person)`."
    else:
        cause = "Your application answers with errors."
    return wrong(
        cause,
        failed,
        expected="data without errors, and null for a speaker whom nobody knows",
        seen=said,
        next_step=step,
    )


def _unknown(evidence: Evidence) -> list[str]:
    return [
        talk["speaker"] for talk in evidence.arguments["talks"] if talk["speaker"] not in evidence.expected["people"]
    ]


def _found(exchange: Exchange) -> list[dict[str, Any]]:
    """The talks in an answer."""
    talks = data(exchange).get("talks")
    return [talk if isinstance(talk, dict) else {} for talk in talks] if isinstance(talks, list) else []


def _other_talks(evidence: Evidence) -> Verdict | None:
    titles = [talk["title"] for talk in evidence.arguments["talks"]]
    for exchange in evidence.afterwards:
        found = [talk.get("title") for talk in _found(exchange)]
        if found != titles:
            return wrong(
                "Your application does not answer with the talks that your function is given.",
                exchange,
                expected=titles,
                seen=found,
                next_step="Every talk is in the answer, in their order, whether its speaker is known or not.",
            )
    return None


def _not_asked_for(evidence: Evidence) -> Verdict | None:
    """Ids that never reached the other service as its `ids` has them."""
    ids = {id for e in evidence.exchanges for id in e.request.query.get("ids", "").split(",")}
    missing = [talk["title"] for talk in evidence.arguments["talks"] if talk["speaker"] not in ids]
    if not missing or not evidence.last:
        return None
    return wrong(
        f"Your application asked the other service, but not for the speaker of {missing[0]}.",
        evidence.last,
        expected=f"GET {PEOPLE}?ids=, once, and all the ids with commas between them",
        seen=f"{evidence.last.request.method} {evidence.last.request.target}",
        next_step='A list in `params` becomes one field for each: join it, `params={"ids": ",".join(ids)}`.',
    )


def _other_speakers(evidence: Evidence) -> Verdict | None:
    people = evidence.expected["people"]
    for exchange, members in zip(evidence.afterwards, QUERIES.values(), strict=False):
        for talk, found in zip(evidence.arguments["talks"], _found(exchange), strict=True):
            id, given = talk["speaker"], found.get("speaker")
            person = {"id": id, "name": people.get(id)}
            expected = {member: person[member] for member in members} if id in people else None
            if not same(given, expected):
                return _other_speaker(talk["title"], exchange, expected, given)
    return None


def _other_speaker(title: str, exchange: Exchange, expected: object, given: object) -> Verdict:
    step = "The people come back in an order of their own, each once, and without those who are unknown: keep them in "
    step += "a dict by id, and then go through the ids."
    if given is None:
        cause = f"Your application has no speaker for {title}, and the other service knows one."
    elif expected is None:
        cause = f"Nobody knows the speaker of {title}, and your application has one all the same."
        step = "For an id that is not in the answer of the other service, the loader gives None."
    else:
        cause = f"Your application has another speaker for {title} than it has."
    return wrong(
        cause,
        exchange,
        expected="null" if expected is None else expected,
        seen="null" if given is None else value_text(given),
        next_step=step,
    )


def _asked_too_often(evidence: Evidence) -> Verdict | None:
    count, queries = len(evidence.exchanges), len(QUERIES)
    if count == queries:
        return None
    if count > queries:
        cause = f"For {queries} queries your application asked the other service {count} times"
        alone = [e for e in evidence.exchanges if "," not in unquote(e.request.target)]
        return wrong(
            f"{cause}: that is N+1." if len(alone) > queries else f"{cause}, and once for each would do.",
            evidence.last,
            expected="one request for each query, with all the ids in it",
            seen=f"{count} requests, such as {evidence.exchanges[-1].request.target}",
            next_step="The loader hands you all the ids at once: send one request for all of them.",
        )
    return wrong(
        "Your application answered from memory, and what it says may be out of date.",
        evidence.afterwards[-1],
        expected="one request to the other service for each query",
        seen=f"{count} request{'s' * (count != 1)} for {queries} queries",
        next_step="Ask while a query is answered, not before; a loader remembers, so each request has a new one.",
    )


SPEAKER_SERVICE = Exercise(
    "graphql.speaker_service",
    "Write a loader",
    3,
    (
        "The loader calls `load_people` once, with the ids of all speakers that the query needs. What does it want "
        "back, and in which order?",
        '`found = {person["id"]: Person(**person) for person in answer["people"]}`, and then '
        "`return [found.get(id) for id in ids]`.",
    ),
    _scenes,
    _judge,
)
