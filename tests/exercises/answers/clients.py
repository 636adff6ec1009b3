"""Clients that are not `requests`, for answers that go another way."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def by_http_client(url: str, method: str, target: str, token: str, content: Any = None, **fields: str) -> Reply:
    """Keywords are header fields, where `_` stands for `-`; field names and the scheme go in lower case."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    headers = {"authorization": f"bearer {token}"} | {name.replace("_", "-"): fields[name] for name in fields}
    body = None
    if content is not None:
        body, headers = json.dumps(content), {"content-type": "application/json"} | headers
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def by_urllib(address: str, token: str, method: str = "GET", content: Any = None, **fields: str) -> Reply:
    """As a chain of handlers that raises for what is not a success, 304 included."""
    data = None if content is None else json.dumps(content).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    headers |= {name.replace("_", "-"): fields[name] for name in fields}
    request = urllib.request.Request(address, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return Reply(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())
