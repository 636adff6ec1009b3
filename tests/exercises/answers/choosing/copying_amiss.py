"""Wrong answers to `choosing.live_copy`."""

import json

import requests

from tests.exercises.answers.choosing.copying import following, listed, live_copy, opened, pairs, stocks, told


def is_line(e):
    return e.request.path == "/live" and e.status == 101


def is_list(e):
    return e.request.path == "/api/v1/books" and e.status == 200


@live_copy.wrong("You opened no WebSocket", is_list)
def the_list_alone(url, token, until):
    return {book["isbn"]: book["stock"] for book in listed(url, token)}


@live_copy.wrong("by plain HTTP, and the shop answered 426", lambda e: e.status == 426)
def by_plain_http(url, token, until):
    requests.get(f"{url}/live", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    return {book["isbn"]: book["stock"] for book in listed(url, token)}


@live_copy.wrong("offers no subprotocol", lambda e: e.status == 400)
def without_a_subprotocol(url, token, until):
    with following(url, token, subprotocols=None) as line:
        return pairs(told(line, until))


@live_copy.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_token(url, token, until):
    with following(url, token, header={}) as line:
        return pairs(told(line, until))


@live_copy.wrong("and neither tells of the next", is_list)
def list_first(url, token, until):
    copy = pairs(listed(url, token))
    with following(url, token) as line:
        for change in told(opened(line), until):
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
    return stocks(copy)


@live_copy.wrong("your list had version", is_line, step="greater one")
def as_it_comes(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = {book["isbn"]: book["stock"] for book in listed(url, token)}
        for change in told(line, until):
            copy[change["isbn"]] = change["stock"]
    return copy


@live_copy.wrong("You compared each message with the list", is_line)
def compared_with_the_list(url, token, until):
    with following(url, token) as line:
        opened(line)
        books = listed(url, token)
        versions = {book["isbn"]: book["version"] for book in books}
        copy = {book["isbn"]: book["stock"] for book in books}
        for change in told(line, until):
            if change["version"] > versions[change["isbn"]]:
                copy[change["isbn"]] = change["stock"]
    return copy


@live_copy.wrong("You compared messages with one another", is_line)
def compared_with_messages(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy, versions = {book["isbn"]: book["stock"] for book in listed(url, token)}, {}
        for change in told(line, until):
            if change["version"] > versions.get(change["isbn"], 0):
                copy[change["isbn"]], versions[change["isbn"]] = change["stock"], change["version"]
    return copy


@live_copy.wrong("You kept the greatest stock", is_line)
def the_greatest_stock(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = {book["isbn"]: (book["stock"], book["version"]) for book in listed(url, token)}
        for change in told(line, until):
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["stock"], change["version"]))
    return {isbn: stock for isbn, (stock, _) in copy.items()}


@live_copy.wrong("from the list, where the line has told of a newer one", is_list)
def the_list_over_all_but_the_last(url, token, until):
    with following(url, token) as line:
        opened(line)
        books = listed(url, token)
        *before, last = told(line, until)
        return stocks(pairs(before) | pairs(books) | pairs([last]))


@live_copy.wrong("nothing of what /live told is in it", is_line)
def the_list_after_the_ready(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = {book["isbn"]: book["stock"] for book in listed(url, token)}
        list(told(line, until))
    return copy


@live_copy.wrong("You read the list after the book `until` had changed", is_list)
def the_list_at_last(url, token, until):
    with following(url, token) as line:
        for _ in told(opened(line), until):
            pass
    return {book["isbn"]: book["stock"] for book in listed(url, token)}


@live_copy.wrong("only the books of which /live has told", is_line)
def without_a_list(url, token, until):
    with following(url, token) as line:
        return stocks(pairs(sorted(told(opened(line), until), key=lambda change: change["version"])))


@live_copy.wrong("The change of `until` itself is not in your copy", is_line)
def without_the_last(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = pairs(listed(url, token))
        for change in told(line, until):
            if change["isbn"] != until:
                copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
    return stocks(copy)


@live_copy.wrong("You read on after the book `until` had changed, and nothing more came", is_line)
def never_at_its_end(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = pairs(listed(url, token))
        for change in told(line, int(until)):
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
    return stocks(copy)


@live_copy.wrong("something else than a stock behind an ISBN", is_line)
def versions_and_stocks(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = pairs(listed(url, token))
        for change in told(line, until):
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
    return copy


@live_copy.wrong("You went on after the book `until` had changed", is_line)
def one_more(url, token, until):
    with following(url, token) as line:
        opened(line)
        copy = pairs(listed(url, token))
        known = [*told(line, until), json.loads(line.recv()), json.loads(line.recv())]
        for change in known:
            copy[change["isbn"]] = max(copy[change["isbn"]], (change["version"], change["stock"]))
    return stocks(copy)
