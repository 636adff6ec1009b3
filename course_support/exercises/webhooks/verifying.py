"""The exercise that tells genuine deliveries from others, by their bytes alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from course_support.attempts import crashed
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.webhooks import deliveries
from course_support.exercises.webhooks.deliveries import PATH, Delivery
from course_support.exercises.webhooks.mistaken import MISTAKES, mistaken, of_another_version
from course_support.exercises.webhooks.shops import INVALID, PROCESSED
from course_support.verdict import Verdict, wrong

Make = Callable[[random.Random, str], Delivery]
"""What makes a delivery to a shop with this secret."""

BYTES = "The signature is over the bytes as they came: what is parsed and written again has others."
WHATEVER = "Anybody can send you anything: what is missing or makes no sense is one more reason to say False."
TIME = "The timestamp is in seconds since 1970, as `time.time()`: it may be at most 300 away from now, either way."
NO_PROOF = "a field that is missing, or is no number, is no proof, so False."
RAISED = "`verify` raises WebhookVerificationError for what is not genuine: catch it."
FIRST = "You refused a genuine delivery."
# In each: how it is made, whether it is genuine, what the wrong answer means, and what to look at next.
KINDS: dict[str, tuple[Make, bool, str, str]] = {
    "forged": (
        lambda draw, secret: deliveries.forged(draw, deliveries.delivery(draw, secret)),
        False,
        "You took a delivery for genuine that was signed with another secret.",
        "Whoever knows the address can POST to it; only who knows the secret can sign.",
    ),
    **{
        name: (partial(mistaken, name=name), False, cause, step)  # before the first that is genuine: this tells why
        for name, (_, _, cause, step) in MISTAKES.items()
    },
    "plain": (
        lambda draw, secret: deliveries.delivery(draw, secret),
        True,
        FIRST,
        "Three things go wrong easily: the key is what the Base64 behind `whsec_` stands for; signed is the text "
        "`id.timestamp.body`, with the body as it came and not parsed and written again; and the "
        "signature is the Base64 of the HMAC-SHA-256, behind `v1,`.",
    ),
    "spaced": (
        lambda draw, secret: replace(deliveries.delivery(draw, secret), payload=_spaced(draw)),
        True,
        "You refused a genuine delivery whose JSON has spaces, line breaks and letters beyond ASCII in it.",
        BYTES,
    ),
    "rotating": (
        lambda draw, secret: deliveries.delivery(draw, deliveries.secret(draw), secret),
        True,
        "You refused a genuine delivery that carries two signatures, of which the second is right.",
        "While a secret rotates, the field holds several with spaces between them, and one that is right will do.",
    ),
    "a while ago": (
        lambda draw, secret: replace(deliveries.delivery(draw, secret), age=draw.randint(150, 240)),
        True,
        "You refused a genuine delivery that was signed less than five minutes ago.",
        TIME,
    ),
    "clocks apart": (
        lambda draw, secret: replace(deliveries.delivery(draw, secret), age=-draw.randint(60, 200)),
        True,
        "You refused a genuine delivery because the sender's clock is a little ahead of yours.",
        TIME,
    ),
    "tampered": (
        lambda draw, secret: deliveries.tampered(deliveries.delivery(draw, secret)),
        False,
        "You took a delivery for genuine whose amount was changed after it had been signed.",
        "Compute the signature over what came, `body` as it is, and compare.",
    ),
    "another version": (
        of_another_version,
        False,
        "You took a delivery for genuine whose signature is of another version than v1.",
        "`v1,` is part of what is compared, and it is compared as a whole: `in` a text finds parts of it, too.",
    ),
    "renamed": (
        lambda draw, secret: replace(
            deliveries.delivery(draw, secret), fields=(("webhook-id", f"msg_{draw.getrandbits(96):024x}"),)
        ),
        False,
        "You took a delivery for genuine whose webhook-id was changed after it had been signed.",
        "Signed is `id.timestamp.body`, all three: else the same event could come again under another name.",
    ),
    "stale": (
        lambda draw, secret: deliveries.stale(deliveries.delivery(draw, secret)),
        False,
        "You took a delivery for genuine that was signed more than five minutes ago.",
        "Its signature is right, and will be for ever: only its age tells that somebody may have recorded it.",
    ),
    "redated": (
        lambda draw, secret: deliveries.redated(deliveries.delivery(draw, secret)),
        False,
        "You took an old delivery for genuine whose timestamp was changed after it had been signed.",
        "Signed is `id.timestamp.body`, all three: else an old delivery could be made young.",
    ),
    "garbled": (
        lambda draw, secret: deliveries.garbled(deliveries.delivery(draw, secret)),
        False,
        "You took a delivery for genuine whose webhook-signature is none.",
        WHATEVER,
    ),
    "not ASCII": (
        lambda draw, secret: replace(deliveries.delivery(draw, secret), fields=(("webhook-signature", "v1,für uns"),)),
        False,
        "You took a delivery for genuine whose webhook-signature is some words.",
        WHATEVER,
    ),
    "no signature": (
        lambda draw, secret: deliveries.without(deliveries.delivery(draw, secret), "webhook-signature"),
        False,
        "You took a delivery for genuine that has no webhook-signature.",
        WHATEVER,
    ),
    "no timestamp": (
        lambda draw, secret: deliveries.without(deliveries.delivery(draw, secret), "webhook-timestamp"),
        False,
        "You took a delivery for genuine that has no webhook-timestamp.",
        WHATEVER,
    ),
    "no time": (
        lambda draw, secret: replace(deliveries.delivery(draw, secret), fields=(("webhook-timestamp", "just now"),)),
        False,
        "You took a delivery for genuine whose webhook-timestamp is no number.",
        WHATEVER,
    ),
    "early": (
        lambda draw, secret: deliveries.early(deliveries.delivery(draw, secret)),
        False,
        "You took a delivery for genuine whose timestamp is more than five minutes ahead.",
        "Whoever recorded it could wait: the distance from now counts, in either direction; `abs` gives it.",
    ),
}


FIRST_ONES = ("forged", *MISTAKES, "plain")


def _spaced(draw: random.Random) -> str:
    event = deliveries.event(draw, note=draw.choice(("Grüsse", "Zoë zahlt", "vielen Dank ☕")))
    return json.dumps(event, ensure_ascii=False, indent=2) + "\n"


def _scenes(draw: random.Random) -> list[Scene]:
    *others, early = [kind for kind in KINDS if kind not in FIRST_ONES]
    # Who does not look at the time at all hears first of what is too old.
    return [_scene(draw, kind) for kind in (*FIRST_ONES, *draw.sample(others, len(others)), early)]


def _scene(draw: random.Random, kind: str) -> Scene:
    secret = deliveries.secret(draw)
    delivery = KINDS[kind][0](draw, secret)
    fields = {"content-type": "application/json", "user-agent": "payment-processor"} | delivery.signed()
    given = {"secret": secret, "fields": fields, "body": delivery.content.decode()}

    def show(client: Client) -> None:
        client.send("POST", PATH, content=delivery.content, **fields)

    return Scene(_shop(secret), given, {"kind": kind}, afterwards=show)


def _shop(secret: str) -> Starlette:
    """A shop that answers as one should, so that there is an exchange to show."""

    async def receive(request: Request) -> Response:
        try:
            Webhook(secret).verify(await request.body(), dict(request.headers))
        except (WebhookVerificationError, ValueError):
            return PlainTextResponse(INVALID, 401)
        return PlainTextResponse(PROCESSED)

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(bool, "True or False"), _other_judgement)


def _crashed_on(evidence: Evidence) -> Verdict | None:
    """A crash is shown with the delivery that it came of; for one that makes no sense the answer is still False."""
    failure, crash = evidence.failure, crashed(evidence)
    if not failure or not failure.line or not crash or not evidence.afterwards:
        return None
    shown = replace(crash, exchange=evidence.afterwards[-1])
    if failure.type == "WebhookVerificationError":
        return replace(shown, next_step=f"Whatever anybody sends, the answer is True or False: {RAISED}")
    if KINDS[evidence.expected["kind"]][3] is WHATEVER and failure.type in ON_WHATEVER:
        return replace(shown, next_step=f"Whatever anybody sends, the answer is True or False: {NO_PROOF}")
    return shown


ON_WHATEVER = (  # `Error` is binascii's
    "AttributeError", "Error", "IndexError", "KeyError", "TypeError", "UnicodeEncodeError", "ValueError",
)  # fmt: skip


def _other_judgement(evidence: Evidence) -> Verdict | None:
    _, right, cause, step = KINDS[evidence.expected["kind"]]
    if evidence.value is right:
        return None
    return wrong(cause, evidence.afterwards[-1], expected=right, seen=evidence.value, next_step=step)


GENUINE = Exercise(
    "webhooks.genuine",
    "Tell genuine deliveries from others",
    3,
    (
        "Compute the signature that the delivery should have, and compare it with each one that it has. What of a "
        "field that is not there, or a timestamp that is no number?",
        "The key is `base64.b64decode(secret.removeprefix('whsec_'))`, and signed is "
        '`f"{id}.{timestamp}.{body}".encode()`. Then `hmac.digest(key, signed, "sha256")`, Base64, `v1,` before it.',
        "`try:` all of that, and `return False` at a KeyError or ValueError. The field has signatures with spaces "
        "between them: `any(hmac.compare_digest(right, it.encode()) for it in field.split())`; and "
        "`abs(time.time() - int(timestamp)) <= 300`.",
    ),
    _scenes,
    _judge,
    early=(_crashed_on,),
)
