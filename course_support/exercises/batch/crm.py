"""What the scenes of the batch exercises are made of, and what their judges read in a batch and share as rules."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

from starlette.applications import Starlette

from course_support.backends.batch import BATCH, CONTACTS, app
from course_support.backends.contacts import seeded
from course_support.evidence import JSON, Evidence
from course_support.exercise import URL
from course_support.exercises.rules import json_object, not_found, not_let_in, sent_nothing, wrong_media_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

FIRST = ("Ayo", "Birgit", "Chiara", "Dmitri", "Esra", "François", "Gülay", "Hanne", "Ivo", "Jörg", "Kateřina", "Lars")
LAST = ("Amsel", "Brandt", "Çelik", "Duarte", "Eriksen", "Fuchs", "Güneş", "Haas", "Ibarra", "Jovanović", "Krüger")
COMPANIES = ("Slow Bicycles", "Tin Roof", "Upper Mill", "Velvet Fox", "Wide Window", "Yellow Door")
FORM = '{"operation": "create", "contacts": [{"name": …, "email": …}, …], "options": {…}}'
Person = dict[str, Any]

# --- What is drawn ---------------------------------------------------------------------------------------------------


def service(draw: random.Random) -> tuple[Starlette, dict[str, JSON], list[Person]]:
    """A fresh CRM, the arguments that every call needs, and the contacts that it has, in an order of their own."""
    seed = draw.randrange(2**32)
    crm = app(seed)
    known = [{"name": name, "email": email, "company": company} for name, email, company in seeded(seed)]
    return crm, {"url": URL, "token": crm.state.credentials["importer"]}, draw.sample(known, len(known))


def people(draw: random.Random, count: int) -> list[Person]:
    """So many contacts that no CRM has, each with an address of its own."""
    return [_person(draw, number) for number in draw.sample(range(100, 1000), count)]


def _person(draw: random.Random, number: int) -> Person:
    first, last, company = draw.choice(FIRST), draw.choice(LAST), draw.choice(COMPANIES)
    plain = unicodedata.normalize("NFD", first).encode("ascii", "ignore").decode()
    host = company.replace(" ", "-")
    return {"name": f"{first} {last}", "email": f"{plain}.{number}@{host}.example".lower(), "company": company}


def in_capitals(person: Person) -> Person:
    """The same address, written as some people write it: upper and lower case make no difference to the CRM."""
    return person | {"email": person["email"].title()}


def without(person: Person, member: str) -> Person:
    return {name: value for name, value in person.items() if name != member}


def spoilt(draw: random.Random, person: Person) -> Person:
    """With a fault that can be seen at a glance."""
    email = person["email"]
    return draw.choice([without(person, "name"), person | {"name": ""}, person | {"email": email.replace("@", " at ")}])


# --- What is read ----------------------------------------------------------------------------------------------------


def batches(evidence: Evidence) -> tuple[Exchange, ...]:
    """The learner's batches, answered or not."""
    return evidence.sent("POST", BATCH)


def taken(evidence: Evidence) -> list[Exchange]:
    """Those that the service has worked through, or will."""
    return [e for e in batches(evidence) if e.status and 200 <= e.status < 300]


def _content(exchange: Exchange) -> dict[str, Any]:
    content = exchange.request.json()
    return content if isinstance(content, dict) else {}


def contacts_in(exchange: Exchange) -> list[JSON]:
    """The contacts that a request brought."""
    contacts = _content(exchange).get("contacts")
    return contacts if isinstance(contacts, list) else []


def options_in(exchange: Exchange) -> JSON:
    """The options that a request brought, whatever they are; `{}` where it has none."""
    return _content(exchange).get("options", {})


def option(exchange: Exchange, name: str, default: bool) -> JSON:
    """The value that counts of an option, sent or not."""
    options = options_in(exchange)
    return options.get(name, default) if isinstance(options, dict) else default


def is_indices(value: JSON) -> bool:
    return isinstance(value, list) and all(type(index) is int for index in value)


def persons(count: int) -> str:
    return "1 contact" if count == 1 else f"{count} contacts"


# --- Rules -----------------------------------------------------------------------------------------------------------


def not_batched(evidence: Evidence) -> Verdict | None:
    """Nothing was sent to where batches go."""
    last = evidence.last
    if not last or batches(evidence):
        return None
    singles = evidence.sent("POST", CONTACTS)
    if singles:
        cause = f"You sent {persons(len(singles))} in as many requests, where a batch brings many in one."
        step = f"`POST {BATCH}` takes a list of contacts: the backend's card has it."
    elif last.request.path == BATCH:
        cause = f"You sent a {last.request.method} to {BATCH}, and that creates nothing."
        step = "What is to be created is sent with POST; PATCH changes contacts that are there."
    else:
        cause = f"You sent a {last.request.method} to {last.request.path}, and that brings no contacts into the CRM."
        step = "The backend's card lists its routes: one of them takes a batch."
    shown = singles[0] if singles else last
    asked = f"{last.request.method} {last.request.target}"
    return wrong(cause, shown, expected=f"POST {BATCH}", seen=asked, next_step=step)


def misread(evidence: Evidence) -> Verdict | None:
    """The request as such was refused, whatever its contacts are worth."""
    refused = next((e for e in batches(evidence) if e.status in (400, 413, 422) and not _item_errors(e)), None)
    if not refused or taken(evidence):
        return None
    problem = json_object(refused)
    pointers = [it for it in _errors(refused) if "pointer" in it]
    member = value_text(pointers[0]["pointer"], 60).strip("'").removeprefix("#").lstrip("/") if pointers else ""
    advice = pointers[0].get("detail") if pointers else problem.get("detail")
    return wrong(
        f"The service refused the request as a whole because of its {member or 'content'}, and looked at no contact.",
        refused,
        expected=FORM,
        seen=advice if isinstance(advice, str) else f"{refused.status}",
        next_step="Compare the members of your JSON with those of the lesson's batch: their names and their places.",
    )


def _errors(exchange: Exchange) -> list[dict[str, Any]]:
    errors = json_object(exchange).get("errors")
    return [it for it in errors if isinstance(it, dict)] if isinstance(errors, list) else []


def _item_errors(exchange: Exchange) -> bool:
    """Whether an answer tells of single contacts, not of the request."""
    return any("index" in it for it in _errors(exchange))


ASKED = (sent_nothing, not_let_in, not_batched, not_found, wrong_media_type, misread)
"""The rules that come first in each of these exercises: a batch has reached the service, and could be read."""
