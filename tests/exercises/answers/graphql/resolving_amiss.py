"""Wrong answers to `graphql.speaker_service`."""

import requests
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from strawberry.dataloader import DataLoader

from tests.exercises.answers.graphql.resolving import (
    Person,
    asked_in_a_thread,
    graphql_core_that_looks_ahead,
    in_order,
    people_at,
    served,
    speaker_service,
)


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
def a_member_of_another_name(url, talks):
    def load(url, ids):
        return requests.get(f"{url}/people", params={"ids": ",".join(ids)}).json()["persons"]

    return loaded(load)(url, talks)


@speaker_service.wrong("but not for the speaker of", lambda e: "&ids=" in e.request.target)
def a_list_for_a_parameter(url, talks):
    def load(url, ids):
        return in_order(requests.get(f"{url}/people", params={"ids": ids}).json()["people"], ids)

    return loaded(load)(url, talks)


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
