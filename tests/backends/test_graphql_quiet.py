"""What the service prints: nothing, because a print of its thread would land in a learner's cell."""

import subprocess
import sys

import pytest

FAILING = """
import gc
import sys

import requests

from course_support.backends.graphql import app
from course_support.server import Server

speakers = "speakers { name bio photo sessions { title } }"
query = f'{{ event(id: "abc123") {{ name location {{ city }} {speakers} attendeeCount }} }}'
service = app()
service.state.broken = {sys.argv[1].replace("ONE", service.state.events.speakers_of("abc123")[1].id)}
with Server(service) as server:
    bearer = {"Authorization": f"Bearer {service.state.credentials['guest']}"}
    answer = requests.post(f"{server.url}/graphql", json={"query": query}, headers=bearer).json()
assert answer["errors"], answer
gc.collect()
"""


@pytest.mark.parametrize(
    "field", ["Event.name", "Location.city", "Speaker.bio", "Speaker.bio:ONE", "Speaker.photo:ONE", "Session.title"]
)
def test_a_field_that_fails_leaves_no_warning_behind(field: str) -> None:
    command = [sys.executable, "-c", FAILING, field]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
