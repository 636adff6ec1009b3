"""The exercise that asks how much moves, and how often: two scenarios with heaps, and two with one item at a time."""

from __future__ import annotations

from course_support.exercises.choosing.arguing import LEVEL, Scenario, argued
from course_support.exercises.choosing.doors import batch, change, many_changes, notice, silence

HEAP = {"batch": ("bulk", "fewest requests")}

ADDRESSES = Scenario(
    "two million addresses from one file, by the morning",
    "How long is the night, if each address goes there and back by itself?",
    HEAP,
    {
        "REST": "one address in a request makes two million requests, even if ten are under way at once, "
        "each with a head and a transaction of its own",
        "SOAP": "one address in an envelope makes two million envelopes, even if ten are under way at once, "
        "each with a head and a transaction of its own",
        "GraphQL": "two million addresses, each a mutation with a name of its own, make documents longer than "
        "services take, and a mutation with a list of them would be a batch again",
        "WebSocket": "what was not acknowledged when the line broke may or may not have had its effect, and to resume "
        "in the midst of two million is left to you",
        "webhooks": "an event is a request, signed and answered by itself, so that makes two million of them",
    },
    {
        "low latency": "nobody waits for a single address; that there are two million of them, by the morning, decides",
    },
    (change, many_changes, batch),
)

PRICES = Scenario(
    "8,000 prices, which hold from midnight on, and 60 requests a minute",
    "How many minutes do 8,000 requests take at 60 a minute, and what else could one request carry?",
    HEAP,
    {
        "REST": "one price in a request makes 8,000 requests, and at 60 a minute the last is in after more than two "
        "hours",
        "SOAP": "one price in an envelope makes 8,000 requests, and at 60 a minute the last is in after more than two "
        "hours",
        "GraphQL": "8,000 prices, each a mutation with a name of its own, make a document longer than services take, "
        "the bookshop too, and one mutation with a list of 8,000 would be a batch again",
        "WebSocket": "of 8,000 messages those that were not acknowledged when the line broke may or may not have had "
        "their effect, and to resume is left to you",
        "webhooks": "an event is a request, so 8,000 prices make 8,000 of them, and the service takes 60 a minute",
    },
    {
        "low latency": "nobody waits for a single price at midnight; that 8,000 of them have to come in at 60 "
        "requests a minute decides",
    },
    (change, many_changes, notice, batch),
)

ONE = {
    "predictable structure": "a known shape helps whatever the style; that somebody waits for the answer to one item "
    "decides",
    "strict validation": "nothing is said of a schema that all have signed; that somebody waits for the answer to one "
    "item decides",
    "flexible queries": "nothing is picked out of anything; that somebody waits for the answer to one item decides",
    "fewest requests": "one item makes one request in any style; that somebody waits for its answer decides",
    "caching": "one item is written, and a cache helps those who read; that somebody waits for the answer decides",
}

CORRECTION = Scenario(
    "one customer's address, ten times a day, by somebody who waits for the answer",
    "Who waits for what, and would it help them if something were gathered, or left open?",
    LEVEL,
    {
        "WebSocket": "a connection would stay open all day for ten messages, and which answer belongs to which "
        "question would be left to you",
        "webhooks": "the answer to a webhook says that the news has arrived, not what came of it, and somebody at the "
        "service desk waits for that",
        "batch": "a batch gathers many items, and here is one address, and somebody who waits for the answer",
    },
    ONE
    | {
        "low latency": "ten times a day a tenth of a second costs nobody anything; that somebody waits for the answer "
        "to one correction decides",
    },
    (silence, notice, change),
)

TILL = Scenario(
    "each sale is booked as it happens, while the customer stands there",
    "What does the customer wait for, and how does the till know which sale it belongs to?",
    LEVEL,
    {
        "WebSocket": "over a connection that is kept HTTP is about as quick, and which message says that this "
        "customer's sale is booked would be left to you",
        "webhooks": "the answer to a webhook says that the news has arrived, and the work may come later, while the "
        "customer stands there until the sale is booked",
        "batch": "the first sale would wait for the last one of the batch, and its customer too",
    },
    ONE
    | {
        "low latency": "a few milliseconds matter little to somebody who gets change; what the customer waits for is "
        "the answer that this sale is booked",
        "event notices": "a notice wants no answer, and the customer stands there until there is one",
    },
    (silence, notice, change),
)

MOVING = argued(
    "choosing.moving",
    "Choose by how much, and how often",
    (
        "Count: how many items, how many requests if each goes alone, and who waits meanwhile?",
        "Two have a heap, which nobody waits for item by item: batch. In the other two somebody stands there until "
        "one item is answered: what asks and is answered does that, such as REST.",
    ),
    {"addresses": ADDRESSES, "prices": PRICES, "correction": CORRECTION, "till": TILL},
)
