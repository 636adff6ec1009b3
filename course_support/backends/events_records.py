"""What is stored of events: one frozen record for each row, from which a field without a resolver takes its value."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Self


@dataclass(frozen=True)
class Location:
    address: str
    city: str
    coordinates: list[float] | None  # latitude and longitude in degrees; an online event has none


@dataclass(frozen=True)
class Event:
    number: int  # its place in the order of dates
    id: str
    name: str
    description: str
    date: datetime
    capacity: int
    location: Location

    @classmethod
    def of(cls, number: int, id: str, name: str, about: str, date: str, capacity: int, *place: Any) -> Self:
        address, city, *coordinates = place
        location = Location(address, city, None if coordinates[0] is None else coordinates)
        return cls(number, id, name, about, datetime.fromisoformat(date), capacity, location)


@dataclass(frozen=True)
class Speaker:
    id: str
    name: str
    bio: str
    photo: str | None


@dataclass(frozen=True)
class Session:
    id: str
    event_id: str
    title: str
    time: datetime

    @classmethod
    def of(cls, id: str, event_id: str, title: str, time: str) -> Self:
        return cls(id, event_id, title, datetime.fromisoformat(time))


@dataclass(frozen=True)
class Attendee:
    id: int
    event_id: str
    name: str
    email: str


class Refusal(Enum):
    """Why nobody was registered: what a client can do something about."""

    EMAIL_TAKEN = "Use another address: somebody has registered for this event with this one."
    EVENT_FULL = "Choose another event: this one has no place left."
    INVALID_EMAIL = "Write the address as name@host, such as ada@mail.example."
    NAME_REQUIRED = "Give a name of 1 to 100 characters."
    NO_SUCH_EVENT = "Take the id of an event from the list: there is none with this one."


def is_text(value: str, longest: int) -> bool:
    """Neither empty nor too long, and without controls and lone surrogates, which JSON can escape and UTF-8 cannot."""
    return 1 <= len(value) <= longest and not re.search(r"[\x00-\x1f\ud800-\udfff]", value)
