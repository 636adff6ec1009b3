"""Answers to the exercise of lesson 0."""

from urllib.parse import quote_plus
from urllib.request import urlopen

import requests

from tests.exercises.answers.answer import Answers

greet = Answers("start.greet")


@greet.right
def urllib_and_a_name_quoted_by_hand(url, name):
    import json

    with urlopen(f"{url}/hello?name={quote_plus(name)}") as response:
        return json.load(response)["greeting"]


@greet.right
def a_session_that_keeps_its_connection(url, name):
    with requests.Session() as session:
        session.get(f"{url}/hello", params={"name": "warm up"})
        return session.get(f"{url}/hello", params={"name": name}).json()["greeting"]


@greet.wrong("begins the next parameter", lambda e: "&" in e.request.target)
def a_name_pasted_into_the_address(url, name):
    return requests.get(f"{url}/hello?name={name}").json()["greeting"]


@greet.wrong("not told whom to greet", lambda e: e.status == 400)
def a_parameter_of_another_name(url, name):
    return requests.get(f"{url}/hello", params={"who": name}).json().get("greeting")


@greet.wrong("nothing at the address", lambda e: e.status == 404)
def the_name_as_a_part_of_the_path(url, name):
    return requests.get(f"{url}/hello/{name}").json().get("greeting")


@greet.wrong("returned a dict, where text is asked for", lambda e: e.status == 200)
def the_whole_content(url, name):
    return requests.get(f"{url}/hello", params={"name": name}).json()


@greet.wrong("not the greeting that the service sent", lambda e: e.status == 200)
def the_content_as_text(url, name):
    return requests.get(f"{url}/hello", params={"name": name}).text


@greet.wrong("asked to greet somebody else", lambda e: "Ada" in e.request.target)
def always_ada(url, name):
    return requests.get(f"{url}/hello?name=Ada%20Lovelace").json()["greeting"]


@greet.wrong("No request of yours", None)
def a_greeting_made_at_home(url, name):
    return f"Hello, {name}!"


@greet.wrong("not plain data", None)
def the_response_itself(url, name):
    return requests.get(f"{url}/hello", params={"name": name})
