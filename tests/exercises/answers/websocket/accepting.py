"""Answers to `websocket.accept_key`."""

import base64
import binascii
import hashlib

from websockets.utils import accept_key as accept_key_of_websockets

from tests.exercises.answers.answer import Answers

accept_key = Answers("websocket.accept_key")
FIXED = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def answered(e):
    return e.status == 101 and e.request.fields.get("Sec-WebSocket-Key")


@accept_key.right
def step_by_step(key):
    hash = hashlib.new("sha1")
    hash.update(key.encode("ascii"))
    hash.update(FIXED.encode("ascii"))
    return binascii.b2a_base64(hash.digest(), newline=False).decode("ascii")


@accept_key.right
def by_a_library(key):
    return accept_key_of_websockets(key)


@accept_key.right
def from_hexadecimal(key):
    return str(base64.b64encode(bytes.fromhex(hashlib.sha1(f"{key}{FIXED}".encode()).hexdigest())), "ascii")


def computed(text, hash=hashlib.sha1, write=base64.b64encode):
    return write(hash(text if isinstance(text, bytes) else text.encode()).digest()).decode()


@accept_key.wrong("decoded the key from Base64", answered)
def the_bytes_of_the_key(key):
    return computed(base64.b64decode(key) + FIXED.encode())


@accept_key.wrong("hashed the key alone", answered)
def without_the_fixed_text(key):
    return computed(key)


@accept_key.wrong("hashed the fixed text alone", answered)
def without_the_key(key):
    return computed(FIXED)


@accept_key.wrong("in the other order", answered)
def the_fixed_text_first(key):
    return computed(FIXED + key)


@accept_key.wrong("in small letters", answered)
def as_uuids_are_written(key):
    return computed(key + FIXED.lower())


@accept_key.wrong("between the key and the fixed text", answered)
def with_a_blank(key):
    return computed(f"{key} {FIXED}")


@accept_key.wrong("another hash than SHA-1", answered)
def a_better_hash(key):
    return computed(key + FIXED, hashlib.sha256)


@accept_key.wrong("in hexadecimal", answered)
def a_hexdigest(key):
    return hashlib.sha1((key + FIXED).encode()).hexdigest()


@accept_key.wrong("You hashed nothing", answered)
def base64_alone(key):
    return base64.b64encode((key + FIXED).encode()).decode()


@accept_key.wrong("sent the key back", answered)
def the_key_itself(key):
    return key


@accept_key.wrong("as Python writes bytes", answered)
def bytes_by_str(key):
    return str(base64.b64encode(hashlib.sha1((key + FIXED).encode()).digest()))


@accept_key.wrong("made for addresses", answered)
def base64_for_addresses(key):
    return computed(key + FIXED, write=base64.urlsafe_b64encode)


@accept_key.wrong("a character too many or too few", answered)
def base64_for_mails(key):
    return computed(key + FIXED, write=base64.encodebytes)


@accept_key.wrong("returned the whole field", answered)
def a_header_field(key):
    return f"Sec-WebSocket-Accept: {computed(key + FIXED)}"


@accept_key.wrong("the RFC's example", answered)
def the_example(key):
    return "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@accept_key.wrong("The answer to this key is another one", answered)
def a_slip_in_the_fixed_text(key):
    return computed(key + FIXED.replace("914", "194"))


@accept_key.wrong("is not plain data", None, step="`.decode()` makes it of bytes")
def bytes_as_they_are(key):
    return base64.b64encode(hashlib.sha1((key + FIXED).encode()).digest())
