"""Wrong answers to `choosing.partner`."""

import json

import requests
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from tests.exercises.answers.choosing.partnering import application, keep_newest, partner, read, stocks, verified


def taking(take_in, verify=verified, done=204, shown=stocks):
    """A partner that does something else with what is genuine: `take_in(copy, event, url, token)`."""

    def answer(secret, url, token):
        copy = {}

        async def notice(request):
            event = await verify(secret, request)
            if event is None:
                return Response(status_code=401)
            status = await run_in_threadpool(take_in, copy, event, url, token)
            return Response(status_code=status or done)

        return application(notice, lambda: shown(copy))

    return answer


def newest(copy, event, url, token):
    keep_newest(copy, read(url, token, event["isbn"]))


def is_hook(e):
    return e.request.path == "/hooks"


def is_copy(e):
    return e.request.path == "/copy"


def about(e):
    return e.request.json() or {}


@partner.wrong("Your application has nothing for POST /hooks", is_hook)
def at_another_address(secret, url, token):
    served = taking(newest)(secret, url, token)
    return Starlette(routes=[Route("/webhooks", served.routes[0].endpoint, methods=["POST"]), served.routes[1]])


@partner.wrong("Your application has nothing for GET /copy", is_copy)
def without_a_copy(secret, url, token):
    served = taking(newest)(secret, url, token)
    return Starlette(routes=[route for route in served.routes if route.path != "/copy"])


@partner.wrong("does not take POST", is_hook)
def without_its_method(secret, url, token):
    return Starlette(routes=[Route("/hooks", lambda request: Response(status_code=204))])


@partner.wrong("Your application took a notice", is_hook)
def without_verification(secret, url, token):
    async def believe(secret, request):
        return await request.json()

    return taking(newest, believe)(secret, url, token)


@partner.wrong("where 401 is asked for", lambda e: is_hook(e) and e.status == 400)
def another_refusal(secret, url, token):
    served = taking(newest)(secret, url, token)

    async def entry(scope, receive, send):
        async def send_on(message):
            await send(message | ({"status": 400} if message.get("status") == 401 else {}))

        await served(scope, receive, send_on)

    return entry


@partner.wrong("Your application asked for the book of a notice", lambda e: e.request.path.startswith("/api/v1/books/"))
def asked_before_verified(secret, url, token):
    async def ask_and_verify(secret, request):
        await run_in_threadpool(read, url, token, (await request.json())["isbn"])
        return await verified(secret, request)

    return taking(newest, ask_and_verify)(secret, url, token)


@partner.wrong("with 200, where 204 is asked for", is_hook)
def another_success(secret, url, token):
    return taking(newest, done=200)(secret, url, token)


@partner.wrong("Your application refused a genuine notice", is_hook)
def verified_when_written_again(secret, url, token):
    async def verify(secret, request):
        try:
            return Webhook(secret).verify(json.dumps(await request.json()), dict(request.headers))
        except (WebhookVerificationError, ValueError):
            return None

    return taking(newest, verify)(secret, url, token)


@partner.wrong("raised WebhookVerificationError", is_hook, "crashed", "answer 401")
def without_a_net(secret, url, token):
    async def verify(secret, request):
        return Webhook(secret).verify(await request.body(), dict(request.headers))

    return taking(newest, verify)(secret, url, token)


@partner.wrong("raised ValueError", is_hook, "crashed", "answer 401")
def without_a_net_for_what_has_no_form(secret, url, token):
    async def verify(secret, request):
        try:
            return Webhook(secret).verify(await request.body(), dict(request.headers))
        except WebhookVerificationError:
            return None

    return taking(newest, verify)(secret, url, token)


@partner.wrong("raised KeyError", is_hook, "crashed", "The shop answered 404: it has no such book any more")
def without_a_look_at_the_status(secret, url, token):
    def take_in(copy, event, url, token):
        fields = {"Authorization": f"Bearer {token}"}
        keep_newest(copy, requests.get(f"{url}/api/v1/books/{event['isbn']}", headers=fields, timeout=10).json())

    return taking(take_in)(secret, url, token)


@partner.wrong("raised KeyError", is_hook, "crashed", "Look at that line")
def with_the_stock_of_the_notice(secret, url, token):
    def take_in(copy, event, url, token):
        copy[event["isbn"]] = event["stock"]

    return taking(take_in)(secret, url, token)


@partner.wrong("to the notice of a book that the shop does not have any more", lambda e: e.status == 404)
def the_404_passed_on(secret, url, token):
    def take_in(copy, event, url, token):
        book = read(url, token, event["isbn"])
        keep_newest(copy, book)
        return None if book else 404

    return taking(take_in)(secret, url, token)


@partner.wrong("to a notice that came again", lambda e: is_hook(e) and e.status == 409)
def what_comes_twice_refused(secret, url, token):
    seen = set()

    def take_in(copy, event, url, token):
        if (event["isbn"], event["version"]) in seen:
            return 409
        seen.add((event["isbn"], event["version"]))
        return newest(copy, event, url, token)

    return taking(take_in)(secret, url, token)


@partner.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_token(secret, url, token):
    def take_in(copy, event, url, token):
        copy[event["isbn"]] = requests.get(f"{url}/api/v1/books/{event['isbn']}", timeout=10).json()["stock"]

    return taking(take_in, shown=dict)(secret, url, token)


@partner.wrong("asked the shop for something that is not there", lambda e: e.request.path.startswith("/books/"))
def at_another_address_of_the_shop(secret, url, token):
    def take_in(copy, event, url, token):
        fields = {"Authorization": f"Bearer {token}"}
        copy[event["isbn"]] = requests.get(f"{url}/books/{event['isbn']}", headers=fields, timeout=10).json()["stock"]

    return taking(take_in, shown=dict)(secret, url, token)


@partner.wrong("Your application read nothing from the shop", is_hook)
def without_a_question(secret, url, token):
    return taking(lambda copy, event, url, token: None)(secret, url, token)


@partner.wrong("Your copy has the version of a book in the place of its stock", is_copy)
def versions(secret, url, token):
    def take_in(copy, event, url, token):
        if read(url, token, event["isbn"]):
            copy[event["isbn"]] = event["version"]

    return taking(take_in, shown=dict)(secret, url, token)


@partner.wrong("A book has changed again, and your copy still has what it was before", is_hook)
def each_book_once(secret, url, token):
    def take_in(copy, event, url, token):
        if event["isbn"] not in copy:
            newest(copy, event, url, token)

    return taking(take_in)(secret, url, token)


@partner.wrong("An older answer of the shop came after a newer one", lambda e: e.request.method == "GET")
def what_was_read_last(secret, url, token):
    def take_in(copy, event, url, token):
        copy.update({event["isbn"]: book} if (book := read(url, token, event["isbn"])) else {})

    return taking(take_in)(secret, url, token)


@partner.wrong("has no stock", is_copy)
def none_for_what_is_not_there(secret, url, token):
    def take_in(copy, event, url, token):
        copy[event["isbn"]] = (read(url, token, event["isbn"]) or {}).get("stock")

    return taking(take_in, shown=dict)(secret, url, token)


@partner.wrong("and the shop has no such book", is_copy)
def nought_for_what_is_not_there(secret, url, token):
    def take_in(copy, event, url, token):
        keep_newest(copy, read(url, token, event["isbn"]) or event | {"stock": 0})

    return taking(take_in)(secret, url, token)


@partner.wrong("is no JSON object", is_copy)
def a_list(secret, url, token):
    return taking(newest, shown=lambda copy: list(copy.values()))(secret, url, token)
