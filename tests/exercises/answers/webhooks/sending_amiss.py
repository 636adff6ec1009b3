"""Wrong answers to `webhooks.deliver`."""

import base64
import hmac
import json
import time

import requests

from tests.exercises.answers.webhooks.sending import deliver, plain_post, sender, signature, signed


def called(cause, shows, outcome="wrong"):
    """Keeps the answer that a function without arguments makes, under the name of the function."""

    def collect(make):
        answer = make()

        answer.__name__ = make.__name__
        return deliver.wrong(cause, shows, outcome)(answer)

    return collect


def with_fields(**made):
    """The right fields, but for what functions of secret, id, payload and timestamp make of some of them."""

    def fields(secret, id, payload):
        right = signed(secret, id, payload)
        timestamp = right["webhook-timestamp"]
        given = {name.replace("_", "-"): make(secret, id, payload, timestamp) for name, make in made.items()}
        return {name: value for name, value in (right | given).items() if value is not None}

    return sender(fields)


def base64_of(data):
    return base64.b64encode(data).decode()


def key_of(secret):
    return base64.b64decode(secret.removeprefix("whsec_"))


def mac(key, signed):
    return hmac.digest(key, signed.encode(), "sha256")


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


@called("as one JSON string", lambda e: e.request.body.startswith(b'"'))
def json_of_json():
    return sender(body=lambda payload: json.dumps(payload).encode())


@called("the same JSON in other bytes", lambda e: e.request.json()["event_type"] == "payment.completed")
def json_written_again():
    return sender(body=lambda payload: json.dumps(json.loads(payload)).encode())


@called("in another encoding than UTF-8", lambda e: e.request.body)
def latin_letters():
    return sender(body=lambda payload: payload.encode("latin-1"))


@called("You sent no content", lambda e: not e.request.body)
def nothing_in_it():
    return sender(body=lambda payload: b"")


@called("is not the payload", lambda e: e.request.body.startswith(b"payload="))
def a_form():
    return sender(body=lambda payload: {"payload": payload})


@called("did not say that the content is JSON", lambda e: "content-type" not in e.request.fields)
def bytes_without_a_label():
    return with_fields(content_type=lambda *_: None)


@called("has no webhook-timestamp", lambda e: "webhook-timestamp" not in e.request.fields)
def a_signature_without_its_time():
    return with_fields(webhook_timestamp=lambda *_: None)


@called("You gave the next attempt another webhook-id", lambda e: e.status == 404)
def a_new_id_each_time():
    attempts = []

    def fields(secret, id, payload):
        attempts.append(id)
        return signed(secret, f"{id}-{attempts.count(id)}" if attempts.count(id) > 1 else id, payload)

    return sender(fields)


@called("not the id that your function is given", lambda e: e.request.fields.get("webhook-id").startswith("pay_"))
def the_id_of_the_payment():
    return sender(lambda secret, id, payload: signed(secret, json.loads(payload)["payment_id"], payload))


@called("is in milliseconds", lambda e: len(e.request.fields.get("webhook-timestamp")) == 13)
def milliseconds():
    return with_fields(webhook_timestamp=lambda *_: str(int(time.time() * 1000)))


@called("not a whole number of seconds", lambda e: "." in e.request.fields.get("webhook-timestamp"))
def a_fraction_of_a_second():
    return with_fields(webhook_timestamp=lambda *_: str(time.time()))


@called("some hours away from now", lambda e: e.request.fields.get("webhook-timestamp"))
def the_time_of_another_zone():
    return with_fields(webhook_timestamp=lambda *_: str(int(time.time()) + 2 * 60 * 60))


@called("Your webhook-timestamp is not now", lambda e: e.request.fields.get("webhook-timestamp") == "1614265330")
def the_time_of_an_example():
    return with_fields(webhook_timestamp=lambda *_: "1614265330")


@called("Your signature lacks its version", lambda e: "," not in e.request.fields.get("webhook-signature"))
def no_version():
    return with_fields(webhook_signature=lambda secret, id, payload, at: signature(secret, id, at, payload)[3:])


@called("in hexadecimal", lambda e: e.request.fields.get("webhook-signature"))
def hexadecimal_digits():
    def made(secret, id, payload, at):
        return "v1," + mac(key_of(secret), f"{id}.{at}.{payload}").hex()

    return with_fields(webhook_signature=made)


@called("with the secret as it is written", lambda e: e.request.fields.get("webhook-signature"))
def the_secret_as_it_is_written():
    def made(secret, id, payload, at):
        return "v1," + base64_of(mac(secret.encode(), f"{id}.{at}.{payload}"))

    return with_fields(webhook_signature=made)


@called("did not sign all three", lambda e: e.request.fields.get("webhook-signature"))
def the_payload_alone():
    return with_fields(webhook_signature=lambda secret, _, payload, __: "v1," + base64_of(mac(key_of(secret), payload)))


@called("another time than the one in your webhook-timestamp", lambda e: e.status == 200)
def local_time_taken_for_utc():
    def made(secret, id, payload, at):
        return signature(secret, id, int(at) + 7200, payload)

    return with_fields(webhook_signature=made)


@called("does not fit what you sent", lambda e: e.request.fields.get("webhook-signature"))
def another_hash():
    def made(secret, id, payload, at):
        return "v1," + base64_of(hmac.digest(key_of(secret), f"{id}.{at}.{payload}".encode(), "sha512"))

    return with_fields(webhook_signature=made)


def signed_once(keep):
    kept = {}

    def fields(secret, id, payload):
        first = kept.setdefault(id, signed(secret, id, payload))
        return signed(secret, id, payload) | {name: first[name] for name in keep}

    return sender(fields)


@called("the timestamp of the first", lambda e: e.status == 200)
def signed_before_the_loop():
    return signed_once(("webhook-timestamp", "webhook-signature"))


@called("earlier attempt's signature again", lambda e: e.number > 1)
def a_signature_that_is_kept():
    return signed_once(("webhook-signature",))


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
