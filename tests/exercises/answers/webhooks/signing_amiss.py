"""Wrong answers to `webhooks.deliver`: what is amiss is the content, a field, or the signature."""

import base64
import hmac
import json
import time

from tests.exercises.answers.webhooks.sending import sender, signature, signed
from tests.exercises.answers.webhooks.sending_amiss import called


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


@called("with the timestamp of the one before", lambda e: e.status == 200)
def signed_before_the_loop():
    return signed_once(("webhook-timestamp", "webhook-signature"))


@called("earlier attempt's signature again", lambda e: e.number > 1)
def a_signature_that_is_kept():
    return signed_once(("webhook-signature",))
