"""Answers to `graphql.speaker_service`."""

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


def loaded(load):
    """An answer whose loader asks as `load(url, ids)` does."""

    def answer(url, talks):
        async def load_people(ids):
            return load(url, ids)

        return served(talks, lambda: DataLoader(load_fn=load_people))

    return answer


def asked_by(e):
    return e.request.path == "/graphql"


@speaker_service.wrong("asked the other service 12 times: that is N+1", lambda e: e.request.path == "/people")
def one_after_the_other(url, talks):
    return loaded(lambda url, ids: [next(iter(in_order(people_at(url, [id]), [id]))) for id in ids])(url, talks)


@speaker_service.wrong("asked the other service 14 times: that is N+1", lambda e: e.request.path == "/people")
def no_loader_at_all(url, talks):
    class Alone:
        async def load(self, id):
            return in_order(people_at(url, [id]), [id])[0]

    return served(talks, Alone)


@speaker_service.wrong("has another speaker for", lambda e: asked_by(e) and e.status == 200)
def in_the_order_of_the_answer(url, talks):
    def load(url, ids):
        found = [Person(**it) for it in people_at(url, ids)]
        return found + [None] * (len(ids) - len(found))

    return loaded(load)(url, talks)


@speaker_service.wrong("does not give one value for each id", lambda e: b"wrong number" in e.response.body)
def only_those_who_are_known(url, talks):
    return loaded(lambda url, ids: [it for it in in_order(people_at(url, ids), ids) if it])(url, talks)


@speaker_service.wrong("fails for a speaker whom the other service does not know", lambda e: b"gone" in e.response.body)
def a_dict_without_get(url, talks):
    def load(url, ids):
        found = {it["id"]: Person(**it) for it in people_at(url, ids)}
        return [found[id] for id in ids]

    return loaded(load)(url, talks)


@speaker_service.wrong("has one all the same", lambda e: asked_by(e) and b"Unknown" in e.response.body)
def somebody_for_nobody(url, talks):
    return loaded(lambda url, ids: [it or Person(id="", name="Unknown") for it in in_order(people_at(url, ids), ids)])(
        url, talks
    )


@speaker_service.wrong(
    "has no speaker for", lambda e: asked_by(e) and b'"speaker": null' in e.response.body.replace(b":null", b": null")
)
def nobody_at_all(url, talks):
    return loaded(lambda url, ids: [None for _ in in_order(people_at(url, ids), ids)])(url, talks)


@speaker_service.wrong("refused what your application asked", lambda e: e.status == 404)
def the_wrong_address(url, talks):
    return loaded(
        lambda url, ids: in_order(requests.get(f"{url}/persons", params={"ids": ",".join(ids)}).json()["people"], ids)
    )(url, talks)


@speaker_service.wrong("from memory", asked_by)
def a_loader_for_all_requests(url, talks):
    async def load_people(ids):
        return in_order(people_at(url, ids), ids)

    loader = DataLoader(load_fn=load_people)
    return served(talks, lambda: loader)


@speaker_service.wrong("Your loader gives dicts", asked_by)
def dicts_for_people(url, talks):
    def load(url, ids):
        found = {it["id"]: it for it in people_at(url, ids)}
        return [found.get(id) for id in ids]

    return loaded(load)(url, talks)


@speaker_service.wrong("Something is awaited that cannot be", asked_by)
def a_loader_that_is_not_async(url, talks):
    def load_people(ids):
        return in_order(people_at(url, ids), ids)

    return served(talks, lambda: DataLoader(load_fn=load_people))


@speaker_service.wrong("does not answer with the talks", asked_by)
def only_talks_whose_speaker_is_known(url, talks):
    return asked_in_a_thread(url, [talk for talk in talks if "gone" not in talk["speaker"]])


@speaker_service.wrong("3 times, and once for each would do", lambda e: e.request.path == "/people")
def once_more_before_anybody_asks(url, talks):
    people_at(url, [talk["speaker"] for talk in talks])
    return asked_in_a_thread(url, talks)


@speaker_service.wrong("answers 404 Not Found to the query", asked_by)
def another_path(url, talks):
    return Starlette(routes=[Route("/", graphql_core_that_looks_ahead(url, talks), methods=["POST"])])


@speaker_service.wrong("is no GraphQL response with talks", asked_by)
def a_list_in_json(url, talks):
    async def answer(request):
        return JSONResponse(talks)

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])


@speaker_service.wrong("raised KeyError", asked_by, "crashed")
def a_wrong_name_in_a_handler(url, talks):
    async def answer(request):
        return JSONResponse((await request.json())["talks"])

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])


@speaker_service.wrong("cannot be served", None)
def the_talks_themselves(url, talks):
    return talks


@speaker_service.wrong("Your application answers with errors.", lambda e: b"JSONDecodeError" not in e.response.body)
def json_of_what_is_none(url, talks):
    return loaded(lambda url, ids: in_order(requests.get(f"{url}/people", params={"ids": ids}).json()["persons"], ids))(
        url, talks
    )


@speaker_service.wrong("gave no answer", lambda e: e.response is None)
def an_application_that_breaks_off(url, talks):
    async def application(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})

    return application


@speaker_service.wrong("answers 500 Internal Server Error", asked_by)
def an_application_that_says_nothing(url, talks):
    async def application(scope, receive, send):
        await receive()

    return application
