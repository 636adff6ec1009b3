"""A running SOAP service and what a client of it writes by hand, so that a test says only what it changes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from lxml import etree
from starlette.applications import Starlette

from course_support.backends import soap, wsse
from course_support.backends.envelope import SOAP11, SOAP12, WSSE, WSU, Version
from course_support.server import Server

NAMES = {"soap11": SOAP11.namespace, "soap12": SOAP12.namespace, "wsse": WSSE, "wsu": WSU, "p": soap.NAMESPACE}
ASK = f'<GetPatientRecord xmlns="{soap.NAMESPACE}"><PatientID>12345</PatientID></GetPatientRecord>'
SHORTHAND = """<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Header>
    <Security>
      <UsernameToken>
        <Username>hospital_system</Username>
        <Password>secure_password</Password>
      </UsernameToken>
    </Security>
  </soap:Header>
  <soap:Body>
    <GetPatientRecord>
      <PatientID>12345</PatientID>
      <IncludeMedications>true</IncludeMedications>
    </GetPatientRecord>
  </soap:Body>
</soap:Envelope>
"""


def token(user: str = "hospital_system", password: str = "secure_password", more: str = "") -> str:
    inside = f"<wsse:Username>{user}</wsse:Username><wsse:Password>{password}</wsse:Password>{more}"
    names = f'xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"'
    return f"<wsse:Security {names}><wsse:UsernameToken>{inside}</wsse:UsernameToken></wsse:Security>"


def digested(created: str, nonce: bytes, password: str = "secure_password", user: str = "hospital_system") -> str:
    proof = wsse.digest(nonce, created, password)
    text = token(user, proof, f"<wsse:Nonce>{base64.b64encode(nonce).decode()}</wsse:Nonce>" + made(created))
    return text.replace("<wsse:Password>", f'<wsse:Password Type="{wsse.DIGEST}">')


def made(created: str) -> str:
    return f"<wsu:Created>{created}</wsu:Created>"


def envelope(body: str = ASK, header: str | None = None, version: Version = SOAP11) -> str:
    header = token() if header is None else header
    return (
        f'<s:Envelope xmlns:s="{version.namespace}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    )


def adding(substance: str = "Dust", severity: str = "mild", number: object = 12345) -> str:
    inside = f"<PatientID>{number}</PatientID><Substance>{substance}</Substance><Severity>{severity}</Severity>"
    return f'<AddAllergy xmlns="{soap.NAMESPACE}">{inside}</AddAllergy>'


@dataclass(frozen=True)
class Answer:
    status: int
    media_type: str
    text: str

    def all(self, path: str) -> Any:
        return etree.fromstring(self.text.encode()).xpath(path, namespaces=NAMES)

    def one(self, path: str) -> str:
        (found,) = self.all(f"({path})/text()")
        return str(found)

    @property
    def reason(self) -> str:
        """Of a Fault of either version."""
        return self.one("//faultstring | //soap12:Reason/soap12:Text")

    @property
    def code(self) -> str:
        """Of a Fault of either version, the one that says more if there are two."""
        return str(self.all("//faultcode/text() | //soap12:Code//soap12:Value/text()")[-1])


@dataclass(frozen=True)
class Hospital:
    app: Starlette
    url: str

    def __call__(self, message: str | bytes, version: Version = SOAP11, **fields: str | None) -> Answer:
        """The answer to a message; `fields` are the ones to change, with `_` for `-`, or to leave out if None."""
        action = "AddAllergy" if "AddAllergy" in str(message) else "GetPatientRecord"
        sent: dict[str, str | None] = {"Content-Type": f"{version.media_type}; charset=utf-8"}
        sent |= {"SOAPAction": f'"{action}"'} if version is SOAP11 else {}
        sent |= {name.replace("_", "-"): value for name, value in fields.items()}
        content = message.encode() if isinstance(message, str) else message
        answer = requests.post(self.url, data=content, headers=sent, timeout=10)
        return Answer(answer.status_code, answer.headers["Content-Type"], answer.text)


@contextmanager
def open_hospital(seed: int = 1) -> Iterator[Hospital]:
    app = soap.app(seed)
    with Server(app) as server:
        yield Hospital(app, server.url + soap.PATH)
