"""The events of the GraphQL lesson, drawn from a seed: who speaks where about what, and who has registered."""

import random
import string
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from course_support.backends.clock import START

EVENTS, SPEAKERS = 20, 36
ALWAYS = "abc123"  # the event that every seed has
CITIES = {
    "Lisbon": (38.7223, -9.1393),
    "Vienna": (48.2082, 16.3738),
    "Nairobi": (-1.2921, 36.8219),
    "Kyoto": (35.0116, 135.7681),
    "Montréal": (45.5019, -73.5674),
    "Zürich": (47.3769, 8.5417),
    "Santiago": (-33.4489, -70.6693),
}
VENUES = ["1 Harbour Hall", "27 Museum Street", "8 Old Brewery Yard", "112 Station Square", "5 Botanical Garden Lane"]
SUBJECTS = ["Databases", "Compilers", "Web Standards", "Observability", "Open Data", "Cryptography", "Type Systems"]
FORMATS = ["Summit", "Days", "Forum", "Workshop", "Meetup", "Conference"]
GIVEN = ["Amara", "Bela", "Chidi", "Dana", "Emre", "Freya", "Goran", "Hana", "Ilse", "Jonas", "Kaito", "Lucía"]
FAMILY = ["Abara", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Greco", "Horváth", "Ito", "Jansen", "Kimani"]
TRADES = [
    "Builds compilers",
    "Runs a data centre",
    "Teaches",
    "Maintains a parser",
    "Designs protocols",
    "Writes tests",
]
PASTIMES = ["climbs on Sundays", "bakes sourdough", "repairs radios", "sings in a choir", "collects maps"]
OPENINGS = ["The Case Against", "Ten Years of", "Understanding", "The Cost of", "Testing", "A Short History of"]
TOPICS = ["Caching", "Null", "Time Zones", "Retries", "Schemas", "Cursors", "Floating Point", "Backpressure", "Queues"]


@dataclass
class Seeded:
    """Rows for each table, in the order of its columns."""

    events: list[tuple[Any, ...]] = field(default_factory=list)
    speakers: list[tuple[Any, ...]] = field(default_factory=list)
    sessions: list[tuple[Any, ...]] = field(default_factory=list)
    talks: list[tuple[Any, ...]] = field(default_factory=list)  # which speaker holds which session
    attendees: list[tuple[Any, ...]] = field(default_factory=list)


def seeded(seed: int) -> Seeded:
    """The same 20 events for the same seed. `abc123` is among them, in a hall and not full; the last one is full."""
    draw, rows = random.Random(seed), Seeded()
    numbers = draw.sample(range(10**6), SPEAKERS)
    rows.speakers = [
        _speaker(draw, number, name) for number, name in zip(numbers, draw.sample(_names(), SPEAKERS), strict=True)
    ]
    ids, places = _ids(draw, EVENTS), sorted(draw.sample(range(1, EVENTS), 4))  # the first event is in a hall
    named = draw.randrange(EVENTS - 1)
    ids[named] = ALWAYS
    names = draw.sample([f"{subject} {kind}" for subject in SUBJECTS for kind in FORMATS], EVENTS)
    names[named] = "API Architectures Summit"
    morning = START.replace(hour=8)
    for number, (id, name) in enumerate(zip(ids, names, strict=True)):
        date = morning + timedelta(days=14 + 9 * number + draw.randrange(9))
        online = number in places and id != ALWAYS
        registered = draw.randint(30, 60)
        capacity = registered if number == EVENTS - 1 else registered + draw.randint(20, 90)
        rows.events.append(
            (number + 1, id, name, _description(name), date.isoformat(), capacity, *_place(draw, online))
        )
        _programme(draw, rows, id, date)
        people = enumerate(draw.sample(_names(), registered))
        rows.attendees += [(id, person, _address(person, place)) for place, person in people]
    return rows


def _names() -> list[str]:
    return [f"{given} {family}" for given in GIVEN for family in FAMILY]


def _ids(draw: random.Random, count: int) -> list[str]:
    """Random: the id of one event tells nothing about another."""
    return ["".join(draw.choices(string.ascii_lowercase, k=3)) + str(n) for n in draw.sample(range(200, 1000), count)]


def _address(person: str, place: int) -> str:
    plain = "".join(letter for letter in person.lower() if letter in string.ascii_lowercase)
    return f"{plain}{place}@mail.example"


def _description(name: str) -> str:
    return (
        f"{name}: two days of talks, workshops and long breaks. Lunch is served in the foyer, the talks are recorded, "
        "and a quiet room is open throughout."
    )


def _place(draw: random.Random, online: bool) -> tuple[Any, ...]:
    if online:
        return "The link is in your ticket", "Online", None, None
    city = draw.choice(list(CITIES))
    return draw.choice(VENUES), city, *CITIES[city]


def _speaker(draw: random.Random, number: int, name: str) -> tuple[Any, ...]:
    id = f"sp{number:06}"
    bio = f"{draw.choice(TRADES)} in {draw.choice(list(CITIES))}, and {draw.choice(PASTIMES)}."
    return id, name, bio, f"https://photos.example/{id}.jpg" if draw.random() < 0.8 else None


def _programme(draw: random.Random, rows: Seeded, event: str, date: datetime) -> None:
    """Each speaker of the event holds a session of it, alone or with somebody who speaks there too."""
    size = draw.randint(8, 12) if event == ALWAYS else draw.randint(3, 7)
    speakers = [speaker[0] for speaker in draw.sample(rows.speakers, size)]
    titles = draw.sample([f"{opening} {topic}" for opening in OPENINGS for topic in TOPICS], size)
    for slot, (speaker, title) in enumerate(zip(speakers, titles, strict=True)):
        session = f"se{len(rows.sessions) + 1:04}"
        rows.sessions.append((session, event, title, (date + timedelta(minutes=60 + 45 * slot)).isoformat()))
        guests = {speaker, draw.choice(speakers)} if draw.random() < 0.25 else {speaker}
        rows.talks += [(session, guest) for guest in sorted(guests)]
