"""The box as the grader uses it: sheets go in, and what was told of them comes out."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from course_support.grading import isolation
from course_support.sandbox import box
from course_support.sandbox.box import HOME
from course_support.sandbox.host import TIME_IS_UP, Sandbox, SandboxError
from tests.grading import tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux"),
]
MEMORY = 2 * 2**30
BELOW = sorted(
    {Path(path).parts[2] for path in box.visible() if path.startswith("/tmp/")}
)  # where the course lies there


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(tiny.SETTINGS.exercises, MEMORY) as sandbox:
        yield sandbox


def notebook(*sources):
    """Cells to run, each with a stored output, so that nbval looks at it."""
    cells = [tiny.code(f"cell-{number}", source) for number, source in enumerate(sources)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def run(sandbox, *sources, most=60.0, cell=20.0):
    return sandbox.run({"sheet": notebook(*sources)}, "seed", cell=cell, output=100_000, most=most)


def soon(condition):
    """Wait for what another process does by itself, and fail where it does not."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def troubles(told):
    return [(event["trouble"], event["detail"]) for event in told.events if event["event"] == "ended"]


def said(sandbox, expression):
    """What an expression is in a kernel of the box, told by way of an error's message."""
    trouble, detail = troubles(run(sandbox, f"raise ValueError(repr({expression}))"))[0]
    assert trouble == "error", detail
    return detail.removeprefix("ValueError: ")


def test_cells_share_a_kernel_and_sheets_do_not(sandbox):
    told = sandbox.run({"a": notebook("x = 1", "x"), "b": notebook("x")}, "seed", cell=20, output=100_000, most=60)
    assert troubles(told) == [("", ""), ("", ""), ("error", "NameError: name 'x' is not defined")]


def test_a_passed_check_is_in_the_examiners_log(sandbox):
    check = "import course_support as course\ncourse.worksheet('tiny').double.check(lambda x: 2 * x)"
    told = run(sandbox, check)
    assert [(entry["exercise"], entry["points"]) for entry in told.log] == [("tiny.double", 1)]
    assert all(told.processor[part] > 0 for part in ("examiner", "session", "kernels"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("__import__('os').getuid() == 0", "False"),
        ("__import__('os').getpid() < 10", "True"),
        ("[line for line in open('/proc/self/status') if line[:3] == 'Cap' and line[8:].strip('0\\n')]", "[]"),
        ("[line.split()[1] for line in open('/proc/self/status') if line[:8] == 'Seccomp:']", "['2']"),
        ("[name for name in __import__('os').listdir('/') if name in ('sys', 'boot', 'var', 'mnt')]", "[]"),
        ("__import__('os').listdir('/home')", "['learner']"),
        ("__import__('os').listdir('/tmp')", repr(BELOW)),
        ("[name for name in __import__('os').listdir('/dev/shm')]", "[]"),
        ("[name for _, name in __import__('socket').if_nameindex()]", "['lo']"),
        ("__import__('socket').gethostname()", "'learner'"),
        ("__import__('time').tzname[0]", "'UTC'"),
        ("[name for name in __import__('sys').modules if 'sandbox' in name or 'exercises' in name]", "[]"),
        ("__import__('os').path.expanduser('~')", repr(HOME)),
    ],
)  # fmt: skip
def test_what_a_kernel_sees(sandbox, expression, value):
    assert said(sandbox, expression) == value


@pytest.mark.parametrize(
    "module", ["course_support.exercises", "course_support.grading", "course_support.sandbox.host"]
)
def test_judges_and_grader_cannot_be_imported(sandbox, module):
    ((trouble, detail),) = troubles(run(sandbox, f"import {module}; {module}.__path__, {module}.nothing"))
    assert trouble == "error"
    assert "Error" in detail


def test_the_environment_holds_nothing_of_the_graders(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    with Sandbox(tiny.SETTINGS.exercises, MEMORY) as other:
        assert "hunter2" not in said(other, "dict(__import__('os').environ)")


@pytest.mark.parametrize(
    "source",
    [
        "held = [bytearray(2**28) for _ in range(100)]",
        "import os\nfor _ in range(12):\n    os.fork()\nheld = [bytearray(b'x' * 2**27) for _ in range(8)]\n"
        "import time; time.sleep(15)",
    ],
)
def test_memory_has_an_end_for_one_process_and_for_all_of_them(sandbox, source):
    before = psutil.virtual_memory().available
    ((trouble, detail), *_) = troubles(run(sandbox, source))
    assert trouble == "died" or detail.startswith(("MemoryError", "BlockingIOError", "OSError"))
    assert psutil.virtual_memory().available > before - 2**30


@pytest.mark.parametrize("path", [f"{HOME}/full", "/tmp/full", "/dev/shm/full"])
def test_what_can_be_written_has_an_end(sandbox, path):
    source = f"with open({path!r}, 'wb') as file:\n    while True:\n        file.write(bytes(2**20))"
    assert troubles(run(sandbox, source))[0][0] == "error"


@pytest.mark.parametrize("path", ["/", "/usr/full", "/etc/full", "/run/course/full", "/dev/full1"])
def test_nothing_else_can_be_written(sandbox, path):
    ((trouble, detail),) = troubles(run(sandbox, f"open({path + 'x'!r}, 'w')"))
    assert (trouble, detail.partition(":")[0]) in (("error", "OSError"), ("error", "PermissionError"))


def test_when_the_time_is_up_all_of_it_ends(sandbox):
    told = run(sandbox, "import subprocess; subprocess.run(['sleep', '678'])", most=4.0)
    assert told.code == TIME_IS_UP
    soon(lambda: not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "678"]])


def test_sessions_run_side_by_side_and_leave_no_files(sandbox):
    with ThreadPoolExecutor(4) as pool:
        for told in pool.map(lambda number: run(sandbox, f"assert {number} == {number}"), range(8)):
            assert troubles(told) == [("", "")]
    assert [path.name for path in sandbox._folder.iterdir()] == ["etc"]


def test_a_killed_box_is_told_and_replaced():
    sandbox = isolation.ground(tiny.SETTINGS.exercises, MEMORY, "sandbox")
    assert isolation.ground(tiny.SETTINGS.exercises, MEMORY) is sandbox
    for child in psutil.Process(sandbox._process.pid).children(recursive=True):
        child.kill()
    with pytest.raises(SandboxError, match="The sandbox has broken"):
        run(sandbox, "pass")
    soon(lambda: not sandbox.runs)
    another = isolation.ground(tiny.SETTINGS.exercises, MEMORY)
    assert another is not sandbox
    assert troubles(run(another, "pass")) == [("", "")]


def test_closing_ends_every_process_and_leaves_no_folder():
    sandbox = Sandbox(tiny.SETTINGS.exercises, MEMORY)
    family = psutil.Process(sandbox._process.pid).children(recursive=True)
    assert len(family) >= 3
    sandbox.close()
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert not sandbox._folder.exists()


def test_closing_ends_an_answer_that_is_at_work():
    sandbox = Sandbox(tiny.SETTINGS.exercises, MEMORY)

    def asleep():
        return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "789"]]

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, sandbox, "import subprocess; subprocess.run(['sleep', '789'])")
        soon(asleep)
        sandbox.close()
        assert running.exception(20)
    soon(lambda: not asleep())


def test_the_box_ends_with_the_grader():
    code = (
        "from course_support.sandbox.host import Sandbox\nimport os\n"
        f"box = Sandbox({tiny.SETTINGS.exercises!r}, 2**31)\n"
        "print(box._process.pid, flush=True)\nos.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    soon(lambda: not Path(f"/proc/{int(done.stdout)}").exists())
