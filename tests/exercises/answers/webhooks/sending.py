"""Right answers to `webhooks.deliver`, and what others are made of."""

import base64
import hmac
import http.client
import itertools
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import requests
from standardwebhooks import Webhook

from tests.exercises.answers.answer import Answers

deliver = Answers("webhooks.deliver")


def signature(secret, id, timestamp, payload):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{id}.{timestamp}.{payload}".encode(), "sha256")
    return "v1," + base64.b64encode(digest).decode()


def signed(secret, id, payload):
    """The header fields of an attempt that is made now."""
    timestamp = str(int(time.time()))
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, id, timestamp, payload),
    }


@deliver.right
def by_http_client_and_signed_by_hand(url, secret, id, payload, waits, patience):
    def attempt():
        line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=patience)
        try:
            line.request("POST", "/", payload.encode(), signed(secret, id, payload))
            return line.getresponse().status
        except OSError:
            return None
        finally:
            line.close()

    left = iter(waits)
    while (status := attempt()) not in range(200, 300):
        if status == 410:
            return "gone"
        if (wait := next(left, None)) is None:
            return "dead"
        time.sleep(wait)
    return "delivered"


class Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


@deliver.right
def by_urllib_that_stays_where_it_is(url, secret, id, payload, waits, patience):
    opener = urllib.request.build_opener(Staying)
    for wait in itertools.chain(waits, [None]):
        request = urllib.request.Request(url, payload.encode(), signed(secret, id, payload), method="POST")
        try:
            with opener.open(request, timeout=patience):
                return "delivered"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 410:
                return "gone"
        except OSError:
            pass
        if wait is not None:
            time.sleep(wait)
    return "dead"


@deliver.right
def one_attempt_calls_the_next(url, secret, id, payload, waits, patience):
    now = datetime.now(UTC)
    unknown = f"v1,{base64.b64encode(bytes(32)).decode()}"
    fields = {
        "Content-Type": "application/json",
        "Webhook-Id": id,
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": f"{unknown} {Webhook(secret).sign(id, now, payload)}",
    }
    try:
        answer = httpx.post(url, content=payload, headers=fields, timeout=patience, trust_env=False)
    except httpx.HTTPError:
        answer = None
    if answer is not None and (answer.is_success or answer.status_code == 410):
        return "delivered" if answer.is_success else "gone"
    if not waits:
        return "dead"
    time.sleep(waits[0])
    return one_attempt_calls_the_next(url, secret, id, payload, waits[1:], patience)


def sender(fields=signed, body=str.encode, post=None, done=None, gone=(410,), plan=None, until=None, values=None):
    """An answer that goes amiss in one part, and is right in all the others.

    `plan(waits)` gives the wait before each attempt, `done(status)` tells a success, `post` sends.
    """
    names = {"delivered": "delivered", "gone": "gone", "dead": "dead"} | (values or {})

    def answer(url, secret, id, payload, waits, patience):
        for wait in plan(waits) if plan else [0, *waits]:
            time.sleep(wait)
            try:
                answer = (post or plain_post)(url, body(payload), fields(secret, id, payload), patience)
            except requests.RequestException:
                continue
            if answer.status_code in gone:
                return names["gone"]
            if done(answer) if done else 200 <= answer.status_code < 300:
                return names["delivered"]
            if until and until(answer):
                break
        return names["dead"]

    return answer


def plain_post(url, body, fields, patience):
    return requests.post(url, body, headers=fields, timeout=patience, allow_redirects=False)
