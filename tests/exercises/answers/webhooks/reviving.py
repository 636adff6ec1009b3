"""Answers to `webhooks.revive`."""

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib

revive = Answers("webhooks.revive")


@revive.right
def the_oldest_until_none_is_left(url, key, subscription):
    at, done = f"/api/webhooks/{subscription}", []
    while dead := by_http_client(url, "GET", f"{at}/dead-letters", key).json()["deliveries"]:
        left = [it["event_id"] for it in dead if it["event_id"] not in done]
        if not left:
            break
        by_http_client(url, "POST", f"{at}/deliveries/{left[-1]}/replay", key)
        done.append(left[-1])
    return done


@revive.right
def by_the_time_of_the_first_attempt_and_newest_first(url, key, subscription):
    at = f"{url}/api/webhooks/{subscription}"
    dead = by_urllib(f"{at}/dead-letters?limit=100", key).json()["deliveries"]
    for letter in dead:
        by_urllib(f"{at}/deliveries/{letter['event_id']}/replay", key, "POST")
    dead.sort(key=lambda letter: letter["attempts"][0]["at"])
    return [letter["event_id"] for letter in dead]


@revive.right
def those_of_all_deliveries_that_are_dead(url, key, subscription):
    at, service = f"{url}/api/webhooks/{subscription}/deliveries", session(key)
    events = [it["event_id"] for it in service.get(f"{at}?limit=100").json()["deliveries"] if it["status"] == "dead"]
    for event in events[::-1]:
        service.post(f"{at}/{event}/replay").raise_for_status()
    return events[::-1]


def session(key):
    made = requests.Session()
    made.headers["Authorization"] = f"Bearer {key}"
    return made


def revived(url, key, subscription, *, listing="dead-letters", choose=lambda dead: dead, times=1, replay="deliveries"):
    """What most of these answers do: the events that were replayed, oldest first."""
    at, service = f"{url}/api/webhooks/{subscription}", session(key)
    dead = service.get(f"{at}/{listing}").json()["deliveries"]
    chosen = choose([letter["event_id"] for letter in reversed(dead)])
    for event in chosen:
        for _ in range(times):
            service.post(f"{at}/{replay}/{event}/replay")
    return chosen


def is_replay(e):
    return e.request.method == "POST" and e.request.path.endswith("/replay")


def is_listing(e):
    return e.request.method == "GET" and e.request.path.endswith("/dead-letters")


@revive.wrong("Your list begins with the newest", is_listing)
def newest_first(*arguments):
    return revived(*arguments)[::-1]


@revive.wrong("the right ids in another order", is_listing)
def sorted_by_id(*arguments):
    return sorted(revived(*arguments))


@revive.wrong("You replayed a delivery that had arrived", is_replay)
def all_deliveries(*arguments):
    return revived(*arguments, listing="deliveries")


@revive.wrong("try again by itself", is_replay)
def all_that_have_failed_once(url, key, subscription):
    at, service = f"{url}/api/webhooks/{subscription}/deliveries", session(key)
    log = service.get(at).json()["deliveries"]
    events = [it["event_id"] for it in reversed(log) if any("error" in attempt for attempt in it["attempts"])]
    for event in events[::-1]:
        service.post(f"{at}/{event}/replay")
    return events


@revive.wrong("some of the dead letters, and not all", is_listing)
def the_oldest_alone(*arguments):
    return revived(*arguments, choose=lambda dead: dead[:1])


@revive.wrong("replayed none", is_listing)
def only_listed(*arguments):
    return revived(*arguments, times=0)


@revive.wrong("the same event more than once", is_replay)
def twice_to_be_sure(*arguments):
    return revived(*arguments, times=2)


@revive.wrong("Your list is empty", is_listing)
def listed_again_at_the_end(url, key, subscription):
    revived(url, key, subscription)
    at = f"{url}/api/webhooks/{subscription}/dead-letters"
    return [it["event_id"] for it in session(key).get(at).json()["deliveries"]]


@revive.wrong("whole deliveries in it", is_listing)
def deliveries_for_ids(url, key, subscription):
    dead = session(key).get(f"{url}/api/webhooks/{subscription}/dead-letters").json()["deliveries"]
    revived(url, key, subscription)
    return dead[::-1]


@revive.wrong("is not that of the events that you replayed", is_listing)
def statuses_for_ids(*arguments):
    return [202 for _ in revived(*arguments)]


@revive.wrong("of another webhook", is_replay)
def all_webhooks_of_the_shop(url, key, subscription):
    webhooks = session(key).get(f"{url}/api/webhooks").json()["webhooks"]
    return [event for webhook in webhooks for event in revived(url, key, webhook["id"])]


@revive.wrong("The service has nothing at the address", lambda e: e.status == 404)
def replayed_at_another_address(*arguments):
    return revived(*arguments, replay="dead-letters")


@revive.wrong("but not for GET", lambda e: e.status == 405)
def a_get_for_a_replay(url, key, subscription):
    at, service = f"{url}/api/webhooks/{subscription}", session(key)
    events = [it["event_id"] for it in service.get(f"{at}/dead-letters").json()["deliveries"]]
    for event in events:
        service.get(f"{at}/deliveries/{event}/replay")
    return events[::-1]


@revive.wrong("does not say who asks", lambda e: e.status == 401)
def without_the_key(url, key, subscription):
    dead = requests.get(f"{url}/api/webhooks/{subscription}/dead-letters").json()
    return [letter["event_id"] for letter in dead.get("deliveries", [])]


@revive.wrong("returned a whole number", is_replay)
def the_number_of_them(*arguments):
    return len(revived(*arguments))


@revive.wrong("raised KeyError", is_listing, "crashed")
def another_member(url, key, subscription):
    return session(key).get(f"{url}/api/webhooks/{subscription}/dead-letters").json()["dead_letters"]


@revive.wrong("No request of yours", None)
def nothing_sent(*arguments):
    return []
