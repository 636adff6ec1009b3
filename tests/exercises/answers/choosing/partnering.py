"""Answers to `choosing.partner`."""

import asyncio
import base64
import hmac
import sqlite3
import time

import httpx
import requests
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_urllib

partner = Answers("choosing.partner")


def application(notice, shown):
    """What is served: `notice(request)` answers the shop, and `shown()` is the copy."""

    async def copy(request):
        return JSONResponse(shown())

    return Starlette(routes=[Route("/hooks", notice, methods=["POST"]), Route("/copy", copy)])


async def verified(secret, request):
    """The event, or None."""
    try:
        return Webhook(secret).verify(await request.body(), dict(request.headers))
    except (WebhookVerificationError, ValueError):
        return None


def read(url, token, isbn):
    """The book, or None."""
    answer = requests.get(f"{url}/api/v1/books/{isbn}", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    return answer.json() if answer.ok else None


def keep_newest(copy, book):
    if book and book["version"] > copy.get(book["isbn"], {"version": 0})["version"]:
        copy[book["isbn"]] = book


def stocks(copy):
    return {isbn: book["stock"] for isbn, book in copy.items()}


# --- Right ------------------------------------------------------------------------------------------------------------


@partner.right
def one_at_a_time_and_httpx(secret, url, token):
    copy, lock = {}, asyncio.Lock()

    async def notice(request):
        event = await verified(secret, request)
        if event is None:
            return Response(status_code=401)
        async with lock, httpx.AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as client:
            answer = await client.get(f"{url}/api/v1/books/{event['isbn']}")
            if answer.status_code == 200:
                copy[event["isbn"]] = answer.json()["stock"]
        return Response(status_code=204)

    return application(notice, lambda: copy)


@partner.right
def blocking_and_without_versions(secret, url, token):
    """Right, if slow: no answer can overtake another, and each is of now."""
    copy = {}

    async def notice(request):
        event = await verified(secret, request)
        if event is None:
            return Response(status_code=401)
        if book := read(url, token, event["isbn"]):
            copy[event["isbn"]] = book["stock"]
        return Response(status_code=204)

    return application(notice, lambda: copy)


@partner.right
def blocking_and_once_for_each_id(secret, url, token):
    copy, done = {}, set()

    async def notice(request):
        event = await verified(secret, request)
        if event is None:
            return Response(status_code=401)
        if request.headers["webhook-id"] not in done:
            book = read(url, token, event["isbn"])
            copy.update({event["isbn"]: book["stock"]} if book else {})
            done.add(request.headers["webhook-id"])
        return PlainTextResponse("", 204)

    return application(notice, lambda: copy)


@partner.right
def in_a_database_after_the_answer(secret, url, token):
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    kept.execute("CREATE TABLE books (isbn TEXT PRIMARY KEY, version INTEGER, stock INTEGER)")
    newer = (
        "INSERT INTO books VALUES (:isbn, :version, :stock) ON CONFLICT DO UPDATE "
        "SET version = excluded.version, stock = excluded.stock WHERE excluded.version > version"
    )

    async def work(isbn):
        if book := await run_in_threadpool(read, url, token, isbn):
            kept.execute(newer, book)

    async def notice(request):
        event = await verified(secret, request)
        if event is None:
            return Response(status_code=401)
        return Response(status_code=204, background=BackgroundTask(work, event["isbn"]))

    return application(notice, lambda: dict(kept.execute("SELECT isbn, stock FROM books").fetchall()))


@partner.right
def the_whole_list_each_time_and_by_hand(secret, url, token):
    copy = {}

    def genuine(fields, body):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        id, timestamp = fields.get("webhook-id", ""), fields.get("webhook-timestamp", "")
        made = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, "sha256")
        signatures = fields.get("webhook-signature", "").split()
        return f"v1,{base64.b64encode(made).decode()}" in signatures and abs(time.time() - int(timestamp)) < 300

    def take_in():
        for book in by_urllib(f"{url}/api/v1/books", token).json()["books"]:
            keep_newest(copy, book)

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        body = (await receive()).get("body", b"")
        fields = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["path"] == "/copy":
            response = JSONResponse(stocks(copy))
        elif genuine(fields, body):
            await asyncio.to_thread(take_in)
            response = Response(status_code=204)
        else:
            response = Response(status_code=401)
        await response(scope, receive, send)

    async def entry(scope, receive, send):
        if scope["type"] == "lifespan":
            await Starlette()(scope, receive, send)
        else:
            await app(scope, receive, send)

    return entry
