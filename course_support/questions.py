"""Four questions about a job, and what each answer speaks for: the table that `choosing` ranks by, kept apart from it
so that its sentences can be read, and argued with, in one go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

STYLES: tuple[str, ...] = ("REST", "SOAP", "GraphQL", "WebSocket", "webhooks", "batch")


@dataclass(frozen=True, slots=True)
class Option:
    """An answer: the styles that it speaks for, each with the reason, and reasons against others that it brings up."""

    text: str
    speaks_for: Mapping[str, str]
    against: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, how many points an answer is worth to the styles that it speaks for, and why so many."""

    name: str
    text: str
    points: int
    why: str
    options: tuple[Option, ...]


# The weights. Communication is worth more than the other three together: the others tell apart what is possible at all.
DATA, COMMUNICATION, PERFORMANCE, TEAM = (
    (2, "It tells apart styles that talk alike, and a new shape of data means a new contract."),
    (6, "What waits to be asked cannot push, and what pushes is not made to be asked; nothing else makes up for that."),
    (2, "It can be measured, and often mended within a style: by a cache, or by larger groups."),
    (1, "A team learns a style in weeks, and lives with the choice for years."),
)

_ASKED = "The client asks, and the answer is the response to that very request."
_WAITS = "It cannot speak before it is asked: who wants to hear of news has to ask again and again."
_SUBSCRIBES = "Queries and mutations wait to be asked; its subscriptions do push, but over a line such as a WebSocket."
_GATHERS = "It gathers before it sends: the first item waits for the last."
_ONE_EACH = "One item in a request: a thousand items go the way there and back a thousand times."
_UNCACHED = "Usually a POST to one address, whose answers caches on the way do not keep."
_ROUND_TRIP = "Nothing arrives without a request of its own, with a head each time."

QUESTIONS: dict[str, Question] = {
    "data": Question(
        "data",
        "What matters in the data?",
        *DATA,
        (
            Option(
                "flexible queries",
                {"GraphQL": "The client names the fields that it wants, and gets no others."},
                {
                    "REST": "The server decides what an answer holds; a new view needs parameters or more requests.",
                    "SOAP": "The contract fixes what an answer holds, for every client alike.",
                },
            ),
            Option(
                "predictable structure",
                {"REST": "A resource has an address and a shape of its own, whoever asks."},
                {"GraphQL": "An answer has the shape of its query, which differs from client to client."},
            ),
            Option(
                "strict validation",
                {"SOAP": "The contract holds a schema, and both sides can check every message against it."},
                {
                    "REST": "HTTP brings no schema: you may describe one with OpenAPI, and have to check it yourself.",
                    "GraphQL": "The schema checks types; lengths, patterns and ranges are left to your code.",
                    "WebSocket": "A message is whatever both sides agree on, and nothing checks it for you.",
                    "webhooks": "A signature tells who sent an event, not whether its content is right.",
                },
            ),
        ),
    ),
    "communication": Question(
        "communication",
        "Who speaks, and when?",
        *COMMUNICATION,
        (
            Option(
                "request and response",
                dict.fromkeys(("REST", "SOAP", "GraphQL"), _ASKED),
                {
                    "WebSocket": "Messages stand alone: to match answers with questions is left to you.",
                    "webhooks": "The side that knows calls; nobody can ask.",
                    "batch": "It gathers many items before it asks: a single question would wait for others.",
                },
            ),
            Option(
                "both directions in real time",
                {"WebSocket": "Either side may send at any moment, over one connection that stays open."},
                {
                    "REST": _WAITS,
                    "SOAP": _WAITS,
                    "GraphQL": _SUBSCRIBES,
                    "webhooks": "Only one side tells, in a request for each event; the other has to be a server.",
                    "batch": _GATHERS,
                },
            ),
            Option(
                "event notices",
                {"webhooks": "Who knows of the event calls those who want to hear: no polling, no open connection."},
                {
                    "REST": _WAITS,
                    "SOAP": _WAITS,
                    "GraphQL": _SUBSCRIBES,
                    "WebSocket": "It stays open for events that are rare, and who is away just then hears nothing.",
                    "batch": _GATHERS,
                },
            ),
            Option(
                "bulk",
                {"batch": "Many items travel in one request, and each has a result of its own."},
                {
                    "REST": _ONE_EACH,
                    "SOAP": _ONE_EACH,
                    "GraphQL": "Aliases put many changes into one document, which grows with each and is limited.",
                    "WebSocket": "If the line breaks, only receipts of your own making tell which messages arrived.",
                    "webhooks": "One event in a request, and each is tried again by itself.",
                },
            ),
        ),
    ),
    "performance": Question(
        "performance",
        "What counts for speed?",
        *PERFORMANCE,
        (
            Option(
                "caching",
                {"REST": "Browsers and proxies cache a GET as it is, with ETag and Cache-Control."},
                {
                    "SOAP": _UNCACHED,
                    "GraphQL": _UNCACHED,
                    "WebSocket": "No cache looks into its messages.",
                    "webhooks": _UNCACHED,
                    "batch": _UNCACHED,
                },
            ),
            Option(
                "fewest requests",
                {
                    "GraphQL": "One document asks for many objects at once, or changes them.",
                    "batch": "One request carries a whole group of items.",
                },
                {
                    "REST": "Several resources are several requests.",
                    "SOAP": "An operation is a request.",
                    "webhooks": "An event is a request.",
                },
            ),
            Option(
                "low latency",
                {"WebSocket": "The connection is open already: a message leaves at once, with a few bytes around it."},
                {
                    "REST": _ROUND_TRIP,
                    "SOAP": _ROUND_TRIP,
                    "GraphQL": _ROUND_TRIP,
                    "webhooks": _ROUND_TRIP,
                    "batch": _GATHERS,
                },
            ),
        ),
    ),
    "team": Question(
        "team",
        "What does the team know?",
        *TEAM,
        (
            Option(
                "HTTP",
                {"REST": "Methods, statuses and fields of HTTP are all that it is made of."},
                {"WebSocket": "After the handshake nothing of HTTP is left: frames, close codes and resuming are new."},
            ),
            Option("XML", {"SOAP": "Namespaces and schemas are known already, and tools write the client."}),
            Option(
                "modern JavaScript",
                {
                    "GraphQL": "The frameworks of the page have clients that tie a component to its query.",
                    "WebSocket": "Every browser has it built in, and the team writes code that waits for events.",
                },
                {"SOAP": "The browser has no client for it: envelopes are put together by hand."},
            ),
        ),
    ),
}
