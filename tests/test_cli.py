"""The command `course` as a shell sees it: what it prints where, and its exit status."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from course_support import cli, grading
from course_support.backends.rest import COLLECTION
from tests.wiretap import SECONDS

ROOT = Path(__file__).resolve().parent.parent
COURSE = [sys.executable, "-m", "course_support.cli"]
COMMANDS = ["lab", "build", "serve", "grade", "doctor"]


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a refusal prints on stderr, and only there."""
    try:
        status = cli.main(arguments)
    except SystemExit as stop:  # argparse's own refusals
        status = int(stop.code or 0)
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    return said.err.strip().splitlines()[-1]


@contextmanager
def serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`course serve` in a process of its own, and the first line that it prints."""
    command = [*COURSE, "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main([command, "--help"])
    shown = capsys.readouterr().out
    assert f"usage: course {command}" in shown
    assert re.search(rf"examples?:\s+course {command}", shown)


@pytest.mark.parametrize("example", cli.EXAMPLES.values())
def test_each_example_is_a_command_line_that_is_understood(example: str) -> None:
    program, *arguments = example.split()
    assert program == "course"
    assert cli._parser().parse_args(arguments).command


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    words = capsys.readouterr().out.split()
    assert set(COMMANDS) <= set(words)


def test_it_is_installed_as_a_command() -> None:
    command = [str(Path(sys.executable).with_name("course")), "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    assert shown.stdout.startswith("usage: course")


@pytest.mark.parametrize("arguments", [[], ["teach"], ["grade", "handed_in"], ["serve", "rest", "--port", "http"]])
def test_a_command_line_that_asks_for_what_there_is_not(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(arguments, capsys).startswith("course")


def test_an_unknown_backend_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    known = "batch, bookshop, editor, graphql, hello, rest, soap, webhooks"
    assert refused(["serve", "rset"], capsys) == f"course: there is no backend 'rset': choose one of {known}."


def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(["serve", "hello", "--port", str(port)], capsys)
    assert line == f"course: Port {port} is not free on 127.0.0.1: choose another one, or leave it out."


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_backend_on_its_own_serves_until_it_is_stopped(sign: signal.Signals) -> None:
    with serving("rest", "--json") as (process, line):
        told = json.loads(line)
        assert set(told) == {"name", "url", "credentials"}
        assert told["name"] == "rest"
        token = next(iter(told["credentials"].values()))
        fields = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{told['url']}{COLLECTION}", headers=fields, timeout=SECONDS).status_code == 200
        process.send_signal(sign)
        assert process.wait(SECONDS) == 0
        assert process.stdout
        assert process.stderr
        assert (process.stdout.read(), process.stderr.read()) == ("", "")
        with pytest.raises(requests.ConnectionError):
            requests.get(told["url"], timeout=SECONDS)


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_what_it_prints_is_enough_for_curl() -> None:
    with serving("rest", "--json") as (_, line):
        told = json.loads(line)
        token = next(iter(told["credentials"].values()))
        command = ["curl", "-sS", "--fail", "--noproxy", "*", "-H", f"Authorization: Bearer {token}"]
        command.append(f"{told['url']}{COLLECTION}")
        answer = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
    assert json.loads(answer.stdout)


def test_the_clock_of_webhooks_on_their_own_shows_the_real_time() -> None:
    with serving("webhooks", "--json") as (_, line):
        told = json.loads(line)
        fields = {"Authorization": f"Bearer {told['credentials']['yourstore']}"}
        address = f"{told['url']}/api/test-clock/advance"
        answer = requests.post(address, json={"seconds": 0}, headers=fields, timeout=SECONDS)
    shown = datetime.fromisoformat(answer.json()["now"])
    assert abs(datetime.now(UTC) - shown) < timedelta(minutes=5), "what it signs would be refused as stale"


def test_without_json_it_prints_a_page_for_people() -> None:
    with serving("hello") as (process, line):
        assert "Hello: a service that greets" in line
        process.send_signal(signal.SIGINT)
        assert process.stdout
        assert "Ctrl+C stops it." in process.stdout.read()


def test_the_same_seed_gives_the_same_credentials() -> None:
    told = []
    for seed in ("7", "7", "8"):
        with serving("rest", "--json", "--seed", seed) as (_, line):
            told.append(json.loads(line)["credentials"])
    assert told[0] == told[1] != told[2]


def test_build_check_finds_the_repository_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert (cli.main(["build", "--check"]), capsys.readouterr().out) == (0, "")


def test_build_check_says_what_is_out_of_date_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("notebooks", "solutions", "exercises"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    sheet = tmp_path / "exercises" / "01_rest_exercises.ipynb"
    sheet.write_text("{}", "utf-8")
    monkeypatch.setattr(cli, "_root", lambda: tmp_path)
    assert cli.main(["build", "--check"]) == 1
    assert "out of date: exercises/01_rest_exercises.ipynb" in capsys.readouterr().out
    assert sheet.read_text("utf-8") == "{}"
    assert cli.main(["build"]) == 0
    assert "built: exercises/01_rest_exercises.ipynb" in capsys.readouterr().out
    assert cli.main(["build", "--check"]) == 0


def test_build_needs_the_notebooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "course_support" / "cli.py"))
    assert refused(["build"], capsys).startswith("course: the notebooks are not beside the package")


@pytest.mark.parametrize("there", [True, False])
def test_nothing_to_grade_is_one_sentence(there: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "handed_in"
    if there:
        folder.mkdir()
    line = refused(["grade", str(folder), "-o", str(tmp_path / "report")], capsys)
    assert line.startswith("course: ")
    assert str(folder) in line or folder.name in line
    assert not (tmp_path / "report").exists()


GRADE = ["grade", "handed_in", "-o", "report"]


@pytest.mark.parametrize(
    "more",
    [
        ["--workers", "0"],
        ["--workers", "many"],
        ["--workers", "2", "--cluster", "tcp://192.0.2.7:8786"],
        ["--seed", ""],
        ["--seed", "a\nb"],
    ],
)
def test_options_of_grading_that_make_no_sense(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert refused([*GRADE, *more], capsys).startswith("course grade: error: argument --")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--require-isolation", "perfect"], "There is no isolation 'perfect'"),
        (["--roster", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_had_grades_nobody(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.ipynb").write_text("{}")
    assert said in refused(["grade", str(tmp_path), "-o", str(tmp_path / "report"), *more], capsys)
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("failures", [0, 2])
def test_the_status_tells_of_the_graders_own_failures(
    failures: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {}

    def grade_folder(submissions: Path, report: Path, **options: object) -> grading.Summary:
        asked.update(options, submissions=submissions, report=report)
        return grading.Summary(9, 8, failures, failures, report, "In a sandbox.")

    monkeypatch.setattr(grading, "grade_folder", grade_folder)
    more = ["--roster", "class.csv", "--seed", "5", "--workers", "3", "--require-isolation", "sandbox"]
    assert cli.main([*GRADE, *more]) == bool(failures)
    said = capsys.readouterr().out
    assert said.startswith("9 files of 8 learners")
    assert str(Path("report/index.html")) in said
    assert "In a sandbox." in said
    assert ("again for 2" in said) == bool(failures)
    assert asked == {
        "submissions": Path("handed_in"),
        "report": Path("report"),
        "roster": Path("class.csv"),
        "settings": grading.Settings(seed="5", require="sandbox"),
        "workers": 3,
        "cluster": "",
    }


def test_the_help_of_grading_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["grade", "--help"])
    said = capsys.readouterr().out
    assert "  course grade handed_in/ -o report/\n" in said
    assert "exit status: 0 all graded" in said
