"""The exercise that asks who tells whom: four scenarios in which one side has news for the other."""

from __future__ import annotations

from course_support.exercises.choosing.arguing import Scenario, argued
from course_support.exercises.choosing.doors import notice, silence, talk, unchanged

LINE = ("both directions in real time", "low latency")
CALLED = ("event notices", "fewest requests")

AUCTION = Scenario(
    "bidders in a browser see each bid as it is made, and bid themselves, within a few seconds",
    "Who speaks next, the browser or the service, and how soon must the other side hear of it?",
    {"WebSocket": LINE},
    {
        "REST": "a browser would have to ask again and again, and hear of bids too late; server-sent events would "
        "tell them at once, but one way, so that each bid made would need a request besides",
        "SOAP": "a browser would have to ask again and again, with an envelope each time, and what is bid in between "
        "it hears of too late, with the hammer about to fall",
        "GraphQL": "a query waits to be asked, and GraphQL's subscriptions, which do push, need a line such as a "
        "WebSocket below them: that line is what lets bidders see each bid as it is made",
        "webhooks": "a webhook calls a server, and a bidder's browser is none",
        "batch": "a batch gathers before it sends, and a bid that waits for others comes after the hammer",
    },
    {
        "event notices": "a notice goes one way, and bidders in a browser cannot be called: they need a line on which "
        "they see each bid and make their own",
        "request and response": "a bidder sees each bid of the others as it is made, without having asked for it",
    },
    (unchanged, talk),
)

DELIVERIES = Scenario(
    "3,000 shops, each with a server, hear of something about twice a day",
    "For two messages a day: should a shop keep asking, keep a line open, or be called?",
    {"webhooks": CALLED},
    {
        "REST": "3,000 shops would ask all day long, mostly to hear that nothing has arrived, for two answers a day "
        "that are news",
        "SOAP": "3,000 shops would ask all day long, with an envelope each time, for two answers a day that are news",
        "GraphQL": "a query waits to be asked, so 3,000 shops would ask all day long for two answers a day that are "
        "news",
        "WebSocket": "3,000 connections would stay open all day for two messages each, and a shop whose line is down "
        "at that moment hears nothing",
        "batch": "a batch gathers before it sends, and each shop, which hears of two parcels a day, is to be told "
        "when one has arrived",
    },
    {
        "low latency": "nobody here counts seconds; that each shop has a server, which is called about twice a day, "
        "decides",
        "both directions in real time": "only the carrier has something to tell, about twice a day, and the shops "
        "have nothing to say back",
        "bulk": "a shop hears of one parcel, about twice a day, and that is no heap",
    },
    (unchanged, silence, notice),
)

WHITEBOARD = Scenario(
    "people draw on one board, and each sees the others' pens move",
    "How many times a second does a pen that moves have something to tell, and to whom?",
    {"WebSocket": LINE},
    {
        "REST": "to see the others' pens move, each browser would have to ask many times a second, and send a whole "
        "request for each bit of a line of its own",
        "SOAP": "to see the others' pens move, each browser would have to ask many times a second, with an envelope "
        "each time",
        "GraphQL": "a subscription shows the others' pens, but over a line such as a WebSocket, and each bit of a "
        "line of one's own would be a mutation besides",
        "webhooks": "a webhook calls a server, with a whole request for each event, and the people who draw have "
        "browsers",
        "batch": "a batch gathers before it sends, and a pen seen in batches does not move, it jumps",
    },
    {
        "event notices": "a notice goes one way, a whole request each; here each one draws and sees the others' pens "
        "move",
        "request and response": "each sees the others' pens move without having asked for it",
    },
    (unchanged, talk),
)

INVOICES = Scenario(
    "the goods wait until the invoice is paid, after hours or weeks, and both companies run servers",
    "Who knows first that an invoice is paid, and can that side reach the other?",
    {"webhooks": CALLED},
    {
        "REST": "the shop would ask for hours or weeks, and all answers but one would be that nothing has happened",
        "SOAP": "the shop would ask for hours or weeks, with an envelope each time, and all answers but one would "
        "be that nothing has happened",
        "GraphQL": "a query waits to be asked, so the shop would ask for hours or weeks, and all answers but one "
        "would be that nothing has happened",
        "WebSocket": "a connection would have to stay open for hours or weeks for one message, and if it is down at "
        "that moment the news is lost",
        "batch": "a batch gathers before it sends, and goods that are paid for would wait for it",
    },
    {
        "low latency": "after hours or weeks nobody counts milliseconds; that the side which knows can call the "
        "other, as both run servers, decides",
        "both directions in real time": "one side has something to tell, once, after hours or weeks, and the other "
        "has nothing to say back",
    },
    (unchanged, silence, notice),
)

TELLING = argued(
    "choosing.telling",
    "Choose who tells whom",
    (
        "Who has the news, how often, and can the other side be called? A browser cannot, a server can.",
        "Two are for WebSocket: people with browsers who both speak and hear, all the time. Two are for webhooks: "
        "servers that hear of something rarely.",
    ),
    {"auction": AUCTION, "deliveries": DELIVERIES, "whiteboard": WHITEBOARD, "invoices": INVOICES},
)
