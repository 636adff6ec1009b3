"""Answers to `webhooks.rotate`."""

import base64
import hmac
import json
import time

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from tests.exercises.answers.answer import Answers

rotate = Answers("webhooks.rotate")
PATH = "/webhooks/payments"
GOOD, BAD = (200, "Webhook processed"), (401, "Invalid signature")


def signs(secret, body, fields):
    try:
        Webhook(secret).verify(body, fields)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def shop(fine, good=GOOD, bad=BAD, path=PATH, methods=("POST",), response=PlainTextResponse):
    """A shop that takes what is `fine(body, fields)`."""

    async def receive(request):
        status, text = good if fine(await request.body(), dict(request.headers)) else bad
        return response(text, status)

    return Starlette(routes=[Route(path, receive, methods=methods)])


@rotate.right
def any_of_them(secrets):
    return shop(lambda body, fields: any(signs(secret, body, fields) for secret in secrets))


@rotate.right
def by_hand_without_a_framework(secrets):
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]

    def fine(fields, body):
        signed = fields.get(b"webhook-id", b"") + b"." + fields.get(b"webhook-timestamp", b"") + b"." + body
        made = {b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256")) for key in keys}
        try:
            age = abs(time.time() - int(fields[b"webhook-timestamp"]))
        except (KeyError, ValueError):
            return False
        return age <= 300 and not made.isdisjoint(fields.get(b"webhook-signature", b"").split())

    async def application(scope, receive, send):
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, text = GOOD if fine(dict(scope["headers"]), body) else BAD
        head = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": text.encode()})

    return application


@rotate.right
def newest_first_and_then_the_other(secrets):
    newest, *older = map(Webhook, secrets)

    async def receive(request):
        body, fields = await request.body(), request.headers
        for webhook in (newest, *older):
            try:
                webhook.verify(body, fields, json_parse=False)
            except Exception:
                continue
            break
        else:
            return PlainTextResponse("Invalid signature", status_code=401)
        return PlainTextResponse("Webhook processed")

    return Starlette(routes=[Route(PATH, receive, methods=["POST", "GET"])])


def refused(exchange):
    return exchange.status == 401 and len(exchange.request.fields.get("webhook-signature").split()) == 1


@rotate.wrong("that the second of the secrets signed", refused)
def the_newest_alone(secrets):
    return shop(lambda body, fields: signs(secrets[0], body, fields))


@rotate.wrong("that the first of the secrets signed", refused)
def the_last_one_decides(secrets):
    def fine(body, fields):
        good = False
        for secret in secrets:
            good = signs(secret, body, fields)
        return good

    return shop(fine)


@rotate.wrong("that one of the secrets signed alone", refused)
def each_of_them(secrets):
    return shop(lambda body, fields: all(signs(secret, body, fields) for secret in secrets))


@rotate.wrong("second signature is right, and whose first is unknown", lambda e: e.status == 401)
def one_signature_is_looked_at(secrets):
    def fine(body, fields):
        first = fields.get("webhook-signature", "").split(" ")[0]
        return any(signs(secret, body, fields | {"webhook-signature": first}) for secret in secrets)

    return shop(fine)


@rotate.wrong("unknown signature beside a right one", lambda e: e.status == 401)
def no_signature_may_be_unknown(secrets):
    def fine(body, fields):
        given = fields.get("webhook-signature", "").split(" ")
        return all(
            any(signs(secret, body, fields | {"webhook-signature": one}) for secret in secrets) for one in given[-1:]
        )

    return shop(fine)


@rotate.wrong("that both secrets signed", lambda e: " " in e.request.fields.get("webhook-signature"))
def one_signature_or_it_is_odd(secrets):
    return shop(
        lambda body, fields: (
            " " not in fields.get("webhook-signature", "") and any(signs(secret, body, fields) for secret in secrets)
        )
    )


@rotate.wrong("refused a genuine delivery.", lambda e: e.status == 401)
def json_parsed_and_written_again(secrets):
    return shop(lambda body, fields: any(signs(secret, json.dumps(json.loads(body)), fields) for secret in secrets))


@rotate.wrong("Your application took a delivery", lambda e: e.status == 200)
def everybody_is_welcome(secrets):
    return shop(lambda body, fields: True)


@rotate.wrong("more than five minutes old", lambda e: e.status == 200)
def the_time_does_not_count(secrets):
    def fine(body, fields):
        signed = f"{fields.get('webhook-id')}.{fields.get('webhook-timestamp')}.".encode() + body
        keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
        made = {"v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys}
        return not made.isdisjoint(fields.get("webhook-signature", "").split())

    return shop(fine)


@rotate.wrong("answered 400 to a delivery", lambda e: e.status == 400)
def a_bad_request(secrets):
    return shop(
        lambda body, fields: any(signs(secret, body, fields) for secret in secrets), bad=(400, "Invalid signature")
    )


@rotate.wrong("with 204, where 200 is asked for", lambda e: e.status == 204)
def nothing_to_say(secrets):
    return shop(lambda body, fields: any(signs(secret, body, fields) for secret in secrets), good=(204, None))


@rotate.wrong("The content of your 200 is not", lambda e: e.response.text == '"Webhook processed"')
def text_as_json(secrets):
    return shop(lambda body, fields: any(signs(secret, body, fields) for secret in secrets), response=JSONResponse)


@rotate.wrong("has nothing for POST /webhooks/payments", lambda e: e.status == 404)
def another_address(secrets):
    return shop(lambda body, fields: True, path="/webhooks")


@rotate.wrong("does not take POST", lambda e: e.status == 405)
def a_route_for_get(secrets):
    return shop(lambda body, fields: True, methods=("GET",))


@rotate.wrong("sends the processor elsewhere", lambda e: e.status == 307)
def a_slash_at_the_end(secrets):
    return shop(lambda body, fields: True, path=f"{PATH}/")


@rotate.wrong(
    "raised ValueError",
    lambda e: e.request.fields.get("webhook-signature") == "v1",
    "crashed",
    "Catch it and answer 401",
)
def a_package_that_raises_something_else(secrets):
    async def receive(request):
        body = await request.body()
        for secret in secrets:
            try:
                Webhook(secret).verify(body, dict(request.headers))
                return PlainTextResponse("Webhook processed")
            except WebhookVerificationError:
                continue
        return PlainTextResponse("Invalid signature", 401)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


@rotate.wrong("raised TypeError", lambda e: e.status == 500, "crashed")
def no_way_out_of_the_loop(secrets):
    async def receive(request):
        body = await request.body()
        for secret in secrets:
            if signs(secret, body, dict(request.headers)):
                return PlainTextResponse("Webhook processed")
        return None

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


@rotate.wrong("cannot be served", None)
def the_secrets_themselves(secrets):
    return secrets
