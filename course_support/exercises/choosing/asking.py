"""The exercise that asks who asks for what: four scenarios in which one side wants to know something of the other."""

from __future__ import annotations

from course_support.exercises.choosing.arguing import ANSWERED, Scenario, argued
from course_support.exercises.choosing.doors import fault, kept, query, read

TIMETABLE = Scenario(
    "400,000 phones read the same timetable, and it changes once a night",
    "How long does an answer hold, and may a phone keep it until then?",
    {"REST": ("caching",)},
    {
        "SOAP": "SOAP asks by POST, which no cache of HTTP answers, so to keep what changes once a night would be left "
        "to each app",
        "GraphQL": "a GraphQL query usually goes by POST, which no cache of HTTP answers, so to keep what changes once "
        "a night would be left to each app",
        "WebSocket": "400,000 connections would have to stay open, for news that comes once a night",
        "webhooks": "a webhook calls a server, and a phone is none: it has no address to be called at",
        "batch": "a batch carries many items to a service at once, and a phone brings none: it reads what changes "
        "once a night",
    },
    {
        ANSWERED: "SOAP and GraphQL answer requests too, so it does not decide for REST; that an answer holds until "
        "the next night does",
        "predictable structure": "one shape for all is pleasant, but spares none of the 400,000 phones a download; "
        "that an answer holds until the next night does",
        "fewest requests": "that few requests have to be answered in full is the effect, and its cause is that an "
        "answer holds until the next night",
        "low latency": "nobody at a bus stop minds a tenth of a second; what costs is that 400,000 phones ask for "
        "what changes once a night",
    },
    (query, kept("/departures", {"stop": "Market Square", "next": ["06:10", "06:40", "07:10"]}, 21_600)),
)

REFERRALS = Scenario(
    "what does not match the XML Schema of the contract, to the last element, must not be taken in",
    "Where is the schema kept, and who checks a message against it: the code of each vendor, or the contract?",
    {"SOAP": ("strict validation",)},
    {
        "REST": "REST could check too, against a schema that you choose and each of the four vendors builds in; that "
        "the schema is part of the contract comes only with SOAP",
        "GraphQL": "GraphQL's schema checks types, and leaves lengths, patterns and ranges to the code of four "
        "vendors, where all of it has been signed",
        "WebSocket": "what a message holds is left to both sides, and nothing in a WebSocket checks it against the "
        "schema that all have signed",
        "webhooks": "the signature of a webhook tells who has sent a referral, not whether it matches the schema to "
        "the last element",
        "batch": "nothing here comes in bulk, and a batch brings no schema: each vendor's own code would decide what "
        "is taken in",
    },
    {
        ANSWERED: "REST and GraphQL answer requests too, so it does not decide for SOAP; that what breaks the signed "
        "schema must not be taken in does",
        "predictable structure": "a structure can be known to all and still be broken; what decides is that a message "
        "which breaks it must not be taken in",
    },
    (fault,),
)

SCREENS = Scenario(
    "each screen shows another cut of the same data, and next month's cuts nobody knows",
    "Who is to say what an answer holds, where those who write the service cannot know?",
    {"GraphQL": ("flexible queries",)},
    {
        "REST": "`?fields=` picks members of one resource, but orders with their customers and parcels, in a new cut "
        "each month, would need a new address",
        "SOAP": "the contract fixes what an answer by SOAP holds, so each cut that nobody knows yet would be a new "
        "version of it",
        "WebSocket": "a WebSocket carries messages and knows no queries, so how to ask for next month's cut would be "
        "left to you to invent",
        "webhooks": "a webhook tells a server of an event, and a watch that shows a cut of some orders is no server "
        "and has to ask",
        "batch": "a batch carries items to a service in bulk, and screens read, each of them another cut",
    },
    {
        ANSWERED: "REST and SOAP answer requests too, so it does not decide for GraphQL; that nobody knows next "
        "month's cuts does",
        "fewest requests": "REST could answer each of today's screens with one request too, at an address made for "
        "it; what it cannot make is the cut that nobody knows yet",
        "predictable structure": "the structure is what nobody can predict here: each screen has its own, and next "
        "month's nobody knows",
    },
    (read, query),
)

LAND = Scenario(
    "each parcel has the same fifteen members, for partners whom nobody knows beforehand",
    "What can a stranger with any HTTP client expect of an address, without having asked anybody?",
    {"REST": ("predictable structure",)},
    {
        "SOAP": "before the first parcel each partner would need tools that read the contract, while any HTTP client "
        "reads fifteen members at an address, for partners whom nobody knows beforehand",
        "GraphQL": "there is nothing to choose, as all read the same fifteen members, and each unknown partner would "
        "have to learn the schema and write a query first",
        "WebSocket": "a partner asks for one parcel at a time, and between two of them an open connection would have "
        "nothing to tell",
        "webhooks": "a webhook calls those who have registered, and here nobody knows beforehand who will ask",
        "batch": "one parcel at a time is asked for, so there is nothing to gather",
    },
    {
        ANSWERED: "SOAP and GraphQL answer requests too, so it does not decide for REST; that a stranger finds the "
        "same fifteen members at each address does",
        "caching": "nothing is said of how often a parcel is read or changed; what is said is that partners whom "
        "nobody knows find the same fifteen members in each",
    },
    (query, read),
)

ASKING = argued(
    "choosing.asking",
    "Choose who asks for what",
    (
        "In each scenario one side asks. Look for the words that only one style can be glad of: how often it changes, "
        "who checks, who says what an answer holds, who the partners are.",
        "Two are for REST, one for SOAP, one for GraphQL. What changes once a night may be kept; what nobody knows "
        "yet has to be asked for; what is signed has to be checked; whom nobody knows has to find what they expect.",
    ),
    {"timetable": TIMETABLE, "referrals": REFERRALS, "screens": SCREENS, "parcels of land": LAND},
)
