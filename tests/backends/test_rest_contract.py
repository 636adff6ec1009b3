"""The OpenAPI document tells the truth: schemathesis asks for what it promises, and for much that it forbids."""

import subprocess
import sys
from pathlib import Path

import pytest

from course_support.backends import rest
from course_support.server import serve

# 412 is right for valid and for invalid content alike: preconditions come first (RFC 9110, section 13.2.1).
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "412"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "412", "415", "422"]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "fields", "strict"),
    [(None, {}, False), ("guest", {}, False), ("listener", {}, False), ("listener", {"If-Match": "*"}, True)],
    ids=["nobody", "guest", "listener", "strict"],
)
def test_schemathesis_finds_nothing(tmp_path: Path, who: str | None, fields: dict[str, str], strict: bool) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    app = rest.app(strict=strict)
    if who:
        fields = {**fields, "Authorization": f"Bearer {app.state.credentials[who]}"}
    with serve(app, name="contract") as server:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"),
                *("--no-color", "--seed=1", "--generation-deterministic"),
                *("--max-examples=20", "--suppress-health-check=all", "--warnings=off"),
                *(f"--header={name}: {value}" for name, value in fields.items()),
                f"{server.url}/openapi.json",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        statuses = {exchange.response.status for exchange in server.traffic if exchange.response}
    assert run.returncode == 0, run.stdout + run.stderr
    expected = {None: {401}, "guest": {200, 403}, "listener": {200, 201, 204, 400, 404, 405, 415, 422}}[who]
    assert expected <= statuses, f"The run did not reach {expected - statuses}."
