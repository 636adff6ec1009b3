"""What the service prints: nothing, because a print of its thread would land in a learner's cell."""

import subprocess
import sys

FAILING = """
import gc

import requests

from course_support.backends.graphql import app
from course_support.server import Server

query = '{ event(id: "abc123") { name speakers { name bio sessions { title } } } }'
service = app()
service.state.broken = {f"Speaker.bio:{service.state.events.speakers_of('abc123')[1].id}"}
with Server(service) as server:
    bearer = {"Authorization": f"Bearer {service.state.credentials['guest']}"}
    answer = requests.post(f"{server.url}/graphql", json={"query": query}, headers=bearer).json()
assert answer["data"] == {"event": None}, answer
gc.collect()
"""


def test_a_null_that_rises_leaves_no_warning_behind() -> None:
    ran = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
