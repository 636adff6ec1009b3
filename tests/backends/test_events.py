"""The store of the event app: drawn from the seed, one statement for many keys, changes told to whoever follows."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from course_support.backends.events import Events
from course_support.backends.events_data import ALWAYS
from course_support.backends.events_records import Attendee, Event, Refusal


@pytest.fixture
def events() -> Events:
    return Events(1)


def found(events: Events, id: str) -> Event:
    event = events.event(id)
    assert event
    return event


def test_the_same_seed_gives_the_same_events() -> None:
    one, same, other = Events(7), Events(7), Events(8)
    assert one.page(0, 100) == same.page(0, 100) != other.page(0, 100)
    assert one.speakers_of(ALWAYS) == same.speakers_of(ALWAYS) != other.speakers_of(ALWAYS)
    assert one.attendees(ALWAYS) == same.attendees(ALWAYS) != other.attendees(ALWAYS)


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 8, 13, 10**9])
def test_what_holds_for_every_seed(seed: int) -> None:
    events = Events(seed)
    ids = events.ids()
    all_events = [found(events, id) for id in ids]
    assert len(set(ids)) == len({event.name for event in all_events}) == events.total() == 20
    assert [event.date for event in all_events] == sorted(event.date for event in all_events)
    always = found(events, ALWAYS)
    assert always.name == "API Architectures Summit"
    assert always.location.coordinates
    assert events.attendee_count(ALWAYS) + 20 <= always.capacity
    assert len(events.speakers_of(ALWAYS)) >= 8
    assert all(events.sessions_of(speaker.id) for speaker in events.speakers_of(ALWAYS))
    assert events.attendee_count(ids[-1]) == all_events[-1].capacity
    assert any(event.location.coordinates is None for event in all_events)
    assert any(speaker.photo is None for id in ids for speaker in events.speakers_of(id))


def test_many_keys_are_answered_in_their_order(events: Events) -> None:
    ids = [*reversed(events.ids()), "nobody", ALWAYS]
    assert events.events(ids) == [events.event(id) for id in ids]
    assert events.speakers_of_events(ids) == [events.speakers_of(id) for id in ids]
    assert events.attendee_counts(ids) == [events.attendee_count(id) for id in ids]
    assert events.attendee_counts(["nobody"]) == [0]
    assert events.events([]) == events.speakers_of_events([]) == []


def test_sessions_and_speakers_know_each_other(events: Events) -> None:
    sessions = events.sessions_of_events([ALWAYS])[0]
    assert [session.time for session in sessions] == sorted(session.time for session in sessions)
    for session, speakers in zip(sessions, events.speakers_of_sessions([it.id for it in sessions]), strict=True):
        assert speakers
        for speaker in speakers:
            assert session in events.sessions_of(speaker.id)
            assert speaker == events.speaker(speaker.id)


def test_attendees_come_in_pages(events: Events) -> None:
    everybody = events.attendees(ALWAYS)
    assert len(everybody) == events.attendee_count(ALWAYS)
    assert events.attendees(ALWAYS, limit=3) == everybody[:3]
    assert events.attendees(ALWAYS, everybody[2].id, 3) == everybody[3:6]


def test_registering_adds_one_and_cancelling_takes_it_away(events: Events) -> None:
    before = events.attendee_count(ALWAYS)
    added = events.register(ALWAYS, " Ada ", "ada@mail.example")
    assert isinstance(added, Attendee)
    assert (added.event_id, added.name, added.email) == (ALWAYS, "Ada", "ada@mail.example")
    assert events.attendees(ALWAYS)[-1] == added
    assert events.attendee_count(ALWAYS) == before + 1
    assert [events.cancel(added.id), events.cancel(added.id)] == [added, None]
    assert events.attendee_count(ALWAYS) == before


@pytest.mark.parametrize(
    ("event", "name", "email", "expected"),
    [
        ("nope", "Ada", "ada@mail.example", [Refusal.NO_SUCH_EVENT]),
        (ALWAYS, " ", "ada@mail.example", [Refusal.NAME_REQUIRED]),
        (ALWAYS, "a" * 101, "ada@mail.example", [Refusal.NAME_REQUIRED]),
        (ALWAYS, "\ud800", "ada@mail.example", [Refusal.NAME_REQUIRED]),
        (ALWAYS, "Ada", "", [Refusal.INVALID_EMAIL]),
        (ALWAYS, "Ada", "ada", [Refusal.INVALID_EMAIL]),
        (ALWAYS, "Ada", "a@b@c", [Refusal.INVALID_EMAIL]),
        (ALWAYS, "Ada", "a b@mail.example", [Refusal.INVALID_EMAIL]),
        (ALWAYS, "Ada", "a" * 250 + "@mail.example", [Refusal.INVALID_EMAIL]),
        (ALWAYS, "Ada", "\udfff@mail.example", [Refusal.INVALID_EMAIL]),
        ("\ud800", "", "@", [Refusal.NAME_REQUIRED, Refusal.INVALID_EMAIL, Refusal.NO_SUCH_EVENT]),
    ],
)
def test_every_reason_is_told_at_once(
    events: Events, event: str, name: str, email: str, expected: list[Refusal]
) -> None:
    before = [events.attendee_count(id) for id in events.ids()]
    assert events.register(event, name, email) == expected
    assert [events.attendee_count(id) for id in events.ids()] == before


def test_an_address_is_taken_once_for_each_event_in_whatever_case(events: Events) -> None:
    assert isinstance(events.register(ALWAYS, "Ada", "ada@mail.example"), Attendee)
    assert events.register(ALWAYS, "Ada", "ADA@mail.example") == [Refusal.EMAIL_TAKEN]
    assert isinstance(events.register(events.ids()[0], "Ada", "ada@mail.example"), Attendee)


def test_a_full_event_takes_nobody_until_somebody_cancels(events: Events) -> None:
    full = events.ids()[-1]
    assert events.register(full, "Ada", "ada@mail.example") == [Refusal.EVENT_FULL]
    events.cancel(events.attendees(full)[0].id)
    assert isinstance(events.register(full, "Ada", "ada@mail.example"), Attendee)
    assert events.register(full, "Bob", "bob@mail.example") == [Refusal.EVENT_FULL]


def test_threads_never_fill_an_event_past_its_capacity(events: Events) -> None:
    room = found(events, ALWAYS).capacity - events.attendee_count(ALWAYS)
    taken: list[int] = []

    def register(mark: int) -> None:
        for turn in range(room):
            if isinstance(events.register(ALWAYS, "Ada", f"a{mark}.{turn}@mail.example"), Attendee):
                taken.append(mark)

    threads = [threading.Thread(target=register, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == room
    assert events.attendee_count(ALWAYS) == found(events, ALWAYS).capacity


def test_who_follows_an_event_gets_the_count_now_and_after_each_change(events: Events) -> None:
    async def follow() -> list[int]:
        async with contextlib.aclosing(events.follow(ALWAYS)) as counts:
            seen = [await anext(counts)]
            added = events.register(ALWAYS, "Ada", "ada@mail.example")
            assert isinstance(added, Attendee)
            events.register(events.ids()[0], "Ada", "ada@mail.example")  # another event
            events.register(ALWAYS, "Ada", "ada@mail.example")  # refused
            await asyncio.to_thread(events.register, ALWAYS, "Bob", "bob@mail.example")
            events.cancel(added.id)
            return seen + [await asyncio.wait_for(anext(counts), 5) for _ in range(3)]

    before = events.attendee_count(ALWAYS)
    assert asyncio.run(follow()) == [before, before + 1, before + 2, before + 1]
    assert not events._followers


def test_a_follower_whose_loop_is_gone_stops_no_registration(events: Events) -> None:
    loop = asyncio.new_event_loop()
    counts = events.follow(ALWAYS)
    loop.run_until_complete(anext(counts))
    loop.close()
    assert isinstance(events.register(ALWAYS, "Ada", "ada@mail.example"), Attendee)
