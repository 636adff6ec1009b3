import pytest

from course_support.sandbox import filter, probing


@pytest.fixture(autouse=True)
def asked_anew():
    probing.missing.cache_clear()
    yield
    probing.missing.cache_clear()


def bwrap(folder, monkeypatch, script):
    (folder / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.skipif(probing.sys.platform != "linux", reason="the sandbox needs Linux")
def test_nothing_is_missing_where_the_tests_run():
    assert probing.missing() == ""


def test_another_system_has_none(monkeypatch):
    monkeypatch.setattr(probing.sys, "platform", "darwin")
    assert "needs Linux" in probing.missing()


def test_an_unknown_machine_has_no_filter(monkeypatch):
    monkeypatch.setattr(filter, "known", lambda: False)
    assert "filter of system calls" in probing.missing()


def test_the_program_may_be_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert probing.missing().endswith("apt-get install bubblewrap")


def test_what_the_system_says_is_passed_on_with_a_remedy(tmp_path, monkeypatch):
    bwrap(tmp_path, monkeypatch, "echo 'bwrap: No permissions to create new namespace' >&2; exit 1")
    assert "No permissions to create new namespace" in probing.missing()
    assert "--privileged" in probing.missing()


def test_a_box_without_walls_is_none(tmp_path, monkeypatch):
    bwrap(tmp_path, monkeypatch, 'while [ "$1" != -m ]; do p="$1"; shift; done; exec "$p" "$@"')
    assert "forbids what the sandbox needs" in probing.missing()


def test_a_box_that_never_opens_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(probing, "SECONDS", 0.2)
    bwrap(tmp_path, monkeypatch, "exec sleep 5")
    assert "timed out" in probing.missing()


def test_the_course_must_be_readable_for_whom_root_grades_as(tmp_path, monkeypatch):
    from course_support.sandbox import box

    tmp_path.chmod(0o700)
    monkeypatch.setattr(probing.os, "geteuid", lambda: 0)
    monkeypatch.setattr(box, "visible", lambda: [str(tmp_path)])
    assert f"chmod -R a+rX {tmp_path}" in probing.missing()
