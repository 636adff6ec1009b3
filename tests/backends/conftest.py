"""A running REST service and a client for it, and a running SOAP service: every test talks over a real socket."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from starlette.applications import Starlette

from course_support.backends import rest
from course_support.backends.patients import Patient
from course_support.server import serve

from .hospital import Hospital, open_hospital

NEW = {"name": "Road Trip Hits", "description": "Perfect songs for long drives"}


@dataclass
class Client:
    """Sends requests as one of the two token holders, or as nobody."""

    app: Starlette
    url: str

    def __call__(self, method: str, path: str = "", *, who: str | None = "listener", **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.app.state.credentials[who]}"} if who else {}
        headers |= more.pop("headers", {})
        address = path if path.startswith("/openapi") else f"/api/v1/playlists{path}"
        return requests.request(method, self.url + address, headers=headers, timeout=10, **more)


@pytest.fixture
def client() -> Iterator[Client]:
    app = rest.app()
    with serve(app, name="the client's service") as server:
        yield Client(app, server.url)


@pytest.fixture
def hospital() -> Iterator[Hospital]:
    with open_hospital() as hospital:
        yield hospital


@pytest.fixture
def patient(hospital: Hospital) -> Patient:
    found: Patient = hospital.app.state.patients.get(12345)
    return found
