"""What the examiner brings to a learner's contacts service: batches, what has to come of each, and what came of it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from course_support.evidence import JSON, Evidence
from course_support.exercises.rules import json_object
from course_support.wire import Exchange

Item = dict[str, str | None]


def address(item: Item) -> str:
    """In lower case; empty where there is none."""
    return (item.get("email") or "").lower()


@dataclass(frozen=True)
class Batch:
    """What is sent, and what has to come of it. `before` and `after` are the addresses stored, in lower case."""

    contacts: list[Item]
    atomic: bool
    errors: dict[int, str]
    before: frozenset[str]

    @property
    def fails(self) -> bool:
        return self.atomic and bool(self.errors)

    @property
    def new(self) -> list[str]:
        good = [address(it) for index, it in enumerate(self.contacts) if index not in self.errors]
        return [] if self.fails else good

    @property
    def after(self) -> frozenset[str]:
        return self.before.union(self.new)


FIRST = ("Ada", "Björn", "Chen", "Dilek", "Emeka", "Fleur", "Goran", "Hana", "Ines", "Jamal", "Kaja", "Leila")


def people(draw: random.Random, count: int) -> list[Item]:
    numbers = draw.sample(range(100, 1000), count)
    return [{"name": (name := draw.choice(FIRST)), "email": f"p{number}@{name[0]}.example"} for number in numbers]


def otherwise(person: Item) -> Item:
    """The same address, written in another way."""
    return person | {"email": address(person).upper()}


def judged(batches: Iterable[tuple[list[Item], bool]]) -> Iterable[Batch]:
    stored: frozenset[str] = frozenset()
    for contacts, atomic in batches:
        errors, there = {}, set(stored)
        for index, contact in enumerate(contacts):
            email = address(contact)
            if not email or email in there:
                errors[index] = "duplicate" if email else "missing_email"
            there.add(email)
        yield (batch := Batch(contacts, atomic, errors, stored))
        stored = batch.after


@dataclass(frozen=True)
class Answered:
    """A batch, the exchange that brought it, and the one that then asked what is stored, if the visit came so far."""

    batch: Batch
    post: Exchange
    get: Exchange | None

    @property
    def stored(self) -> list[str]:
        content = self.get and self.get.response and self.get.response.json()
        return [it.lower() for it in content if isinstance(it, str)] if isinstance(content, list) else []

    @property
    def errors(self) -> dict[JSON, JSON] | None:
        """Codes by index, or None for anything that has not their form."""
        errors = json_object(self.post).get("errors")
        if not isinstance(errors, list) or not all(isinstance(it, dict) for it in errors):
            return None
        pairs = [(it.get("index"), it.get("code")) for it in errors]
        return dict(pairs) if all(type(i) is int and isinstance(code, str) for i, code in pairs) else None


def answered_in(evidence: Evidence) -> list[Answered]:
    posts = [e for e in evidence.afterwards if e.request.method == "POST"]
    gets = [e for e in evidence.afterwards if e.request.method == "GET"]
    pairs = zip(evidence.expected["batches"], posts, strict=False)
    return [Answered(batch, post, dict(enumerate(gets)).get(at)) for at, (batch, post) in enumerate(pairs)]
