"""Answers to `webhooks.genuine`."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

from standardwebhooks import Webhook, WebhookVerificationError

from tests.exercises.answers.answer import Answers

genuine = Answers("webhooks.genuine")


@genuine.right
def by_the_package(secret, fields, body):
    try:
        Webhook(secret).verify(body.encode(), fields, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


@genuine.right
def bytes_of_signatures_compared(secret, fields, body):
    id, sent, field = (fields.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not sent.isdigit() or abs(datetime.now(UTC).timestamp() - int(sent)) > 300:
        return False
    mac = hmac.new(base64.b64decode(secret.split("_", 1)[1]), digestmod=hashlib.sha256)
    for part in (id, ".", sent, ".", body):
        mac.update(part.encode())
    for version, _, signature in (it.partition(",") for it in field.split(" ")):
        try:
            if version == "v1" and hmac.compare_digest(mac.digest(), base64.b64decode(signature, validate=True)):
                return True
        except ValueError:
            continue
    return False


@genuine.right
def signed_again_and_compared_as_text(secret, fields, body):
    try:
        then = datetime.fromtimestamp(int(fields["webhook-timestamp"]), UTC)
        right = Webhook(secret).sign(fields["webhook-id"], then, body)
        given = fields["webhook-signature"].split()
    except (LookupError, ValueError):
        return False
    return abs(datetime.now(UTC) - then).seconds % 86400 <= 300 and right in given


def parts(fields):
    return fields.get("webhook-id", ""), fields.get("webhook-timestamp", ""), fields.get("webhook-signature", "")


def made(secret, signed):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, signed.encode(), "sha256")).decode()


def young(sent, limit=300):
    return sent.isdigit() and abs(time.time() - int(sent)) <= limit


def keyed(key, fields, body):
    id, sent, given = parts(fields)
    digest = hmac.digest(key, f"{id}.{sent}.{body}".encode(), "sha256")
    return young(sent) and f"v1,{base64.b64encode(digest).decode()}" in given.split()


@genuine.wrong("Your key is the secret as it is written", lambda e: e.status == 401)
def the_secret_as_it_is_written(secret, fields, body):
    return keyed(secret.encode(), fields, body)


@genuine.wrong("Your key is the text behind", lambda e: e.status == 401)
def the_secret_without_its_prefix(secret, fields, body):
    return keyed(secret.removeprefix("whsec_").encode(), fields, body)


@genuine.wrong("decoded from all of the secret", lambda e: e.status == 401)
def the_prefix_decoded_too(secret, fields, body):
    return keyed(base64.b64decode(secret + "=="), fields, body)


@genuine.wrong("over JSON that was parsed and written again", lambda e: e.status == 401)
def json_written_again_with_spaces(secret, fields, body):
    return keyed(base64.b64decode(secret[6:]), fields, json.dumps(json.loads(body)))


@genuine.wrong(
    "You refused a genuine delivery.", lambda e: e.status == 200, step="with the body as it came and not parsed"
)
def the_body_alone(secret, fields, body):
    _, sent, given = parts(fields)
    return young(sent) and made(secret, body) in given.split()


@genuine.wrong("another version than v1", lambda e: e.request.fields.get("webhook-signature").startswith("v1a,"))
def somewhere_in_the_field(secret, fields, body):
    id, sent, given = parts(fields)
    return young(sent) and made(secret, f"{id}.{sent}.{body}").removeprefix("v1,") in given


@genuine.wrong("whose JSON has spaces", lambda e: e.status == 200 and b"\n" in e.request.body)
def json_written_again(secret, fields, body):
    id, sent, given = parts(fields)
    content = json.dumps(json.loads(body), separators=(",", ":"))
    return young(sent) and made(secret, f"{id}.{sent}.{content}") in given.split()


@genuine.wrong(
    "two signatures, of which the second is right", lambda e: " " in e.request.fields.get("webhook-signature")
)
def one_signature_and_no_more(secret, fields, body):
    id, sent, given = parts(fields)
    return young(sent) and made(secret, f"{id}.{sent}.{body}") == given


@genuine.wrong("was signed less than five minutes ago", lambda e: e.status == 200)
def half_a_minute_and_then_it_is_too_old(secret, fields, body):
    id, sent, given = parts(fields)
    return sent.isdigit() and time.time() - int(sent) <= 30 and made(secret, f"{id}.{sent}.{body}") in given.split()


@genuine.wrong("clock is a little ahead", lambda e: e.status == 200)
def nothing_from_the_future(secret, fields, body):
    id, sent, given = parts(fields)
    return (
        sent.isdigit() and 0 <= time.time() - int(sent) <= 300 and made(secret, f"{id}.{sent}.{body}") in given.split()
    )


@genuine.wrong("signed more than five minutes ago", lambda e: e.status == 401)
def the_time_does_not_count(secret, fields, body):
    id, sent, given = parts(fields)
    return made(secret, f"{id}.{sent}.{body}") in given.split()


@genuine.wrong("timestamp is more than five minutes ahead", lambda e: e.status == 401)
def the_future_is_young_enough(secret, fields, body):
    id, sent, given = parts(fields)
    return sent.isdigit() and time.time() - int(sent) <= 300 and made(secret, f"{id}.{sent}.{body}") in given.split()


@genuine.wrong("You took a", lambda e: e.status == 401)  # one that was tampered with, or signed by somebody else
def whatever_has_the_right_form(secret, fields, body):
    _, sent, given = parts(fields)
    return young(sent) and given.startswith("v1,") and len(given) > 40


@genuine.wrong("whose webhook-signature is", lambda e: "webhook-signature" in e.request.fields)
def anything_but_a_signature_of_another(secret, fields, body):
    try:
        Webhook(secret).verify(body, fields)
    except WebhookVerificationError:
        return False
    except ValueError:
        return True
    return True


@genuine.wrong("raised KeyError", lambda e: e.status == 401, "crashed", "so False")
def fields_that_are_always_there(secret, fields, body):
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.{body}"
    try:
        age = abs(time.time() - int(fields["webhook-timestamp"]))
    except ValueError:
        return False
    return age <= 300 and made(secret, signed) in fields["webhook-signature"].split()


@genuine.wrong("raised ValueError", lambda e: e.status == 401, "crashed", "so False")
def a_package_that_raises_something_else(secret, fields, body):
    try:
        Webhook(secret).verify(body, fields)
    except WebhookVerificationError:
        return False
    return True


@genuine.wrong("raised TypeError", lambda e: e.status == 401, "crashed", "so False")
def texts_compared_that_are_not_ascii(secret, fields, body):
    id, sent, given = parts(fields)
    right = made(secret, f"{id}.{sent}.{body}")
    return young(sent) and any(hmac.compare_digest(right, it) for it in given.split())


@genuine.wrong("raised NameError", lambda e: e.status == 401, "crashed", "Look at that line")
def a_name_that_is_not_there(secret, fields, body):
    return made(secret, f"{id}.{sent}.{body}") == fields.get("webhook-signature")  # noqa: F821


@genuine.wrong("raised WebhookVerificationError", lambda e: e.status == 401, "crashed", "is not genuine: catch it")
def a_package_that_raises(secret, fields, body):
    Webhook(secret).verify(body, fields)
    return True


@genuine.wrong("where True or False is asked for", None)
def the_event_itself(secret, fields, body):
    try:
        return Webhook(secret).verify(body, fields)
    except (WebhookVerificationError, ValueError):
        return False
