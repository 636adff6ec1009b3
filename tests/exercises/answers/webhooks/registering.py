"""Answers to `webhooks.register`."""

import json

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib

register = Answers("webhooks.register")
TYPES = ["payment.completed", "payment.disputed"]
AT = "/api/webhooks/register"


@register.right
def by_http_client_in_another_order(url, key, target_url, secret):
    wanted = {"secret": secret, "target_url": target_url, "event_types": TYPES[::-1]}
    return by_http_client(url, "POST", AT, key, wanted).json()["id"]


@register.right
def by_urllib_and_looked_up_in_the_list(url, key, target_url, secret):
    by_urllib(url + AT, key, "POST", {"event_types": TYPES, "target_url": target_url, "secret": secret})
    webhooks = by_urllib(f"{url}/api/webhooks", key).json()["webhooks"]
    return next(it["id"] for it in webhooks if it["target_url"] == target_url)


@register.right
def text_as_content_and_the_location(url, key, target_url, secret):
    content = json.dumps({"event_types": TYPES, "target_url": target_url, "secret": secret}, indent=2)
    fields = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return requests.post(url + AT, content, headers=fields).headers["Location"].rsplit("/", 1)[1]


def post(url, key, path=AT, **members):
    return requests.post(url + path, json=members, headers={"Authorization": f"Bearer {key}"})


def fields_of(exchange):
    return exchange.request.json()


@register.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_key(url, key, target_url, secret):
    answer = requests.post(url + AT, json={"event_types": TYPES, "target_url": target_url, "secret": secret})
    return answer.json().get("id")


@register.wrong("does not know the token", lambda e: e.status == 401)
def the_secret_for_a_key(url, key, target_url, secret):
    return post(url, secret, event_types=TYPES, target_url=target_url, secret=secret).json().get("id")


@register.wrong("You sent a POST to /api/webhooks,", lambda e: e.status == 405)
def the_list_for_its_door(url, key, target_url, secret):
    answer = post(url, key, "/api/webhooks", event_types=TYPES, target_url=target_url, secret=secret)
    return answer.json().get("id")


@register.wrong(
    "You sent a GET to /api/webhooks/register, and that registers nothing; that caused",
    lambda e: e.request.method == "GET",
)
def a_get(url, key, target_url, secret):
    fields = {"Authorization": f"Bearer {key}"}
    return requests.get(url + AT, {"target_url": target_url}, headers=fields).json()["id"]


@register.wrong("does not take this media type", lambda e: e.status == 415)
def a_form(url, key, target_url, secret):
    content = {"event_types": TYPES, "target_url": target_url, "secret": secret}
    return requests.post(url + AT, content, headers={"Authorization": f"Bearer {key}"}).json().get("id")


@register.wrong("because of its event_types", lambda e: e.status == 422)
def types_in_one_text(url, key, target_url, secret):
    answer = post(url, key, event_types=",".join(TYPES), target_url=target_url, secret=secret)
    return answer.json().get("id")


@register.wrong("because of its target; that caused the KeyError", lambda e: e.status == 422)
def a_member_of_another_name(url, key, target_url, secret):
    return post(url, key, event_types=TYPES, target=target_url, secret=secret).json()["id"]


@register.wrong("because of its secret", lambda e: e.status == 422)
def a_secret_without_its_prefix(url, key, target_url, secret):
    answer = post(url, key, event_types=TYPES, target_url=target_url, secret=secret.removeprefix("whsec_"))
    return answer.json().get("id")


@register.wrong("You registered 2 webhooks", lambda e: e.status == 201)
def one_for_each_type(url, key, target_url, secret):
    for name in TYPES:
        answer = post(url, key, event_types=[name], target_url=target_url, secret=secret)
    return answer.json()["id"]


@register.wrong("for payment.failed as well", lambda e: "payment.failed" in fields_of(e)["event_types"])
def all_there_is(url, key, target_url, secret):
    types = [*TYPES, "payment.failed"]
    return post(url, key, event_types=types, target_url=target_url, secret=secret).json()["id"]


@register.wrong("did not register for payment.disputed", lambda e: len(fields_of(e)["event_types"]) == 1)
def good_news_alone(url, key, target_url, secret):
    return post(url, key, event_types=TYPES[:1], target_url=target_url, secret=secret).json()["id"]


@register.wrong("another address than the one of the shop", lambda e: "?" not in fields_of(e)["target_url"])
def the_address_of_the_syllabus(url, key, target_url, secret):
    return post(url, key, event_types=TYPES, target_url=target_url.split("?")[0], secret=secret).json()["id"]


@register.wrong("so the processor made one up", lambda e: "secret" not in fields_of(e))
def no_secret(url, key, target_url, secret):
    return post(url, key, event_types=TYPES, target_url=target_url).json()["id"]


@register.wrong("another secret than the one", lambda e: e.status == 201)
def a_secret_of_ones_own(url, key, target_url, secret):
    own = f"whsec_{'AbCd' * 8}"
    return post(url, key, event_types=TYPES, target_url=target_url, secret=own).json()["id"]


@register.wrong("is asked for", lambda e: e.status == 201)
def the_whole_subscription(url, key, target_url, secret):
    return post(url, key, event_types=TYPES, target_url=target_url, secret=secret).json()


@register.wrong("You returned the path", lambda e: e.status == 201)
def the_location(url, key, target_url, secret):
    return post(url, key, event_types=TYPES, target_url=target_url, secret=secret).headers["Location"]


@register.wrong("the id of another subscription", lambda e: e.status == 201)
def the_first_of_the_list(url, key, target_url, secret):
    post(url, key, event_types=TYPES, target_url=target_url, secret=secret)
    fields = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{url}/api/webhooks", headers=fields).json()["webhooks"][0]["id"]


@register.wrong("is not the id", lambda e: e.status == 201)
def the_address_back(url, key, target_url, secret):
    return post(url, key, event_types=TYPES, target_url=target_url, secret=secret).json()["target_url"]
