"""Right answers to `graphql.speaker_service`."""

from types import SimpleNamespace

import httpx
import requests
import strawberry
from graphql import build_schema, graphql
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from tests.exercises.answers.answer import Answers

speaker_service = Answers("graphql.speaker_service")


def people_at(url, ids):
    return requests.get(f"{url}/people", params={"ids": ",".join(ids)}).json()["people"]


def in_order(found, ids):
    """The people as objects, one for each id."""
    known = {it["id"]: SimpleNamespace(**it) for it in found}
    return [known.get(id) for id in ids]


@strawberry.type
class Person:
    id: str
    name: str


@strawberry.type
class Talk:
    title: str
    speaker_id: strawberry.Private[str]

    @strawberry.field
    async def speaker(self, info: strawberry.Info) -> Person | None:
        return await info.context["people"].load(self.speaker_id)


@strawberry.type
class Query:
    @strawberry.field
    def talks(self, info: strawberry.Info) -> list[Talk]:
        return [Talk(title=talk["title"], speaker_id=talk["speaker"]) for talk in info.context["talks"]]


def served(talks, make_loader):
    """The application of the exercise, with what the answer makes for each request in the place of the loader."""

    class Application(GraphQL):
        async def get_context(self, request, response=None):
            return {"people": make_loader(), "talks": talks}

    return Application(strawberry.Schema(Query), graphql_ide=None)


@speaker_service.right
def asked_in_a_thread(url, talks):
    async def load_people(ids):
        return in_order(await run_in_threadpool(people_at, url, ids), ids)

    return served(talks, lambda: DataLoader(load_fn=load_people))


@speaker_service.right
def asked_by_httpx_and_sorted_by_hand(url, talks):
    async def load_people(ids):
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{url}/people?ids=" + ",".join(dict.fromkeys(ids)))
        people = answer.json()["people"]
        return [next((Person(**it) for it in people if it["id"] == id), None) for id in ids]

    return served(talks, lambda: DataLoader(load_fn=load_people, max_batch_size=100))


@speaker_service.right
def a_cache_for_each_request_by_hand(url, talks):
    class Cache:
        known = None

        async def load(self, id):
            if self.known is None:
                wanted = [talk["speaker"] for talk in talks]
                self.known = dict(zip(wanted, in_order(people_at(url, wanted), wanted), strict=True))
            return self.known[id]

    return served(talks, Cache)


SDL = (
    "type Query { talks: [Talk!]! } type Talk { title: String! speaker: Person } type Person { id: ID! name: String! }"
)


@speaker_service.right
def graphql_core_that_looks_ahead(url, talks):
    schema = build_schema(SDL)

    def resolve_talks(info):
        found = in_order(people_at(url, [talk["speaker"] for talk in talks]), [talk["speaker"] for talk in talks])
        return [{"title": talk["title"], "speaker": who} for talk, who in zip(talks, found, strict=True)]

    async def answer(request):
        content = await request.json()
        result = await graphql(
            schema, content["query"], {"talks": resolve_talks}, variable_values=content.get("variables")
        )
        return JSONResponse(result.formatted)

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
