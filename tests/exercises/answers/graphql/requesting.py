"""Ways to send GraphQL that the answers share: by other clients, by GET, and with sgqlc."""

import json
from urllib.parse import urlencode

import requests
from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.types import ID, Field, Float, Int, Schema, String, Type, list_of

from tests.exercises.answers.clients import by_http_client, by_urllib

PATH = "/graphql"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def send(url, token, query, **variables):
    """The whole answer, as most beginners get it."""
    content = {"query": query, "variables": variables}
    return requests.post(url + PATH, json=content, headers=bearer(token)).json()


def send_by_get(url, token, query, **variables):
    parameters = urlencode({"query": query, "variables": json.dumps(variables)})
    return by_urllib(f"{url}{PATH}?{parameters}", token, Accept="application/json").json()


def send_by_http_client(url, token, query, **variables):
    fields = {"accept": "application/graphql-response+json", "content_type": "application/json; charset=utf-8"}
    return by_http_client(url, "POST", PATH, token, {"variables": variables, "query": query}, **fields).json()


def endpoint(url, token):
    return HTTPEndpoint(url + PATH, bearer(token), timeout=10)


schema = Schema()


class Location(Type):
    __schema__ = schema
    address = String
    city = String
    coordinates = list_of(Float)


class Speaker(Type):
    __schema__ = schema
    name = String
    bio = String
    photo = String


class Event(Type):
    __schema__ = schema
    id = ID
    name = String
    date = String
    location = Location
    speakers = list_of(Speaker)
    attendee_count = Int


class Query(Type):
    __schema__ = schema
    event = Field(Event, args={"id": ID})


schema.query_type = Query
