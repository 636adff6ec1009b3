"""Answers to `choosing.live_copy`."""

import asyncio
import json
import threading
from contextlib import contextmanager

import requests
import websocket
import websockets
from websockets.sync.client import connect

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib

live_copy = Answers("choosing.live_copy")


@contextmanager
def following(url, token, **options):
    """A line of websocket-client, with what wrong answers leave out or get wrong; it gives up after 20 s."""
    header = {"Authorization": f"Bearer {token}"}
    given = {"subprotocols": ["stock.v1"], "header": header, "timeout": 20} | options
    line = websocket.create_connection(f"ws{url[4:]}/live", **given)
    try:
        yield line
    finally:
        line.close(timeout=0.3)
        line.shutdown()


def opened(line):
    """The line once its first message has come."""
    line.recv()
    return line


def listed(url, token):
    return requests.get(f"{url}/api/v1/books", headers={"Authorization": f"Bearer {token}"}, timeout=10).json()["books"]


def told(line, until):
    """The changes that a line of websocket-client tells, that of `until` as the last."""
    while True:
        message = json.loads(line.recv())
        if message["type"] == "stock":
            yield message
            if message["isbn"] == until:
                return


def pairs(books):
    return {book["isbn"]: (book["version"], book["stock"]) for book in books}


def stocks(copy):
    return {isbn: stock for isbn, (_, stock) in copy.items()}


# --- Right ------------------------------------------------------------------------------------------------------------


@live_copy.right
def by_websockets_and_urllib(url, token, until):
    fields = {"Authorization": f"Bearer {token}"}
    with connect(f"ws{url[4:]}/live", subprotocols=["stock.v1"], additional_headers=fields) as line:
        line.recv()
        books = {book["isbn"]: book for book in by_urllib(f"{url}/api/v1/books", token).json()["books"]}
        for change in map(json.loads, line):
            if change["version"] > books[change["isbn"]]["version"]:
                books[change["isbn"]] |= change
            if change["isbn"] == until:
                break
    return {isbn: book["stock"] for isbn, book in books.items()}


@live_copy.right
def by_asyncio_and_all_at_the_end(url, token, until):
    async def run():
        fields = {"Authorization": f"Bearer {token}"}
        async with websockets.connect(
            f"ws{url[4:]}/live", subprotocols=["stock.v1"], additional_headers=fields
        ) as line:
            ready = json.loads(await line.recv())
            answer = await asyncio.to_thread(by_http_client, url, "GET", "/api/v1/books", token)
            known = answer.json()["books"]
            while ready.get("isbn") != until:
                ready = json.loads(await line.recv())
                known.append(ready)
        return {it["isbn"]: it["stock"] for it in sorted(known, key=lambda it: it["version"])}

    return asyncio.run(run())


@live_copy.right
def by_a_thread_that_takes_in_what_is_told(url, token, until):
    copy, lock, done = {}, threading.Lock(), threading.Event()

    def take_in(isbn, version, stock):
        with lock:
            copy[isbn] = max(copy.get(isbn, (0, 0)), (version, stock))

    with following(url, token) as line:
        opened(line)

        def follow():
            for change in told(line, until):
                take_in(change["isbn"], change["version"], change["stock"])
            done.set()

        threading.Thread(target=follow, daemon=True).start()
        for book in listed(url, token):
            take_in(book["isbn"], book["version"], book["stock"])
        done.wait(20)
    return stocks(copy)


@live_copy.right
def with_all_stocks_on_the_line(url, token, until):
    fields = {"Authorization": f"Bearer {token}"}
    address = f"ws{url[4:]}/live?snapshot=1"
    with connect(address, subprotocols=["stock.v1"], additional_headers=fields) as line:
        copy = pairs(json.loads(line.recv())["books"])
        for change in map(json.loads, line):
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
            if change["isbn"] == until:
                break
    return stocks(copy)


@live_copy.right
def with_a_second_list(url, token, until):
    first = listed(url, token)
    with following(url, token) as line:
        copy = pairs(first) | pairs(listed(url, token))
        opened(line)
        for change in told(line, until):
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
    return stocks(copy)
