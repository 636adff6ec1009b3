"""Each finding on a machine that has the thing and on one that has not."""

import json
from importlib import metadata

import pytest

from course_support import doctor
from course_support.doctor import Finding
from course_support.server import ServeError


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10, 13), "missing"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "missing")],
)
def test_three_versions_of_python(version, state):
    assert doctor.python(version).state == state


def test_a_package_that_is_not_there_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "required", lambda: ["requests", "no-such-package"])
    assert [(found.state, found.subject) for found in doctor.packages(doctor.LOCK)] == [("missing", "no-such-package")]


def test_another_version_than_the_locks_is_a_note(tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text("requests==1.0 ; python_version < '3.12' \\\n    --hash=sha256:00\nrequests==1.1 \\\n", "utf-8")
    (found,) = doctor.packages(lock)
    assert (found.state, found.subject) == ("note", f"requests {metadata.version('requests')}")
    assert "1.0 or 1.1" in found.remedy


@pytest.mark.parametrize("there", [True, False])
def test_packages_of_this_machine(there, tmp_path):
    (found,) = doctor.packages(doctor.LOCK if there else tmp_path / "requirements.lock")
    assert found.state == "ok"
    assert ("of the lock" in found.subject) is there


def test_what_is_required_is_what_the_course_imports():
    assert {"jupyterlab", "jupyter-server-proxy", "requests", "uvicorn"} <= set(doctor.required())
    assert not {"mypy", "playwright", "hatchling"} & set(doctor.required())


@pytest.mark.parametrize(
    ("environ", "state"),
    [
        ({}, "ok"),
        ({"HTTP_PROXY": "http://proxy:3128"}, "note"),
        ({"HTTP_PROXY": ""}, "ok"),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "example.org, 127.0.0.1"}, "ok"),
        ({"ALL_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, "ok"),
        ({"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "example.org"}, "note"),
    ],
)
def test_a_proxy_between_you_and_a_backend(environ, state):
    assert doctor.proxy(environ).state == state


def test_a_backend_answers():
    assert doctor.loopback().state == "ok"


def test_a_machine_that_lets_nobody_listen(monkeypatch):
    def refuse(app):
        raise ServeError("Port 0 is not free on 127.0.0.1.")

    monkeypatch.setattr(doctor, "Server", refuse)
    assert doctor.loopback().state == "missing"


def test_a_machine_that_lets_nobody_connect(monkeypatch):
    def refuse(*args, **options):
        raise doctor.requests.ConnectionError("refused")

    monkeypatch.setattr(doctor.requests, "get", refuse)
    assert doctor.loopback().state == "missing"


def test_progress_needs_a_folder_that_can_be_written_to(tmp_path, monkeypatch):
    home = tmp_path / "a" / "b"
    assert doctor.progress(home).state == "ok"
    assert not home.parent.exists()
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: path != tmp_path)
    found = doctor.progress(home)
    assert found.state == "missing"
    assert str(tmp_path) in found.remedy


def test_progress_cannot_be_kept_under_a_file(tmp_path):
    (tmp_path / "file").touch()
    assert doctor.progress(tmp_path / "file").state == "missing"


@pytest.mark.parametrize(("switch", "state"), [(True, "ok"), (False, "missing")])
def test_the_way_from_the_page_to_a_backend(switch, state, tmp_path, monkeypatch):
    config = {"ServerApp": {"jpserver_extensions": {"jupyter_server_proxy": switch}}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config), "utf-8")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    assert doctor.server_proxy().state == state


@pytest.mark.parametrize(
    ("text", "state", "words"), [("a", "ok", ""), ("b", "note", "old"), (None, "note", "not there")]
)
def test_settings_lie_where_they_are_read(text, state, words, tmp_path):
    (tmp_path / "source").write_text("a")
    if text:
        (tmp_path / "target").write_text(text)
    found = doctor.installed("settings", tmp_path / "source", tmp_path / "target", "looks")
    assert found.state == state
    assert found.subject.endswith(words)


def test_a_program_is_looked_for_under_each_name(tmp_path, monkeypatch):
    (tmp_path / "second").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.program("thing", ("first", "second"), "get it") == Finding("ok", f"thing ({tmp_path / 'second'})")
    assert doctor.program("thing", ("first",), "get it") == Finding("note", "no thing", "get it")


@pytest.mark.parametrize(("missing", "state"), [("", "ok"), ("The program bwrap is missing.", "note")])
def test_what_the_sandbox_lacks_is_a_note(missing, state, monkeypatch):
    monkeypatch.setattr(doctor.probing, "missing", lambda: missing)
    assert doctor.sandbox().state == state
    assert missing in doctor.sandbox().text


@pytest.mark.parametrize(("state", "status"), [("ok", 0), ("note", 0), ("missing", 1)])
def test_only_what_learning_needs_fails(state, status, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "findings", lambda: iter([Finding("ok", "one"), Finding(state, "two", "get it")]))
    assert doctor.examine() == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["ok       one", f"{state:<7}  two: get it"]


def test_the_real_examination_says_one_line_each(capsys):
    assert doctor.examine() == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok ", "note ")) for line in lines[:-2])
    assert len(lines) > 10


def test_a_proxy_is_looked_at_before_the_course_goes_around_it(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert any(found.subject == "HTTP_PROXY is set" for found in doctor.findings())
