"""The exercise of the server's half: a resolver that asks another service once, not once for each object."""

from __future__ import annotations

import random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.backends import problem
from course_support.backends.graphql import app
from course_support.backends.problem import Problem
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.graphql.queries import data, errors
from course_support.verdict import Verdict, wrong

PEOPLE = "/people"
QUERIES = ("{ talks { title speaker { name } } }", "{ talks { speaker { id name } title } }")


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
            client.send("POST", "/graphql", "", {"query": query})

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
    return first_of(evidence, _no_answer, _refused_below, _with_errors, _other_speakers, _asked_too_often)


def _no_answer(evidence: Evidence) -> Verdict | None:
    silent = next((e for e in evidence.afterwards if not errors(e) and "talks" not in data(e)), None)
    if not silent:
        return None
    return wrong(
        "Your application does not answer the query.",
        silent,
        expected="a GraphQL answer with talks",
        seen=silent.response.text or "an empty answer" if silent.response else "no answer at all",
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
    message = str(errors(failed)[0].get("message"))
    return wrong(
        "Your application answers with errors.",
        failed,
        expected="data without errors, and null for a speaker whom nobody knows",
        seen=message,
        next_step="A loader must give exactly one value for each id, in their order, and None for one that is not "
        "there."
        if "wrong number" in message.lower() or "batch" in message.lower()
        else "The message is that of the exception in your resolver or loader.",
    )


def _other_speakers(evidence: Evidence) -> Verdict | None:
    people, talks = evidence.expected["people"], evidence.arguments["talks"]
    for exchange in evidence.afterwards:
        found: list[Any] = data(exchange)["talks"]
        for talk, given in zip(talks, found, strict=False):
            name = people.get(talk["speaker"])
            seen = (given.get("speaker") or {}).get("name") if isinstance(given, dict) else None
            if not same(seen, name):
                return wrong(
                    f"{talk['title']} has another speaker than your application says.",
                    exchange,
                    expected=name or "null: nobody knows this speaker",
                    seen=seen or "null",
                    next_step="The people come back in an order of their own, each once, and without those who are "
                    "unknown: "
                    "sort them by id before you hand them on.",
                )
    return None


def _asked_too_often(evidence: Evidence) -> Verdict | None:
    asked, queries = len(evidence.exchanges), len(evidence.afterwards)
    if asked == queries:
        return None
    if asked < queries:
        return wrong(
            "The second query was answered from memory, and what it says may be out of date.",
            evidence.afterwards[-1],
            expected="one request to the other service for each query",
            seen=f"{asked} requests for {queries} queries",
            next_step="A loader lives as long as one request: make a new one for each, as the given code does.",
        )
    return wrong(
        f"For {queries} queries your application asked the other service {asked} times: that is N+1.",
        evidence.exchanges[-1],
        expected="one request for each query, with all the ids in it",
        seen=f"{asked} requests, such as {evidence.exchanges[-1].request.target}",
        next_step="The loader hands you all the ids at once: send one request for all of them.",
    )


SPEAKER_SERVICE = Exercise(
    "graphql.speaker_service",
    "Write a loader",
    3,
    (
        "The loader calls `load_people` once, with the ids of all speakers that the query needs. What does it want "
        "back, and "
        "in which order?",
        '`found = {person["id"]: Person(**person) for person in answer["people"]}`, and then '
        "`return [found.get(id) for id in ids]`.",
    ),
    _scenes,
    _judge,
)
