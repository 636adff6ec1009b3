import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from course_support.sandbox import supervise

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")


def supervised(code, seconds=20, memory=4 * 2**30, **more):
    command = [sys.executable, "-I", supervise.__file__, str(seconds), str(memory), sys.executable, "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, **more)


def test_the_commands_code_is_passed_on():
    with supervised("raise SystemExit(7)") as process:
        assert process.wait(20) == 7


def test_the_time_is_up():
    with supervised("while True: pass", seconds=0.5) as process:
        assert process.wait(20) == supervise.TIME_IS_UP


@LINUX
def test_nothing_survives_not_even_a_daemon_that_left_its_parent_and_its_session(tmp_path):
    daemon = (
        "import os, time, pathlib, signal\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    if os.fork() == 0:\n"
        f"        pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        f"while not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.01)\n"
        "time.sleep(0.2)"
    )
    with supervised(daemon) as process:
        assert process.wait(30) == 0
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_it_ends_when_the_grader_is_gone(tmp_path):
    path = tmp_path / "pid"
    with supervised(f"import os, time; open({str(path)!r}, 'w').write(str(os.getpid())); time.sleep(600)") as process:
        while not (path.exists() and path.read_text()):
            time.sleep(0.01)
        process.stdin.close()
        assert process.wait(20) == 1
    assert not psutil.pid_exists(int(path.read_text()))


@LINUX
def test_memory_and_files_are_bounded(tmp_path):
    code = (
        "import json\n"
        "def tried(action):\n"
        "    try: action()\n"
        "    except (MemoryError, OSError) as error: return type(error).__name__\n"
        f"path = {str(tmp_path / 'big')!r}\n"
        "print(json.dumps([tried(lambda: bytearray(2**30)), tried(lambda: open(path, 'wb').truncate(2**30))]))"
    )
    with supervised(code, memory=2**29, stdout=subprocess.PIPE) as process:
        assert json.loads(process.stdout.read()) == ["MemoryError", "OSError"]
    assert Path(tmp_path / "big").stat().st_size == 0
