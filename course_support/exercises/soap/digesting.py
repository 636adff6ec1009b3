"""The exercise that computes a password digest by hand."""

from __future__ import annotations

import random
from base64 import b64decode, b64encode
from hashlib import sha1, sha256

from course_support.backends.wsse import digest, moment_text
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.soap.calling import at_a_drawn_moment, service
from course_support.exercises.soap.messages import call_by, envelope, request, token
from course_support.verdict import Verdict, value_text, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    backend, arguments = service(draw)
    moment = at_a_drawn_moment(backend, draw)
    nonce, created = draw.randbytes(16), moment_text(moment)
    username, password = arguments["username"], arguments["password"]
    patient = draw.choice(backend.state.patients.all()).number

    def show(client: Client) -> None:
        call_by(client, envelope(request(patient), token(username, password, nonce, created)))

    given = {"nonce": b64encode(nonce).decode(), "created": created, "password": password}
    return Scene(backend, given, {"digest": digest(nonce, created, password)}, afterwards=show)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(str, 'a text such as "quR/EWLAV4xLf9Zqyw4pDmfV9OY="'), _other_digest)


def _other_digest(evidence: Evidence) -> Verdict | None:
    right, value = evidence.expected["digest"], evidence.value
    if value == right:
        return None
    cause, step = _diagnosis(value, **{name: str(text) for name, text in evidence.arguments.items()})
    return wrong(cause, evidence.afterwards[-1], expected=right, seen=value_text(value), next_step=step)


def _diagnosis(value: str, nonce: str, created: str, password: str) -> tuple[str, str]:
    raw, time, secret = b64decode(nonce), created.encode(), password.encode()
    for data, cause, step in (
        (nonce.encode() + time + secret, *UNDECODED),
        (raw + secret + time, *ORDER),
        (time + raw + secret, *ORDER),
        (secret + raw + time, *ORDER),
        (raw + secret, *NO_TIME),
        (time + secret, *NO_NONCE),
        (raw + time, *NO_PASSWORD),
        (secret, *PASSWORD_ALONE),
    ):
        if value in (_base64(sha1(data).digest()), sha1(data).hexdigest()):
            return cause, step
    whole = raw + time + secret
    if value == sha1(whole).hexdigest() or value == _base64(sha1(whole).hexdigest().encode()):
        return HEXADECIMAL
    if value == _base64(whole):
        return UNHASHED
    if value == str(_base64(sha1(whole).digest()).encode()):
        return PRINTED
    if value in (_base64(sha256(whole).digest()), sha256(whole).hexdigest()):
        return OTHER_HASH
    return (
        "The digest is another one.",
        "Base64(SHA-1(nonce + created + password)), over bytes: go through it part by part.",
    )


UNDECODED = (
    "You hashed the nonce as it is written, not the bytes that it stands for.",
    "In the message the nonce is Base64; the digest is over the bytes: `base64.b64decode(nonce)`.",
)
ORDER = ("You hashed the three parts in another order.", "First the nonce, then the time, then the password.")
NO_TIME = ("You left the time out.", "The digest covers the nonce, the text of Created, and the password.")
NO_NONCE = ("You left the nonce out.", "The digest covers the nonce, the text of Created, and the password.")
NO_PASSWORD = ("You left the password out.", "The digest covers the nonce, the text of Created, and the password.")
PASSWORD_ALONE = (
    "You hashed the password alone.",
    "Then it would be the same in each message, as good as the password to whoever hears it: hash nonce and time too.",
)
UNHASHED = ("You hashed nothing.", "Base64 only writes bytes as text, and everybody can undo it: SHA-1 comes before.")
PRINTED = ("You made text of the bytes as Python writes bytes.", "`.decode()` makes text of bytes; `str()` shows them.")
HEXADECIMAL = (
    "You wrote the hash in hexadecimal.",
    "`.digest()` gives its twenty bytes; Base64 of these bytes is what goes into the message.",
)
OTHER_HASH = ("You used SHA-256.", "The UsernameToken Profile says SHA-1, and the service computes that.")


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


DIGEST = Exercise(
    "soap.digest",
    "Compute a digest by hand",
    2,
    (
        "Base64(SHA-1(nonce + created + password)). All of it is about bytes: `created.encode()`, and what of the "
        "nonce?",
        "`base64.b64encode(hashlib.sha1(base64.b64decode(nonce) + created.encode() + password.encode()).digest())"
        ".decode()`",
    ),
    _scenes,
    _judge,
)
