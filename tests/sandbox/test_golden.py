"""A forked kernel behaves as a cold one: the same cells (golden_cells.txt) put out the same in both.

The cold one is started in a box like the other's, so that what differs is due to the fork and to the kernel's limits.
"""

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from course_support.sandbox import probing
from course_support.sandbox.host import Sandbox
from tests.grading import tiny
from tests.sandbox import kernels

pytestmark = pytest.mark.slow

_PARTS = re.split(r"^# %% (.*)\n", Path(__file__).with_name("golden_cells.txt").read_text("utf-8"), flags=re.MULTILINE)
CELLS = dict(zip(_PARTS[1::2], map(str.strip, _PARTS[2::2]), strict=True))

# cells, or their names, that a forked kernel answers in another way, and why it does
DELIBERATE = {
    "import os; os.memfd_create('x')": "such memory would evade the limits; the filter refuses it",
    "open('/proc/self/status').read().partition('Seccomp:')[2][:3]": "the filter of system calls is on",
    "import resource; resource.getrlimit(resource.RLIMIT_NPROC)": "no fork bombs",
    "resource.getrlimit(resource.RLIMIT_NOFILE)": "a kernel of many may not take the machine's descriptors",
    "resource.getrlimit(resource.RLIMIT_FSIZE)": "its folders are in memory",
    "resource.getrlimit(resource.RLIMIT_AS)": "each process of a kernel has its bound of memory",
    "resource.getrlimit(resource.RLIMIT_CPU)": "no cell runs for so long",
    "open('/proc/self/oom_score_adj').read()": "where memory runs out, learners' kernels end first",
    "import socket; socket.gethostname()": "a namespace of its own, so that a name cannot be a message to another",
    "from course_support.grading import run": "the grader is hidden, and the answers with it",
    "from course_support.exercises import first": "the judges are hidden",
    "import os; os.path.exists(os.environ['HOME'] + '/profile_default/history.sqlite')": "nobody reads a history",
    "import sys; 'numpy' in sys.modules": "what lessons import is there already: that is what makes a fork fast",
    "import gc; gc.get_freeze_count() > 0": "the collector leaves shared memory alone, or it would be copied",
    "sorted(get_ipython().kernel.comm_manager.targets)": "ipywidgets are hooked up before they are imported",
    "len(get_ipython().events.callbacks['post_execute'])": "so is matplotlib",
    "import warnings; len(warnings.filters)": "libraries add filters when they are imported, here before",
    "an error in a thread where strawberry is imported": "the fork forgets how strawberry, imported before, shows it",
    "import inspect; len(inspect.stack(0))": "the fork servers' own frames lie beneath: some more of 1,000",
    "import threading; [each.name for each in threading.enumerate() if 'History' in each.name]": "and none is written",
}
REQUESTS = {
    "language": lambda client: client.kernel_info(reply=True, timeout=60)["content"]["language_info"],
    "inspection": lambda client: client.inspect("str.upper", reply=True, timeout=60)["content"],
}
DRAW = """
import json, multiprocessing, os, random, secrets, tempfile, uuid
import ipywidgets, numpy
print(json.dumps({
    "random": random.random(),
    "system's random": random.SystemRandom().random(),
    "secrets": secrets.token_hex(),
    "os": os.urandom(8).hex(),
    "uuid1": uuid.uuid1().hex,
    "uuid4": uuid.uuid4().hex,
    "numpy's old": numpy.random.rand(),
    "numpy's new": numpy.random.default_rng().random(),
    "temporary name": tempfile.mktemp(),
    "key between processes": multiprocessing.current_process().authkey.hex(),
    "widget": ipywidgets.IntSlider().model_id,
    "session": get_ipython().kernel.session.session,
}))
"""
DRAWN = re.findall(r'^    "(.*)":', DRAW, re.MULTILINE)
TRACES = """
import os, builtins, tempfile
from pathlib import Path
places = [Path(folder, "trace") for folder in (Path.home(), "/tmp", "/dev/shm")]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What two forked kernels and a cold one told, by kernel and cell."""
    if sys.platform != "linux":
        pytest.skip("the sandbox needs Linux")
    assert not probing.missing()
    folder = tmp_path_factory.mktemp("cold")
    with ThreadPoolExecutor() as pool, Sandbox(exercises=tiny.SETTINGS.exercises, memory=2**32) as sandbox:
        afresh = pool.submit(_all_of_it, kernels.cold(folder))
        found = {"forked": _all_of_it(kernels.forked(sandbox))}
        with kernels.forked(sandbox) as one, kernels.forked(sandbox) as other:
            found["together"] = _together(one, other)
        return found | {"cold": afresh.result()}


def _all_of_it(started):
    with started as kernel:
        return _found(kernel)


def _found(kernel):
    found = {source: kernels.alike(kernel.run(source)) for source in DELIBERATE if source not in CELLS}
    found |= {name: kernels.alike(ask(kernel.client)) for name, ask in REQUESTS.items()}
    found |= {name: kernels.alike(kernel.run(source)) for name, source in CELLS.items()}
    return found | {"ended": kernel.ended()}


def _together(one, other):
    """Two kernels of one fork server at the same time, one of which ends."""
    found = {"drawn": [json.loads(kernel.run(DRAW)["stdout"]) for kernel in (one, other)]}
    one.run(f"{TRACES}\n[place.write_text('x') for place in places]\nos.environ['TRACE'] = builtins.trace = 'x'")
    traces = "print([*filter(Path.exists, places)], os.environ.get('TRACE'), hasattr(builtins, 'trace'))"
    found["traces"] = other.run(f"{TRACES}\n{traces}")["stdout"]
    other.client.execute("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    found["ended"] = other.ended()
    found["other"] = one.run("print('alive')")["stdout"]
    return found


@pytest.mark.parametrize("cell", [cell for cell in (*CELLS, *REQUESTS) if cell not in DELIBERATE])
def test_a_forked_kernel_puts_out_what_a_cold_one_does(told, cell):
    assert told["forked"][cell] == told["cold"][cell]


@pytest.mark.parametrize("cell", DELIBERATE)
def test_differences_are_known(told, cell):
    assert told["forked"][cell] != told["cold"][cell]


def test_a_cell_can_end_its_kernel(told):
    assert told["forked"]["ended"]
    assert told["cold"]["ended"]


def test_a_signal_ends_its_own_kernel_alone(told):
    assert told["together"]["ended"]
    assert told["together"]["other"] == "alive\n"


@pytest.mark.parametrize("value", DRAWN)
def test_two_forked_kernels_draw_different_values(told, value):
    one, other = told["together"]["drawn"]
    assert one[value] != other[value]


def test_two_forked_kernels_see_nothing_of_each_other(told):
    assert told["together"]["traces"] == "[] None False\n"
