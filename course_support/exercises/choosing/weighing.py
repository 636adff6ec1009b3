"""The exercise that asks what tempts: four scenarios in which something speaks for a style that does not suit."""

from __future__ import annotations

from course_support.exercises.choosing.arguing import ANSWERED, Scenario, argued
from course_support.exercises.choosing.doors import fault, kept, many_books, query, read, silence, talk, unchanged

DASHBOARD = Scenario(
    "20,000 people watch the same figures, which change once a minute, and a minute's delay is fine",
    "If a minute's delay is fine, how long does one answer do, and for how many?",
    {"REST": ("caching",)},
    {
        "WebSocket": "20,000 connections would stay open to save a minute that nobody minds, whatever the order calls "
        "it, and no cache could answer in the service's stead",
        "SOAP": "SOAP asks by POST, which no cache of HTTP answers, so the service itself would work out the same "
        "figures for 20,000 people",
        "GraphQL": "a GraphQL query usually goes by POST, which no cache of HTTP answers, and all 20,000 watch the "
        "same figures, so there is nothing to choose",
        "webhooks": "a webhook calls a server, and 20,000 people who watch have browsers",
        "batch": "a batch carries items to a service at once, and 20,000 people read the same few figures",
    },
    {
        ANSWERED: "SOAP and GraphQL answer requests too, so it does not decide for REST; that one answer does for "
        "20,000 people and a minute does",
        "predictable structure": "figures of a known shape are pleasant; that one answer does for 20,000 people and a "
        "minute is what spares the service",
        "fewest requests": "that few requests have to be answered in full is the effect, and its cause is that one "
        "answer does for 20,000 people and a minute",
        "low latency": "a minute's delay is fine, whatever the order calls it; that one answer does for all decides",
        "both directions in real time": "who watches says nothing, and a minute's delay is fine, whatever the order "
        "calls it",
    },
    (silence, query, kept("/figures", {"visitors": 1284, "orders": 37}, 60)),
)

BANK = Scenario(
    "a partner bank takes the XML that the schema in its WSDL accepts, and nothing else",
    "Who decides here: what your team knows, or what the bank takes? Of the ten reasons, take the nearest.",
    {"SOAP": ("strict validation",)},
    {
        "REST": "the bank's WSDL is not yours to change, and of what REST would send, such as JSON, the bank takes "
        "nothing",
        "GraphQL": "modern JavaScript speaks for GraphQL, but what a team knows weighs least, and the bank takes "
        "nothing else than the XML of its schema",
        "WebSocket": "modern JavaScript speaks for WebSocket, but what a team knows weighs least, and the bank takes "
        "nothing else than the XML of its schema",
        "webhooks": "the bank has no address for events: it takes the XML that its schema accepts, and nothing else",
        "batch": "nothing is said of many payments at once, and the bank takes the XML that its schema accepts, and "
        "nothing else",
    },
    {
        ANSWERED: "REST and GraphQL answer requests too, so it does not decide for SOAP; that the bank takes what its "
        "schema accepts, and nothing else, does",
        "predictable structure": "the structure is known, and more than that: what breaks it the bank does not take",
    },
    (fault,),
)

FEED = Scenario(
    "nine requests, many of which need the answer of another, each 200 ms away, and every design changes which",
    "How often does the page wait 200 ms, and who would have to change something for the next design?",
    {"GraphQL": ("fewest requests", "flexible queries")},
    {
        "REST": "what needs the answer of another request waits for it, 200 ms each time, and an address made for this "
        "page would have to be made again for every design",
        "SOAP": "an operation made for this page would take one request, but every design changes the page, and with "
        "it the contract",
        "WebSocket": "an open line spares the handshakes, but authors can be asked for only when the posts are there, "
        "so the page still waits 200 ms again and again",
        "webhooks": "a webhook tells a server of an event, and a page in a browser has to ask",
        "batch": "a batch carries items to a service to be stored, and this page reads, in another cut with every "
        "design",
    },
    {
        ANSWERED: "REST and SOAP answer requests too, so it does not decide for GraphQL; that it takes nine of them, "
        "200 ms each, does",
        "low latency": "low latency is, in the framework, a message that leaves at once; here each request still takes "
        "200 ms, and what can be changed is that there are nine of them",
        "caching": "a cache can keep what does not change, and a GraphQL query usually goes by POST; what costs is "
        "that there are nine requests of 200 ms",
    },
    (read, many_books),
)

SUPPORT = Scenario(
    "both sides type to each other on a page, and see the other typing",
    "Who speaks next, and how does the other page hear of it?",
    {"WebSocket": ("both directions in real time", "low latency")},
    {
        "REST": "your team knows HTTP, but its server-sent events tell one way only, and typing would need a request "
        "for each key",
        "SOAP": "each page would have to ask all the time whether the other side is typing, with an envelope each time",
        "GraphQL": "a query waits to be asked, and GraphQL's subscriptions need a line such as a WebSocket below "
        "them: that line is what lets both sides see the other typing",
        "webhooks": "a webhook calls a server, and the customers have a page in a browser, where they want to see the "
        "other typing",
        "batch": "a batch gathers before it sends, and who has been typing a batch ago is not seen typing",
    },
    {
        ANSWERED: "the other's words come without having been asked for, whatever your team knows best",
        "event notices": "a notice goes one way and to a server; here both sides type on a page and see the other "
        "typing",
    },
    (unchanged, talk),
)

WEIGHING = argued(
    "choosing.weighing",
    "Resist what tempts",
    (
        "In each scenario one remark tempts: what an order calls it, what a team knows, what there is already. Cross "
        "it out, read on, and ask what the rest needs.",
        "One for each of REST, SOAP, GraphQL and WebSocket: figures that hold for a minute, a bank that takes nothing "
        "else, nine requests that could be one, and two sides that both speak.",
    ),
    {"dashboard": DASHBOARD, "bank": BANK, "feed": FEED, "support": SUPPORT},
)
