"""The schema tells the truth: schemathesis asks for what it promises, and for much that it forbids."""

import subprocess
import sys
from pathlib import Path

import pytest

from course_support.backends import graphql
from course_support.server import Server
from course_support.wire import Exchange


def codes(exchange: Exchange) -> set[str]:
    content = exchange.response.json() if exchange.response else {}
    return {error.get("extensions", {}).get("code", "") for error in content.get("errors", [])}


@pytest.mark.slow
@pytest.mark.parametrize("who", ["guest", "organizer"])
def test_schemathesis_finds_no_failure_of_the_service(tmp_path: Path, who: str) -> None:
    app = graphql.app(max_depth=100, max_cost=10**9, max_tokens=10**6)
    with Server(app) as server:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", "--no-color", "--seed=1"),
                *("--generation-deterministic", "--max-examples=40", "--suppress-health-check=all", "--warnings=off"),
                f"--header=Authorization: Bearer {app.state.credentials[who]}",
                f"{server.url}{graphql.PATH}",
            ],
            cwd=tmp_path,  # it keeps notes
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        asked = [exchange for exchange in server.traffic if exchange.request.method == "POST"]
    assert len(asked) > 70, run.stdout + run.stderr
    assert {exchange.status for exchange in asked} == {200, 400}
    for exchange in asked:
        content = exchange.response.json() if exchange.response else None
        assert isinstance(content, dict), exchange
        assert content.keys() <= {"data", "errors"}
        assert ("data" in content) == (exchange.status == 200), "only what cannot be executed is a 400"
        # What is refused is the client's to mend: nothing failed inside, and nothing was too much.
        assert codes(exchange) <= {"", "BAD_USER_INPUT"} | ({"FORBIDDEN"} if who == "guest" else set()), exchange
