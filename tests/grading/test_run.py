import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from course_support.errors import CourseError
from course_support.grading.assemble import Sheet
from course_support.grading.run import Settings, catalogue, run
from tests.grading import tiny
from tests.grading.conftest import RIGHT

ENDLESS = "def shout(text):\n    while True:\n        pass"
DEAF = (
    "import time\ndef shout(text):\n    while True:\n        try:\n            time.sleep(60)\n"
    "        except BaseException:\n            pass"
)
BAD = {  # what is wrong with tiny.shout: the trouble, or the outcome of the verdict
    ENDLESS: "timed out",
    DEAF: "timed out",
    "while True:\n    pass": "timed out",
    "import os\ndef shout(text):\n    os._exit(0)": "died",
    "import os\nos._exit(0)": "died",
    "import ctypes\ndef shout(text):\n    ctypes.string_at(0)": "died",
    "import os, signal\ndef shout(text):\n    os.kill(os.getppid(), signal.SIGKILL)\n    return text": "wrong",
    "def shout(text):\n    print('x' * 100_000_000)\n    return text.upper()": "flooded",
    "def shout(text):\n    while True:\n        print('x' * 1000)": "flooded",
    "def shout(text)\n    return text": "error",
    "import sys\nsys.exit()": "error",
    "pass": "check",
    "def shout(text):\n    import sys\n    sys.exit()": "crashed",
    "def shout(text):\n    return input()": "crashed",
    "def shout(text):\n    return helper(text)": "crashed",
    "def shout(text):\n    return bytearray(2**35)": "crashed",
    "def shout(text):\n    return text": "wrong",
    "def shout(text):\n    raise NotImplementedError": "not attempted",
    "tiny = None\ndef shout(text):\n    return text.upper()": "check",
}
FINE = {  # what an answer may do beside answering
    "import sys\ndef shout(text):\n    print(1); print(2, file=sys.stderr); display(3)\n    return text.upper()",
    "import warnings\ndef shout(text):\n    warnings.warn('careful')\n    return text.upper()",
    "def shout(text):\n    return text.upper()\nshout(no_such_name)",
    "%time loud = str.upper\ndef shout(text):\n    return loud(text)",
    "from threading import *\ndef shout(text):\n    Thread(target=Event().wait).start()\n    return text.upper()",
    "from subprocess import *\ndef shout(text):\n    Popen(['sleep', '600'], start_new_session=True)\n"
    "    return text.upper()",
}


@pytest.fixture(scope="module")
def ran(reference):
    """Every answer to tiny.shout run beside right answers, several sheets at a time."""

    def one(answer):
        answers = {f"tiny.{name}": source for name, source in (RIGHT | {"shout": answer}).items()}
        return run(Sheet(reference, answers), "seed", tiny.SETTINGS).results

    with ThreadPoolExecutor(4) as pool:
        answers = [*BAD, *FINE]
        return dict(zip(answers, pool.map(one, answers), strict=True))


def outcome(result):
    return result.trouble or result.entry["outcome"]


@pytest.mark.slow
@pytest.mark.parametrize("answer", [*BAD, *sorted(FINE)])
def test_one_answer_costs_itself_and_no_other(ran, answer):
    results = ran[answer]
    assert set(results) == set(tiny.CATALOGUE)
    others = {name: (outcome(result), result.seen) for name, result in results.items() if name != "tiny.shout"}
    assert others == dict.fromkeys(["tiny.double", "tiny.fetch", "tiny.again"], ("passed", True))


@pytest.mark.slow
@pytest.mark.parametrize("answer", BAD)
def test_what_goes_wrong_is_named(ran, answer):
    assert outcome(ran[answer]["tiny.shout"]) == BAD[answer]
    assert not ran[answer]["tiny.shout"].seen


@pytest.mark.slow
@pytest.mark.parametrize("answer", sorted(FINE))
def test_what_a_right_answer_does_beside_is_its_own_affair(ran, answer):
    result = ran[answer]["tiny.shout"]
    assert (result.entry["outcome"], result.seen) == ("passed", True)


@pytest.mark.slow
def test_nothing_is_left_behind(ran):
    kernels = [
        p.info for p in psutil.process_iter(["pid", "cmdline"]) if "sleep 600" in " ".join(p.info["cmdline"] or ())
    ]
    assert kernels == []


@pytest.mark.slow
def test_an_answer_may_use_another_answers_function_even_when_a_third_ends_the_kernel(reference):
    answers = {
        "tiny.double": "def twice(x):\n    return 2 * x\ndouble = twice",
        "tiny.shout": "import os\ndef shout(text):\n    os._exit(0)",
        "tiny.again": "def again(x):\n    return twice(x)",
    }
    results = run(Sheet(reference, answers), "seed", tiny.SETTINGS).results
    assert [outcome(result) for _, result in sorted(results.items())] == ["passed", "passed", "not attempted", "died"]


@pytest.mark.slow
def test_a_thread_that_ends_the_kernel_later_does_not_cost_an_innocent_answer(reference):
    late = "import os, threading\ndef double(x):\n    threading.Timer(0.02, os._exit, [0]).start()\n    return 2 * x"
    answers = {f"tiny.{name}": source for name, source in (RIGHT | {"double": late}).items()}
    results = run(Sheet(reference, answers), "seed", tiny.SETTINGS).results
    assert all(outcome(results[f"tiny.{name}"]) == "passed" for name in ("shout", "fetch", "again"))


@pytest.mark.slow
def test_the_kernel_is_told_nothing_of_this_machine(reference, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    spy = "import os\ndef shout(text):\n    raise KeyError(sorted(os.environ))"
    entry = run(Sheet(reference, {"tiny.shout": spy}), "seed", tiny.SETTINGS).results["tiny.shout"].entry
    assert "COURSE_EXAMINER" in entry["verdict"]["seen"]
    assert "SECRET" not in entry["verdict"]["seen"]


@pytest.mark.slow
def test_a_dead_kernel_is_noticed_at_once(reference):
    patient = dataclasses.replace(tiny.SETTINGS, cell_seconds=600)
    started = time.monotonic()
    results = run(Sheet(reference, {"tiny.shout": "import os\nos._exit(0)"}), "seed", patient).results
    assert results["tiny.shout"].trouble == "died"
    assert time.monotonic() - started < 300  # not the time of a cell, twice


@pytest.mark.slow
def test_an_answer_that_only_speaks_of_memory_is_not_tried_again(reference):
    spoken = Sheet(reference, {"tiny.again": "def again(x):\n    return 'MemoryError'"})
    plain = Sheet(reference, {"tiny.again": "def again(x):\n    return 'nothing'"})
    entries = [run(sheet, "seed", tiny.SETTINGS).results["tiny.again"].entry for sheet in (spoken, plain)]
    assert [entry["outcome"] for entry in entries] == ["wrong", "wrong"]
    assert entries[0]["verdict"]["expected"] == entries[1]["verdict"]["expected"], "values of the first time"


@pytest.mark.slow
def test_descriptors_that_an_answer_keeps_cost_no_other(reference):
    hoarder = RIGHT["double"] + "\nimport os\nheld = []\ntry:\n    while True:\n        held.append(os.dup(1))\n"
    hoarder += "except OSError:\n    os.close(held.pop()); os.close(held.pop())"
    answers = {f"tiny.{name}": source for name, source in (RIGHT | {"double": hoarder}).items()}
    results = run(Sheet(reference, answers), "seed", tiny.SETTINGS).results
    assert {outcome(results[f"tiny.{name}"]) for name in ("shout", "fetch", "again")} == {"passed"}


@pytest.mark.slow
def test_the_seed_decides_what_is_drawn(reference):
    sheet = Sheet(reference, {"tiny.shout": "def shout(text):\n    return text"})
    drawn = [run(sheet, seed, tiny.SETTINGS).results["tiny.shout"].entry["verdict"]["seen"] for seed in "aab"]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_catalogue_is_the_examiners():
    assert catalogue(tiny.SETTINGS) == tiny.CATALOGUE


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", [True, False])
def test_an_examiner_that_does_not_start_is_named(reference, tmp_path, without_sandbox, sandbox):
    (broken := tmp_path / "broken.py").write_text("raise OSError('no port')", "utf-8")
    tmp_path.chmod(0o755)  # where root grades, somebody else reads it
    with without_sandbox(not sandbox), pytest.raises(CourseError, match=r"did not start.*: OSError: no port"):
        run(Sheet(reference, {}), "seed", Settings(exercises=str(broken)))


@pytest.mark.slow
def test_without_a_sandbox_the_same_comes_of_it_and_the_run_says_so(reference, ran, without_sandbox):
    answers = [ENDLESS, "import os\nos._exit(0)", "def shout(text):\n    return text", sorted(FINE)[0]]
    for answer in answers:
        filled = {f"tiny.{name}": source for name, source in (RIGHT | {"shout": answer}).items()}
        with without_sandbox():
            done = run(Sheet(reference, filled), "seed", tiny.SETTINGS)
        assert done.isolation == "process"
        assert {name: (outcome(result), result.seen) for name, result in done.results.items()} == {
            name: (outcome(result), result.seen) for name, result in ran[answer].items()
        }
