"""Answers to `soap.digest`."""

import base64
import binascii
import hashlib

from tests.exercises.answers.answer import Answers

digest = Answers("soap.digest")


@digest.right
def fed_piece_by_piece(nonce, created, password):
    hashed = hashlib.new("sha1")
    for piece in (binascii.a2b_base64(nonce), created.encode("ascii"), bytes(password, "utf-8")):
        hashed.update(piece)
    return binascii.b2a_base64(hashed.digest(), newline=False).decode("ascii")


@digest.right
def from_hexadecimal_and_back(nonce, created, password):
    whole = base64.b64decode(nonce).hex() + created.encode().hex() + password.encode().hex()
    return base64.b64encode(bytes.fromhex(hashlib.sha1(bytes.fromhex(whole)).hexdigest())).decode()


def hashed(*parts, by=hashlib.sha1):
    return base64.b64encode(by(b"".join(parts)).digest()).decode()


def refused(exchange):
    """The exchange shows a right message that was taken, so that the digest in it can be compared."""
    return exchange.status == 200 and b"PasswordDigest" in exchange.request.body


@digest.wrong("not the bytes that it stands for", refused)
def the_nonce_as_it_is_written(nonce, created, password):
    return hashed((nonce + created + password).encode())


@digest.wrong("in another order", refused)
def the_password_before_the_time(nonce, created, password):
    return hashed(base64.b64decode(nonce), password.encode(), created.encode())


@digest.wrong("left the time out", refused)
def no_time(nonce, created, password):
    return hashed(base64.b64decode(nonce), password.encode())


@digest.wrong("left the nonce out", refused)
def no_nonce(nonce, created, password):
    return hashed(created.encode(), password.encode())


@digest.wrong("left the password out", refused)
def no_password(nonce, created, password):
    return hashed(base64.b64decode(nonce), created.encode())


@digest.wrong("hashed the password alone", refused)
def the_password_alone(nonce, created, password):
    return hashed(password.encode())


@digest.wrong("in hexadecimal", refused)
def the_hash_in_hexadecimal(nonce, created, password):
    return hashlib.sha1(base64.b64decode(nonce) + created.encode() + password.encode()).hexdigest()


@digest.wrong("used SHA-256", refused)
def a_better_hash(nonce, created, password):
    return hashed(base64.b64decode(nonce), created.encode(), password.encode(), by=hashlib.sha256)


@digest.wrong("not plain data", None)
def bytes_for_text(nonce, created, password):
    return base64.b64encode(hashlib.sha1(base64.b64decode(nonce) + (created + password).encode()).digest())


@digest.wrong("as Python writes bytes", refused)
def bytes_made_text_by_str(nonce, created, password):
    return str(bytes_for_text(nonce, created, password))


@digest.wrong("hashed nothing", refused)
def base64_for_a_hash(nonce, created, password):
    return base64.b64encode(base64.b64decode(nonce) + (created + password).encode()).decode()


@digest.wrong("The digest is another one", refused)
def blanks_between_the_parts(nonce, created, password):
    return hashed(b" ".join([base64.b64decode(nonce), created.encode(), password.encode()]))


@digest.wrong("raised UnicodeDecodeError", None, "crashed")
def a_nonce_that_is_read_as_text(nonce, created, password):
    return hashed(base64.b64decode(nonce).decode().encode(), created.encode(), password.encode())


@digest.wrong("returned nothing and sent nothing", None, "not attempted")
def printed(nonce, created, password):
    print(hashed(base64.b64decode(nonce), created.encode(), password.encode()))
