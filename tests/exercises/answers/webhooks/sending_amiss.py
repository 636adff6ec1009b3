"""Wrong answers to `webhooks.deliver`: what is amiss are the attempts, or the outcome."""

import time

import requests

from tests.exercises.answers.webhooks.sending import deliver, plain_post, sender, signed


def called(cause, shows, outcome="wrong"):
    """Keeps the answer that a function without arguments makes, under the name of the function."""

    def collect(make):
        answer = make()

        answer.__name__ = make.__name__
        return deliver.wrong(cause, shows, outcome)(answer)

    return collect


@called("You followed a redirect", lambda e: e.request.path == "/moved")
def redirects_are_followed():
    return sender(post=lambda url, body, fields, patience: requests.post(url, body, headers=fields, timeout=patience))


@called("to another address than the shop's", lambda e: e.request.path == "/webhooks/payments")
def an_address_that_is_known_by_heart():
    return sender(post=lambda url, *more: plain_post(f"{url}/webhooks/payments", *more))


@called("You did not POST", lambda e: e.request.method == "PUT")
def a_put():
    def put(url, body, fields, patience):
        return requests.put(url, body, headers=fields, timeout=patience, allow_redirects=False)

    return sender(post=put)


@called("for longer than your function is told to", lambda e: e.duration > 1)
def no_limit():
    return sender(post=lambda url, body, fields, patience: plain_post(url, body, fields, None))


@called("You tried again after the shop had answered 410", lambda e: e.request.method == "POST")
def gone_is_one_more_failure():
    return sender(gone=())


@called("You tried again after the shop had answered 20", lambda e: e.request.method == "POST")
def only_200_is_a_success():
    return sender(done=lambda answer: answer.status_code == 203)


@called("You stopped after a 30", lambda e: 300 <= e.status < 400)
def what_is_below_400_is_ok():
    return sender(done=lambda answer: answer.ok)


@called("You stopped after a 40", lambda e: e.status in (400, 404))
def a_4xx_is_final():
    return sender(until=lambda answer: 400 <= answer.status_code < 500)


@called("as many attempts as there are waits", lambda e: e.status == 404)
def as_many_attempts_as_waits():
    return sender(plan=lambda waits: [0, *waits][: max(1, len(waits))])


@called("You stopped after an attempt that got no answer", lambda e: not e.response)
def an_error_ends_it():
    def attempt(url, secret, id, payload, waits, patience):
        try:
            return sender(post=strict)(url, secret, id, payload, waits, patience)
        except OSError:
            return "dead"

    def strict(*arguments):
        try:
            return plain_post(*arguments)
        except requests.RequestException as error:
            raise OSError(str(error)) from error

    return attempt


@called("You made 4 attempts where there are 3", lambda e: e.status == 500)
def one_attempt_too_many():
    return sender(plan=lambda waits: [0, *waits, 0])


@called("before attempt 2, where `waits` says", lambda e: e.status == 404)
def no_waits():
    return sender(plan=lambda waits: [0, *(0 for _ in waits)])


@called("before attempt 3, where `waits` says", lambda e: e.request.method == "POST")
def the_shortest_wait_each_time():
    return sender(plan=lambda waits: [0, *waits[:1], *(0 for _ in waits[1:])])


@called("what you return is another outcome", lambda e: e.status == 410)
def gone_is_dead():
    return sender(values={"gone": "dead"})


@deliver.wrong("raised HTTPError", lambda e: e.status == 400, "crashed")
def raises_for_status(url, secret, id, payload, waits, patience):
    for wait in [0, *waits]:
        time.sleep(wait)
        plain_post(url, payload.encode(), signed(secret, id, payload), patience).raise_for_status()
        return "delivered"
    return "dead"


@deliver.wrong("raised ConnectionError", lambda e: not e.response, "crashed")
def broken_connections_are_not_expected(url, secret, id, payload, waits, patience):
    for wait in [0, *waits]:
        time.sleep(wait)
        try:
            status = plain_post(url, payload.encode(), signed(secret, id, payload), patience).status_code
        except requests.Timeout:
            continue
        if status == 410 or status < 300:
            return "gone" if status == 410 else "delivered"
    return "dead"
