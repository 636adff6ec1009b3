"""Envelopes by hand and three ways to send them, for answers that do without zeep."""

import base64
import hashlib
import http.client
import secrets
import urllib.error
import urllib.request
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from tests.exercises.answers.clients import Reply

PATH = "/patient-service"
SERVICE = "http://hospital.example/patient-service"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE, WSU = f"{OASIS}wssecurity-secext-1.0.xsd", f"{OASIS}wssecurity-utility-1.0.xsd"
PASSWORD_TEXT = f"{OASIS}username-token-profile-1.0#PasswordText"
PASSWORD_DIGEST = f"{OASIS}username-token-profile-1.0#PasswordDigest"
FIELDS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"GetPatientRecord"'}
FIELDS12 = {"Content-Type": 'application/soap+xml; charset=utf-8; action="GetPatientRecord"'}


def digested(nonce: bytes, created: str, password: str) -> str:
    return base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()


def utc() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def security(username: str, password: str, kind: str = PASSWORD_TEXT, more: str = "") -> str:
    """A Security header block that declares its namespaces as defaults, so that no prefix is needed."""
    return (
        f'<Security xmlns="{WSSE}"><UsernameToken><Username>{username}</Username>'
        f'<Password Type="{kind}">{password}</Password>{more}</UsernameToken></Security>'
    )


def security_with_digest(username: str, password: str, kind: str = PASSWORD_DIGEST) -> str:
    nonce, created = secrets.token_bytes(20), utc()
    more = f'<Nonce>{base64.b64encode(nonce).decode()}</Nonce><Created xmlns="{WSU}">{created}</Created>'
    return security(username, digested(nonce, created, password), kind, more)


def body(patient: object, more: str = "") -> str:
    return f'<GetPatientRecord xmlns="{SERVICE}"><PatientID>{patient}</PatientID>{more}</GetPatientRecord>'


def envelope(header: str, content: str, namespace: str = SOAP11, prefix: str = "S") -> str:
    return (
        f'<{prefix}:Envelope xmlns:{prefix}="{namespace}"><{prefix}:Header>{header}</{prefix}:Header>'
        f"<{prefix}:Body>{content}</{prefix}:Body></{prefix}:Envelope>"
    )


def post(url: str, text: str, **fields: str | None) -> requests.Response:
    """With requests; a keyword replaces a field, and None leaves it out."""
    headers = FIELDS | {name.replace("_", "-"): value for name, value in fields.items()}
    return requests.post(url + PATH, data=text.encode(), headers=headers, timeout=10)


def by_http_client(url: str, text: str, fields: dict[str, str] = FIELDS) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("POST", PATH, text.encode(), {name.lower(): value for name, value in fields.items()})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def by_urllib(url: str, text: str, fields: dict[str, str] = FIELDS) -> bytes:
    """The content of the answer, whatever its status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url + PATH, text.encode(), fields), timeout=10) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.read()


def hospital(url: str, username: str, password: str, **more: object) -> zeep.Client:
    return zeep.Client(f"{url}{PATH}?wsdl", wsse=UsernameToken(username, password, **more))


def all_texts(content: bytes, name: str) -> list[str]:
    return [element.text for element in etree.fromstring(content).iter(f"{{{SERVICE}}}{name}")]
